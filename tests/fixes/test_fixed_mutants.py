"""Hazards put into real source: fixing gives back what nequip's, allegro's and our own authors wrote."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import libcst as cst
import pytest
from fix_support import uses_in
from test_sources import copied

from nequip_lint.edits.text import applied
from nequip_lint.engine.fixing import fix
from nequip_lint.engine.selection import Selection
from nequip_lint.facts.conditions import dotted
from nequip_lint.project.assemble import Request

SEED = 20261125
PACKAGES = ("nequip", "allegro")
SAMPLED = 3
"""Mutants of each rule and package in the suite."""
OPTIONAL = ("openequivariance", "cuequivariance", "cuequivariance_torch", "triton")


class Mutant(NamedTuple):
    """A changed file; `code` is the rule that it breaks."""

    code: str
    path: Path
    line: int
    text: str

    @property
    def name(self) -> str:
        return f"{self.code} in {self.path}:{self.line}"


def mutants(path: Path) -> Iterator[Mutant]:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    yield from _widened(path, text, tree)
    yield from _hoisted(path, text, tree)
    yield from _swapped(path, text, tree)


def _widened(path: Path, text: str, tree: ast.Module) -> Iterator[Mutant]:
    """`from e3nn.o3._irreps import Irreps` becomes `from e3nn import o3`, and each use `o3.Irreps`."""
    for node in tree.body:
        is_narrow = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("e3nn.o3._")
        if not is_narrow or len(node.names) != 1 or node.names[0].asname:
            continue
        name = node.names[0].name
        edits, uses = uses_in(path, name)
        if uses and all(isinstance(use.node, cst.Name) and use.role != "bound" for use in uses):
            for use in uses:
                edits.replace(use.node, cst.parse_expression(f"o3.{name}"))
            lines = applied(edits.source.raw, edits.edits()).decode().split("\n")
            ending = "\r" if lines[0].endswith("\r") else ""
            lines[node.lineno - 1 : node.end_lineno] = [f"from e3nn import o3{ending}"]
            yield Mutant("NQ203", path, node.lineno, "\n".join(lines))


def _hoisted(path: Path, text: str, tree: ast.Module) -> Iterator[Mutant]:
    """An import of an optional library moves from the start of a function to the top of the file."""
    for node in ast.walk(tree):
        body = node.body if isinstance(node, ast.FunctionDef) else []
        start = 1 if body and ast.get_docstring(node) is not None else 0  # type: ignore[arg-type]
        first = body[start] if len(body) > start else None
        names = [alias.name for alias in first.names] if isinstance(first, ast.Import) else []
        names += [first.module or ""] if isinstance(first, ast.ImportFrom) else []
        if first is None or not names or not all(name.partition(".")[0] in OPTIONAL for name in names):
            continue
        line = next(item.lineno for item in tree.body if isinstance(item, ast.Import | ast.ImportFrom))
        lines = text.split("\n")
        del lines[first.lineno - 1 : first.end_lineno]
        lines.insert(line - 1, ast.unparse(first))
        yield Mutant("NQ101", path, first.lineno, "\n".join(lines))


def _swapped(path: Path, text: str, tree: ast.Module) -> Iterator[Mutant]:
    """`@classmethod` moves above `@model_modifier`."""
    for node in ast.walk(tree):
        marks = node.decorator_list if isinstance(node, ast.FunctionDef) else []
        names = [dotted(item.func if isinstance(item, ast.Call) else item) for item in marks]
        if names == ["model_modifier", "classmethod"]:
            lines = text.split("\n")
            lines.insert(marks[0].lineno - 1, lines.pop(marks[1].lineno - 1))
            yield Mutant("NQ106", path, marks[0].lineno, "\n".join(lines))


def _fixed(mutant: Mutant, project: Path) -> tuple[list[str], str]:
    """The codes of what was fixed, and the text after that; the file is put back."""
    original = mutant.path.read_bytes()
    mutant.path.write_text(mutant.text, encoding="utf-8")
    try:
        result = fix(Request((project,)), Selection((mutant.code,)), unsafe=True)
    finally:
        mutant.path.write_bytes(original)
    after = {str(change.path): change.after.decode() for change in result.changes}
    assert set(after) <= {str(mutant.path)}, "no other file is changed"
    return [finding.code for finding in result.fixed], after.get(str(mutant.path), mutant.text)


def _agree(package: str, folder: Path, per_code: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    project = copied(package, folder / "project")
    found = [mutant for path in sorted(project.rglob("*.py")) for mutant in mutants(path)]
    choose = random.Random(SEED)
    groups = {code: [item for item in found if item.code == code] for code in ("NQ101", "NQ106", "NQ203")}
    most = per_code or len(found)
    chosen = [item for group in groups.values() for item in choose.sample(group, min(most, len(group)))]
    print(f"seed {SEED}: {len(chosen)} of {len(found)} mutants of {package}")
    assert chosen
    assert [mutant.name for mutant in chosen if not _is_given_back(mutant, project)] == []


def _is_given_back(mutant: Mutant, project: Path) -> bool:
    """Whether the fix makes the original file again; of a moved import blank lines and comments aside."""
    codes, text = _fixed(mutant, project)
    print(mutant.name, codes)
    original = mutant.path.read_bytes().decode()
    if mutant.code == "NQ101":
        return codes == ["NQ101"] and ast.dump(ast.parse(text)) == ast.dump(ast.parse(original))
    return codes == [mutant.code] and text == original


@pytest.mark.real
@pytest.mark.parametrize("package", PACKAGES)
def test_sample_is_given_back(package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some mutants of each rule, chosen by the seed."""
    _agree(package, tmp_path, SAMPLED, monkeypatch)


@pytest.mark.matrix
@pytest.mark.parametrize("package", PACKAGES)
def test_every_mutant_is_given_back(package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _agree(package, tmp_path, None, monkeypatch)

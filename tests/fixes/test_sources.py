"""Fixes on real source: nequip, nequip-allegro and e3nn as they are installed here."""

from __future__ import annotations

import ast
import importlib.util
import random
import shutil
import symtable
import warnings
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest
from fix_support import fix_folder, uses_in
from lint_support import write

from nequip_lint.edits.text import applied, edits_between, read_raw

SEED = 20261125
PACKAGES = ("nequip", "allegro", "e3nn")
NAMES = 40
"""How many imported names of real files the suite looks at."""


def folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"needs {package}")
    return Path(spec.origin).parent


def copied(package: str, target: Path) -> Path:
    """A project with the source of a package, as its developers have it."""
    ignored = shutil.ignore_patterns("__pycache__", "*.so", "*.pt")
    shutil.copytree(folder_of(package), target / package, ignore=ignored)
    requirements = {"nequip": '"e3nn"', "allegro": '"nequip>=0.19", "e3nn"', "e3nn": ""}[package]
    entry = (
        '\n[project.entry-points."nequip.extension"]\ninit_always = "allegro"\n'
        if package == "allegro"
        else ""
    )
    name = {"allegro": "nequip-allegro"}.get(package, package)
    project = f'[project]\nname = "{name}"\nversion = "1"\ndependencies = ["torch", {requirements}]\n{entry}'
    return write(target, {"pyproject.toml": project})


def sources() -> list[Path]:
    """Every source file of the packages."""
    return [path for package in PACKAGES for path in sorted(folder_of(package).rglob("*.py"))]


def imported(tree: ast.Module) -> dict[str, None]:
    """The names that imports at the top of a module bind."""
    statements = (node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    aliases = (alias for node in statements for alias in node.names)
    return dict.fromkeys(alias.asname or alias.name.partition(".")[0] for alias in aliases)


@pytest.mark.real
def test_every_global_read_of_an_imported_name_is_found() -> None:
    """CPython's own symbol tables have none left once what was found is replaced."""
    cases = [
        (path, name)
        for path in sources()
        for name in imported(ast.parse(path.read_text(encoding="utf-8")))
        if name not in ("*", "annotations")
    ]
    print(f"seed {SEED}: {NAMES} of {len(cases)} names")
    left = [case for case in random.Random(SEED).sample(cases, NAMES) if _is_still_read(*case)]
    assert left == []


def _is_still_read(path: Path, name: str) -> bool:
    edits, uses = uses_in(path, name)
    for use in uses:
        if isinstance(use.node, cst.Name):
            edits.replace(use.node, cst.Name("_replaced_"))
    changed = applied(edits.source.raw, edits.edits() if edits.is_needed else ()).decode()
    table = symtable.symtable(changed, str(path), "exec")
    return any(_reads(scope, name) for scope in _scopes(table))


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def _reads(scope: symtable.SymbolTable, name: str) -> bool:
    """Whether a scope reads the module's name; an import that binds it is no read."""
    try:
        symbol = scope.lookup(name)
    except KeyError:
        return False
    is_module = scope.get_type() == "module"
    return symbol.is_referenced() and (is_module or symbol.is_global())


@pytest.mark.real
@pytest.mark.parametrize("package", PACKAGES)
def test_code_that_is_clean_stays_as_it_is(package: str, tmp_path: Path) -> None:
    """Files without a finding keep every byte; in the others only lines of edits differ; twice is once."""
    copied(package, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = fix_folder(tmp_path, unsafe=True)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert before.keys() == after.keys()
    touched = {edit.path for finding in result.fixed.fixed if finding.fix for edit in finding.fix.edits}
    assert {str(path) for path in before if before[path] != after[path]} <= touched
    assert fix_folder(tmp_path, unsafe=True).fixed.changes == ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in after:
            if path.suffix == ".py":
                ast.parse(after[path])


@pytest.mark.real
def test_random_edits_touch_no_other_line(tmp_path: Path) -> None:
    """Lines put in, out or in place of others, in real files with each line end, with a mark or without."""
    choose = random.Random(SEED)
    print(f"seed {SEED}")
    target = tmp_path / "file.py"
    for path in choose.sample(sources(), 40):
        old = path.read_text(encoding="utf-8")
        lines = old.split("\n")
        for _ in range(choose.randint(1, 4)):
            first = choose.randrange(len(lines))
            last = min(first + choose.randint(0, 2), len(lines))
            lines[first:last] = [f"# {number}" for number in range(choose.randint(0, 2))]
        new = "\n".join(lines)
        end, mark = choose.choice(["\n", "\r\n", "\r"]), choose.choice([b"", b"\xef\xbb\xbf"])
        target.write_bytes(mark + old.replace("\n", end).encode())
        expected = mark + new.replace("\n", end).encode()
        assert applied(read_raw(target), edits_between(target, old, new)) == expected

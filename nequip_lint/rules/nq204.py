"""NQ204 extension-not-interned: model code that no entry point makes internal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nequip_lint.contents import read_bytes
from nequip_lint.project.model import Project
from nequip_lint.project.target import covers
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.values import Span


@rule("NQ204")
def extension_not_interned(project: Project) -> Iterator[Hit]:
    """One hit for each top-level package with roots, at the file in which the entry point belongs, and for
    each other one that packaged code imports, at the import.
    """
    yield from _beside(project)
    if not project.uses_nequip:
        return
    for top in sorted(project.uncovered):
        root = next(root for root in project.roots if root.partition(".")[0] == top)
        narrow = [value for value in project.entry_points if covers(frozenset({top}), value)]
        yield Hit(*_place(project, root), _message(root, narrow), _declare(top), root)
    for value in project.metadata.extensions:
        if ":" in value:
            path, span = _place(project, "")
            message = (
                f"importing nequip fails where this is installed: the entry point {value!r} names an "
                "attribute"
            )
            yield Hit(path, span, message, "name the module alone", value)


def _beside(project: Project) -> Iterator[Hit]:
    """Modules of the project in no internal package that packaged code imports."""
    closure = project.packaged
    seen: set[str] = set()
    for module in () if project.is_computed else closure.of("refused"):
        top = module.partition(".")[0]
        edge = closure.via.get(module)
        if module in project.owned and project.patterns.action(module) is None and edge and top not in seen:
            seen.add(top)
            message = (
                f"the build is refused: {module} belongs to this project, but to no package that is internal"
            )
            help, chain = _include(project, top), closure.chain(module)
            yield at(edge.importer, edge.item.span, message, help, module, chain)


def _include(project: Project, top: str) -> str:
    given = (
        f'an entry point of its own, [project.entry-points."nequip.extension"] {top} = "{top}"'
        if project.uses_nequip
        else f'"{top}" in internal-packages of [tool.nequip-lint], and in what your call interns'
    )
    return f"move it into one, or give it {given}"


def _declare(top: str) -> str:
    return f'declare [project.entry-points."nequip.extension"] init_always = "{top}"'


def _message(root: str, narrow: list[str]) -> str:
    start = f"the build is refused: models hold classes of {root}, but "
    if narrow:
        reason = f"the entry point makes only {narrow[0]} internal"
    else:
        reason = 'no entry point in the group "nequip.extension" makes the package internal'
    return f"{start}{reason}"


def _place(project: Project, root: str) -> tuple[str, Span]:
    """The entry point's line, else the project table's, else the class that needs it."""
    path = project.metadata.path
    lines = _lines(path)
    for needle in ("nequip.extension", "[project]", "[metadata]", "setup("):
        for number, line in enumerate(lines, 1):
            if needle in line:
                return str(path), Span(number, 1, number, len(line) + 1)
    facts = project.owned.get(root)
    if lines or facts is None:
        return str(path), Span(1, 1, 1, 1)
    return facts.path, facts.classes[0].span if facts.classes else Span(1, 1, 1, 1)


def _lines(path: Path) -> list[str]:
    return read_bytes(path).decode("utf-8", errors="replace").splitlines() if path.is_file() else []

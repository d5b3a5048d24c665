"""NQ205 conflicting-registration: one module under two actions."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.contents import read_bytes
from nequip_lint.project.locate import Kind
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import Registration
from nequip_lint.project.target import Patterns, covers
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.registering import owned_registrations
from nequip_lint.values import Span


@rule("NQ205")
def conflicting_registration(project: Project) -> Iterator[Hit]:
    """One hit for each name and call, and for each name in the configuration."""
    for item in owned_registrations(project):
        for name in item.extern or ():
            problem = _extern_problem(project, item, name)
            if problem is not None:
                yield at(item.facts, item.call.span, *problem, name)
        for name in item.mock or ():
            if name in project.internal:
                yield at(item.facts, item.call.span, _mocked(name), "do not register it", name)
    yield from _configured(project)


def _extern_problem(project: Project, item: Registration, name: str) -> tuple[str, str] | None:
    """The message and the help; None where nothing is wrong."""
    if name in (item.mock or ()):
        return (
            f"this call raises AssertionError: {name} is in it as extern and as mock",
            "choose one of them",
        )
    if covers(project.patterns.mock, name):
        return (
            f"the packaged model raises NotImplementedError where it uses {name}, which is registered as "
            "extern here, but as mock elsewhere, and mock wins",
            "keep one of the two registrations",
        )
    if name in project.internal:
        return (
            f"the build is refused: {name} is registered as extern, but its source is packaged, as that of "
            "every extension is",
            "do not register extensions",
        )
    if covers(project.internal, name) and _is_source(project, name):
        return (
            f"the package does not load where the extension is not installed: {name} is registered as "
            f"extern, but belongs to {name.partition('.')[0]}, which is packaged",
            "do not register it",
        )
    return None


def _is_source(project: Project, name: str) -> bool:
    place = project.sources.location(name)
    return place is not None and place.kind is Kind.SOURCE


def _mocked(name: str) -> str:
    return f"the build is refused: {name} is registered as mock, but models are made of it"


def _configured(project: Project) -> Iterator[Hit]:
    """Conflicts within `[tool.nequip-lint]`, for code that is packaged without nequip's registrations."""
    intern, extern, mock = project.settings
    for first, second, names in (
        ("internal-packages", "extern-modules", intern & extern),
        ("internal-packages", "mock-modules", intern & mock),
        ("extern-modules", "mock-modules", extern & mock),
    ):
        for name in sorted(names):
            wins = Patterns(intern, extern, mock).action(name)
            message = f"{name} stands in {first} and in {second} of [tool.nequip-lint]; {wins} wins"
            path, span = str(project.metadata.path), _line_of(project, second)
            yield Hit(path, span, message, "keep one of the two", name)


def _line_of(project: Project, key: str) -> Span:
    path = project.metadata.path
    lines = read_bytes(path).decode("utf-8", errors="replace").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith(key):
            return Span(number, 1, number, len(line) + 1)
    return Span(1, 1, 1, 1)

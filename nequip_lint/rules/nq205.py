"""NQ205 conflicting-registration: one module, or one and the module above it, under two actions."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint import disk
from nequip_lint.closure.clashes import Clash, clashes, message
from nequip_lint.contents import read_bytes
from nequip_lint.declared.declaring import requirement
from nequip_lint.declared.locate import Kind
from nequip_lint.declared.metadata import FILES
from nequip_lint.machine.target import Patterns, covering, covers
from nequip_lint.project.extensions import extension
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import Registration
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.registering import owned_registrations
from nequip_lint.values import Span

_OVERLAP = "the build is refused (Internal and external modules overlap)"
_Problem = tuple[str, str]
"""A message and its help."""


@rule("NQ205")
def conflicting_registration(project: Project) -> Iterator[Hit]:
    """One hit for each name and call, and for each name in the configuration."""
    told: set[str] = set()
    for item in owned_registrations(project):
        for name in item.extern or ():
            problem = _extern_problem(project, item, name)
            if problem is not None:
                told.add(name)
                yield at(item.facts, item.call.span, *problem, name)
        for name in item.mock or ():
            if any(covers(frozenset({name}), internal) for internal in project.internal):
                yield at(item.facts, item.call.span, _mocked(name), f'take "{name}" out of this call', name)
    yield from _configured(project)
    for clash in () if project.is_computed else clashes(project.packaged):
        if not covers(told, clash.module):
            yield from _clashing(project, clash)


def _extern_problem(project: Project, item: Registration, name: str) -> _Problem | None:
    """What is wrong with a name that is registered as extern; None where nothing is."""
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
    return _internal_problem(project, name)


def _internal_problem(project: Project, name: str) -> _Problem | None:
    """What is wrong with an extern whose source is packaged all the same, or has to be."""
    out, top = f'take "{name}" out of this call', name.partition(".")[0]
    if name in project.internal:
        return (
            f"{_OVERLAP}: {name} is registered as extern, but its source is packaged, as that of every "
            "extension is",
            out,
        )
    if project.uses_nequip and (distribution := extension(name)):
        return (
            f"{_OVERLAP} wherever {distribution} is installed: {name} is registered as extern, but it is an "
            "extension of nequip, and internal through its own entry point",
            f"{out}, and {requirement(project.metadata, distribution)}",
        )
    is_above = any(covers(frozenset({name}), internal) for internal in project.internal)
    if is_above or (covers(project.internal, name) and _is_source(project, name)):
        return (
            f"the package does not load where the extension is not installed: {name} is registered as "
            f"extern, but belongs to {top}, which is packaged",
            out,
        )
    return None


def _is_source(project: Project, name: str) -> bool:
    place = project.sources.location(name)
    return place is not None and place.kind is Kind.SOURCE


def _mocked(name: str) -> str:
    return f"the build is refused: {name} is registered as mock, but models are made of it"


def _clashing(project: Project, clash: Clash) -> Iterator[Hit]:
    """The registration of a module below an external one: in the linted files, else in the configuration."""
    help = f"leave {clash.module} to the action of {clash.above}, or mock {clash.above} as a whole"
    for item in owned_registrations(project):
        if name := covering(frozenset(item.mock or ()), clash.module):
            out = f'take "{name}" out of this call: {help}'
            yield at(
                item.facts, item.call.span, message(clash), out, name, project.packaged.chain(clash.module)
            )
            return
    key = "mock-modules" if clash.action == "mock" else "internal-packages"
    names = project.settings.mock if clash.action == "mock" else project.settings.intern
    if name := covering(names, clash.module):
        out = f'take "{name}" out of {key}: {help}'
        chain = project.packaged.chain(clash.module)
        yield Hit(_settings(project), _line_of(project, key), message(clash), out, name, chain)


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
            yield Hit(_settings(project), _line_of(project, second), message, "keep one of the two", name)
    for name in sorted(extern) if project.uses_nequip else ():
        problem = _internal_problem(project, name) if name not in intern else None
        if problem is not None:
            yield Hit(_settings(project), _line_of(project, "extern-modules"), *problem, name)


def _settings(project: Project) -> str:
    return str(project.metadata.root / FILES[0])


def _line_of(project: Project, key: str) -> Span:
    path = project.metadata.root / FILES[0]
    lines = read_bytes(path).decode("utf-8", errors="replace").splitlines() if disk.is_file(path) else []
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith(key):
            return Span(number, 1, number, len(line) + 1)
    return Span(1, 1, 1, 1)

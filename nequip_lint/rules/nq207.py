"""NQ207 registration-not-run: a registration that is needed and does not run, or not on every machine."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.world import World, bound_in
from nequip_lint.facts.names import bound_names
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import DEFAULTS, FUNCTION, Registration
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.registering import not_reached, owned_registrations

UNREACHED, LACKING, GUARDED = "unreached", "lacking", "guarded"
"""The cases, by which their fixes are told apart."""
_REASONS = {
    LACKING: (
        "with this release of nequip",
        "cannot run, since the module that it imports from lacks the function",
        f"import it from where it is since nequip 0.12:\nfrom {DEFAULTS[0]} import {FUNCTION}",
    ),
    GUARDED: (
        "on a machine without a GPU",
        "does not run there, and no other branch makes it",
        "take it out of the test",
    ),
}


@rule("NQ207")
def registration_not_run(project: Project) -> Iterator[Hit]:
    """One hit for each call that no entry point reaches, that cannot run, or that a test may skip."""
    for item, names in not_reached(project):
        entry = project.entry_points[0] if project.entry_points else "the package"
        message = (
            f"the build is refused: this registration of {', '.join(names)} does not run when nequip "
            f"imports {entry}"
        )
        help = (
            f"run `nequip-lint registrations --write`, or call it at the top level of a module that "
            f"{entry}/__init__ imports"
        )
        yield at(item.facts, item.call.span, message, help, names[0], detail=UNREACHED)
    for item in owned_registrations(project):
        needed = [name for name in (*(item.extern or ()), *(item.mock or ())) if _is_needed(project, name)]
        obstacle = _obstacle(project, item, needed) if needed else ""
        if obstacle:
            where, reason, help = _REASONS[obstacle]
            message = f"the build is refused {where}: this registration of {', '.join(needed)} {reason}"
            yield at(item.facts, item.call.span, message, help, needed[0], detail=obstacle)


def _is_needed(project: Project, name: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for module in project.packaged.modules)


def _obstacle(project: Project, item: Registration, names: list[str]) -> str:
    if _fails_to_import(project, item):
        return LACKING
    world = project.world(project.full_world.target._replace(gpu=False))
    if not _runs(item, world) and not all(_elsewhere(project, item, world, name) for name in names):
        return GUARDED
    return ""


def _runs(item: Registration, world: World) -> bool:
    return item.runs(world.target, world.importable)


def _elsewhere(project: Project, item: Registration, world: World, name: str) -> bool:
    others = (other for other in project.registrations if other is not item)
    return any(name in ((*(o.extern or ()), *(o.mock or ()))) and _runs(o, world) for o in others)


def _fails_to_import(project: Project, item: Registration) -> bool:
    """Whether every import of the registration function names a module that lacks it."""
    head, _, rest = item.call.name.partition(".")
    imports = [i for i in item.facts.imports if not rest and i.names and head in bound_names(i)]
    lacking = []
    for found in imports:
        source = project.sources.facts(found.module or "")
        name = next(original for original, bound in found.names if bound == head)
        lacking.append(
            source is not None and not source.problem and name not in _bound(project, source.module)
        )
    return bool(lacking) and all(lacking)


def _bound(project: Project, module: str) -> frozenset[str]:
    facts = project.sources.facts(module)
    return bound_in(facts) if facts is not None else frozenset()

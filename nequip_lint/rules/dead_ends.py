"""Heavy imports that no other import avoids, since they stand inside of a library that is packaged."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from nequip_lint.closure.packaged import packaged_set
from nequip_lint.facts.names import binding_import
from nequip_lint.facts.values import Facts, Import, LibraryUse
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.libraries import known
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.rules.mocked import BREAKS_A_MOCK
from nequip_lint.rules.refused import Refusal, refusals


class Passage(NamedTuple):
    """The action that lets a library through, and why that one."""

    action: str
    why: str


def is_clean(project: Project, module: str) -> bool:
    """Whether nothing is refused that packaging a module brings."""
    return not packaged_set([module], project.full_world).of("refused")


def is_dead_end(project: Project, refusal: Refusal) -> bool:
    """Whether the modules that define what an import names bring what is refused as well."""
    names = asked_of(project, *refusal.edge)
    found = [definition_of(project.sources, name) for name in names]
    if not names and not _is_package(project, refusal.edge.item.module or ""):
        return True
    return any(place is not None and bool(place[1]) and not is_clean(project, place[0]) for place in found)


def asked_of(project: Project, facts: Facts, item: Import) -> list[str]:
    """The absolute names that an import is for: of a plain one, what the file reads behind it.

    Args:
        project: the project.
        facts: of the file.
        item: the import.
    """
    if item.names:
        return [f"{item.module}.{name}" for name, _ in item.names]
    start = f"{item.module}."
    chains = (chain.name for chain in project.sources.details(facts).chains)
    read = (name.removeprefix(start).partition(".")[0] for name in chains if name.startswith(start))
    return [f"{start}{name}" for name in dict.fromkeys(read)]


def _is_package(project: Project, module: str) -> bool:
    facts = project.sources.facts(module)
    return facts is not None and facts.is_package


@lru_cache(maxsize=4)
def blocked(project: Project) -> frozenset[str]:
    """The libraries that some import of the linted files reaches by such a way."""
    heavy = (item for item in refusals(project) if item.heavy)
    return frozenset(item.module.partition(".")[0] for item in heavy if is_dead_end(project, item))


def always_there(module: str) -> str:
    """Why a module of the standard library is registered all the same."""
    return f"every Python has {module}, but torch.package takes it only where it is registered (NQ202)"


def passage(project: Project, library: str) -> Passage:
    """Mock, unless the library is known, or seen, to be needed by importing or using packaged modules.

    Args:
        project: the project.
        library: its import name.
    """
    from nequip_lint.rules.usage import NEEDED, said, uses_in  # it imports ast, which warm runs do without

    if library in stdlib.DISALLOWED:
        return Passage("extern", always_there(library))
    entry = known().get(library)
    if entry is not None and entry.action == "extern":
        return Passage("extern", entry.why)
    needed = (use for use in uses_in(project).get(library, ()) if use.where in NEEDED)
    for item in needed:
        return Passage("extern", f"{Path(item.path).name}:{item.line}: {said(item)}")
    for name in project.interned:
        facts = project.sources.facts(name)
        for use in facts.library_uses if facts is not None else ():
            if facts is not None and _is_of(facts, use, library) and _needs(use):
                when = "in its forward pass" if use.where == "forward" else "when it is imported"
                return Passage("extern", f"{name} uses {use.name} {when}, so that every model needs it")
    return Passage("mock", "importing these modules does not use it, and no forward pass is seen to")


def _is_of(facts: Facts, use: LibraryUse, library: str) -> bool:
    item = binding_import(facts, use)
    return item is not None and (item.module or "").partition(".")[0] == library


def _needs(use: LibraryUse) -> bool:
    return use.where == "forward" or (use.where == "import" and use.how in BREAKS_A_MOCK)

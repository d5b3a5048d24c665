"""Packaged modules that only type checkers import: torch.package takes them, and nothing runs them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nequip_lint.facts.values import Facts, Import
from nequip_lint.project.model import Project
from nequip_lint.runs.life import packaged_files


@lru_cache(maxsize=4)
def types_only(project: Project) -> frozenset[str]:
    """The modules to which only imports lead that never run, as those under `if TYPE_CHECKING:`.

    Args:
        project: the project.
    """
    files = {facts.module: facts for facts in packaged_files(project)}
    named = {name for facts in files.values() for item in facts.imports for name in _named(facts, item)}
    waiting = [name for name in files if name not in named or name in project.loaded]
    run = set(waiting)
    for name in waiting:
        imports = [item for item in files[name].imports if not item.place.never_runs]
        more = {each for item in imports for each in _named(files[name], item)} & files.keys() - run
        run |= more
        waiting += more
    return frozenset(files.keys() - run)


def _named(facts: Facts, item: Import) -> Iterator[str]:
    """The modules that an import may run: what it names, and the packages around."""
    for name in (item.module, *(f"{item.module}.{name}" for name, _ in item.names)) if item.module else ():
        while name and name != facts.module:
            yield name
            name = name.rpartition(".")[0]

"""NQ318 star-import-of-submodules: `__all__` names submodules that nothing packages."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.closure.world import bound_in
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import import_of
from nequip_lint.runs.life import packaged_files


@rule("NQ318")
def star_import_of_submodules(project: Project) -> Iterator[Hit]:
    """One hit for each star import of a package whose `__all__` names such a submodule."""
    closure, world = project.packaged, project.full_world
    for facts in packaged_files(project):
        for item in facts.imports:
            starred = item.module if item.module and "*" in dict(item.names) else ""
            base = project.sources.facts(starred) if starred else None
            if base is None or not base.is_package:
                continue
            every = dict(base.literals).get("__all__", ())
            bound = bound_in(base)
            lost = [
                name
                for name in every
                if name not in bound
                and f"{base.module}.{name}" not in closure.modules
                and world.exists(f"{base.module}.{name}", candidate=True)
            ]
            if lost:
                message = (
                    f"{import_of(project, facts.module)} fails: __all__ of {base.module} names the "
                    f"submodule {lost[0]}, but no import statement does, so that it is not in the package"
                )
                help = f"write `from . import {lost[0]}` in {base.module}/__init__"
                module, chain = f"{base.module}.{lost[0]}", closure.chain(facts.module)
                yield at(facts, item.span, message, help, module, chain)

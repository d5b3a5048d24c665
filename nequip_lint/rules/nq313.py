"""NQ313 environment-variable-at-import: `os.environ[...]` without a default when a module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.hazards.variables import HELP, message, unset_variables
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.executed import bitten, hit_in, without_gpu

_UNSET: dict[str, str] = {}


@rule("NQ313")
def environment_variable_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each variable and packaged file, wherever some machine that sets none comes to it."""
    seen: set[tuple[str, str]] = set()
    full, bare = (
        world.target._replace(environment=_UNSET) for world in (project.full_world, project.bare_world)
    )
    machines = [project.world(full), without_gpu(project, environment=_UNSET), project.world(bare)]
    for facts, event in bitten(project, unset_variables, machines):
        key = (facts.module, event.text)
        if facts.module in project.interned and key not in seen:
            seen.add(key)
            yield hit_in(project, facts, event.span, message(facts, event), HELP)

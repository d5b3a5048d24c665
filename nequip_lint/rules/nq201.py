"""NQ201 unregistered-library: third-party code in the packaged set that nothing says what to do with."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.libraries import known
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.refused import refusals
from nequip_lint.rules.registering import attempted


@rule("NQ201")
def unregistered_library(project: Project) -> Iterator[Hit]:
    """One hit for each library, at the first statement that leads to it."""
    seen: set[str] = set()
    tried = attempted(project)
    for refusal in refusals(project):
        top = refusal.module.partition(".")[0]
        if top in seen or refusal.heavy or top in tried or not _is_unregistered(project, refusal.module):
            continue
        seen.add(top)
        facts, item = refusal.edge
        message = (
            f"the build is refused wherever {top} is installed: packaging a model that uses {facts.module} "
            f"reaches {top}, for which nothing is registered"
        )
        yield at(facts, item.span, message, _help(project, top), refusal.module, refusal.chain)


def _is_unregistered(project: Project, module: str) -> bool:
    return not stdlib.is_stdlib(module) and project.patterns.action(module) is None


def _help(project: Project, top: str) -> str:
    library = known().get(top)
    if not project.uses_nequip:
        return (
            "name it in extern-modules or mock-modules of [tool.nequip-lint] and in the exporter's patterns"
        )
    if library is None:
        return "register it as extern or mock, or keep it out of the modules that models are made of"
    if library.action == "avoid":
        return f"keep it out of the modules that models are made of ({library.why})"
    call = f"register_libraries_as_external_for_packaging({library.action}_modules=[{top!r}])"
    return f"register it: {call} ({library.why})"

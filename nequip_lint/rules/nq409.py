"""NQ409 reloaded-module: a model whose class is not the one that its module has any more."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts, Probe
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.texts import builders

_LOOKUP = "sys.modules["
_HELP = "do without the reload"


@rule("NQ409")
def reloaded_module(project: Project) -> Iterator[Hit]:
    """One hit for each reload of a packaged module beside a class of it from before."""
    for facts in builders(project):
        for probe in facts.probes:
            if probe.name != "importlib.reload" or not probe.detail or not probe.function:
                continue
            module = _module(facts, probe)
            if module not in project.interned:
                continue
            from nequip_lint.rules.lifetimes import stale_class

            stale = stale_class(project, facts, probe, module)
            if stale:
                message = (
                    f"the build fails: {module} is loaded again, but {stale} is the class from before, and "
                    "pickle looks for the class by its name and finds the new one"
                )
                yield at(facts, probe.span, message, _HELP, module)


def _module(facts: Facts, probe: Probe) -> str:
    """The module that is loaded again."""
    given = probe.detail[0]
    if given.startswith(_LOOKUP):
        index = given.removeprefix(_LOOKUP).removesuffix("]")
        return facts.module if index == "__name__" else index.strip("'\"")
    return resolve(facts, given)

"""NQ409 reloaded-module: a model whose class is not the one that its module has any more."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.spots import Spot, Term
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of, resolve_local
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.runs.making import building_files

_HELP = "do without the reload"


@rule("NQ409")
def reloaded_module(project: Project) -> Iterator[Hit]:
    """One hit for each reload of a packaged module beside a class of it from before."""
    for facts in building_files(project):
        for call in project.sources.details(facts).invocations:
            if call.name != "importlib.reload" or not call.spot.function:
                continue
            module = _module(facts, call.argument(0, "module"))
            stale = _stale_class(project, facts, call.spot, module) if module in project.interned else ""
            if stale:
                message = (
                    f"the build fails: {module} is loaded again, but {stale} is the class from before, and "
                    "pickle looks for the class by its name and finds the new one"
                )
                yield at(facts, call.spot.span, message, _HELP, module)


def _module(facts: Facts, given: Term | None) -> str:
    """The module that is loaded again."""
    if given is None:
        return ""
    if given.key is not None and resolve(facts, given.base) == "sys.modules":
        return facts.module if given.key.name == "__name__" else given.key.string or ""
    return resolve(facts, given.name)


def _stale_class(project: Project, facts: Facts, reload: Spot, module: str) -> str:
    """A class of the module that the function took before the reload; '' where it took none."""
    classes = {(item.module, item.name) for item in project.candidates if item.module == module}
    for body in project.sources.details(facts).bodies:
        if (body.owner, body.name) != (reload.owner, reload.function):
            continue
        for name, span, *_ in body.calls:
            is_kept = "." not in name and facts.module != module
            found = definition_of(project.sources, resolve_local(facts, name))
            if found in classes and (is_kept or span.line < reload.span.line):
                return name
    return ""

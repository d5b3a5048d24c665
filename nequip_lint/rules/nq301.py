"""NQ301 dynamic-import-of-own-module: `importlib.import_module` asked for code that lies in the archive."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details import Invocation
from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Facts
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, is_internal, live, when

_RELOAD = "importlib.reload"
_FUNCTIONS = ("importlib.import_module", _RELOAD)
_OWN = frozenset({"__name__", "__package__"})

_HELP = "write an import statement"


@rule("NQ301")
def dynamic_import_of_own_module(project: Project) -> Iterator[Hit]:
    """One hit for each such call that a loaded package runs."""
    for facts, call in live(project, lambda details: details.invocations):
        if call.name not in _FUNCTIONS or catches(call.spot.place.caught, "ModuleNotFoundError"):
            continue
        named = _reloaded(project, facts, call) or _own(project, call)
        if named:
            message = (
                f"{when(project, facts, call.spot)} fails where your code is not installed, and takes the "
                f"installed copy where it is: {call.name} asks the environment for {named}, not "
                "the package"
            )
            yield hit(project, facts, call.spot, message, _HELP)


def _reloaded(project: Project, facts: Facts, call: Invocation) -> str:
    """The own module that `importlib.reload` is given as an object."""
    given = call.argument(0, "module")
    name = resolve(facts, given.name) if given is not None and call.name == _RELOAD else ""
    return name if name and is_internal(project, name) else ""


def _own(project: Project, call: Invocation) -> str:
    """The own module that a call asks for, as far as its arguments tell; empty for any other."""
    name, package = call.argument(0, "name"), call.argument(1, "package")
    given = [term for term in (name, package) if term is not None]
    if any(not _OWN.isdisjoint(term.names) for term in given):
        return "a module of its own package"
    if name is None:
        return ""
    if name.start:
        top, dot, _ = name.start.partition(".")
        return f"modules of {top}" if dot and is_internal(project, top) else ""
    text = name.string or ""
    if text.startswith(".") and package is not None:
        return text if is_internal(project, package.string or "") else ""
    return text if is_internal(project, text) else ""

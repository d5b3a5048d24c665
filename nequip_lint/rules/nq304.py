"""NQ304 sys-modules-lookup: code that looks for its own module in `sys.modules`."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details import Invocation, Item, Spot, Term
from nequip_lint.facts.values import Facts
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live, names_own, when

_HELP = "use globals(), an import statement, or the object itself"


@rule("NQ304")
def sys_modules_lookup(project: Project) -> Iterator[Hit]:
    """One hit for each lookup that a loaded package runs."""
    for facts, spot, what, exception in _lookups(project):
        if what and not catches(spot.place.caught, exception):
            message = (
                f"{when(project, facts, spot)} fails: {what}, but the modules of a package are not in "
                "sys.modules"
            )
            yield hit(project, facts, spot, message, _HELP)


def _lookups(project: Project) -> Iterator[tuple[Facts, Spot, str, str]]:
    """Each lookup, with what it does ('' where that is harmless) and the exception in which it ends."""
    for facts, item in live(project, lambda details: details.items):
        yield facts, item.spot, _lookup(project, item), item.exception
    for facts, call in live(project, lambda details: details.invocations):
        yield facts, call.spot, _helper(facts, call), "KeyError"


def _lookup(project: Project, item: Item) -> str:
    if item.owner != "sys.modules" or not names_own(project, item.key):
        return ""
    index = item.key.shown
    if item.access == "get":
        return f"what sys.modules.get({index}) gives is used"
    how = "set to a module made at run time" if item.access == "store" else "read"
    return f"sys.modules[{index}] is {how}"


def _helper(facts: Facts, call: Invocation) -> str:
    """Library functions that look the module up themselves."""
    if call.name == "enum.global_enum" and call.spot.place.at_import:
        return "enum.global_enum puts the members into sys.modules[…]"
    if call.name == "inspect.getmodule" and any("frame" in name for name in _named(call)):
        return "inspect.getmodule looks a frame's module up in sys.modules"
    is_alone = len(call.positional) == 1 and not call.keywords
    is_asked = call.name == "typing.get_type_hints" and is_alone and _is_postponed(facts)
    if is_asked and _is_own_class(facts, call.positional[0]):
        return "typing.get_type_hints evaluates the annotations of a class in its sys.modules entry"
    return ""


def _named(call: Invocation) -> Iterator[str]:
    """The names in the arguments of a call."""
    for term in (*call.positional, *dict(call.keywords).values()):
        yield from term.names


def _is_postponed(facts: Facts) -> bool:
    futures = (item for item in facts.imports if item.module == "__future__")
    return any(("annotations", "annotations") in item.names for item in futures)


def _is_own_class(facts: Facts, term: Term) -> bool:
    """Whether an expression is a class of the file."""
    is_type_of_self = term.called == "type" and term.names == ("self", "type")
    return is_type_of_self or term.name in {"cls", "self.__class__", *(item.name for item in facts.classes)}

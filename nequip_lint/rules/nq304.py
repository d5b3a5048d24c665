"""NQ304 sys-modules-lookup: code that looks for its own module in `sys.modules`."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator

from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.details.spots import Spot, Term
from nequip_lint.facts.details.state import Item
from nequip_lint.facts.names import last_part
from nequip_lint.facts.values import Condition, Facts
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.evaluated import evaluated
from nequip_lint.rules.live import hit, live, names_own, when

_EVALUATING = ("typing.get_type_hints", "inspect.get_annotations")
_WORD = re.compile(r"[A-Za-z_]\w*")
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
        yield facts, item.spot, _lookup(project, facts, item), item.exception
    for facts, call in live(project, lambda details: details.invocations):
        exception = "NameError" if call.name in _EVALUATING else "KeyError"
        yield facts, call.spot, _helper(project, facts, call), exception


def _lookup(project: Project, facts: Facts, item: Item) -> str:
    if item.owner != "sys.modules" or _is_found(item) or not names_own(project, facts, item.key):
        return ""
    index = item.key.shown
    if item.access == "get":
        return f"what sys.modules.get({index}) gives is used"
    how = "set to a module made at run time" if item.access == "store" else "read"
    return f"sys.modules[{index}] is {how}"


def _is_found(item: Item) -> bool:
    """Whether a lookup stands under the test that the name is there."""
    test = Condition("loaded", item.key.shown)
    return any(
        test == guard or (guard.kind == "all" and test in guard.parts) for guard in item.spot.place.guards
    )


def _helper(project: Project, facts: Facts, call: Invocation) -> str:
    """Library functions that look the module up themselves."""
    if call.name == "enum.global_enum" and call.spot.place.at_import:
        return "enum.global_enum puts the members into sys.modules[…]"
    if call.name == "inspect.getmodule" and any("frame" in last_part(facts, name) for name in _named(call)):
        return "inspect.getmodule looks a frame's module up in sys.modules"
    if call.name == "inspect.getmodule" and call.first is not None and _is_own_object(facts, call.first):
        return "inspect.getmodule looks the module of what it is given up in sys.modules"
    is_alone = len(call.positional) == 1 and not call.keywords
    if call.name not in _EVALUATING or not (is_alone or call.name != "typing.get_type_hints"):
        return ""
    if call.name == "inspect.get_annotations" and not _evaluates(call):
        return ""
    if any(_has_names(project, *item) for item in evaluated(project, facts, call)):
        return f"{call.name} evaluates the annotations of a class in its sys.modules entry"
    return ""


def _evaluates(call: Invocation) -> bool:
    given = dict(call.keywords).get("eval_str")
    return given is not None and given.literal == (True,)


def _has_names(project: Project, facts: Facts, name: str) -> bool:
    """Whether annotations of a class are strings with names that are not built in."""
    fields = project.sources.details(facts).fields
    texts = (item.annotation for item in fields if item.spot.owner == name)
    return any(not hasattr(builtins, word) for text in texts for word in _WORD.findall(text))


def _named(call: Invocation) -> Iterator[str]:
    """The names in the arguments of a call."""
    for term in (*call.positional, *dict(call.keywords).values()):
        yield from term.names


def _is_own_object(facts: Facts, term: Term) -> bool:
    """Whether an expression is a class or function of the file."""
    return _is_own_class(facts, term) or term.name in {item.name for item in facts.functions}


def _is_own_class(facts: Facts, term: Term) -> bool:
    """Whether an expression is a class of the file."""
    is_type_of_self = term.called == "type" and term.names == ("self", "type")
    return is_type_of_self or term.name in {"cls", "self.__class__", *(item.name for item in facts.classes)}

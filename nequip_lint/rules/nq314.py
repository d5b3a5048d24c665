"""NQ314 module-name-comparison: a test whether `__module__` or `__name__` is an own module."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.wording import FIRST, Comparison
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, is_internal, live, when
from nequip_lint.runs.callees import Callees
from nequip_lint.runs.functions import Key
from nequip_lint.runs.later import later
from nequip_lint.runs.life import packaged_functions

_HELP = "use isinstance or an attribute"
_NAMES = ("__name__", "__module__")
"""`__package__` is the same in a package."""
_STRICT = frozenset(
    {
        *("torch.library.custom_op", "torch.library.triton_op", "torch.library.define"),
        *("collections.namedtuple", "typing.NamedTuple"),
    }
)
"""Functions that take only names that are written as those in source are."""


@rule("NQ314")
def module_name_comparison(project: Project) -> Iterator[Hit]:
    """One hit for each comparison with the name of an internal module, and each use of its first part."""
    given: frozenset[Key] | None = None
    misnamed = list(_misnamed(project))
    lines = {(one.path, one.span.line) for one in misnamed}
    yield from misnamed
    for facts, item in live(project, lambda details: details.comparisons):
        if (facts.path, item.spot.span.line) in lines:
            continue
        if item.value != FIRST:
            if is_internal(project, item.value):
                message = (
                    f"this test is false in a package: {item.name} is compared with {item.value!r}, but "
                    f"reads '<torch_package_0>.{item.value}' there"
                )
                yield hit(project, facts, item.spot, message, _HELP)
            continue
        given = _given_names(project) if given is None else given
        if item.name in _NAMES or _key(facts, item) in given:
            message = (
                "this is something else in a package: the names of modules begin with '<torch_package_0>.' "
                "there"
            )
            yield hit(project, facts, item.spot, message, "write the name out")


def _misnamed(project: Project) -> Iterator[Hit]:
    """The calls that refuse the name of a packaged module as a part of a name."""
    for facts, thing in live(project, lambda details: details.misnamed):
        if thing.function in _STRICT:
            message = (
                f"{when(project, facts, thing.spot)} fails: {thing.function} is given a name that is made of "
                "__name__, which begins with '<torch_package_0>.' in a package, and refuses that"
            )
            yield hit(project, facts, thing.spot, message, "write the name out")


def _key(facts: Facts, item: Comparison) -> Key:
    return Key(facts.module, item.spot.owner, item.spot.function)


def _given_names(project: Project) -> frozenset[Key]:
    """The functions that are given `__name__` or `__module__` by code that a package runs."""
    callees = Callees(packaged_functions(project), project.sources)
    return frozenset(
        callee.key
        for facts, body in later(project)
        for call in body.calls
        if call.text in _NAMES
        for callee in callees.of(facts, body.owner, call.name)
    )

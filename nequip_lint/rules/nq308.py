"""NQ308 process-global-registration: a registration that a process accepts only once."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

from nequip_lint.facts.details.needs import Invocation
from nequip_lint.facts.names import full_names
from nequip_lint.facts.values import Facts
from nequip_lint.hazards.start_methods import START_METHOD
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, is_internal, live, not_again
from nequip_lint.rules.strictness import strict
from nequip_lint.runs.at_import import is_certain_at_import
from nequip_lint.runs.callees import own_name
from nequip_lint.runs.outside import is_patch_read

_NODES = frozenset(
    {
        *(f"torch.utils._pytree.{name}" for name in ("register_pytree_node", "register_dataclass")),
        *("torch.utils._cxx_pytree.register_pytree_node", "torch.export.register_dataclass"),
    }
)
"""Functions that a process lets register a class once: of an own class each package has another one."""
_ONCE = {
    "torch._dynamo.register_backend": "",
    "torch._dynamo.backends.registry.register_backend": "",
    **dict.fromkeys(START_METHOD, "force"),
    "torch.set_num_interop_threads": "",
    "omegaconf.OmegaConf.register_new_resolver": "replace",
    "torch.serialization.register_package": "",
    **dict.fromkeys(_NODES, ""),
}
"""Functions that raise when called twice, and the argument that, where it is true, keeps them from it."""


_FOR_OWN = "do it inside `with warnings.catch_warnings():`, or for a category or a module of your own"


@rule("NQ308")
def process_global_registration(project: Project) -> Iterator[Hit]:
    """One hit for each such call at import that nothing guards."""
    for facts, call in live(project, lambda details: details.invocations):
        if (
            call.name in _ONCE
            and is_certain_at_import(project, facts, call.spot)
            and not _is_harmless(project, facts, call)
        ):
            harmless = _ONCE[call.name]
            message = (
                "a second package with this code, or a package beside your installed code, "
                f"{not_again(project, facts)}: {call.name} is called when {facts.module} is imported, and a "
                "process accepts that once"
            )
            help = f"pass {harmless}=True" if harmless else "leave it to the program that uses the model"
            yield hit(project, facts, call.spot, message, help)

    yield from _repeated(project)
    yield from _refused(project)
    yield from _strict(project)


def _repeated(project: Project) -> Iterator[Hit]:
    """What is there twice once a second package with the code is loaded."""
    for facts, item in live(project, lambda details: details.wrapped):
        if not is_certain_at_import(project, facts, item.spot) or is_internal(project, item.name):
            continue
        if item.is_hook or is_patch_read(project, item.name):
            does = "adds a hook to all modules" if item.is_hook else f"wraps {item.name}"
            message = (
                "with a second package with this code, or beside your installed code, the model computes "
                f"something else: {facts.module} {does} each time that it is imported"
            )
            yield hit(project, facts, item.spot, message, "call a function of your own instead")


def _strict(project: Project) -> Iterator[Hit]:
    """The calls that make the warnings of torch errors."""
    for facts, spot, what in strict(project):
        message = f"the build or the load fails: {what}, and torch warns while it packages and loads tensors"
        yield hit(project, facts, spot, message, _FOR_OWN)


def _refused(project: Project) -> Iterator[Hit]:
    """The refusals to be imported once more into a process."""
    for facts, item in live(project, lambda details: details.claims):
        if is_certain_at_import(project, facts, item.spot) and _is_of_others(
            project, facts, item.spot.function, item.owner
        ):
            message = (
                "a second package with this code, or a package beside your installed code, "
                f"{not_again(project, facts)}: {facts.module} leaves a mark in {item.owner}, and refuses to "
                "be imported where that is there"
            )
            yield hit(project, facts, item.spot, message, "let each copy of the code do without the others")


def _is_harmless(project: Project, facts: Facts, call: Invocation) -> bool:
    if call.name in _NODES:
        return call.first is None or not _is_of_others(project, facts, call.spot.function, call.first.name)
    given = dict(call.keywords).get(_ONCE[call.name])
    return given is not None and given.literal == (True,)


def _is_of_others(project: Project, facts: Facts, function: str, name: str) -> bool:
    """Whether a name is something of another library: itself, or as an argument of a function."""
    if _is_foreign(project, facts, name):
        return True
    bodies = project.sources.details(facts).bodies
    given = (item.arguments for body in bodies for item in body.calls if item.name == function)
    return any(_is_foreign(project, facts, one) for every in given for one in every)


def _is_foreign(project: Project, facts: Facts, name: str) -> bool:
    is_known = name.partition(".")[0] in full_names(facts.imports) or hasattr(builtins, name)
    return is_known and not is_internal(project, own_name(facts, name))

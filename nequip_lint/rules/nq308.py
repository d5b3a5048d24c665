"""NQ308 process-global-registration: a registration that a process accepts only once."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details import Invocation
from nequip_lint.project.model import Project
from nequip_lint.project.world import START_METHOD
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, is_unguarded_at_import, live, not_again

_ONCE = {
    "torch._dynamo.register_backend": "",
    "torch._dynamo.backends.registry.register_backend": "",
    **dict.fromkeys(START_METHOD, "force"),
    "torch.set_num_interop_threads": "",
    "omegaconf.OmegaConf.register_new_resolver": "replace",
    "torch.serialization.register_package": "",
}
"""Functions that raise when called twice, and the argument that, where it is true, keeps them from it."""


@rule("NQ308")
def process_global_registration(project: Project) -> Iterator[Hit]:
    """One hit for each such call at import that nothing guards."""
    for facts, call in live(project, lambda details: details.invocations):
        if call.name in _ONCE and is_unguarded_at_import(call.spot) and not _is_harmless(call):
            harmless = _ONCE[call.name]
            message = (
                "a second package with this code, or a package beside your installed code, "
                f"{not_again(project, facts)}: {call.name} is called when {facts.module} is imported, and a "
                "process accepts that once"
            )
            help = f"pass {harmless}=True" if harmless else "leave it to the program that uses the model"
            yield hit(project, facts, call.spot, message, help)


def _is_harmless(call: Invocation) -> bool:
    given = dict(call.keywords).get(_ONCE[call.name])
    return given is not None and given.literal == (True,)

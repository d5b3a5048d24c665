"""NQ308 process-global-registration: a registration that a process accepts only once."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.project.world import START_METHOD
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, not_again, probes

_ONCE = {
    "torch._dynamo.register_backend": "",
    "torch._dynamo.backends.registry.register_backend": "",
    **dict.fromkeys(START_METHOD, "force=True"),
    "torch.set_num_interop_threads": "",
    "omegaconf.OmegaConf.register_new_resolver": "replace=True",
    "torch.serialization.register_package": "",
}
"""Functions that raise when called twice, and the argument with which they do not."""


@rule("NQ308")
def process_global_registration(project: Project) -> Iterator[Hit]:
    """One hit for each such call at import that nothing guards."""
    for facts, probe in probes(project, "call"):
        place = probe.place
        free = place.at_import and not place.guards and not place.caught
        if free and probe.name in _ONCE and _ONCE[probe.name] not in (*probe.detail, None):
            harmless = _ONCE[probe.name]
            message = (
                "a second package with this code, or a package beside your installed code, "
                f"{not_again(project, facts)}: {probe.name} is called when {facts.module} is imported, and a "
                "process accepts that once"
            )
            help = f"pass {harmless}" if harmless else "leave it to the program that uses the model"
            yield hit(project, facts, probe, message, help)

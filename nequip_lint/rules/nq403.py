"""NQ403 unpicklable-torch-object: TorchScript and other objects of torch that refuse to be packaged."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.held import held, made_by
from nequip_lint.rules.probed import hit
from nequip_lint.rules.texts import text_of

_PARAMETRIZING = frozenset(
    {f"torch.nn.utils.parametrizations.{name}" for name in ("weight_norm", "spectral_norm", "orthogonal")}
    | {"torch.nn.utils.parametrize.register_parametrization"}
)


@rule("NQ403")
def unpicklable_torch_object(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, probe in held(project, "torch"):
        what = probe.detail[1]
        message = (
            f"the build, or the next one from the package, fails: {probe.owner} keeps {what} in "
            f"{probe.name}, which torch.package refuses"
        )
        yield hit(project, facts, probe, message, "keep the plain object, and compile what was loaded")
    for facts, probe in made_by(project, _PARAMETRIZING):
        if "remove_parametrizations" not in text_of(facts):
            message = (
                f"the build fails: {probe.owner} calls {probe.name}, and torch does not pickle modules with "
                "parametrizations"
            )
            yield hit(project, facts, probe, message, "compute the parameter in forward")

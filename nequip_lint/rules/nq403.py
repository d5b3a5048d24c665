"""NQ403 unpicklable-torch-object: TorchScript and other objects of torch that refuse to be packaged."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import held, made_by, mentions
from nequip_lint.rules.live import hit

_PARAMETRIZING = frozenset(
    {f"torch.nn.utils.parametrizations.{name}" for name in ("weight_norm", "spectral_norm", "orthogonal")}
    | {"torch.nn.utils.parametrize.register_parametrization"}
)

_STAYS = "torch.nn.utils.parametrizations.weight_norm"


@rule("NQ403")
def unpicklable_torch_object(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, kept in held(project, "torch"):
        message = (
            f"the build, or the next one from the package, fails: {kept.keeper} keeps {kept.what} in "
            f"{kept.where}, which torch.package refuses"
        )
        yield hit(project, facts, kept.spot, message, "keep the plain object, and compile what was loaded")
    for facts, call in made_by(project, _PARAMETRIZING):
        owner = call.spot.owner or call.spot.function
        is_removed = mentions(project, "remove_parametrizations")
        if is_removed and call.name == _STAYS:
            message = (
                f"the build fails: {owner} calls {call.name}, whose hook, a local function, "
                "stays on the module when the parametrization is removed"
            )
            yield hit(
                project,
                facts,
                call.spot,
                message,
                "copy the weight into a new module, or compute it in forward",
            )
        elif not is_removed:
            message = (
                f"the build fails: {owner} calls {call.name}, and torch does not pickle modules "
                "with parametrizations"
            )
            yield hit(project, facts, call.spot, message, "compute the parameter in forward")

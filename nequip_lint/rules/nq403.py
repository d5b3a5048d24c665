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


@rule("NQ403")
def unpicklable_torch_object(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, kept in held(project, "torch"):
        message = (
            f"the build, or the next one from the package, fails: {kept.spot.owner} keeps {kept.what} in "
            f"{kept.name}, which torch.package refuses"
        )
        yield hit(project, facts, kept.spot, message, "keep the plain object, and compile what was loaded")
    for facts, call in made_by(project, _PARAMETRIZING):
        if not mentions(project, facts, "remove_parametrizations"):
            message = (
                f"the build fails: {call.spot.owner} calls {call.name}, and torch does not pickle modules "
                "with parametrizations"
            )
            yield hit(project, facts, call.spot, message, "compute the parameter in forward")

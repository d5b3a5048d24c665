"""NQ408 uncopyable-module: the old weight and spectral norm, which leave a tensor that cannot be copied."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import made_by, mentions
from nequip_lint.rules.live import hit

_NORMS = ("weight_norm", "spectral_norm")
_OLD = {f"torch.nn.utils.{name}{more}": name for name in _NORMS for more in ("", f".{name}")}

_HELP = "compute the weight in forward"


@rule("NQ408")
def uncopyable_module(project: Project) -> Iterator[Hit]:
    """One hit for each call in a class of a model whose file does not remove the norm again."""
    for facts, call in made_by(project, _OLD):
        owner = call.spot.owner or call.spot.function
        if not mentions(project, f"remove_{_OLD[call.name]}"):
            message = (
                f"copy.deepcopy of the packaged model fails after a forward pass: {owner} uses "
                f"{call.name}, which keeps a computed tensor on the module"
            )
            yield hit(project, facts, call.spot, message, _HELP)

"""NQ408 uncopyable-module: the old weight and spectral norm, which leave a tensor that cannot be copied."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.held import made_by
from nequip_lint.rules.probed import hit
from nequip_lint.rules.texts import text_of

_NORMS = ("weight_norm", "spectral_norm")
_OLD = {f"torch.nn.utils.{name}{more}": name for name in _NORMS for more in ("", f".{name}")}

_HELP = "compute the weight in forward"


@rule("NQ408")
def uncopyable_module(project: Project) -> Iterator[Hit]:
    """One hit for each call in a class of a model whose file does not remove the norm again."""
    for facts, probe in made_by(project, _OLD):
        name = _OLD[probe.name]
        if f"remove_{name}" not in text_of(facts):
            message = (
                f"copy.deepcopy of the packaged model fails after a forward pass: {probe.owner} uses "
                f"{probe.name}, which keeps a computed tensor on the module"
            )
            yield hit(project, facts, probe, message, _HELP)

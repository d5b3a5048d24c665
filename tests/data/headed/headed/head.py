import torch
from nequip.nn._graph_mixin import GraphModuleMixin
from nequip.nn.model_modifier_utils import model_modifier, replace_submodules


class Head(GraphModuleMixin, torch.nn.Module):
    """The only module that leads to headed.sub itself; the other one of there needs none of its imports."""

    def __init__(self, irreps_in=None):
        super().__init__()
        self._init_irreps(irreps_in=irreps_in)

    def forward(self, data):
        return data

    @model_modifier(persistent=True)
    @classmethod
    def drop_head(cls, model):
        """Take the head out."""
        from headed.sub import yaml  # noqa: F401
        from headed.sub.light import Keep

        return replace_submodules(model, cls, lambda old: Keep(irreps_in=old.irreps_in))

import torch
from nequip.nn._graph_mixin import GraphModuleMixin
from nequip.nn.model_modifier_utils import model_modifier, replace_submodules


class Keep(GraphModuleMixin, torch.nn.Module):
    """Stays in the model; a later modifier brings in what no module of the model names."""

    def __init__(self, irreps_in=None):
        super().__init__()
        self._init_irreps(irreps_in=irreps_in)

    def forward(self, data):
        return data

    @model_modifier(persistent=True)
    @classmethod
    def exchange(cls, model):
        """Put something else in the place of this."""
        from headed.late import Late

        return replace_submodules(model, cls, lambda old: Late(irreps_in=old.irreps_in))

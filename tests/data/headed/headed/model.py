from nequip.model import NequIPGNNModel, model_builder

from headed.head import Head
from headed.sub.light import Keep


@model_builder
def Model(**kwargs):
    model = NequIPGNNModel(**kwargs)
    energy = model.func
    energy._modules["keep"] = Keep(irreps_in=energy.irreps_out)
    energy._modules["head"] = Head(irreps_in=energy.irreps_out)
    return model

"""nequip's own tests of models, which it ships for extensions, on a NequIP and an Allegro model.

Not collected here: test_own_tests.py runs this file in a process that imports other copies of the packages.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest
from nequip.utils.unittests.model_tests_basic import EnergyModelTestsMixin

COMMON = {"seed": 1, "type_names": ["H", "C", "O"], "r_max": 4.0, "avg_num_neighbors": 20.0, "l_max": 2}
NEQUIP = {"num_layers": 2, "num_features": 4, "radial_mlp_depth": 1, "radial_mlp_width": 8}
ALLEGRO = {
    "num_layers": 2,
    "num_scalar_features": 8,
    "num_tensor_features": 4,
    "radial_chemical_embed": {"_target_": "allegro.nn.TwoBodyBesselScalarEmbed", "num_bessels": 4},
    "radial_chemical_embed_dim": 8,
    "scalar_embed_mlp_hidden_layers_depth": 1,
    "scalar_embed_mlp_hidden_layers_width": 8,
    "allegro_mlp_hidden_layers_depth": 1,
    "allegro_mlp_hidden_layers_width": 8,
    "readout_mlp_hidden_layers_depth": 1,
    "readout_mlp_hidden_layers_width": 4,
}


def test_the_copy_is_tested() -> None:
    """Else all that follows would say nothing of it."""
    package = importlib.import_module(os.environ["OWN_TESTS_OF"])
    assert str(package.__file__).startswith(os.environ["OWN_TESTS_IN"])


class TestNequIP(EnergyModelTestsMixin):
    @pytest.fixture(scope="class")
    @classmethod
    def config(cls) -> dict[str, Any]:
        return {"_target_": "nequip.model.NequIPGNNModel", **COMMON, **NEQUIP}

    @pytest.fixture
    def strict_locality(self) -> bool:
        return False


class TestAllegro(EnergyModelTestsMixin):
    @pytest.fixture(scope="class")
    @classmethod
    def config(cls) -> dict[str, Any]:
        return {"_target_": "allegro.model.AllegroModel", **COMMON, **ALLEGRO}

    @pytest.fixture
    def strict_locality(self) -> bool:
        return True

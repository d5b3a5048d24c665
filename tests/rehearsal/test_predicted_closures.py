"""What the linter predicts from a training configuration is what the rehearsal packages, module by module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from closures import check_told, of_configuration
from rehearsal_support import changed, checked, configure, rehearse
from trainings import ALLEGRO, NEQUIP, config

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real
KEPT = "model.rehearsed.nequip.zip"
PYPROJECT = """\
[project]
name = "mylab"
version = "1"
dependencies = ["nequip", "nequip-allegro"]
"""
OF_NEQUIP = """\
from nequip.model import NequIPGNNModel
from nequip.model.utils import model_builder


@model_builder
def Mine(**options):
    return NequIPGNNModel(**options)
"""
OF_ALLEGRO = """\
from allegro.model import AllegroModel
from nequip.model.utils import model_builder

EMBED = {"_target_": "allegro.nn.TwoBodyBesselScalarEmbed", "num_bessels": 4}


class Choice:
    @classmethod
    def make(cls, **options):
        return AllegroModel(radial_chemical_embed=EMBED, **options)


@model_builder
def Mine(**options):
    return Choice.make(**options)
"""
OWN = {"training_module.model._target_": "mylab.build.Mine"}
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "nequip": (config(NEQUIP), OF_NEQUIP),
    "nequip through an own builder": (changed(config(NEQUIP), OWN), OF_NEQUIP),
    "allegro": (config(ALLEGRO), OF_ALLEGRO),
    "allegro through an own builder": (
        changed(config(ALLEGRO), {**OWN, "training_module.model.radial_chemical_embed": None}),
        OF_ALLEGRO,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_closure_of_a_configuration_is_that_of_its_rehearsal(name: str, tmp_path: Path) -> None:
    settings, builder = CASES[name]
    code = tmp_path / "code"
    (code / "mylab").mkdir(parents=True)
    for path, text in {
        "pyproject.toml": PYPROJECT,
        "mylab/__init__.py": "",
        "mylab/build.py": builder,
    }.items():
        (code / path).write_text(text)
    file = configure(tmp_path / "confs", settings)
    loss = ("--allow", "NQ101:allegro.nn._strided._flashallegro") if "allegro" in name else ()
    checked(rehearse(file, *loss, "--keep", KEPT, cwd=tmp_path, code=code))
    check_told(tmp_path / KEPT, of_configuration(file, code, tmp_path))

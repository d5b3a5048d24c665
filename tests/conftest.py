"""Real inputs for tests: models trained by ``nequip-train``, and packages of them.

All of them are made once, also where several processes run the tests.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from needs import installed
from once import made_once
from warm import warm_python

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from once import Once

NEEDED = ("torch", "nequip", "e3nn")
CACHE = "nequip-pack-checkpoints"
PACKAGE = "m.nequip.zip"
SEED = "NEQUIP_PACK_FAULT_SEED"
EMT = "nequip.data.dataset.EMTTestDataset"


def pytest_configure() -> None:
    """Choose the seed of samples for all processes that run the tests."""
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**6)))


def pytest_report_header() -> str:
    """What repeats the samples."""
    return f"{SEED}={os.environ[SEED]}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests made, in whatever process."""
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for name, text in report.user_properties if report.when == "call" else ():
            if name == "table":
                terminalreporter.write_line(f"\n{text}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs real libraries where they are not installed."""
    missing = [package for package in NEEDED if not installed(package)]
    for item in items:
        if missing and item.get_closest_marker("real"):
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(missing)}"))


def data_config() -> dict[str, Any]:
    """Six frames of 32 copper atoms from ase's toy potential; nothing is downloaded."""
    transforms = "nequip.data.transforms"
    dataset = {
        "_target_": EMT,
        "supercell": [2, 2, 2],
        "num_frames": 6,
        "element": "Cu",
        "transforms": [
            {"_target_": f"{transforms}.ChemicalSpeciesToAtomTypeMapper", "model_type_names": ["Cu"]},
            {"_target_": f"{transforms}.NeighborListTransform", "r_max": 4.0},
        ],
    }
    return {
        "_target_": "nequip.data.datamodule.NequIPDataModule",
        "seed": 1,
        "split_dataset": {"dataset": dataset, "train": 4, "val": 2},
        "train_dataloader": {"_target_": "torch.utils.data.DataLoader", "batch_size": 2},
    }


def config(model: Mapping[str, Any], accelerator: str = "cpu") -> dict[str, Any]:
    """A whole configuration for ``nequip-train``: one epoch, with averaged weights."""
    checkpoint = {
        "_target_": "lightning.pytorch.callbacks.ModelCheckpoint",
        "dirpath": "${hydra:runtime.output_dir}",
        "filename": "best",
        "monitor": None,
    }
    common = {"seed": 1, "model_dtype": "float32", "type_names": ["Cu"], "r_max": 4.0}
    energies = {"per_type_energy_scales": 1.0, "per_type_energy_shifts": {"Cu": 0.1}}
    return {
        "run": ["train"],
        "data": data_config(),
        "trainer": {
            "_target_": "lightning.Trainer",
            "max_epochs": 1,
            "accelerator": accelerator,
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "logger": False,
            "callbacks": [checkpoint],
        },
        "training_module": {
            "_target_": "nequip.train.EMALightningModule",
            "loss": {
                "_target_": "nequip.train.EnergyForceLoss",
                "coeffs": {"total_energy": 1.0, "forces": 1.0},
            },
            "val_metrics": {"_target_": "nequip.train.EnergyForceMetrics"},
            "optimizer": {"_target_": "torch.optim.Adam", "lr": 0.01},
            "model": {**common, **energies, **model},
        },
    }


NEQUIP = {
    "_target_": "nequip.model.NequIPGNNModel",
    "num_layers": 2,
    "l_max": 1,
    "num_features": 4,
    "radial_mlp_depth": 1,
    "radial_mlp_width": 8,
    "avg_num_neighbors": 18.0,
}
TWO_TYPES = {
    **NEQUIP,
    "model_dtype": "float64",
    "type_names": ["Cu", "O"],
    "per_edge_type_cutoff": {"Cu": {"Cu": 4.0, "O": 3.1}, "O": 2.7},
    "per_type_energy_shifts": {"Cu": 0.1, "O": -0.4},
}
"""Double precision, and a cutoff for each pair of types; trained on copper alone."""
ALLEGRO = {
    "_target_": "allegro.model.AllegroModel",
    "l_max": 1,
    "num_layers": 1,
    "num_scalar_features": 8,
    "num_tensor_features": 4,
    "radial_chemical_embed": {
        "_target_": "allegro.nn.TwoBodyBesselScalarEmbed",
        "num_bessels": 4,
        "bessel_trainable": False,
        "polynomial_cutoff_p": 6,
    },
    "radial_chemical_embed_dim": 8,
    "scalar_embed_mlp_hidden_layers_depth": 1,
    "scalar_embed_mlp_hidden_layers_width": 8,
    "allegro_mlp_hidden_layers_depth": 1,
    "allegro_mlp_hidden_layers_width": 8,
    "readout_mlp_hidden_layers_depth": 1,
    "readout_mlp_hidden_layers_width": 4,
    "avg_num_neighbors": 18.0,
}


DEEP_ALLEGRO = {**ALLEGRO, "num_layers": 2}


def train(settings: Mapping[str, Any], cache: Path) -> Path:
    """Train with ``nequip-train``, unless the cache has the same configuration and versions."""
    versions = {name: importlib.metadata.version(name) for name in NEEDED}
    text = yaml.safe_dump({"versions": versions, **settings})

    def fill(folder: Path) -> None:
        (folder / "config.yaml").write_text(yaml.safe_dump(dict(settings)))
        words = ["nequip.scripts.train", "-cp", str(folder), "-cn", "config", "hydra.run.dir=run"]
        done = warm_python("-m", *words, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "run" / "best.ckpt").replace(folder / "best.ckpt")

    return made_once(cache / hashlib.sha256(text.encode()).hexdigest()[:16], fill) / "best.ckpt"


@pytest.fixture(scope="session")
def seed() -> int:
    """Of the samples: given in the environment, or a new one every time. The head of a run names it."""
    return int(os.environ[SEED])


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """From a name, and from what fills a folder, to the folder that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    base = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return lambda name, fill: made_once(base / "once" / name, fill)


@pytest.fixture(scope="session")
def checkpoints(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """A function from a model's name, ``"nequip"`` for example, to a checkpoint trained for real.

    It trains on the CPU, or on the accelerator that it is given.
    """
    cache = request.config.cache.mkdir(CACHE)
    models = {"nequip": NEQUIP, "two types": TWO_TYPES, "allegro": ALLEGRO, "deep allegro": DEEP_ALLEGRO}
    return lambda name, accelerator="cpu": train(config(models[name], accelerator), cache)


@pytest.fixture(scope="session")
def nequip_checkpoint(checkpoints: Callable[..., Path]) -> Path:
    """A tiny NequIP model with averaged weights."""
    return checkpoints("nequip")


@pytest.fixture(scope="session")
def allegro_checkpoint(checkpoints: Callable[..., Path]) -> Path:
    """A tiny Allegro model with averaged weights."""
    if not installed("allegro"):
        pytest.skip("needs nequip-allegro")
    return checkpoints("allegro")


@pytest.fixture(scope="session")
def package(nequip_checkpoint: Path, once: Once) -> Path:
    """A package that ``nequip-pack build`` made of the NequIP checkpoint."""
    return once("package", lambda folder: build(nequip_checkpoint, folder / PACKAGE)) / PACKAGE


@pytest.fixture(scope="session")
def allegro_package(allegro_checkpoint: Path, once: Once) -> Path:
    """Its package, built where triton is missing, with the loss that this brings."""
    if installed("triton"):
        pytest.skip("triton is installed in this environment")
    loss = ("--allow", "NQ101:allegro.nn._strided._flashallegro")
    return once("allegro", lambda folder: build(allegro_checkpoint, folder / PACKAGE, *loss)) / PACKAGE


def build(checkpoint: Path, package: Path, *options: str) -> None:
    """Build with ``nequip-pack``, as users do."""
    done = warm_python(
        "-m", "nequip_pack", "build", str(checkpoint), str(package), *options, cwd=package.parent
    )
    assert done.returncode == 0, done.stderr

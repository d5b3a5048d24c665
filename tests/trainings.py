"""Configurations for ``nequip-train``: small models, and data that nothing has to be downloaded for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

EMT = "nequip.data.dataset.EMTTestDataset"


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

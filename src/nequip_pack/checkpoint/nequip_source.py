"""NequIP checkpoints, as ``nequip-train`` writes them. torch and nequip are imported after the checks."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nequip_pack.checkpoint import ema, example, reach
from nequip_pack.checkpoint.failures import importing_nequip, loading, other_nequip
from nequip_pack.checkpoint.loaded import LoadedModels
from nequip_pack.checkpoint.mapped import Changes, mapped
from nequip_pack.checkpoint.origins import check_origins, moved
from nequip_pack.checkpoint.run import modes_in, packaging_run
from nequip_pack.errors import NequipPackError
from nequip_pack.load.origin import content_hash
from nequip_pack.modes import EAGER, compile_modes
from nequip_pack.registry import Patterns, packaging_modes, registered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nequip_pack.checkpoint.header import Header


@dataclass(frozen=True, slots=True)
class NequIPSource:
    """A checkpoint of nequip-train, and what the user says of its surroundings.

    Attributes:
        path: the checkpoint.
        header: what was read of it without torch.
        example_data: a file with one structure instead of the checkpoint's own data.
        origin: where the file lies now that a fine-tuned model started from.
        made: makes the example data from the models, where no file is given.
    """

    path: Path
    header: Header
    example_data: Path | None
    origin: Path | None = None
    made: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None

    @property
    def default_mode(self) -> str:
        """nequip's own packaging mode."""
        return "nequip"

    def check(self) -> None:
        """Everything that stops a build and can be known from the header and the file system."""
        ema.check_ema(self.path, self.header.state, wanted=ema.wants_ema_by_name(self.header))
        reach.check_packages(self.path, self.header)
        check_origins(self.path, self.header, self.origin)
        if self.example_data is not None:
            example.check_file(self.example_data)

    def imports(self) -> None:
        """Importing nequip imports every installed extension."""

    def patterns(self) -> Patterns:
        """nequip's registry with that of nequip-pack: what an installed extension declared through either."""
        return patterns_of_nequip(self.path)

    def modes(self, mode: str) -> tuple[str, ...]:
        """The compile modes of a packaging mode, the eager one first."""
        return modes_of_nequip(self.path, mode)

    def load(self, modes: tuple[str, ...]) -> LoadedModels:
        """Build the eager model, make the example data, then build the other models; all on the CPU.

        Models have their persistent modifiers only. Data is asked for when a model is known to load.

        Raises:
            InputError: if the checkpoint lacks the EMA weights that its training module wants.
            EnvironmentLacksError: if the example data cannot be had, or a package is missing.
            ModelError: if a model does not load.
        """
        from nequip.model.saved_models.package import _get_shared_importer
        from nequip.utils.global_state import set_global_state
        from torch.package import sys_importer

        changes = Changes(moved=moved(self.header, self.origin))
        with packaging_run(), mapped(self.path, changes):
            set_global_state()
            self._check_ema_by_class()
            models = {EAGER: self._model_alone(changes)}
            info = self._info()
            data = self._example_data(info, models[EAGER])
            origin = _get_shared_importer()
            for mode in modes if origin is None else modes_in(origin):
                if mode != EAGER:
                    models[mode] = self._model(mode)
        importers = (sys_importer,) if origin is None else (origin, sys_importer)
        return _assemble(models, data, info, importers)

    def _check_ema_by_class(self) -> None:
        from hydra.utils import get_class
        from nequip.train import EMALightningModule

        with loading(self.path, "training module, through which nequip loads a model,", self._advice):
            training_module = get_class(self.header.info["training_module"]["_target_"])
        wanted = issubclass(training_module, EMALightningModule)
        ema.check_ema(self.path, self.header.state, wanted=wanted)

    @property
    def _advice(self) -> str:
        return other_nequip(self.header)

    def _info(self) -> Mapping[str, Any]:
        import torch

        with loading(self.path, "checkpoint"):
            content = torch.load(self.path, map_location="cpu", weights_only=False)
        info: Mapping[str, Any] = content["hyper_parameters"]["info_dict"]
        return info

    def _example_data(self, info: Mapping[str, Any], models: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.example_data is not None:
            return example.from_file(self.example_data, info["data"], next(iter(models.values())))
        if self.made is not None:
            with loading(self.path, "made-up structure", "give one structure with --example-data FILE"):
                return self.made(models)
        reach.check_data(self.path, self.header)
        return example.from_checkpoint(self.path, info["data"])

    def _model_alone(self, changes: Changes) -> Any:
        """The eager model; without what only a training needs, if it loads no other way."""
        try:
            return self._model(EAGER)
        except NequipPackError as error:
            refusal = error
        changes.model_alone = True
        try:
            model = self._model(EAGER)
        except NequipPackError:
            raise refusal from refusal.__cause__
        text = f"the loss or a metric cannot be made here, and the package needs none ({refusal.why})"
        warnings.warn(text, stacklevel=2)
        return model

    def _model(self, mode: str) -> Any:
        from nequip.model.saved_models import load_saved_model

        with loading(self.path, f"{mode} model", self._advice):
            return load_saved_model(self.path, compile_mode=mode, model_key=None).to("cpu")


def patterns_of_nequip(path: Path) -> Patterns:
    """What is registered where nequip and all installed extensions have been imported.

    Args:
        path: what is built from, for messages.
    """
    with importing_nequip(path):
        from nequip.scripts import _package_utils
    return registered().union(
        Patterns(
            mock=tuple(_package_utils._MOCK_MODULES),
            extern=tuple(_package_utils._EXTERNAL_MODULES),
            intern=tuple(_package_utils._INTERNAL_MODULES),
        )
    )


def modes_of_nequip(path: Path, mode: str) -> tuple[str, ...]:
    """The compile modes of a packaging mode, the eager one first; ``path`` is for messages."""
    with importing_nequip(path):
        from nequip.scripts import _package_utils
    return compile_modes(mode, {**packaging_modes(), **_package_utils._PACKAGING_MODES})


def _assemble(
    models: Mapping[str, Any], data: Mapping[str, Any], info: Mapping[str, Any], importers: tuple[Any, ...]
) -> LoadedModels:
    from nequip.utils.versions import get_current_code_versions
    from omegaconf import OmegaConf

    model = next(iter(models[EAGER].values()))
    cutoff = getattr(model, "metadata", {}).get("r_max")
    return LoadedModels(
        models=models,
        example_data=data,
        type_names=tuple(model.type_names),
        config=OmegaConf.to_yaml({key: value for key, value in info.items() if key != "versions"}),
        versions=get_current_code_versions(verbose=False),
        importers=importers,
        model_dtype=str(model.model_dtype).removeprefix("torch."),
        cutoff=None if cutoff is None else float(cutoff),
        origin=content_hash(Path(importers[0].filename)) if len(importers) > 1 else None,
    )

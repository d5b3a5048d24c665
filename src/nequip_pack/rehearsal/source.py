"""A training configuration as a source of models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nequip_pack.checkpoint.failures import explained
from nequip_pack.checkpoint.header import nequip_header, read_content
from nequip_pack.checkpoint.nequip_source import NequIPSource, modes_of_nequip, patterns_of_nequip
from nequip_pack.errors import EnvironmentLacksError, NequipPackError
from nequip_pack.format.added import REHEARSED
from nequip_pack.rehearsal import requirements, values
from nequip_pack.rehearsal.datasets import numbers_of_datasets
from nequip_pack.rehearsal.nequip_net import from_cache_only
from nequip_pack.rehearsal.statistics import stand_ins, statistics_at_hand
from nequip_pack.rehearsal.structure import made_structure
from nequip_pack.rehearsal.training_module import training_run, untrained, write_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nequip_pack.checkpoint import LoadedModels
    from nequip_pack.registry import Patterns
    from nequip_pack.rehearsal.composition import Composition


@dataclass(frozen=True, slots=True)
class ConfigurationSource:
    """A configuration, whose training module is made anew and goes through a checkpoint like a trained one.

    Attributes:
        composition: the configuration.
        folder: takes the checkpoint.
        data: whether statistics and example come from the training data.
        example_data: a file with one structure for the example.
    """

    composition: Composition
    folder: Path
    data: bool = False
    example_data: Path | None = None

    @property
    def path(self) -> Path:
        """The configuration file."""
        return self.composition.path

    @property
    def default_mode(self) -> str:
        """nequip's own packaging mode."""
        return "nequip"

    def check(self) -> None:
        """Everything that stops a rehearsal and can be known without nequip."""
        from omegaconf import OmegaConf

        from nequip_pack.checkpoint.example import check_file

        sections: Any = OmegaConf.to_container(self.composition.config)
        requirements.check_sections(self.path, sections)
        module = sections["training_module"]
        requirements.check_installed(self.path, module)
        requirements.check_origins(self.path, module)
        values.check_model(self.path, module, sections)
        values.check_data(self.path, sections["data"], sections)
        if self.example_data is not None:
            check_file(self.example_data)

    def imports(self) -> None:
        """Importing nequip imports every installed extension."""

    def patterns(self) -> Patterns:
        """What nequip and the installed extensions register."""
        return patterns_of_nequip(self.path)

    def modes(self, mode: str) -> tuple[str, ...]:
        """The compile modes of a packaging mode, the eager one first."""
        return modes_of_nequip(self.path, mode)

    def load(self, modes: tuple[str, ...]) -> LoadedModels:
        """Make the training module, write its checkpoint, and load the models from that.

        Raises:
            NequipPackError: as :meth:`NequIPSource.load`; messages name the configuration.
        """
        checkpoint = self.folder / "untrained.ckpt"
        with training_run(), from_cache_only(self.path), self.composition.at_hand():
            stood_in = self._write(checkpoint)
        made = None if self.data else made_structure
        try:
            header = nequip_header(checkpoint, read_content(checkpoint))
            source = NequIPSource(checkpoint, header, self.example_data, made=made)
            source.check()
            loaded = source.load(modes)
        except NequipPackError as error:
            if error.where in ("", str(checkpoint)):
                error.where = str(self.path)
            raise
        return replace(loaded, records={**loaded.records, REHEARSED: {"statistics": stood_in}})

    def _write(self, checkpoint: Path) -> Mapping[str, Any]:
        """Write the checkpoint; returns the statistics that were stood in."""
        from nequip.utils import get_current_code_versions
        from nequip.utils.global_state import get_latest_global_state
        from omegaconf import OmegaConf

        data, trainer, run = map(self.composition.resolved, ("data", "trainer", "run"))
        info = {
            "versions": get_current_code_versions(verbose=False),
            "data": data,
            "trainer": trainer,
            "global_options": get_latest_global_state(),
            "runs": requirements.runs(run),
        }
        written = OmegaConf.to_container(self.composition.config)
        values.check_data(self.path, data, written)
        datamodule = self._datamodule(data) if self.data else None
        compute = _real(self.path, datamodule) if self.data else lambda: stand_ins(self.path, data)
        with statistics_at_hand(self.path, compute) as asked:
            config = self.composition.resolved("training_module")
        sections = {"run": run, "data": data, "trainer": trainer, "training_module": config}
        requirements.check_sections(self.path, sections)
        requirements.check_origins(self.path, config)
        requirements.check_found(self.path, config)
        values.check_model(self.path, config, written)
        numbers = datamodule.num_datasets if datamodule else numbers_of_datasets(data, config)
        module = untrained(self.path, config, {**info, "training_module": config}, numbers)
        write_checkpoint(module, checkpoint, self.path)
        return {} if self.data else asked

    def _datamodule(self, config: Mapping[str, Any]) -> Any:
        from hydra.utils import instantiate

        requirements.check_found(self.path, config)
        try:
            return instantiate(config, _recursive_=False)
        except Exception as error:
            raise _out_of_reach(self.path, error) from error


def _real(path: Path, datamodule: Any) -> Callable[[], Mapping[str, Any]]:
    def compute() -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = datamodule.get_statistics(dataset="train")
        except Exception as error:
            raise _out_of_reach(path, error) from error
        return found

    return compute


def _out_of_reach(path: Path, error: Exception) -> EnvironmentLacksError:
    what = "the training data is out of reach"
    remedy = "leave --data out: statistics and example are made up then"
    return EnvironmentLacksError(what, where=path, why=explained(error), remedy=remedy)

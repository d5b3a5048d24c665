"""The models of a package, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nequip_pack.checkpoint.kept import Kept
from nequip_pack.errors import ModelError
from nequip_pack.format.added import is_length

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class LoadedModels:
    """Everything that goes into a package, in memory.

    Attributes:
        models: by compile mode, eager first; each is the ``ModuleDict`` that a load will return, on the CPU.
        example_data: input of the models: one structure, a mapping of names to tensors; a plain checkpoint
            may have a tensor or a tuple of tensors instead.
        type_names: the atom types in the order of their indices; a plain checkpoint may have none.
        config: the original configuration, as YAML text.
        versions: version per package whose code is archived, and torch's.
        importers: where torch.package looks up modules, in this order; more than one if the model came from
            a package.
        model_dtype: for example ``"float64"``, ``None`` if the model does not say.
        cutoff: the cutoff radius in the length unit of the data, ``None`` if the model does not say.
        origin: SHA-256 of the package that the model came from, ``None`` if it came from none.
        kept: what else goes in, if the models come from a package that is written anew.
        records: what else the metadata are to say, by key below ``nequip_pack``.
        checkpoint: ``"plain"`` for a plain checkpoint, ``None`` for one of nequip.
    """

    models: Mapping[str, Any]
    example_data: Any
    type_names: tuple[str, ...]
    config: str
    versions: Mapping[str, str | None]
    importers: tuple[Any, ...]
    model_dtype: str | None = None
    cutoff: float | None = None
    origin: str | None = None
    kept: Kept = field(default_factory=Kept)
    records: Mapping[str, object] = field(default_factory=dict)
    checkpoint: str | None = None


def check_cutoff(loaded: LoadedModels, path: Path) -> None:
    """Check that the cutoff of the models is one: neighbours are found with it wherever they run.

    Args:
        loaded: the models.
        path: of what they come from.

    Raises:
        ModelError: if it is none.
    """
    if loaded.cutoff is not None and not is_length(loaded.cutoff):
        source = "cutoff of save_checkpoint" if loaded.checkpoint == "plain" else "r_max of its metadata"
        raise ModelError(f"the cutoff of the model, {source}, is {loaded.cutoff}, no length", where=path)

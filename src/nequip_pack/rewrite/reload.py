"""A package in memory, ready to be written again: its own code travels, not the environment's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from nequip_pack.build.hooks import GateResult
from nequip_pack.checkpoint import LoadedModels
from nequip_pack.format.metadata import extern_modules
from nequip_pack.installed import is_installed
from nequip_pack.load.importer import load_pickle, make_importer, require_torch
from nequip_pack.registry import Patterns
from nequip_pack.verify.needs import present_version
from nequip_pack.verify.run import internal_packages

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata


def reload(archive: Archive, metadata: Metadata) -> LoadedModels:
    """Load every model of a package through one importer.

    Raises:
        EnvironmentLacksError: if torch or an external library is missing.
        ModelError: if a model does not load.
    """
    require_torch(archive.path)
    from torch.package import sys_importer

    importer = make_importer(archive.path)
    models = {
        mode: load_pickle(importer, archive, metadata, f"{mode}_model.pkl")
        for mode in metadata.available_models
    }
    pack = metadata.nequip_pack or {}
    eager: Any = next(iter(models["eager"].values()))
    dtype = pack.get("model_dtype") or str(getattr(eager, "model_dtype", "")).removeprefix("torch.") or None
    return LoadedModels(
        models=models,
        example_data=load_pickle(importer, archive, metadata, "example_data.pkl"),
        type_names=metadata.type_names,
        config=archive.read("model/config.yaml").decode(),
        versions={**metadata.versions, "torch": present_version("torch")},
        importers=(importer, sys_importer),
        model_dtype=dtype,
        cutoff=pack.get("cutoff"),
        checkpoint=pack.get("checkpoint"),
    )


def patterns_of(archive: Archive, metadata: Metadata) -> Patterns:
    """The registrations that were in force when a package was built, as far as it tells."""
    recorded = {name.partition(".")[0] for name in extern_modules(archive)}
    extern = {*metadata.external_modules, *(recorded - sys.stdlib_module_names - {"torch"})}
    tops = {name.partition("/")[0] for name in archive.members if name.endswith(".py") and "/" in name}
    intern = internal_packages(archive)
    return Patterns(
        mock=tuple(sorted(tops - intern - extern - {"model"})),
        extern=tuple(sorted(extern)),
        intern=tuple(sorted(intern)),
    )


def verdict_of(archive: Archive, metadata: Metadata) -> GateResult:
    """What the origin's gate recorded, and the external modules that a new export could not find here."""
    absent = frozenset(name for name in extern_modules(archive) if not is_installed(name))
    record = (metadata.nequip_pack or {}).get("lint")
    return GateResult(absent, None, record if isinstance(record, dict) else {"status": "not linted"})

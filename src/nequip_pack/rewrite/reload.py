"""A package in memory, ready to be written again: its own code travels, not the environment's."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.build.hooks import GateResult
from nequip_pack.checkpoint import LoadedModels
from nequip_pack.format.metadata import extern_modules
from nequip_pack.installed import is_installed
from nequip_pack.load.importer import load_pickle, make_importer, require_torch
from nequip_pack.registry import Patterns
from nequip_pack.rewrite.outside import outside
from nequip_pack.rewrite.sources import imports
from nequip_pack.verify.needs import present_version
from nequip_pack.verify.run import internal_packages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nequip_pack.format import Archive, Metadata

_RECORDS: Final = ("updates", "migrated")
_BY_NAME_ONLY: Final = frozenset({"io", "sys"})
"""Modules of the standard library that torch.package takes only if a pattern names them."""


def reload(archive: Archive, metadata: Metadata) -> LoadedModels:
    """Load every model of a package through one importer.

    What format 0 does not tell, the atom types, and what only nequip-pack writes comes from the model.

    Raises:
        EnvironmentLacksError: if torch or an external library is missing.
        ModelError: if a model does not load.
    """
    require_torch(archive.path)
    importer = make_importer(archive.path)
    models = {
        mode: load_pickle(importer, archive, metadata, f"{mode}_model.pkl")
        for mode in metadata.available_models
    }
    pack = metadata.nequip_pack or {}
    eager: Any = next(iter(models["eager"].values()))
    dtype = pack.get("model_dtype") or str(getattr(eager, "model_dtype", "")).removeprefix("torch.") or None
    cutoff = pack.get("cutoff") or getattr(eager, "metadata", {}).get("r_max")
    internal = frozenset(internal_packages(archive))
    return LoadedModels(
        models=models,
        example_data=load_pickle(importer, archive, metadata, "example_data.pkl"),
        type_names=metadata.type_names or tuple(getattr(eager, "type_names", ())),
        config=archive.read("model/config.yaml").decode(),
        versions={**metadata.versions, "torch": present_version("torch")},
        importers=(importer, outside(internal)),
        model_dtype=dtype,
        cutoff=None if cutoff is None else float(cutoff),
        sources=dict(_sources(archive, internal)),
        checkpoint=pack.get("checkpoint"),
        origin=_origin(pack),
        records={key: pack[key] for key in _RECORDS if key in pack},
    )


def _origin(pack: Mapping[str, Any]) -> str | None:
    """The SHA-256 of the package that the models of this one were fine-tuned from."""
    origin = pack.get("origin")
    digest = origin.get("sha256") if isinstance(origin, Mapping) else None
    return digest if isinstance(digest, str) else None


def _sources(archive: Archive, internal: Collection[str]) -> Iterator[tuple[str, str]]:
    """The packaged code by member. torch.package makes that of ``torch.fx`` anew, below ``fx-generated``."""
    for name in archive.members:
        top = name.partition("/")[0]
        if name.endswith(".py") and top in internal and top.isidentifier():
            yield name, archive.read(name).decode()


def patterns_of(archive: Archive, metadata: Metadata) -> Patterns:
    """The registrations that were in force when a package was built, as far as it tells."""
    recorded = {name.partition(".")[0] for name in extern_modules(archive)}
    implicit = sys.stdlib_module_names - _BY_NAME_ONLY | {"torch"}
    extern = {*metadata.external_modules, *(recorded - implicit)}
    tops = {name.partition("/")[0] for name in archive.members if name.endswith(".py") and "/" in name}
    intern = internal_packages(archive)
    return Patterns(
        mock=tuple(sorted(tops - intern - extern - {"model"})),
        extern=tuple(sorted(extern)),
        intern=tuple(sorted(intern)),
    )


def verdict_of(archive: Archive, metadata: Metadata) -> GateResult:
    """What the origin's gate recorded, and the external modules that a new export could not find here.

    Those that were absent where the origin was built are among them, if its code imports them: torch.package
    forgot them then, so that the package could use them nowhere.
    """
    wanted = {*extern_modules(archive), *_registered_imports(archive, metadata)}
    absent = frozenset(name for name in wanted if not is_installed(name))
    record = (metadata.nequip_pack or {}).get("lint")
    return GateResult(absent, None, record if isinstance(record, dict) else {"status": "not linted"})


def _registered_imports(archive: Archive, metadata: Metadata) -> Iterator[str]:
    """Modules of registered external libraries that the packaged code imports anywhere."""
    for name, text in _sources(archive, internal_packages(archive)):
        for item in imports(archive, name, text.encode()):
            if item.modules[-1].partition(".")[0] in metadata.external_modules:
                yield item.modules[-1]

"""A package in memory, ready to be written again: its own code travels, not the environment's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nequip_pack.checkpoint import LoadedModels
from nequip_pack.format.closure import read_ways
from nequip_pack.format.metadata import extern_modules
from nequip_pack.format.records import CONFIG
from nequip_pack.gate.hooks import GateResult
from nequip_pack.installed import is_installed
from nequip_pack.load.importer import load_pickle, make_importer, require_torch
from nequip_pack.registry import Patterns
from nequip_pack.rewrite.kept import internal_tops, kept_of
from nequip_pack.rewrite.outside import outside
from nequip_pack.rewrite.sources import imports
from nequip_pack.verify.needs import present_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nequip_pack.checkpoint import Kept
    from nequip_pack.format import Archive, Metadata


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
    kept = kept_of(archive, metadata, importer)
    pack = metadata.nequip_pack or {}
    eager: Any = next(iter(models["eager"].values()))
    dtype = pack.get("model_dtype") or str(getattr(eager, "model_dtype", "")).removeprefix("torch.") or None
    cutoff = pack.get("cutoff") or getattr(eager, "metadata", {}).get("r_max")
    return LoadedModels(
        models=models,
        example_data=load_pickle(importer, archive, metadata, "example_data.pkl"),
        type_names=metadata.type_names or tuple(getattr(eager, "type_names", ())),
        config=archive.read(CONFIG).decode(),
        versions={**metadata.versions, "torch": present_version("torch")},
        importers=(importer, outside(internal_tops(kept))),
        model_dtype=dtype,
        cutoff=None if cutoff is None else float(cutoff),
        kept=kept,
    )


def patterns_of(archive: Archive, metadata: Metadata, kept: Kept) -> Patterns:
    """The registrations that were in force when a package was built, as far as it tells."""
    from nequip_lint.api import is_implicitly_external

    intern = internal_tops(kept)
    recorded = {name.partition(".")[0] for name in extern_modules(archive)}
    named = {name for name in recorded - intern if not is_implicitly_external(name)}
    extern = {*metadata.external_modules, *named}
    mocked = {name.partition(".")[0] for name in kept.named("mock")}
    return Patterns(
        mock=tuple(sorted(mocked - intern - extern)),
        extern=tuple(sorted(extern)),
        intern=tuple(sorted(intern)),
    )


def verdict_of(archive: Archive, metadata: Metadata, kept: Kept) -> GateResult:
    """What the origin's gate recorded, and the external modules that a new export could not find here.

    Those that were absent where the origin was built are among them, if its code imports them: torch.package
    forgot them then, so that the package could use them nowhere.
    """
    wanted = {*extern_modules(archive), *_registered_imports(archive, metadata, kept)}
    absent = frozenset(name for name in wanted if not is_installed(name))
    record = (metadata.nequip_pack or {}).get("lint")
    verdict = record if isinstance(record, dict) else {"status": "not linted"}
    return GateResult(absent, None, verdict, read_ways(archive))


def _registered_imports(archive: Archive, metadata: Metadata, kept: Kept) -> Iterator[str]:
    """Modules of registered external libraries that the packaged code imports anywhere."""
    for name, text in kept.sources.items():
        stem = name.replace(".", "/") + ("/__init__.py" if name in kept.packages else ".py")
        for item in imports(archive, stem, text.encode()):
            if item.modules[-1].partition(".")[0] in metadata.external_modules:
                yield item.modules[-1]

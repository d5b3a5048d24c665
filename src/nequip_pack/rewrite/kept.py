"""Everything that a package holds besides its models, so that writing it anew loses none of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nequip_pack.checkpoint import Kept
from nequip_pack.errors import Refused
from nequip_pack.format.closure import MEMBER as CLOSURE
from nequip_pack.format.layouts import PICKLE, VERSIONS
from nequip_pack.format.manifest import MEMBER as MANIFEST
from nequip_pack.format.metadata import EXAMPLE, TEXT, extern_modules, model_member
from nequip_pack.format.records import CONFIG
from nequip_pack.format.references import MEMBER as REFERENCES
from nequip_pack.load.importer import load_pickle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nequip_pack.format import Archive, Metadata

_STUB: Final = b"from _mock import MockedObject"
"""How the stand-in for a mocked module begins (torch 2.13, ``torch/package/package_exporter.py:1201``)."""
_MADE: Final = frozenset({TEXT, CONFIG, CLOSURE, REFERENCES, MANIFEST, PICKLE, VERSIONS, "_mock.py"})
"""Members that every export writes, or that format 0 had in their place."""
_TORCH: Final = (".data/", "fx-generated/")
"""Folders that torch.package fills anew; what ``torch.fx`` generated gets other names there."""
_TORCH_FILES: Final = frozenset({"version", "byteorder"})


def kept_of(archive: Archive, metadata: Metadata, importer: Any) -> Kept:
    """What to keep of a package.

    Args:
        archive: the package.
        metadata: its metadata.
        importer: loads the pickles that belong to no model in the metadata.

    Raises:
        Refused: for source that torch.package could not write again.
        NequipPackError: if one of these pickles does not load.
    """
    externals = dict.fromkeys(extern_modules(archive), "extern")
    members = {_module(name): name for name in _rest(archive) if name.endswith(".py")}
    own = {module: name for module, name in members.items() if module not in externals}
    stubs = {module for module, name in own.items() if archive.read(name).startswith(_STUB)}
    sources = {module: _text(archive, name) for module, name in own.items() if module not in stubs}
    actions = {**externals, **dict.fromkeys(stubs, "mock"), **dict.fromkeys(sources, "intern")}
    stems = set(_pickles(archive, metadata))
    taken = {*own.values(), *(f"model/{stem}.pkl" for stem in stems), *_model_members(metadata)}
    return Kept(
        actions=actions,
        sources=sources,
        packages=frozenset(module for module in sources if own[module].endswith("/__init__.py")),
        pickles={stem: load_pickle(importer, archive, metadata, f"{stem}.pkl") for stem in sorted(stems)},
        files={name: archive.read(name) for name in _rest(archive) if name not in taken},
        metadata=metadata.raw,
        externals=metadata.external_modules,
    )


def internal_tops(kept: Kept) -> frozenset[str]:
    """Top-level packages whose code the origin brings along, those with an external submodule included."""
    return frozenset(name.partition(".")[0] for name in kept.sources)


def _rest(archive: Archive) -> Iterator[str]:
    """The members that no export makes anew."""
    for name in archive.members:
        if name not in _MADE and name not in _TORCH_FILES and not name.startswith(_TORCH):
            yield name


def _model_members(metadata: Metadata) -> set[str]:
    return {EXAMPLE, *map(model_member, metadata.available_models)}


def _pickles(archive: Archive, metadata: Metadata) -> Iterator[str]:
    """Stems of further pickles beside the models. Their tensors are members that get other names."""
    for name in _rest(archive):
        folder, _, file = name.rpartition("/")
        if folder == "model" and file.endswith(".pkl") and name not in _model_members(metadata):
            yield file.removesuffix(".pkl")


def _module(member: str) -> str:
    return member.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _text(archive: Archive, member: str) -> str:
    try:
        return archive.read(member).decode()
    except UnicodeDecodeError as error:
        what = f"{member} is not UTF-8, and torch.package writes no other source"
        raise Refused(what, where=archive.path, why=str(error), remedy="nothing was written") from error

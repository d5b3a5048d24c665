"""The Python interface for packages."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nequip_pack.errors import ModelError
from nequip_pack.format import Archive, Metadata, open_archive
from nequip_pack.format.consistency import read_consistent
from nequip_pack.format.manifest import check_content
from nequip_pack.format.sealed import Seal
from nequip_pack.load import nequip_process, origin
from nequip_pack.load.importer import load_pickle, make_importer, require_torch

AUDIT = "NEQUIP_PACK_AUDIT"
"""The environment variable that, set to 1, has every load audit its package first."""
_EAGER = "eager"


@dataclass(frozen=True, slots=True)
class LoadedPackage:
    """A package in memory.

    Attributes:
        models: the ``ModuleDict`` of one compile mode; a single model has the key ``sole_model``.
        example_data: one structure, tensor by name, in the units of the training data; a tensor or a tuple of
            tensors for a plain model that takes those.
        metadata: what the package says of itself.
    """

    models: Any
    example_data: Any
    metadata: Metadata

    @property
    def type_names(self) -> list[str]:
        """The atom types in the order of their indices; only the model knows them in format 0."""
        return list(self.metadata.type_names or getattr(_sole(self.models), "type_names", ()))

    @property
    def cutoff(self) -> float | None:
        """The cutoff radius in the length unit of the data, if metadata or model tell it."""
        known = (self.metadata.nequip_pack or {}).get("cutoff")
        if known is None:
            known = getattr(_sole(self.models), "metadata", {}).get("r_max")
        return None if known is None else float(known)


def ModelFromPackage(package_path: str | os.PathLike[str], compile_mode: str = _EAGER) -> Any:
    """Load the model of a package on the CPU, after comparing its content with its checksums.

    Takes the place of nequip's function of the same name, in configurations too. Inside a nequip process that
    imposes a compile mode or packages a fine-tuned model, it follows nequip; checkpoints of a model that is
    trained further keep the package's hash. With ``NEQUIP_PACK_AUDIT=1`` in the environment the package is
    audited before anything of it runs.

    Args:
        package_path: a ``.nequip.zip`` file; its content counts, not its name.
        compile_mode: ``"eager"``, or another mode in the package, such as ``"compile"``.

    Returns:
        A ``torch.nn.ModuleDict``; ``["sole_model"]`` is the model of an ordinary package.

    Raises:
        InputError: if the file is missing or not a package.
        DamagedError: if the package is damaged.
        FormatError: if its format is too new or too old.
        EnvironmentLacksError: if torch or an external library is missing (also an ``ImportError``).
        ModelError: if the model does not load.
        Refused: if an audit was asked for and refuses the package.

    Warns:
        UserWarning: if the package lacks the compile mode; the eager model is loaded instead. Also
            if the package is that of a rehearsal.
    """
    archive, metadata = _open(package_path)
    _warn_of_rehearsal(archive, metadata)
    importer = nequip_process.shared_importer(archive.path, lambda _: _importer(archive))
    models = _model(importer, archive, metadata, nequip_process.compile_mode(compile_mode))
    training = nequip_process.workflow() == "train"
    if training or nequip_process.restores_checkpoint():
        origin.mark(models, archive.path, training=training)
    return models


def load_package(
    package_path: str | os.PathLike[str], compile_mode: str = _EAGER, audit: bool = False
) -> LoadedPackage:
    """Load the models of one compile mode together with the example data.

    Args:
        package_path: a ``.nequip.zip`` file; its content counts, not its name.
        compile_mode: as for :func:`ModelFromPackage`.
        audit: audit the package before anything of it runs; what is loaded is what was audited.

    Raises:
        NequipPackError: as :func:`ModelFromPackage`.
    """
    return loaded(*_open(package_path, audit=audit), compile_mode)


def loaded(archive: Archive, metadata: Metadata, compile_mode: str) -> LoadedPackage:
    """The same of an open package, whose content was compared with its checksums before."""
    _warn_of_rehearsal(archive, metadata)
    importer = _importer(archive)
    models = _model(importer, archive, metadata, compile_mode)
    return LoadedPackage(models, _example(importer, archive, metadata), metadata)


def type_names(package_path: str | os.PathLike[str]) -> list[str]:
    """The atom types of a package in the order of their indices; none for a plain model without atoms.

    Needs no torch, but for packages of nequip 0.7 (format 0): only the model itself knows its types there.

    Raises:
        NequipPackError: if the file is no package that we can read, or, for format 0, does not load.
    """
    metadata, _ = read_consistent(open_archive(Path(package_path)))
    if metadata.package_version_id == 0:
        return load_package(package_path).type_names
    return list(metadata.type_names)


def cutoff(package_path: str | os.PathLike[str]) -> float:
    """The cutoff radius of the model in the length unit of its data, with which neighbours are to be found.

    From the metadata, without torch, where nequip-pack wrote them; else from the model.

    Raises:
        NequipPackError: if the file is no package that we can read, or does not load.
        ModelError: if neither says.
    """
    metadata, _ = read_consistent(open_archive(Path(package_path)))
    known = (metadata.nequip_pack or {}).get("cutoff")
    if known is None:
        known = load_package(package_path).cutoff
    if known is None:
        raise ModelError("neither the metadata nor the model tell the cutoff", where=package_path)
    return float(known)


def model_dtype(package_path: str | os.PathLike[str]) -> str:
    """The type that the model computes in, such as ``"float32"``; its input and output may have another.

    From the metadata, without torch, where nequip-pack wrote them; else from the model.

    Raises:
        NequipPackError: if the file is no package that we can read, or does not load.
        ModelError: if neither says, as for a plain model with weights of several types.
    """
    metadata, _ = read_consistent(open_archive(Path(package_path)))
    known = (metadata.nequip_pack or {}).get("model_dtype")
    if known is None:
        known = getattr(_sole(ModelFromPackage(package_path)), "model_dtype", None)
    if known is None:
        raise ModelError("neither the metadata nor the model tell the model's dtype", where=package_path)
    return str(known).removeprefix("torch.")


def example_data(package_path: str | os.PathLike[str]) -> Any:
    """The example data of a package: one structure, tensor by name.

    The package of a plain checkpoint may hold a tensor, or a tuple of all arguments, instead.

    Raises:
        NequipPackError: as :func:`ModelFromPackage`.
    """
    archive, metadata = _open(package_path)
    return _example(_importer(archive), archive, metadata)


def _open(package_path: str | os.PathLike[str], *, audit: bool = False) -> tuple[Archive, Metadata]:
    is_audited = audit or os.environ.get(AUDIT) == "1"
    archive = open_archive(Path(package_path), Seal if is_audited else None)
    metadata, _ = read_consistent(archive)
    require_torch(archive.path)
    check_content(archive)
    if is_audited:
        from nequip_pack.audit.run import audited, must_pass

        must_pass(audited(archive, metadata), archive.path)
    return archive, metadata


def _warn_of_rehearsal(archive: Archive, metadata: Metadata) -> None:
    if metadata.is_rehearsed:
        text = f"{archive.path} is the package of a rehearsal: its weights are not trained"
        _warn(text)


def _warn(text: str) -> None:
    """Warn where this module was called."""
    level, frame = 1, sys._getframe()
    while frame.f_code.co_filename == __file__ and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    warnings.warn(text, stacklevel=level)


def _importer(archive: Archive) -> Any:
    with _unchanged(archive):
        return make_importer(archive.path if archive.sealed is None else archive.open())


@contextmanager
def _unchanged(archive: Archive) -> Iterator[None]:
    """Within, an error that comes of a change of the file says so."""
    try:
        yield
    except Exception as error:
        if archive.sealed is not None and archive.sealed.failure is not None:
            raise archive.sealed.failure from error
        raise


def _model(importer: Any, archive: Archive, metadata: Metadata, mode: str) -> Any:
    if mode not in metadata.available_models:
        available = ", ".join(metadata.available_models)
        text = (
            f"{archive.path} has no {mode!r} model (it has: {available}); loading the {_EAGER} model instead"
        )
        _warn(text)
        mode = _EAGER
    with _unchanged(archive):
        return load_pickle(importer, archive, metadata, f"{mode}_model.pkl")


def _sole(models: Any) -> Any:
    return next(iter(models.values()))


def _example(importer: Any, archive: Archive, metadata: Metadata) -> Any:
    with _unchanged(archive):
        return load_pickle(importer, archive, metadata, "example_data.pkl")

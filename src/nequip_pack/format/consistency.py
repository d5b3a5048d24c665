"""Whether a package agrees with itself: torch's own records, the metadata, the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import DamagedError, FormatError
from nequip_pack.format.closure import read_closure, read_ways
from nequip_pack.format.metadata import extern_modules, python_version, read_metadata
from nequip_pack.format.records import CONFIG, records_gone
from nequip_pack.format.references import read_references
from nequip_pack.format.yamltext import NotYamlError, read_yaml

if TYPE_CHECKING:
    from nequip_pack.format.archive import Archive
    from nequip_pack.format.metadata import Metadata

_NEWEST_TORCH_FORMAT: Final = 10
"""``kMaxSupportedFileFormatVersion`` of torch 2.13 (``caffe2/serialize/versions.h``)."""


def read_consistent(archive: Archive) -> tuple[Metadata, list[str]]:
    """The metadata of a package that agrees with itself, and what is odd in it.

    Raises:
        NequipPackError: as :func:`read_metadata` and :func:`check_consistency`.
    """
    metadata = read_metadata(archive)
    return metadata, check_consistency(archive, metadata)


def check_consistency(archive: Archive, metadata: Metadata) -> list[str]:
    """Compare what the package says in several places; returns what is odd, but harms nothing, one line each.

    Raises:
        DamagedError: for a byte order that is not little-endian, atom types unlike the configuration's, or a
            package that has lost some of what nequip-pack wrote, or has something else in its place.
        FormatError: if torch wrote the archive in a form that is newer than what torch 2.13 reads.
    """
    odd = check_container(archive)
    _check_type_names(archive, metadata)
    records_gone(archive, metadata)
    extern_modules(archive)
    read_closure(archive)
    read_ways(archive)
    read_references(archive)
    return odd


def check_container(archive: Archive) -> list[str]:
    """The same of what torch says alone, for which no metadata are read.

    Raises:
        DamagedError: for a byte order that is not little-endian.
        FormatError: as :func:`check_consistency`.
    """
    _check_torch_version(archive)
    return [*_byte_order(archive), *_oddities(archive)]


def _check_torch_version(archive: Archive) -> None:
    text = archive.read(".data/version", 64).strip()
    if not text.isdigit():
        what = f".data/version is {text.decode(errors='replace')!r}, not a number"
        raise DamagedError(what, where=archive.path)
    if int(text) > _NEWEST_TORCH_FORMAT:
        what = f"torch's archive format {int(text)} is newer than {_NEWEST_TORCH_FORMAT}, the newest known"
        raise FormatError(what, where=archive.path, remedy="upgrade torch and nequip-pack")


def _byte_order(archive: Archive) -> Iterator[str]:
    found = [name for name in ("byteorder", ".data/byteorder") if name in archive.members]
    for name in found:
        order = archive.read(name, 64).strip()
        if order != b"little":
            what = f"{name} is {order.decode(errors='replace')!r}; only little-endian packages are known"
            raise DamagedError(what, where=archive.path)
    if not found:
        yield "the byte order is not recorded"


def _oddities(archive: Archive) -> Iterator[str]:
    python = python_version(archive)
    if python is None:
        yield "the Python that built it is not recorded"
    elif not python.startswith("3."):
        yield f"it says that Python {python} built it"
    if ".data/serialization_id" not in archive.members:
        yield "torch's serialization id is missing"


def _check_type_names(archive: Archive, metadata: Metadata) -> None:
    names = _configured_type_names(archive)
    if names is not None and metadata.type_names and names != metadata.type_names:
        what = f"the metadata's atom types are {', '.join(metadata.type_names)}"
        why = f"{CONFIG} has {', '.join(names)}"
        raise DamagedError(what, where=archive.path, why=why)


def _configured_type_names(archive: Archive) -> tuple[str, ...] | None:
    """The type names of the configured model; ``None`` where it has none (it came from a package, say)."""
    if CONFIG not in archive.members:
        return None
    try:
        value: Any = read_yaml(archive, CONFIG)
    except NotYamlError as error:
        if isinstance(error.__cause__, UnicodeDecodeError):
            raise
        return None
    for key in ("training_module", "model", "type_names"):
        value = value.get(key) if isinstance(value, Mapping) else None
    is_list = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return tuple(value) if is_list and value else None

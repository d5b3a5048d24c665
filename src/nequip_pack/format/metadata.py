"""The metadata of a package, ``model/package_metadata.txt`` as a rule.

What is read here has been written by someone else, so every value is checked and an error names its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import DamagedError, FormatError, InputError
from nequip_pack.format.added import REHEARSED, shown, wrong_in_record
from nequip_pack.format.layouts import PICKLE, TEXTS, Format0, Layout
from nequip_pack.format.version import CURRENT, OLDEST_TEXT, upgrade
from nequip_pack.format.yamltext import TEXT_LIMIT, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.format.archive import Archive

TEXT: Final = "model/package_metadata.txt"
EXAMPLE: Final = "model/example_data.pkl"
EXTERNS: Final = ".data/extern_modules"
PYTHON: Final = ".data/python_version"
EXTERNAL_LIMIT: Final = 10_000
"""The most external modules; a package names some dozens."""

NAME_LIMIT: Final = 500
"""The most characters of a module's dotted name."""

_VERSION: Final = (str, int, float, date, type(None))
"""What YAML makes of a version; only a text is written as one for certain."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a package says of itself.

    Attributes:
        package_version_id: upstream's format counter, 0, 1 or 2.
        versions: installed version per package at build time, ``None`` where it was unknown.
        external_modules: the *registered* external libraries and their versions at build time, ``None`` for
            one that was absent. Empty before format 2. What the archive needs is in ``.data/extern_modules``.
        available_models: the compile modes, for example ``("eager", "compile")``.
        type_names: the atom types in the order of their indices; empty for format 0, where only the model
            knows them, and for a plain model without atoms.
        nequip_pack: what nequip-pack added, or ``None`` for a package written by nequip's own command.
        raw: the parsed metadata, unchanged; for format 0 with the versions, which it keeps elsewhere.
    """

    package_version_id: int
    versions: Mapping[str, str | None]
    external_modules: Mapping[str, str | None]
    available_models: tuple[str, ...]
    type_names: tuple[str, ...]
    nequip_pack: Mapping[str, Any] | None
    raw: Mapping[str, Any]

    @property
    def is_rehearsed(self) -> bool:
        """Whether the package is one of a rehearsal, whose weights are untrained."""
        return (self.nequip_pack or {}).get(REHEARSED) is not None


def read_metadata(archive: Archive) -> Metadata:
    """Read and check the metadata of an open package, its models' presence included.

    Raises:
        InputError: for a torch.package archive that is no NequIP package.
        DamagedError: for metadata that is missing, no YAML, or contradicts itself or the archive.
        FormatError: for a format newer than ours.
    """
    layout, raw = _content(archive)
    pack = _optional_mapping(archive.path, raw, "nequip_pack")
    if pack is not None and (wrong := wrong_in_record(pack)) is not None:
        raise _damaged(archive.path, f"nequip_pack.{wrong[0]}", wrong[1])
    metadata = Metadata(
        package_version_id=raw["package_version_id"],
        versions=_versions(archive.path, "versions", raw.get("versions")),
        external_modules=_versions(archive.path, "external_modules", layout.external_modules(raw)),
        available_models=_models(archive.path, raw),
        type_names=_type_names(archive.path, layout.atom_types(raw), may_lack=_is_plain(pack)),
        nequip_pack=pack,
        raw=raw,
    )
    for mode in metadata.available_models:
        if model_member(mode) not in archive.members:
            raise _damaged(archive.path, "available_models", f"{model_member(mode)} is not in the archive")
    return metadata


def model_member(mode: str) -> str:
    """The member that holds the model of one compile mode."""
    return f"model/{mode}_model.pkl"


def extern_modules(archive: Archive) -> tuple[str, ...]:
    """The external modules that the archive really names, as torch.package recorded them.

    Raises:
        DamagedError: if they are too many, or one is too long or cannot be a module.
    """
    names = tuple(_decode(archive, EXTERNS).split())
    if len(names) > EXTERNAL_LIMIT:
        what = f"{EXTERNS} names {len(names)} modules, more than {EXTERNAL_LIMIT}"
        raise DamagedError(what, where=archive.path)
    for name in names:
        if len(name) > NAME_LIMIT or not all(map(str.isidentifier, name.split("."))):
            raise DamagedError(f"{EXTERNS} names {shown(name)}, which is no module", where=archive.path)
    return names


def python_version(archive: Archive) -> str | None:
    """The Python that built the package, or ``None`` where it is not recorded."""
    return _decode(archive, PYTHON, 64).strip() if PYTHON in archive.members else None


def _content(archive: Archive) -> tuple[Layout, Mapping[str, Any]]:
    """The metadata as they are, and the reader for them."""
    if TEXT in archive.members:
        raw = _parse(archive)
        return TEXTS[_version(archive.path, raw)], raw
    if PICKLE in archive.members:
        oldest = Format0()
        return oldest, oldest.raw(archive)
    if any(name.startswith("model/") for name in archive.members):
        raise DamagedError(f"the package has no member {TEXT}", where=archive.path)
    raise InputError("this is a torch.package archive, but not of a NequIP model", where=archive.path)


def _decode(archive: Archive, name: str, limit: int = TEXT_LIMIT) -> str:
    try:
        return archive.read(name, limit).decode("utf-8")
    except UnicodeDecodeError as error:
        raise DamagedError(f"the member {name} is no text", where=archive.path, why=str(error)) from error


def _parse(archive: Archive) -> Mapping[str, Any]:
    raw = read_yaml(archive, TEXT)
    if not isinstance(raw, Mapping):
        raise DamagedError(f"{TEXT} holds {type(raw).__name__} instead of a mapping", where=archive.path)
    return raw


def _version(path: Path, raw: Mapping[str, Any]) -> int:
    value = raw.get("package_version_id")
    if not isinstance(value, int) or isinstance(value, bool):
        what = f"{TEXT}, key package_version_id: {shown(value)} is not a whole number"
        raise FormatError(what, where=path)
    if value > CURRENT:
        raise FormatError(
            f"format {value} is newer than {CURRENT}, the newest known", where=path, remedy=upgrade()
        )
    if value < OLDEST_TEXT:
        what = f"{TEXT}, key package_version_id: no format {value} keeps its metadata as text"
        raise FormatError(what, where=path)
    return value


def _optional_mapping(path: Path, raw: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    value = raw.get(key)
    if value is not None and not isinstance(value, Mapping):
        raise _damaged(path, key, "not a mapping")
    return value


def _versions(path: Path, key: str, value: object) -> dict[str, str | None]:
    if not isinstance(value, Mapping):
        raise _damaged(path, key, "missing or not a mapping")
    for name, version in value.items():
        is_right = isinstance(name, str) and isinstance(version, _VERSION)
        if not is_right or max(len(name), len(str(version))) > NAME_LIMIT:
            raise _damaged(path, key, f"{shown(version)} is not the version of {shown(name)}")
    return {name: None if version is None else str(version) for name, version in value.items()}


def _models(path: Path, raw: Mapping[str, Any]) -> tuple[str, ...]:
    value = raw.get("available_models")
    if not isinstance(value, list) or not value or not all(isinstance(mode, str) for mode in value):
        raise _damaged(path, "available_models", "missing, empty or not a list of names")
    if "eager" not in value:
        raise _damaged(path, "available_models", "there is no eager model")
    if len(set(value)) < len(value):
        raise _damaged(path, "available_models", "a model is there twice")
    return tuple(value)


def _is_plain(pack: Mapping[str, Any] | None) -> bool:
    """Whether a package was built from a plain checkpoint, whose model need not know of atoms."""
    return pack is not None and pack.get("checkpoint") == "plain"


def _type_names(path: Path, value: object, *, may_lack: bool) -> tuple[str, ...]:
    if value is None or (may_lack and value == {}):
        return ()
    if not isinstance(value, Mapping) or not value or set(value) != set(range(len(value))):
        raise _damaged(path, "atom_types", "missing, or its keys are not 0, 1, 2, ...")
    if not all(isinstance(name, str) for name in value.values()):
        raise _damaged(path, "atom_types", "a type is not a text")
    return tuple(value[index] for index in range(len(value)))


def _damaged(path: Path, key: str, why: str) -> DamagedError:
    return DamagedError(f"{TEXT}, key {key}: {why}", where=path)

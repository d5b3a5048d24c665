"""Where each format keeps what a package says of itself: a class per format, chosen by what the file says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from nequip_pack.errors import DamagedError
from nequip_pack.format.yamltext import TEXT_LIMIT, read_yaml
from nequip_pack.pickles.read import read
from nequip_pack.pickles.values import BadPickle
from nequip_pack.pickles.walk import is_plain

if TYPE_CHECKING:
    from nequip_pack.format.archive import Archive

PICKLE: Final = "model/package_metadata.pkl"
VERSIONS: Final = "model/versions.txt"
_DEPTH: Final = 8


class Layout(Protocol):
    """What differs between the formats."""

    def external_modules(self, raw: Mapping[str, Any]) -> object:
        """The registered external libraries with their versions, unchecked."""
        ...

    def atom_types(self, raw: Mapping[str, Any]) -> object:
        """The atom types by index, unchecked; ``None`` where only the model knows them."""
        ...


class Format0:
    """nequip 0.7: a pickle of plain data, and the versions in a text beside it; no types, no externals."""

    def raw(self, archive: Archive) -> dict[str, Any]:
        """The pickled metadata, which may be nothing but plain data, with the versions.

        Raises:
            DamagedError: if they are not that.
        """
        try:
            pickled = read(archive.read(PICKLE, TEXT_LIMIT))
        except BadPickle as error:
            raise DamagedError(f"{PICKLE} cannot be read", where=archive.path, why=str(error)) from error
        content = pickled.content
        if pickled.calls or not is_plain(content, _DEPTH):
            named = [f"it names {module}.{name}" for module, name in sorted(pickled.globals)]
            raise DamagedError(f"{PICKLE} is no plain data", where=archive.path, why="; ".join(named[:1]))
        if not isinstance(content, dict) or content.get("package_version_id") != 0:
            raise DamagedError(f"{PICKLE} does not hold the metadata of format 0", where=archive.path)
        return {**content, "versions": _versions(archive)}

    def external_modules(self, raw: Mapping[str, Any]) -> object:
        """None were kept."""
        return {}

    def atom_types(self, raw: Mapping[str, Any]) -> object:
        """Only the model knows them."""
        return None


class Format1:
    """nequip 0.8 to 0.9: a YAML text without the externals."""

    def external_modules(self, raw: Mapping[str, Any]) -> object:
        """None were kept, unless another writer did."""
        return raw.get("external_modules", {})

    def atom_types(self, raw: Mapping[str, Any]) -> object:
        """The mapping of that name; an empty one is refused."""
        return raw.get("atom_types", {})


class Format2(Format1):
    """nequip 0.10 and later: with the externals. Packages between two releases have none."""


TEXTS: Final[Mapping[int, Layout]] = {1: Format1(), 2: Format2()}
"""The formats whose metadata is a text, by number."""


def _versions(archive: Archive) -> dict[str, Any]:
    """The versions that were installed: YAML, one line each; without that member none are known."""
    if VERSIONS not in archive.members:
        return {}
    found = read_yaml(archive, VERSIONS)
    return dict(found) if isinstance(found, Mapping) else {}

"""Whether a package will load here, as ``check`` answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nequip_pack.errors import EnvironmentLacksError
from nequip_pack.format.records import records_gone
from nequip_pack.signing.beside import beside
from nequip_pack.verify.needs import MISSING, needs
from nequip_pack.verify.whole import check_whole

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.format import Archive, Metadata
    from nequip_pack.signing.beside import Signature
    from nequip_pack.verify.needs import Need


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a package needs, and what else is to be known before it is loaded.

    Attributes:
        path: of the package.
        package_version_id: its format.
        is_rehearsed: whether it is that of a rehearsal, whose weights are not trained.
        needs: Python, torch, and each external library.
        lint: the verdict of the gate that built it, as recorded.
        gone: whether another tool wrote the package anew and left our records out.
        signature: the one beside it.
    """

    path: Path
    package_version_id: int
    is_rehearsed: bool
    needs: tuple[Need, ...]
    lint: object
    gone: bool
    signature: Signature | None

    @property
    def missing(self) -> list[Need]:
        """What it needs and is not here."""
        return [need for need in self.needs if need.state == MISSING]

    @property
    def unknown(self) -> list[str]:
        """Names that its pickles ask for, where it is not known whether they are here."""
        return [name for need in self.needs for name in need.unknown]

    @property
    def warned(self) -> bool:
        """Whether the gate found something, and warned of it or accepted it, that may stop a load."""
        keys = ("warnings", "allowed", "accepted")
        return isinstance(self.lint, Mapping) and any(self.lint.get(key) for key in keys)

    @property
    def loads(self) -> bool | None:
        """Whether it will load, ``None`` where warnings, or what is not known, leave that open."""
        if self.missing:
            return False
        return None if self.warned or self.unknown else True

    def error(self) -> EnvironmentLacksError | None:
        """What is missing, if so."""
        if not self.missing:
            return None
        what = f"it will not load here: {', '.join(need.name for need in self.missing)}"
        remedy = "; ".join(need.note for need in self.missing)
        return EnvironmentLacksError(what, where=self.path, remedy=remedy)

    def as_json(self) -> dict[str, Any]:
        """The JSON form, version 1."""
        return {
            "version": 1,
            "path": str(self.path),
            "package_version_id": self.package_version_id,
            "rehearsed": self.is_rehearsed,
            "loads": self.loads,
            "needs": [_need(need) for need in self.needs],
            "lint": self.lint,
            "records_gone": self.gone,
            "signature": self.signature and self.signature.as_json(),
        }


def readiness(archive: Archive, metadata: Metadata) -> Readiness:
    """Compare a package with this environment; nothing of it is loaded.

    Raises:
        DamagedError: if it refers to members that it lacks.
    """
    check_whole(archive, metadata)
    gone = records_gone(archive, metadata)
    return Readiness(
        archive.path,
        metadata.package_version_id,
        metadata.is_rehearsed,
        tuple(needs(archive, metadata)),
        None if gone else (metadata.nequip_pack or {}).get("lint"),
        gone,
        beside(archive.path),
    )


def _need(need: Need) -> dict[str, Any]:
    return {
        "name": need.name,
        "built_with": need.built_with,
        "present": need.present,
        "state": need.state,
        "note": need.note,
        "not_known": list(need.unknown),
    }

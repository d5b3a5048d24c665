"""A strict reader of package archives, with zipfile alone: no torch, and no code of the package runs.

torch and zipfile disagree on odd archives (duplicate names, names that differ by case), so these are refused;
and torch checks no CRC-32 (built with ``MINIZ_DISABLE_ZIP_READER_CRC32_CHECKS``), so it is checked here.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nequip_pack.errors import DamagedError, InputError
from nequip_pack.format.sniff import Kind, sniff

_AGAIN: Final = "get the file again from where it came"
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
MEMBER_LIMIT: Final = 64 * 1024 * 1024
"""The most bytes that one member read as text or metadata may unpack to."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member: ``path`` below the prefix, and its unpacked ``size`` in bytes."""

    path: str
    full_path: str
    size: int


@dataclass(frozen=True, slots=True)
class Archive:
    """The checked directory of a package.

    Attributes:
        path: the file.
        prefix: the one top-level folder, ``archive`` for what nequip-pack writes.
        members: by path below the prefix, in the order of the archive.
    """

    path: Path
    prefix: str
    members: dict[str, Member]

    def read(self, name: str, limit: int = MEMBER_LIMIT) -> bytes:
        """The content of one member, its CRC-32 checked.

        Raises:
            DamagedError: if it is missing, larger than ``limit``, or does not match its CRC-32.
        """
        member = self.members.get(name)
        if member is None:
            raise DamagedError(f"the package has no member {name}", where=self.path, remedy=_AGAIN)
        if member.size > limit:
            raise DamagedError(
                f"the member {name} claims {member.size} bytes", where=self.path, remedy=_AGAIN
            )
        with zipfile.ZipFile(self.path) as archive:
            return _read_member(archive, self.path, member)

    def check_content(self) -> None:
        """Compare every member with its CRC-32, as torch does not.

        Raises:
            DamagedError: naming the first member that does not match.
        """
        with zipfile.ZipFile(self.path) as archive:
            for member in self.members.values():
                _check_member(archive, self.path, member)


def open_archive(path: Path | str) -> Archive:
    """Read and check the directory of a package.

    Raises:
        InputError: if the file is missing or not a package; the message says what it is instead.
        DamagedError: if it is one, but damaged or ambiguous.
    """
    path = Path(path)
    kind = sniff(path, "package")
    if kind is Kind.BROKEN_ZIP:
        size = path.stat().st_size
        raise DamagedError(
            f"the archive has no readable directory in its {size} bytes", where=path, remedy=_AGAIN
        )
    if kind is not Kind.PACKAGE:
        hint = (
            "build a package from it with `nequip-pack build`"
            if kind is Kind.CHECKPOINT
            else "check the path"
        )
        raise InputError(f"this is {kind.value}, not a package", where=path, remedy=hint)
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
    prefix = _prefix(path, infos)
    return Archive(path, prefix, _members(path, prefix, infos))


def _prefix(path: Path, infos: list[zipfile.ZipInfo]) -> str:
    prefixes = sorted({info.filename.partition("/")[0] for info in infos})
    if len(prefixes) != 1 or not prefixes[0]:
        raise DamagedError(
            f"the archive has {len(prefixes)} top-level entries instead of one folder", where=path
        )
    return prefixes[0]


def _members(path: Path, prefix: str, infos: list[zipfile.ZipInfo]) -> dict[str, Member]:
    members: dict[str, Member] = {}
    seen: dict[str, str] = {}
    for info in infos:
        if info.is_dir():
            continue
        name = info.filename[len(prefix) + 1 :]
        _check_name(path, info)
        if (other := seen.setdefault(name.lower(), name)) is not name:
            raise DamagedError(f"two members share one name: {other} and {name}", where=path, remedy=_AGAIN)
        members[name] = Member(name, info.filename, info.file_size)
    return members


def _check_name(path: Path, info: zipfile.ZipInfo) -> None:
    parts = info.filename.split("/")
    if (
        any(part in ("", ".", "..") for part in parts)
        or "\\" in info.orig_filename
        or "\x00" in info.orig_filename
    ):
        raise DamagedError(f"a member's name leads out of the archive: {info.filename!r}", where=path)
    if info.compress_type not in _METHODS or info.flag_bits & 0x1:
        raise DamagedError(
            f"the member {info.filename} is packed in a way that torch cannot read", where=path
        )


def _read_member(archive: zipfile.ZipFile, path: Path, member: Member) -> bytes:
    try:
        return archive.read(member.full_path)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise _damaged(path, member, error) from error


def _check_member(archive: zipfile.ZipFile, path: Path, member: Member) -> None:
    try:
        with archive.open(member.full_path) as stream:
            while stream.read(1 << 20):
                pass
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise _damaged(path, member, error) from error


def _damaged(path: Path, member: Member, error: Exception) -> DamagedError:
    return DamagedError(f"the member {member.path} is damaged", where=path, why=str(error), remedy=_AGAIN)

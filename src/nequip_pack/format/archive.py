"""A strict reader of package archives, without torch; no code of the package runs.

torch and other readers disagree on odd archives (duplicate names, names that differ by case), so these are
refused; and torch checks no CRC-32 (``MINIZ_DISABLE_ZIP_READER_CRC32_CHECKS``), so it is checked here.
"""

from __future__ import annotations

import os
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nequip_pack.errors import DamagedError, InputError
from nequip_pack.format import names
from nequip_pack.format.sniff import Kind, sniff
from nequip_pack.format.zipdir import DEFLATED, STORED, Entry, read_entries
from nequip_pack.format.zipend import AGAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO, Protocol

    class Sealed(Protocol):
        """A file that is opened once and stays what it was."""

        digest: str
        failure: DamagedError | None

        def open(self) -> BinaryIO:
            """A stream of it."""
            ...


MEMBER_LIMIT: Final = 64 * 1024 * 1024
"""The most bytes that one member read as text or metadata may unpack to."""

SOURCE_LIMIT: Final = 256 * 1024
"""The most bytes of a Python source that is parsed: its tree may take a thousand times as many."""

RATIO_LIMIT: Final = 100
"""How many times its packed size a member may unpack to, beyond a megabyte; source text reaches about 10."""

_CHUNK: Final = 1 << 20
_DOS_FOLDER: Final = 0x10
_DOS_KINDS: Final = _DOS_FOLDER | 0x08  # the latter names a disk


@dataclass(frozen=True, slots=True)
class Member:
    """One member: ``path`` below the prefix, its unpacked ``size`` in bytes, and its CRC-32."""

    path: str
    full_path: str
    size: int
    crc: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Archive:
    """The checked directory of a package.

    Attributes:
        path: the file.
        prefix: the one top-level folder, ``archive`` for what nequip-pack writes.
        members: by path below the prefix, in the order of the archive.
        sealed: the file, if it was opened once for all; else each read opens it anew.
    """

    path: Path
    prefix: str
    members: dict[str, Member]
    sealed: Sealed | None = None

    def open(self) -> BinaryIO:
        """A stream of the file."""
        return self.path.open("rb") if self.sealed is None else self.sealed.open()

    def read(self, name: str, limit: int = MEMBER_LIMIT) -> bytes:
        """The content of one member, its CRC-32 checked.

        Raises:
            DamagedError: if it is missing, larger than ``limit``, or does not match its CRC-32.
        """
        member = self.members.get(name)
        if member is None:
            raise DamagedError(f"the archive has no member {name}", where=self.path, remedy=AGAIN)
        if member.size > limit:
            what = f"the member {name} claims {member.size} bytes"
            raise DamagedError(what, where=self.path, remedy=AGAIN)
        return b"".join(self.pieces(member))

    def pieces(self, member: Member) -> Iterator[bytes]:
        """The same of a member of any size, in pieces of about a megabyte.

        Raises:
            DamagedError: at the end, if it does not match its CRC-32.
        """
        with self.open() as stream:
            yield from _checked(self.path, stream, member)

    def check_content(self) -> None:
        """Compare every member with its CRC-32, as torch does not.

        Raises:
            DamagedError: naming the first member that does not match.
        """
        with self.open() as stream:
            for member in self.members.values():
                for _ in _checked(self.path, stream, member):
                    pass


def open_archive(path: Path | str, seal: Callable[[Path], Sealed] | None = None) -> Archive:
    """Read and check the directory of a package.

    Args:
        path: the file; what it holds counts, not its name.
        seal: opens the file once for all.

    Raises:
        InputError: if the file is missing or not a package; the message says what it is instead.
        DamagedError: if it is one, but damaged or ambiguous.
    """
    path = Path(path)
    kind = sniff(path, "package")
    if kind not in (Kind.PACKAGE, Kind.BROKEN_ZIP):
        remedy = "check the path"
        if kind is Kind.CHECKPOINT:
            remedy = "build a package from it with `nequip-pack build`"
        raise InputError(f"this is {kind.value}, not a package", where=path, remedy=remedy)
    return read_directory(path, "package", None if seal is None else seal(path))


def read_directory(path: Path, role: str, sealed: Sealed | None = None) -> Archive:
    """Read and check the directory of any file that torch writes in its zip format: checkpoints are such too.

    Args:
        path: the file.
        role: what the file should be, for messages.
        sealed: the file, if it is opened once for all.

    Raises:
        InputError: if the file cannot be read.
        DamagedError: if it is damaged or ambiguous.
    """
    try:
        with path.open("rb") if sealed is None else sealed.open() as stream:
            entries = read_entries(path, stream)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise InputError(f"the {role} cannot be read", where=path, why=why) from error
    prefix = _prefix(path, entries)
    return Archive(path, prefix, _members(path, prefix, entries), sealed)


def _prefix(path: Path, entries: list[Entry]) -> str:
    prefixes = sorted({entry.name.partition("/")[0] for entry in entries})
    if len(prefixes) != 1 or not prefixes[0]:
        what = f"the archive has {len(prefixes)} top-level entries instead of one folder"
        raise DamagedError(what, where=path)
    return prefixes[0]


def _members(path: Path, prefix: str, entries: list[Entry]) -> dict[str, Member]:
    for entry in entries:
        _check_entry(path, entry)
    files = [entry for entry in entries if not entry.is_folder]
    folders = (entry.name.removesuffix("/") for entry in entries if entry.is_folder)
    if problem := names.clash((entry.name for entry in files), folders):
        raise DamagedError(problem, where=path, remedy=AGAIN)
    start = len(prefix) + 1
    members = (Member(file.name[start:], file.name, file.size, file.crc, file) for file in files)
    return {member.path: member for member in members}


def _check_entry(path: Path, entry: Entry) -> None:
    if problem := names.problem(entry.name.removesuffix("/")):
        raise DamagedError(f"the member's name {entry.name!r} {problem}", where=path)
    if not _is_of_its_kind(entry):
        what = f"{entry.name} is no plain {'folder' if entry.is_folder else 'file'}"
        why = f"{entry.size} bytes, attributes {entry.attributes:#010x}"
        raise DamagedError(what, where=path, why=why, remedy="do not use this file")
    if entry.size > RATIO_LIMIT * entry.packed + _CHUNK:
        what = f"the member {entry.name} would grow from {entry.packed} to {entry.size} bytes"
        raise DamagedError(what, where=path, why="a zip bomb", remedy="do not use this file")


def _is_of_its_kind(entry: Entry) -> bool:
    """Whether size and attributes are those of what the name says: a folder without content, or a file."""
    kind, marks = stat.S_IFMT(entry.attributes >> 16), entry.attributes & _DOS_KINDS
    if entry.is_folder:
        empty = (entry.method, entry.crc, entry.packed, entry.size) == (STORED, 0, 0, 0)
        return empty and kind in (0, stat.S_IFDIR) and marks in (0, _DOS_FOLDER)
    return kind in (0, stat.S_IFREG) and not marks


def _checked(path: Path, stream: BinaryIO, member: Member) -> Iterator[bytes]:
    """The content in pieces; raises at the end if size or CRC-32 are not those of the directory."""
    crc = size = 0
    try:
        for piece in _pieces(stream, member.entry):
            crc = zlib.crc32(piece, crc)
            size += len(piece)
            if size > member.size:
                break
            yield piece
    except (zlib.error, OSError) as error:
        raise _damaged(path, member, str(error)) from error
    if (size, crc) != (member.size, member.crc):
        raise _damaged(path, member, "its content does not match its CRC-32")


def _pieces(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    stream.seek(entry.start)
    left = entry.packed
    unpack = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == DEFLATED else None
    while left > 0:
        piece = stream.read(min(left, _CHUNK))
        if not piece:
            return
        left -= len(piece)
        while unpack is not None and piece:
            yield unpack.decompress(piece, _CHUNK)
            piece = unpack.unconsumed_tail
        if unpack is None:
            yield piece
    if unpack is not None:
        yield unpack.flush()


def _damaged(path: Path, member: Member, why: str) -> DamagedError:
    return DamagedError(f"the member {member.path} is damaged", where=path, why=why, remedy=AGAIN)

"""The end of a zip archive: where its directory is, and what a file without one has suffered."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nequip_pack.errors import DamagedError
from nequip_pack.format.zipcut import UNSET, Whole, whole_size

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

MEMBER_COUNT_LIMIT: Final = 50_000
"""The most members that an archive may have; a package has a few hundred."""

AGAIN: Final = "get the file again from where it came"
_END: Final = struct.Struct("<4sHHHHIIH")
_LOCATOR: Final = struct.Struct("<4sIQI")
_END64: Final = struct.Struct("<4sQHHIIQQQQ")
_END_MARK: Final = b"PK\x05\x06"
_ENTRY_SIZE: Final = 46
_DIRECTORY_LIMIT: Final = 512 * MEMBER_COUNT_LIMIT
_SEARCHED: Final = 1 << 20
_MADE_BY_64: Final = (45, 0x031E, 0x032D)


@dataclass(frozen=True, slots=True)
class End:
    """Where the central directory is: ``offset`` and ``size`` in bytes, and its number of entries."""

    offset: int
    size: int
    count: int


def read_end(path: Path, stream: BinaryIO) -> End:
    """Find the central directory; nothing may stand before the archive or behind it.

    Raises:
        DamagedError: if the file is cut short, has more bytes than the archive, or contradicts itself.
    """
    total = stream.seek(0, os.SEEK_END)
    tail = _read(stream, max(0, total - _END.size), _END.size)
    if len(tail) < _END.size or not tail.startswith(_END_MARK) or tail[-2:] != b"\0\0":
        raise _without_end(path, stream, total)
    fields = _END.unpack(tail)
    end, stop = _end64(path, stream, total - _END.size, fields)
    if end.offset + end.size != stop or end.size < _ENTRY_SIZE * end.count:
        raise DamagedError(_misplaced(stream, total, end, stop), where=path, remedy=AGAIN)
    if end.count > MEMBER_COUNT_LIMIT or end.size > _DIRECTORY_LIMIT:
        what = f"the archive has {end.count} members, more than the {MEMBER_COUNT_LIMIT} that are read"
        raise DamagedError(what, where=path)
    return end


def _end64(
    path: Path, stream: BinaryIO, position: int, fields: tuple[bytes, int, int, int, int, int, int, int]
) -> tuple[End, int]:
    """The directory's place, and the position where it must stop."""
    _, disk, start_disk, here, count, size, offset, _ = fields
    start = position - _LOCATOR.size - _END64.size
    found = _read(stream, max(0, start), _END64.size + _LOCATOR.size) if start >= 0 else b""
    if found[_END64.size : _END64.size + 4] != b"PK\x06\x07":
        if (disk, start_disk) != (0, 0) or here != count or UNSET in (size, offset):
            raise _contradiction(path)
        return End(offset, size, count), position
    _, locator_disk, record, disks = _LOCATOR.unpack(found[_END64.size :])
    mark, length, made, needed, disk64, start64, here64, count64, size64, offset64 = _END64.unpack(
        found[: _END64.size]
    )
    same = all(
        small in (large, limit)
        for small, large, limit in (
            (count, count64, 0xFFFF),
            (here, count64, 0xFFFF),
            (size, size64, UNSET),
            (offset, offset64, UNSET),
        )
    )
    exact = (mark, length, needed) == (b"PK\x06\x06", _END64.size - 12, 45) and record == offset64 + size64
    single = (disk, start_disk, locator_disk, disks, disk64, start64, here64) == (0, 0, 0, 1, 0, 0, count64)
    if not (same and exact and single and made in _MADE_BY_64):
        raise _contradiction(path)
    return End(offset64, size64, count64), start


def _misplaced(stream: BinaryIO, total: int, end: End, stop: int) -> str:
    """What a file has suffered whose end tells of a directory that does not stop at ``stop``."""
    extra = stop - end.offset - end.size
    if extra == 0 or _read(stream, max(0, stop - end.size), 4) != b"PK\x01\x02":
        return "the archive's directory is not there"
    if extra < 0:
        return f"bytes are missing before the end of the archive: {total} of {total - extra} are there"
    whole = whole_size(stream, total)
    if whole is not None and whole.size > total:
        return _truncated(total, whole)  # the end that was found is that of an archive inside
    return f"{extra} bytes stand before the archive"


def _without_end(path: Path, stream: BinaryIO, total: int) -> DamagedError:
    whole, zeros = whole_size(stream, total), _zeros(stream, total)
    if whole is not None and whole.size < total:
        what = f"{total - whole.size} bytes follow the end of the archive"
    elif whole is not None and whole.size == total:
        return _contradiction(path)
    elif zeros > _END.size:
        what = f"the end of the file is missing: its last {zeros} of {total} bytes or more are zeros"
    elif whole is not None:
        what = _truncated(total, whole)
    else:
        what = f"the file has no end of an archive: it is damaged, or truncated at {total} bytes"
    return DamagedError(what, where=path, remedy=AGAIN)


def _truncated(total: int, whole: Whole) -> str:
    known = f"{whole.size}" if whole.exact else f"at least {whole.size}"
    return f"the file is truncated: {total} of {known} bytes are there"


def _zeros(stream: BinaryIO, total: int) -> int:
    """How many zeros a file ends in, as far as its last part tells."""
    tail = _read(stream, max(0, total - _SEARCHED), _SEARCHED)
    return len(tail) - len(tail.rstrip(b"\0"))


def _contradiction(path: Path) -> DamagedError:
    return DamagedError("the end of the archive contradicts itself", where=path, remedy=AGAIN)


def _read(stream: BinaryIO, position: int, size: int) -> bytes:
    stream.seek(position)
    return stream.read(size)

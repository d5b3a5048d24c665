"""The members of a zip archive, every byte of the file accounted for.

A reader that trusts the central directory and one that trusts the headers before each member see different
files in a damaged or forged archive (CVE-2025-54368 is of that class). Here both must say the same, members
follow each other without a gap, and padding is what torch's writer pads with (``FB``, then ``Z``:
``caffe2/serialize/inline_container.cc``, ``getPadding``), so that a flipped bit in a header shows.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nequip_pack.errors import DamagedError
from nequip_pack.format.zipcut import DESCRIPTOR, LOCAL, UNSET
from nequip_pack.format.zipend import AGAIN, read_end

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

STORED: Final = 0
DEFLATED: Final = 8
NAME_LIMIT: Final = 1024
"""The most bytes of a member's name."""

FOLDER_LIMIT: Final = 50
"""The most folders that a member lies in."""

PART_LIMIT: Final = 255
"""The most bytes between two slashes of it; no file system takes more."""

_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_UTF8 = 0x0800
_FLAGS: Final = _UTF8 | DESCRIPTOR | 0x0006
_PADDING: Final = 0x4246
_ZIP64: Final = 0x0001
_EXTRAS: Final = frozenset({_ZIP64, _PADDING, 0x5455, 0x7875, 0x000A})
_ZIPFILE: Final = (0x0314, 0o600 << 16)
"""Version and attributes that Python's zipfile writes, which adds members to archives of another writer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as both of its headers describe it.

    Attributes:
        header: offset of the header before it in the file.
        start: offset of its content.
        attributes: as the directory has them; a Unix mode in the upper half.
    """

    name: str
    method: int
    crc: int
    packed: int
    size: int
    header: int
    start: int
    attributes: int

    @property
    def is_folder(self) -> bool:
        """Whether the entry is a folder."""
        return self.name.endswith("/")


@dataclass(frozen=True, slots=True)
class _Central:
    raw_name: bytes
    kept: tuple[int, ...]
    crc: int
    packed: int
    size: int
    header: int
    writer: tuple[int, int]


def read_entries(path: Path, stream: BinaryIO) -> list[Entry]:
    """The members in the order of the directory.

    Raises:
        DamagedError: naming what contradicts what.
    """
    end = read_end(path, stream)
    stream.seek(end.offset)
    records = list(_records(path, stream.read(end.size), end.count))
    in_order = sorted(records, key=lambda record: record.header)
    stops = [record.header for record in in_order[1:]] + [end.offset]
    if in_order and in_order[0].header != 0:
        raise DamagedError("something stands before the first member", where=path, remedy=AGAIN)
    found = {
        record.header: _entry(path, stream, record, stop)
        for record, stop in zip(in_order, stops, strict=True)
    }
    writers = {record.writer for record in records if not record.raw_name.endswith(b"/")}
    if len(writers - {_ZIPFILE}) > 1:
        raise DamagedError("the directory's entries are not of one writer", where=path, remedy=AGAIN)
    return [found[record.header] for record in records]


def _records(path: Path, data: bytes, count: int) -> Iterator[_Central]:
    position = 0
    for _ in range(count):
        if position + _CENTRAL.size > len(data):
            raise _disagree(path, "")
        fields = _CENTRAL.unpack_from(data, position)
        mark, made, *kept, crc, packed, size, n_name, n_extra, n_comment, disk, internal, external, header = (
            fields
        )
        name_end = position + _CENTRAL.size + n_name
        name = data[position + _CENTRAL.size : name_end]
        if mark != b"PK\x01\x02" or n_comment or disk or internal > 1 or len(name) < n_name:
            raise _disagree(path, name.decode(errors="replace"))
        extra = data[name_end : name_end + n_extra]
        packed, size, header = _widened(path, name, extra, (packed, size, header))
        yield _Central(name, tuple(kept), crc, packed, size, header, (made, external))
        position = name_end + n_extra
    if position != len(data):
        raise DamagedError("the directory has more bytes than entries", where=path, remedy=AGAIN)


def _widened(path: Path, name: bytes, extra: bytes, values: tuple[int, int, int]) -> tuple[int, int, int]:
    """Packed size, size and offset; those that 32 bits do not hold are in an extra field, size first."""
    wide = b"".join(content for kind, content in _extras(path, name, extra) if kind == _ZIP64)
    packed, size, header = values
    numbers = iter(struct.unpack(f"<{len(wide) // 8}Q", wide[: len(wide) // 8 * 8]))
    try:
        size = next(numbers) if size == UNSET else size
        packed = next(numbers) if packed == UNSET else packed
        header = next(numbers) if header == UNSET else header
    except StopIteration:
        raise _disagree(path, name.decode(errors="replace")) from None
    return packed, size, header


def _extras(path: Path, name: bytes, extra: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(extra):
        if position + 4 > len(extra):
            raise _disagree(path, name.decode(errors="replace"))
        kind, size = struct.unpack_from("<HH", extra, position)
        content = extra[position + 4 : position + 4 + size]
        padding_is_odd = kind == _PADDING and content.strip(b"Z")
        if kind not in _EXTRAS or len(content) < size or padding_is_odd:
            raise _disagree(path, name.decode(errors="replace"))
        yield kind, content
        position += 4 + size


def _entry(path: Path, stream: BinaryIO, record: _Central, stop: int) -> Entry:
    """Compare the header before a member, and what stands behind it, with the directory."""
    name = _text(path, record)
    stream.seek(record.header)
    head = stream.read(LOCAL.size)
    if len(head) < LOCAL.size:
        raise _disagree(path, name)
    mark, *kept, crc, packed, size, n_name, n_extra = LOCAL.unpack(head)
    rest = stream.read(n_name + n_extra)
    if mark != b"PK\x03\x04" or tuple(kept) != record.kept or rest[:n_name] != record.raw_name:
        raise _disagree(path, name)
    wide = [c for kind, c in _extras(path, record.raw_name, rest[n_name:]) if kind == _ZIP64]
    claims = (record.crc, record.packed, record.size)
    start = record.header + LOCAL.size + n_name + n_extra
    flags, method = record.kept[1], record.kept[2]
    if flags & ~_FLAGS or method not in (STORED, DEFLATED):
        what = f"the member {name} is packed in a way that torch cannot read"
        raise DamagedError(what, where=path)
    if flags & DESCRIPTOR:
        stream.seek(start + record.packed)
        whole = (crc, packed, size) in ((0, 0, 0), claims, (0, UNSET, UNSET)) and _is_descriptor(
            stream.read(max(0, min(stop - start - record.packed, 25))), claims
        )
    else:
        whole = _is_claim((crc, packed, size), claims, wide) and start + record.packed == stop
    if not whole or (method == STORED and record.packed != record.size):
        raise _disagree(path, name)
    return Entry(name, method, record.crc, record.packed, record.size, record.header, start, record.writer[1])


def _is_descriptor(data: bytes, claims: tuple[int, int, int]) -> bool:
    data = data.removeprefix(b"PK\x07\x08")
    return data in (struct.pack(form, *claims) for form in ("<III", "<IQQ") if _fits(form, claims))


def _fits(form: str, claims: tuple[int, int, int]) -> bool:
    return form == "<IQQ" or max(claims) <= UNSET


def _is_claim(local: tuple[int, int, int], claims: tuple[int, int, int], wide: list[bytes]) -> bool:
    if local == claims:
        return True
    sizes = struct.pack("<QQ", claims[2], claims[1])
    return local == (claims[0], UNSET, UNSET) and wide == [sizes]


def _text(path: Path, record: _Central) -> str:
    parts = record.raw_name.split(b"/")
    if len(record.raw_name) > NAME_LIMIT or len(parts) > FOLDER_LIMIT or max(map(len, parts)) > PART_LIMIT:
        what = f"a member's name has {len(record.raw_name)} bytes in {len(parts)} parts, more than are read"
        raise DamagedError(what, where=path, remedy=AGAIN)
    try:
        return record.raw_name.decode("utf-8" if record.kept[1] & _UTF8 else "ascii")
    except UnicodeDecodeError as error:
        raise DamagedError("a member's name is no text", where=path, why=str(error), remedy=AGAIN) from error


def _disagree(path: Path, name: str) -> DamagedError:
    member = f" of the member {name}" if name else ""
    return DamagedError(f"the headers{member} are damaged or contradict each other", where=path, remedy=AGAIN)

"""How large an archive should be that lacks its end, learnt by reading it from its start.

The end of an archive inside the archive (a checkpoint that is one of its members, say) is not taken for its
own: members are passed over by their size. torch's writer puts the size behind a member, not before it
(``caffe2/serialize/inline_container.cc``), where it is known by being the distance from the member's start.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import BinaryIO

LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
"""The header in front of a member."""

UNSET: Final = 0xFFFFFFFF
"""A size or place that a field of 64 bits tells."""

DESCRIPTOR: Final = 0x0008
"""The flag of a member whose sizes stand behind it."""

_CENTRAL_SIZE: Final = 46
_LENGTHS: Final = struct.Struct("<28x3H")
_DESCRIPTOR_MARK: Final = b"PK\x07\x08"
_END_SIZE: Final = 22
_ENDS: Final = {b"PK\x05\x06": _END_SIZE, b"PK\x06\x06": 76 + _END_SIZE}
_CHUNK: Final = 1 << 20
_STEP_LIMIT: Final = 1_000_000
"""How many headers, and marks that may be one, are looked at before the file is given up."""


@dataclass(frozen=True, slots=True)
class Whole:
    """The ``size`` of the whole archive in bytes; the least that it can be, unless it is ``exact``."""

    size: int
    exact: bool


class _OddError(Exception):
    """The file is no sequence of members and their directory."""


def whole_size(stream: BinaryIO, total: int) -> Whole | None:
    """The size that the archive at the start of a file has when it is whole.

    Args:
        stream: the file.
        total: its size in bytes.

    Returns:
        ``None`` where the file does not start with an archive, cut short or not.
    """
    try:
        return _Walk(stream, total).whole()
    except _OddError:
        return None


class _Walk:
    def __init__(self, stream: BinaryIO, total: int) -> None:
        self._stream = stream
        self._total = total
        self._steps = 0

    def whole(self) -> Whole:
        """Pass over the members; ``listed`` is how much the directory must have for them."""
        position = listed = 0
        while (head := self._read(position, LOCAL.size)).startswith(b"PK\x03\x04"):
            if len(head) < LOCAL.size:
                return self._least(position + LOCAL.size, listed)
            listed += _CENTRAL_SIZE + LOCAL.unpack(head)[9]
            stop = self._stop(position, head)
            if stop > self._total:
                return self._least(stop, listed)
            position = stop
        if not position:
            raise _OddError
        if len(head) < 4:
            return self._least(position, listed)
        return self._from_directory(position, listed)

    def _from_directory(self, position: int, listed: int) -> Whole:
        first = position
        while (head := self._read(position, _CENTRAL_SIZE)).startswith(b"PK\x01\x02"):
            if len(head) < _CENTRAL_SIZE:
                return self._least(first, listed)
            position += _CENTRAL_SIZE + sum(_LENGTHS.unpack_from(head))
            if position > self._total:
                return self._least(position, max(0, first + listed - position))
        if (size := _ENDS.get(head[:4])) is not None:
            return Whole(position + size, True)
        if len(head) < 4:
            return self._least(position, max(0, first + listed - position))
        raise _OddError

    def _stop(self, position: int, head: bytes) -> int:
        """Where a member ends, its descriptor included; behind the file's end if that is not in the file."""
        _, _, flags, _, _, _, _, packed, _, n_name, n_extra = LOCAL.unpack(head)
        start = position + LOCAL.size + n_name + n_extra
        if flags & DESCRIPTOR:
            return self._behind_descriptor(start)
        if packed == UNSET:
            raise _OddError
        return int(start + packed)

    def _behind_descriptor(self, start: int) -> int:
        position, kept = start, b""
        while position < self._total:
            data = kept + self._read(position, _CHUNK)
            place = position - len(kept)
            found = data.find(_DESCRIPTOR_MARK)
            while found >= 0:
                if size := self._descriptor_size(place + found, start):
                    return place + found + size
                found = data.find(_DESCRIPTOR_MARK, found + 1)
            position += _CHUNK
            kept = data[-3:]
        return self._total + 1

    def _descriptor_size(self, place: int, start: int) -> int:
        """The size of the descriptor at ``place``; 0 if there is none for a member from ``start`` on."""
        record, packed = self._read(place, 24), place - start
        if packed and record[8:16] == struct.pack("<Q", packed):
            return 24
        return 16 if packed <= UNSET and record[8:12] == struct.pack("<I", packed) else 0

    def _least(self, position: int, listed: int) -> Whole:
        return Whole(position + listed + _END_SIZE, False)

    def _read(self, position: int, size: int) -> bytes:
        self._steps += 1
        if self._steps > _STEP_LIMIT:
            raise _OddError
        self._stream.seek(position)
        return self._stream.read(size)

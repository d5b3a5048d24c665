"""The bytes of a pickle, taken piece by piece; none is taken that is not there."""

from __future__ import annotations

from typing import Final

from nequip_pack.pickles.values import BadPickle, NoOperation

_LINE_LIMIT: Final = 1 << 20


class Cursor:
    """A place in bytes.

    Attributes:
        data: all bytes.
        pos: where the next piece starts.
        start: where the current opcode is.
        limit: where the frame ends that the next piece must lie in, else the end of the bytes.
    """

    __slots__ = ("data", "limit", "pos", "start")

    def __init__(self, data: bytes, pos: int = 0) -> None:
        self.data = data
        self.pos = self.start = pos
        self.limit = len(data)

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        begin, end = self.pos, self.pos + size
        if end > self.limit:
            self._leave_frame(end)
        self.pos = end
        return self.data[begin:end]

    def byte(self) -> int:
        """The next byte."""
        place = self.pos
        if place >= self.limit:
            self._leave_frame(place + 1)
        self.pos = place + 1
        return self.data[place]

    def number(self, size: int) -> int:
        """An unsigned whole number of ``size`` bytes."""
        return int.from_bytes(self.take(size), "little")

    def sized(self, size: int) -> bytes:
        """Bytes after their number, which has ``size`` bytes itself."""
        return self.take(self.number(size))

    def line(self) -> bytes:
        """The bytes up to a line end."""
        end = self.data.find(b"\n", self.pos, self.pos + _LINE_LIMIT)
        if end < 0:
            is_cut = len(self.data) - self.pos <= _LINE_LIMIT
            raise (NoOperation if is_cut else BadPickle)("a line in it does not end")
        return self.take(end + 1 - self.pos)[:-1]

    def frame(self, size: int) -> None:
        """Enter a frame; what lies in it may not cross its end, as Python's own unpickler demands."""
        if self.limit != len(self.data) and self.start < self.limit:
            raise BadPickle("a frame begins inside another")
        end = self.pos + size
        if end > len(self.data):
            raise BadPickle("a frame is longer than the pickle")
        self.limit = end

    def _leave_frame(self, end: int) -> None:
        if self.start < self.limit != len(self.data):
            raise BadPickle("a value crosses the end of its frame")
        self.limit = len(self.data)
        if end > self.limit:
            raise NoOperation("it ends early, or claims a size that it does not have")

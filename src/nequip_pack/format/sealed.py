"""A package that is opened once. What is read of it later is what was read first, or an error.

A path may mean another file a moment later, and a file may be changed in place. So an audit and the load that
it allows share one open file, and each block of it must still have the hash that it had at first.
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nequip_pack.errors import DamagedError, InputError
from nequip_pack.format.archive import open_archive

if TYPE_CHECKING:
    from typing import BinaryIO

    from nequip_pack.format.archive import Archive

_BLOCK: Final = 1 << 20


class Seal:
    """An open file with the hashes of its blocks.

    Args:
        path: the file.

    Attributes:
        digest: SHA-256 over these hashes, of 64 hexadecimal digits.
        failure: the error, once a block was not what it was; torch reports others in its place.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb", buffering=0)
            self.size = os.fstat(self._file.fileno()).st_size
            self._hashes = [self._hash(place) for place in range(0, self.size, _BLOCK)]
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise InputError("the package cannot be read", where=path, why=why) from error
        self.digest = hashlib.sha256(b"".join(self._hashes)).hexdigest()
        self.failure: DamagedError | None = None
        self._last: tuple[int, bytes] = (-1, b"")

    def open(self) -> BinaryIO:
        """A stream of the file from its start."""
        return io.BufferedReader(_Stream(self), _BLOCK)

    def read(self, place: int, size: int) -> bytes:
        """Bytes of one block.

        Raises:
            DamagedError: if the block is not what it was.
        """
        number = place // _BLOCK
        if self._last[0] != number:
            content = self._block(number * _BLOCK)
            if hashlib.sha256(content).digest() != self._hashes[number]:
                what = "the file was changed while it was read"
                self.failure = DamagedError(what, where=self.path, remedy="copy it, then start again")
                raise self.failure
            self._last = (number, content)
        start = place % _BLOCK
        return self._last[1][start : start + size]

    def _block(self, place: int) -> bytes:
        self._file.seek(place)
        wanted = min(_BLOCK, self.size - place)
        pieces = []
        while wanted and (piece := self._file.read(wanted)):
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def _hash(self, place: int) -> bytes:
        return hashlib.sha256(self._block(place)).digest()


class _Stream(io.RawIOBase):
    """A place in a sealed file."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._place = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._seal.size}[whence]
        self._place = max(base + offset, 0)
        return self._place

    def readinto(self, buffer: object) -> int:
        """Fill a buffer, no further than to the end of a block."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        content = self._seal.read(self._place, len(view)) if self._place < self._seal.size else b""
        view[: len(content)] = content
        self._place += len(content)
        return len(content)


def open_sealed(path: Path) -> Archive:
    """Open a package once, for all that is read of it.

    Raises:
        NequipPackError: as :func:`nequip_pack.format.archive.open_archive`.
    """
    return open_archive(path, Seal)

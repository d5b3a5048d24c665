"""A stream for ``torch._C.PyTorchFileWriter`` that never raises.

The writer calls ``write`` from C++, from a destructor among others. An exception there ends the process with
SIGABRT (pytorch issue 156955; torch 2.7 to 2.14), so a full disk would kill it. The sink keeps the first
error instead; whoever exports asks for it afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO


class Sink:
    """Passes writes on to ``stream`` until the first error.

    Attributes:
        error: the first error.
        size: how many bytes were to be written, whether they were or not.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.error: Exception | None = None
        self.size = 0

    def write(self, data: bytes | memoryview) -> int:
        """Take all of ``data``; after an error nothing is written any more."""
        size = memoryview(data).nbytes
        self.size += size
        if self.error is None:
            try:
                self._stream.write(data)
            except Exception as error:
                self.error = error
        return size

    def flush(self) -> None:
        """Flush the stream, keeping the error if that fails."""
        if self.error is None:
            try:
                self._stream.flush()
            except Exception as error:
                self.error = error

    def check(self) -> None:
        """Raise the first error, if there was one."""
        if self.error is not None:
            raise self.error


class NullSink:
    """Takes everything and keeps nothing."""

    def write(self, data: bytes | memoryview) -> int:
        """Count the bytes only."""
        return memoryview(data).nbytes

    def flush(self) -> None:
        """Nothing to do."""

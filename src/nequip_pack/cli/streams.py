"""The standard streams of a command: closed, full or broken ones stop no work, and decide how it ends.

What goes to standard output or error never raises, wherever it comes from: a model that prints must not end
a build because nobody reads. The first error is kept, and whoever runs the command asks for it at the end.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

BROKEN_PIPE = 141
"""What a shell calls the end of a program that SIGPIPE (13) has stopped."""


class Kept(io.RawIOBase):
    """Passes bytes on to ``raw`` until the first error, which it keeps in ``error``.

    Args:
        raw: the stream; without one there is an error from the start.
    """

    def __init__(self, raw: io.RawIOBase | None) -> None:
        self._raw = raw
        self.error = None if raw is not None else OSError(errno.EBADF, "it is closed")

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._raw is not None and self._raw.isatty()

    def fileno(self) -> int:
        """The descriptor, for processes that are to share it."""
        if self._raw is None:
            raise io.UnsupportedOperation("fileno")
        return self._raw.fileno()

    def write(self, data: ReadableBuffer, /) -> int:
        """Take ``data``; after an error nothing is written any more."""
        while self._raw is not None and self.error is None:
            try:
                done = self._raw.write(data)
                if done is not None:
                    return done
                select.select([], [self._raw], [])  # whoever shares it has made it non-blocking
            except OSError as error:
                self.error = error
        return memoryview(data).nbytes


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of this process; ``output`` is ``None`` where somebody else looks after standard output."""

    output: Kept | None

    def problem(self) -> OSError | None:
        """Why not everything that was printed could be written, if so."""
        if self.output is None:
            return None
        sys.stdout.flush()
        return self.output.error


def guard() -> Streams:
    """Take the streams in charge, at the start of a command.

    Descriptors that are closed are opened on the null device first: the next file to be opened would get
    their number, and with it all that is printed.
    """
    _fill()
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        sys.stderr = _text(Kept(_raw(sys.stderr)), sys.stderr)
    if sys.stdout is not None and sys.stdout is not sys.__stdout__:
        return Streams(None)
    output = Kept(_raw(sys.stdout))
    sys.stdout = _text(output, sys.stdout)
    return Streams(output)


def _fill() -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(os.devnull, os.O_RDWR)
        while descriptor <= 2:
            os.set_inheritable(descriptor, True)
            descriptor = os.open(os.devnull, os.O_RDWR)
        os.close(descriptor)


def _raw(stream: TextIO | None) -> io.RawIOBase | None:
    """The unbuffered stream below a text stream, which is the whole of it under ``python -u``."""
    if stream is None:
        return None
    stream.flush()
    buffer: Any = stream.buffer
    raw: io.RawIOBase = getattr(buffer, "raw", buffer)
    return raw


def _text(kept: Kept, like: TextIO | None) -> TextIO:
    """A text stream that writes what its encoding does not have as in Python source."""
    return io.TextIOWrapper(
        io.BufferedWriter(kept),
        encoding=like.encoding if like is not None else "utf-8",
        errors="backslashreplace",
        line_buffering=like is None or like.isatty() or like is sys.__stderr__,
    )

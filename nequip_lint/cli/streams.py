"""Standard output and error: an answer that is lost is told, a complaint that is lost changes nothing."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO, cast

from nequip_lint.text import escaped

BROKEN_PIPE = 141
"""What shells report of a process that SIGPIPE ends: 128 + 13."""


class LostAnswerError(Exception):
    """Indicates that standard output could not take the answer; no OSError, which argparse swallows.

    Args:
        error: of the write.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.is_broken_pipe = isinstance(error, BrokenPipeError)


class Output:
    """A stream of text or bytes whose failures cannot be taken for those of other files.

    Args:
        stream: None where the process has none, since it was closed before the start.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, data: Any) -> int:
        """Write all of a text, or of bytes.

        Raises:
            LostAnswerError: the stream is closed, full or broken.
        """
        count: int = self._told(lambda: self._stream.write(data))
        return count

    def flush(self) -> None:
        """Hand over what was written.

        Raises:
            LostAnswerError: the stream is closed, full or broken.
        """
        if self._stream is not None:
            self._told(lambda: self._stream.flush())

    def _told(self, do: Any) -> Any:
        try:
            if self._stream is None:
                raise OSError(errno.EBADF, "it is closed")
            return do()
        except OSError as error:
            raise LostAnswerError(error) from error

    @property
    def buffer(self) -> Output:
        """The same for bytes."""
        return Output(None if self._stream is None else self._stream.buffer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream if self._stream is not None else io.StringIO(), name)


@contextmanager
def streams() -> Iterator[None]:
    """Let failures of standard output be told, and those of standard error be nothing.

    Characters that the encoding of a stream lacks are written as escapes.
    """
    before = sys.stdout, sys.stderr
    for stream in before:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.stdout = cast("TextIO", Output(before[0]))
    if before[1] is None:
        sys.stderr = io.StringIO()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def complain(text: str) -> None:
    """One line on standard error, as far as it takes one."""
    with suppress(OSError, ValueError):
        print(escaped(text), file=sys.stderr, flush=True)


def refuse(text: str) -> None:
    """The line that says why a command did not do its work."""
    from nequip_lint.reports.colour import paint_for

    with suppress(OSError, ValueError):
        start = f"nequip-lint: {paint_for(sys.stderr)('error', 'error:')}"
        print(f"{start} {escaped(text)}", file=sys.stderr, flush=True)


def say(lines: Iterable[str]) -> None:
    """Lines on standard output; nothing in them does anything to a terminal."""
    for line in lines:
        print(escaped(line))


def say_bytes(data: bytes) -> None:
    """Bytes for a program on standard output; a terminal, where people read, gets escaped text instead."""
    if sys.stdout.isatty():
        say(data.decode(errors="backslashreplace").split("\n")[:-1])
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()

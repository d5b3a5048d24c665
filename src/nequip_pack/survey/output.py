"""The file of a survey: a line of JSON for each package, appended as it is done."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nequip_pack.errors import InputError
from nequip_pack.format.jsontext import plain
from nequip_pack.survey.lines import VERSION, Line, line_of
from nequip_pack.writing.draft import failed

if TYPE_CHECKING:
    from types import TracebackType

_START: Final = f'{{"version": {VERSION}, "path": '.encode()


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of a file, of which the last one of a package counts; none where there is no file.

    Raises:
        InputError: for a file that no survey wrote, or that cannot be read.
    """
    try:
        with path.open("rb") as stream:
            for number, text in enumerate(stream, 1):
                if text.endswith(b"\n"):
                    yield _parsed(path, number, text)
    except FileNotFoundError:
        return
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise InputError("the results cannot be read", where=path, why=why) from error


def briefly(line: Line) -> Line:
    """The same without what was found."""
    return replace(line, steps={name: replace(item, content={}) for name, item in line.steps.items()})


class Output:
    """A file that lines are appended to. What a killed survey left of a line is removed first.

    Raises:
        InputError: if the file is none of a survey's.
        OutputError: from every method, if the file system refuses.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._stream = path.open("ab", buffering=0)
            end = _end_of_lines(path)
            if end is not None:
                self._stream.truncate(end)
        except OSError as error:
            raise failed(path, error) from error

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def append(self, line: Line) -> None:
        """Write a line."""
        text = json.dumps(plain(line.as_json()), default=str).encode() + b"\n"
        try:
            while text:
                text = text[self._stream.write(text) :]
        except OSError as error:
            raise failed(self._path, error) from error


def _parsed(path: Path, number: int, text: bytes) -> Line:
    try:
        return line_of(json.loads(text))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        what, remedy = f"line {number} is none of a survey", "give another --output"
        raise InputError(what, where=path, why=str(error), remedy=remedy) from error


def _end_of_lines(path: Path) -> int | None:
    """Where the last whole line ends, if something comes after it."""
    rest = b""
    with path.open("rb") as stream:
        for rest in stream:  # noqa: B007  the last one
            pass
        size = stream.tell()
    if not rest or rest.endswith(b"\n"):
        return None
    if not (rest.startswith(_START) or _START.startswith(rest)):
        what, remedy = "its last line is none of a survey", "give another --output"
        raise InputError(what, where=path, remedy=remedy)
    return size - len(rest)

"""The source line that a finding points at, and the finding's columns in it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from nequip_lint.contents import read_again
from nequip_lint.source.text import Problem, decode
from nequip_lint.values import Finding, Span


def line_of(path: str, number: int) -> str | None:
    """One line of a file, counted from 1; None where the file has no such line."""
    lines = lines_of(path)
    return lines[number - 1] if 0 < number <= len(lines) else None


def lines_of(path: str) -> tuple[str, ...]:
    """The lines of a file, as its encoding has them; none where it cannot be read."""
    try:
        return _lines(_content(Path(path)))
    except OSError:
        return ()


@lru_cache(maxsize=64)
def _lines(data: bytes) -> tuple[str, ...]:
    """The lines of a text, with replacements where it cannot be decoded."""
    text = decode(data)
    if isinstance(text, Problem):
        text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    return tuple(text.split("\n"))


def _content(path: Path) -> bytes:
    """The bytes of a file; one in a package stands below its name, without the folder that holds all."""
    try:
        return read_again(path)
    except NotADirectoryError:
        return _member(str(path))


@lru_cache(maxsize=64)
def _member(path: str) -> bytes:
    import zipfile

    package = next(parent for parent in Path(path).parents if parent.is_file())
    member = Path(path).relative_to(package).as_posix()
    with zipfile.ZipFile(package) as archive:
        return next(archive.read(name) for name in archive.namelist() if name.partition("/")[2] == member)


def in_characters(finding: Finding) -> Span:
    """The region of a finding with columns in characters; `ast`, which rules have them from, counts bytes."""
    span = finding.span
    if not finding.path.endswith(".py"):
        return span
    return span._replace(
        column=_characters(line_of(finding.path, span.line), span.column),
        end_column=_characters(line_of(finding.path, span.end_line), span.end_column),
    )


def _characters(line: str | None, column: int) -> int:
    if line is None or line.isascii():
        return column
    return len(line.encode("utf-8", "surrogatepass")[: column - 1].decode(errors="replace")) + 1

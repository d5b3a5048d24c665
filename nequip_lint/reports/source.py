"""The source line that a finding points at, and the finding's columns in it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from nequip_lint.contents import read_bytes
from nequip_lint.facts.source import Problem, decode
from nequip_lint.values import Finding, Span


def source_lines(path: str) -> tuple[str, ...]:
    """The lines of a file; none where it cannot be read, with replacements where it cannot be decoded."""
    try:
        return _lines(read_bytes(Path(path)))
    except OSError:
        return ()


@lru_cache(maxsize=8)
def _lines(data: bytes) -> tuple[str, ...]:
    text = decode(data)
    if isinstance(text, Problem):
        text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    return tuple(text.split("\n"))


def line_of(path: str, number: int) -> str | None:
    """One line, counted from 1; None where the file has no such line."""
    lines = source_lines(path)
    return lines[number - 1] if 0 < number <= len(lines) else None


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
    return len(line.encode()[: column - 1].decode(errors="replace")) + 1

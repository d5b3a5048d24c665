"""Write suppression comments for findings: at the line's end, or into the comment that is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from nequip_lint.edits.declined import Declined
from nequip_lint.edits.text import Raw, applied, read_raw
from nequip_lint.engine.changes import Change, told
from nequip_lint.errors import LintError
from nequip_lint.facts.of.pragmas import NOQA, OWN, Comment, layout_of
from nequip_lint.values import Edit, Finding

_NEVER = frozenset({"NQ001", "NQ002"})
"""No comment is read in a file that cannot be, and none suppresses what is said of comments."""
_ANY_NOQA = re.compile(r"#\s*noqa\b", re.IGNORECASE)


class Suppressed(NamedTuple):
    """The changed files, the findings that their comments suppress, and those that no comment can."""

    changes: tuple[Change, ...]
    done: tuple[Finding, ...]
    left: tuple[Finding, ...]


def suppressed(findings: Iterable[Finding], reason: str = "") -> Suppressed:
    """Comments that suppress findings, exactly these and nothing else.

    Args:
        findings: of a check.
        reason: written into each new comment.

    Raises:
        LintError: the reason cannot stand in a comment, or a file cannot be changed.
    """
    if reason and (not reason.isprintable() or reason != reason.strip()):
        raise LintError("--reason must be text of one line, without blanks around it")
    listed = list(findings)
    done = [item for item in listed if _can_be(item)]
    changes = (
        _change(Path(path), [item for item in done if item.path == path], reason)
        for path in dict.fromkeys(item.path for item in done)
    )
    left = tuple(item for item in listed if item not in done)
    return Suppressed(tuple(changes), tuple(done), left)


def suppressions(findings: Iterable[Finding], reason: str) -> Iterator[Edit | None]:
    """For each finding the edit that suppresses it alone; None where no comment can.

    Args:
        findings: of a check.
        reason: written into each new comment.
    """
    files: dict[str, _Layout] = {}
    for finding in findings:
        if not _can_be(finding):
            yield None
            continue
        try:
            if finding.path not in files:
                files[finding.path] = _layout(Path(finding.path))
            (edit,) = _edits(files[finding.path], [finding], reason)
        except Declined:
            edit = None
        yield edit


class _Layout(NamedTuple):
    """A file, its comments by line, and the lines that have no room for one."""

    path: Path
    raw: Raw
    comments: dict[int, Comment]
    joined: frozenset[int]


def _can_be(finding: Finding) -> bool:
    return finding.path.endswith(".py") and finding.code not in _NEVER


def _layout(path: Path) -> _Layout:
    raw = read_raw(path)
    comments, joined = layout_of(raw.text)
    return _Layout(path, raw, {comment.line: comment for comment in comments}, joined)


def _change(path: Path, findings: Sequence[Finding], reason: str) -> Change:
    with told(path):
        layout = _layout(path)
        return Change(path, layout.raw.data, applied(layout.raw, _edits(layout, findings, reason)))


def _edits(file: _Layout, findings: Iterable[Finding], reason: str) -> list[Edit]:
    """One edit for each line that gets a comment, or further codes in the one that it has."""
    codes: dict[int, list[str]] = {}
    for finding in findings:
        line = _line(finding, file.comments, file.joined)
        codes.setdefault(line, []).append(finding.code)
    lines = file.raw.text.split("\n")
    edits = []
    for number, found in codes.items():
        new = _written(lines[number - 1], file.comments.get(number), list(dict.fromkeys(found)), reason)
        edits.append(Edit(str(file.path), number, number + 1, new + "\n" * (number < len(lines))))
    return edits


def _line(finding: Finding, comments: dict[int, Comment], joined: frozenset[int]) -> int:
    """The line for a finding's comment: that of a suppression which covers it, else the first with room."""
    rows = [_with_room(row, joined) for row in range(finding.span.line, finding.span.end_line + 1)]
    return next((row for row in rows if row in comments and _place(comments[row].text)), rows[0])


def _with_room(row: int, joined: frozenset[int]) -> int:
    while row in joined:
        row += 1
    return row


def _place(comment: str) -> tuple[int, str] | None:
    """Where in a suppression comment a further code goes, and how; None for other comments."""
    own = OWN.search(comment)
    if own is not None:
        if own["codes"] is None:
            return own.end(), "[{}]"
        return own.end("codes"), ", {}" if own["codes"].strip() else "{}"
    noqa = NOQA.search(comment)
    return None if noqa is None else (noqa.end("codes"), ", {}")


def _written(line: str, comment: Comment | None, codes: list[str], reason: str) -> str:
    """A line with a suppression of some codes."""
    text = ", ".join(codes)
    place = None if comment is None else _place(comment.text)
    if comment is not None and place is not None:
        offset, form = place
        at = comment.column + offset
        return line[:at] + form.format(text) + line[at:]
    is_own = bool(reason) or (comment is not None and _ANY_NOQA.search(comment.text) is not None)
    new = f"# nequip-lint: ignore[{text}] {reason}".rstrip() if is_own else f"# noqa: {text}"
    written = line.rstrip()
    return f"{written}  {new}{line[len(written) :]}"

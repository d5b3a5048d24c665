"""Write suppression comments for findings: at the line's end, or into the comment that is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from nequip_lint.edits.text import applied, read_raw
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
    done = [item for item in listed if item.path.endswith(".py") and item.code not in _NEVER]
    changes = (
        _change(Path(path), [item for item in done if item.path == path], reason)
        for path in dict.fromkeys(item.path for item in done)
    )
    left = tuple(item for item in listed if item not in done)
    return Suppressed(tuple(changes), tuple(done), left)


def _change(path: Path, findings: Sequence[Finding], reason: str) -> Change:
    with told(path):
        raw = read_raw(path)
    comments, joined = layout_of(raw.text)
    by_line = {comment.line: comment for comment in comments}
    codes: dict[int, list[str]] = {}
    for finding in findings:
        line = _line(finding, by_line, joined)
        codes.setdefault(line, []).append(finding.code)
    lines = raw.text.split("\n")
    edits = []
    for number, found in codes.items():
        old = lines[number - 1]
        new = _written(old, by_line.get(number), list(dict.fromkeys(found)), reason)
        edits.append(Edit(str(path), number, number + 1, new + "\n" * (number < len(lines))))
    with told(path):
        return Change(path, raw.data, applied(raw, edits))


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

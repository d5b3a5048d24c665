"""Apply suppression comments, and find those that suppress nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nequip_lint.engine.selection import Selection
from nequip_lint.facts.values import Facts, Pragma
from nequip_lint.pages import codes
from nequip_lint.rules.base import Hit, at
from nequip_lint.values import Finding, Span

_UNNAMED = "a suppression must name a code", "write `# nequip-lint: ignore[NQ101] why`"
_CODES = "list all codes with `nequip-lint rule`"
_REMOVE = "remove this suppression"


def split(
    findings: Iterable[Finding], files: Iterable[Facts]
) -> tuple[list[Finding], set[tuple[str, Span, str]]]:
    """The findings that remain, and the (path, place of the comment, code) that suppressed something."""
    pragmas = {facts.path: _by_line(facts.pragmas) for facts in files if facts.pragmas}
    used: set[tuple[str, Span, str]] = set()
    kept: list[Finding] = []
    for finding in findings:
        rows = pragmas.get(finding.path, {})
        lines = range(finding.span.line, finding.span.end_line + 1) if rows else ()
        near = {p.span: p for line in lines for p in rows.get(line, ())}
        matching = [p for p in near.values() if _covers(p, finding)]
        used.update((finding.path, pragma.span, finding.code) for pragma in matching)
        if not matching:
            kept.append(finding)
    return kept, used


def _by_line(pragmas: Iterable[Pragma]) -> dict[int, list[Pragma]]:
    """The comments by each line that they cover."""
    rows: dict[int, list[Pragma]] = {}
    for pragma in pragmas:
        for line in range(pragma.first, pragma.span.line + 1):
            rows.setdefault(line, []).append(pragma)
    return rows


def _covers(pragma: Pragma, finding: Finding) -> bool:
    on_statement = finding.span.line <= pragma.span.line and pragma.first <= finding.span.end_line
    return on_statement and finding.code in pragma.codes


def unused(
    files: Iterable[Facts], used: set[tuple[str, Span, str]], selection: Selection, *, is_tested: bool
) -> Iterator[Hit]:
    """A hit for each comment without a code, with an unknown one, or with one that nothing here needs.

    Args:
        files: the linted files.
        used: what suppressed something.
        selection: a code that is switched off was not put to the test.
        is_tested: whether some linted file is part of a model; where none is, no code was.
    """
    known = set(codes())
    for facts in files:
        for pragma in facts.pragmas:
            if not pragma.codes:
                yield at(facts, pragma.span, *_UNNAMED)
            for code in pragma.codes:
                if code not in known:
                    yield at(facts, pragma.span, f"{code} is no rule", _CODES)
                elif is_tested and selection.enabled(code) and (facts.path, pragma.span, code) not in used:
                    yield at(facts, pragma.span, f"nothing here is reported as {code}", _REMOVE)

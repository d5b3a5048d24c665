"""One finding for people: what will happen, the code, the chain that leads there, and the help."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.reports.colour import Paint, plain
from nequip_lint.reports.paths import shown
from nequip_lint.reports.source import in_characters, line_of
from nequip_lint.text import escaped, in_columns
from nequip_lint.values import Chain, Finding, Span

_MOST_LINES = 4
# Of a line that is longer, the part around the finding: each of a line's findings shows it.
_MOST_CHARACTERS = 400
_BEFORE = 100


def frame(finding: Finding, paint: Paint = plain) -> str:
    """A finding as a frame of several lines.

    Args:
        finding: what happens to the model, and the help.
        paint: colours the parts.
    """
    span = in_characters(finding)
    lines = [_head(finding, span, paint), f"  {escaped(finding.message)}", *_code(finding.path, span, paint)]
    lines += chain_lines(finding.chain, "  ", paint)
    if finding.fix is not None:
        label = "fix:" if finding.fix.is_safe else "unsafe fix:"
        lines.append(f"  {paint('help', label)} {escaped(finding.fix.summary)}")
    else:
        first, *others = finding.help.split("\n")
        lines.append(f"  {paint('help', 'help:')} {escaped(first)}")
        lines += (f"    {escaped(line)}" for line in others)
    if finding.unfixable:
        lines.append(f"  {paint('faint', 'not fixed:')} {escaped(finding.unfixable)}")
    return "\n".join(lines)


def concise(finding: Finding, paint: Paint = plain) -> str:
    """One line: place, code, message."""
    level = paint(finding.severity.value, f"{finding.severity.value} {finding.code}")
    return f"{_place(finding, in_characters(finding), paint)}: {level} {escaped(finding.message)}"


def message_lines(finding: Finding) -> Iterator[str]:
    """The message, the chain and the help, for readers who have the place from elsewhere."""
    yield escaped(finding.message)
    yield from chain_lines(finding.chain, "")
    first, *others = finding.help.split("\n")
    yield f"help: {escaped(first)}"
    yield from map(escaped, others)


def chain_lines(chain: Chain, indent: str, paint: Paint = plain) -> Iterator[str]:
    """A chain, one statement a line."""
    for number, step in enumerate(chain):
        arrow = "reached by" if number == 0 else "      then"
        place = paint("place", f"{escaped(shown(step.path))}:{step.line}")
        yield f"{indent}{paint('faint', arrow)} {place}: {escaped(_start(step.statement))}"


def _head(finding: Finding, span: Span, paint: Paint) -> str:
    level = paint(finding.severity.value, f"{finding.severity.value} {finding.code}")
    return f"{_place(finding, span, paint)}: {level} [{finding.name}]"


def _place(finding: Finding, span: Span, paint: Paint) -> str:
    return paint("place", f"{escaped(shown(finding.path))}:{span.line}:{span.column}")


def _code(path: str, span: Span, paint: Paint) -> Iterator[str]:
    """The lines of the region, the first few of a long one; marks below a region within one line."""
    last = min(span.end_line, span.line + _MOST_LINES - 1)
    left, mark = 0, ""
    for number in range(span.line, last + 1):
        line = line_of(path, number)
        if line is None:
            return
        if number == span.line and len(line) > _MOST_CHARACTERS:
            left = max(0, min(span.column - 1 - _BEFORE, len(line) - _MOST_CHARACTERS))
            mark = "..." if left else ""
            line = line[left:]
        text = (mark if number == span.line else "") + in_columns(_start(line))
        yield f"  {paint('edge', f'{number:>5} |')} {text}".rstrip(" ")
    if span.end_line == span.line and span.end_column > span.column:
        shown_span = span._replace(
            column=span.column - left + len(mark),
            end_column=min(span.end_column - left, _MOST_CHARACTERS + 1) + len(mark),
        )
        yield f"  {paint('edge', '      |')} {_marks(mark + _start(line or ''), shown_span, paint)}"
    elif last < span.end_line:
        yield f"  {paint('edge', '      |')} ..."


def _start(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."


def _marks(line: str, span: Span, paint: Paint) -> str:
    """Marks below the region; tabs before it stay tabs, so that both lines are indented alike."""
    before = "".join("\t" if character == "\t" else " " for character in line[: span.column - 1])
    return before + paint("mark", "^" * (span.end_column - span.column))

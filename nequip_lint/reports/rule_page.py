"""A rule's page for a terminal. Pages use little of Markdown, and a library for all of it starts slowly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby, takewhile
from textwrap import wrap
from typing import NamedTuple

from nequip_lint.pages import Page
from nequip_lint.reports.colour import Paint, plain

_WIDEST = 88
_FENCE = "```"
_INDENT = "    "
_ITEM = "- "
_FILE = re.compile(r"\bfile=(\S+)")
_SPAN = re.compile(r"`([^`]+)`|<(https?://[^>]+)>|(?<!\w)\*([^*\s][^*]*)\*(?!\w)")
_KINDS = ("code", "link", "place")
"""What the groups of a span are painted as."""
_STEPS = {
    "lint-only": "nothing fails",
    "import": "fails when it is imported",
    "build": "fails when it is packaged",
    "load": "fails when the package is loaded",
    "forward": "fails when the loaded model is used",
    "modifier": "fails when the loaded model is modified",
    "copy": "fails when the loaded model is copied",
    "compile": "fails when the loaded model is compiled",
    "incomplete": "the package silently lacks something",
    "wrong": "the loaded model silently gives other results",
}
_FIXES = {"none": "no automatic fix", "safe": "safe fix with --fix", "unsafe": "fix with --unsafe-fixes"}


class _Part(NamedTuple):
    """Lines of one kind: `title`, `heading`, `code`, `item` or `text`; code may have the name of a file."""

    kind: str
    lines: list[str]
    file: str = ""


def page_lines(page: Page, width: int, paint: Paint) -> Iterator[str]:
    """The page, with its front matter as one line below the title.

    Args:
        page: of a rule.
        width: columns of the terminal; prose is wrapped, code is not.
        paint: colours; where it has none, code in prose keeps its marks.
    """
    before = ""
    for part in _parts(page.body.splitlines()):
        if before and (before, part.kind) != ("item", "item"):
            yield ""
        yield from _shown(part, min(width, _WIDEST), paint)
        if part.kind == "title":
            severity = page.severity.value
            yield f"{paint(severity, severity)}; {_STEPS[page.fails]}; {_FIXES[page.fix]}"
        before = part.kind


def _parts(lines: list[str]) -> Iterator[_Part]:
    place = 0
    while place < len(lines):
        part, length = _part(lines[place], lines[place + 1 :])
        place += length
        if part is not None:
            yield part


def _part(line: str, rest: list[str]) -> tuple[_Part | None, int]:
    """What begins with a line, and how many lines it has."""
    if not line:
        return None, 1
    if line.startswith("#"):
        return _Part("title" if line.startswith("# ") else "heading", [line.lstrip("# ")]), 1
    if line.startswith(_FENCE):
        inside = list(takewhile(lambda one: one != _FENCE, rest))
        return _Part("code", inside, "".join(_FILE.findall(line))), len(inside) + 2
    if line.startswith(_INDENT):
        found = [line, *takewhile(lambda one: one.startswith(_INDENT), rest)]
        return _Part("code", [one.removeprefix(_INDENT) for one in found]), len(found)
    found = [line, *takewhile(_goes_on, rest)]
    return _Part("item" if line.startswith(_ITEM) else "text", found), len(found)


def _goes_on(line: str) -> bool:
    """Whether a line belongs to the prose before it."""
    return bool(line) and not line.startswith((_ITEM, _FENCE, "#"))


def _shown(part: _Part, width: int, paint: Paint) -> Iterator[str]:
    if part.kind in ("title", "heading"):
        yield paint("title", *part.lines)
    elif part.kind == "code":
        yield from [paint("faint", f"{_INDENT}# {part.file}")] if part.file else []
        yield from (f"{_INDENT}{line}".rstrip() for line in part.lines)
    else:
        text = " ".join(map(str.strip, part.lines))
        yield from _prose(text, width, "  " if part.kind == "item" else "", paint)


def _prose(text: str, width: int, indent: str, paint: Paint) -> Iterator[str]:
    """A paragraph or an item of a list, wrapped, then painted."""
    shown, kinds = _spans(text, is_marked=paint is plain)
    place = 0
    for line in wrap(shown, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False):
        bare = line.removeprefix(indent if place else "")
        place = shown.index(bare, place)
        pairs = zip(bare, kinds[place:], strict=False)
        runs = [(kind, "".join(one for one, _ in run)) for kind, run in groupby(pairs, lambda pair: pair[1])]
        yield line.removesuffix(bare) + "".join(paint(kind, run) if kind else run for kind, run in runs)
        place += len(bare)


def _spans(text: str, *, is_marked: bool) -> tuple[str, list[str]]:
    """A text, without its marks unless they stay, and for each character what it is painted as."""
    shown, kinds, end = "", list[str](), 0
    for found in _SPAN.finditer(text):
        group = found.lastindex or 1
        before, inner = text[end : found.start()], found[0] if is_marked else found[group]
        shown += before + inner
        kinds += [""] * len(before) + [_KINDS[group - 1]] * len(inner)
        end = found.end()
    return shown + text[end:], kinds + [""] * len(text[end:])

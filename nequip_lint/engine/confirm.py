"""Confirm a finding on the libcst node of the statement it points at, before it is reported."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from nequip_lint.contents import read_again
from nequip_lint.values import Finding

_ABOUT_IMPORTS = frozenset({"NQ101", "NQ201", "NQ202", "NQ203", "NQ209"})


_LONGEST = 200
"""Characters of which no text is asked whether it is too deep."""


@lru_cache(maxsize=1)
def _lines(data: bytes) -> tuple[str, ...]:
    from nequip_lint.facts.source import Problem, decode

    text = decode(data)
    return () if isinstance(text, Problem) else tuple(text.split("\n"))


def confirmed(finding: Finding) -> bool:
    """Whether libcst reads a node at the finding's place that is what the rule says it is.

    Findings about whole files and about files that are not Python have nothing to confirm.
    """
    if not finding.path.endswith(".py") or finding.code.startswith("NQ00"):
        return True
    lines = _lines(read_again(Path(finding.path)))[finding.span.line - 1 : finding.span.end_line]
    text = _dedented(lines)
    if _is_too_deep(text):
        return True
    if finding.code in _ABOUT_IMPORTS:
        return _is_import(text) or _is_import(_cut(finding, lines))
    return _is_expression(finding, lines) or _is_statement(text)


@lru_cache(maxsize=4)
def _is_too_deep(text: str) -> bool:
    """Whether libcst might end the process over a statement; `ast` has read it."""
    from nequip_lint.facts.trees import is_too_deep

    return len(text) > _LONGEST and is_too_deep(text)


@lru_cache(maxsize=4)
def _dedented(lines: tuple[str, ...]) -> str:
    import textwrap

    return textwrap.dedent("\n".join(lines))


@lru_cache(maxsize=4)
def _is_statement(text: str) -> bool:
    import libcst

    is_header = text.startswith(("class ", "def ", "async def "))
    try:
        libcst.parse_statement(f"{text.partition('(')[0].rstrip(': ')}(): pass" if is_header else text)
    except libcst.ParserSyntaxError:
        return False
    return True


@lru_cache(maxsize=1 << 16)
def _is_import(text: str) -> bool:
    import libcst

    try:
        statement = libcst.parse_statement(text)
    except libcst.ParserSyntaxError:
        return _is_import_inline(text)
    return _holds_import(statement)


def _is_import_inline(text: str) -> bool:
    """An import behind the colon of a compound statement, as in `try: import triton`."""
    import libcst

    _, colon, rest = text.partition(":")
    try:
        return bool(colon) and _holds_import(libcst.parse_statement(rest.strip()))
    except libcst.ParserSyntaxError:
        return False


def _holds_import(node: object) -> bool:
    import libcst

    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, libcst.Import | libcst.ImportFrom):
            return True
        if isinstance(item, libcst.Name) and item.value == "__import__":
            return True
        if isinstance(item, libcst.CSTNode):
            stack += item.children
    return False


def _is_expression(finding: Finding, lines: tuple[str, ...]) -> bool:
    import libcst

    try:
        libcst.parse_expression(f"({_cut(finding, lines)})")
    except libcst.ParserSyntaxError:
        return False
    return bool(lines)


def _cut(finding: Finding, lines: tuple[str, ...]) -> str:
    """The text between the columns of a finding."""
    if not lines:
        return ""
    first, last = finding.span.column - 1, finding.span.end_column - 1
    cut = [*lines[:-1], _columns(lines[-1], 0, last)]
    cut[0] = _columns(cut[0], first, None)
    return "\n".join(cut)


def _columns(line: str, start: int, end: int | None) -> str:
    """A slice by `ast` columns, which count UTF-8 bytes."""
    return line.encode()[start:end].decode(errors="replace")

"""Import statements: what each binds, and the same statement with fewer names or none."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from itertools import takewhile

import libcst

from nequip_lint.editing.base import Declined
from nequip_lint.fixes.source import Source, Splices

Statement = ast.Import | ast.ImportFrom


def bound_by(alias: ast.alias, statement: Statement) -> str:
    """The name that a part of an import binds."""
    return alias.asname or (alias.name.partition(".")[0] if isinstance(statement, ast.Import) else alias.name)


def written(statement: Statement, aliases: Iterable[ast.alias]) -> list[str]:
    """Import statements for some parts of one, each on a line."""
    texts = [alias.name if alias.asname is None else f"{alias.name} as {alias.asname}" for alias in aliases]
    if isinstance(statement, ast.Import):
        return [f"import {text}" for text in texts]
    module = "." * statement.level + (statement.module or "")
    return [f"from {module} import {', '.join(texts)}"] if texts else []


def comment_behind(source: Source, statement: Statement) -> str:
    """The comment at the end of a statement's last line, with the spaces before it; '' for none."""
    _, end = Splices(source).span(statement)
    rest = source.text[end:].partition("\n")[0]
    return rest if rest.strip().startswith("#") else ""


def check_alone(source: Source, statement: Statement) -> None:
    """Make sure that a statement has its lines to itself.

    Raises:
        Declined: something else stands on them.
    """
    start, end = Splices(source).span(statement)
    before = source.text[:start].rpartition("\n")[2]
    behind = source.text[end:].partition("\n")[0]
    if before.strip() or not (behind.strip() == "" or behind.strip().startswith("#")):
        raise Declined("the import shares its line with another statement")


def without(source: Source, statement: Statement, dropped: Collection[ast.alias]) -> str:
    """The lines of a statement, its comment included, without some of its names; at least one is left."""
    first, last = statement.lineno, statement.end_lineno or statement.lineno
    text = "".join(f"{line}\n" for line in source.lines[first - 1 : last])
    margin = text[: len(text) - len(text.lstrip())]
    numbers = {number for number, alias in enumerate(statement.names) if alias in dropped}
    module = libcst.parse_module(text[len(margin) :])
    line = module.body[0]
    assert isinstance(line, libcst.SimpleStatementLine), "an import is a simple statement"
    small = line.body[0]
    assert isinstance(small, libcst.Import | libcst.ImportFrom), "the tree of ast says so"
    return margin + module.with_changes(body=[line.with_changes(body=[_thinned(small, numbers)])]).code


def _thinned(line: libcst.Import | libcst.ImportFrom, numbers: Collection[int]) -> libcst.BaseSmallStatement:
    assert not isinstance(line.names, libcst.ImportStar), "a star has no names to drop"
    kept = [alias for number, alias in enumerate(line.names) if number not in numbers]
    kept[-1] = kept[-1].with_changes(comma=line.names[-1].comma)
    blank = libcst.Module(body=[])
    if any("#" in blank.code_for_node(line.names[number]) for number in numbers):
        raise Declined("a comment stands between the imported names")
    return line.with_changes(names=kept)


def drop(
    source: Source,
    splices: Splices,
    statement: Statement,
    aliases: Collection[ast.alias],
    others: Iterable[Statement] = (),
) -> None:
    """Take some names out of an import; the whole statement where none would be left, or `pass` for it.

    Args:
        source: the file.
        splices: takes the change.
        statement: the import.
        aliases: the names to take out.
        others: statements that go as well, so that the lines around them do not stay behind.

    Raises:
        Declined: the statement shares its lines, or a comment would be lost.
    """
    check_alone(source, statement)
    first, last = statement.lineno, (statement.end_lineno or statement.lineno) + 1
    if len(aliases) < len(statement.names):
        splices.replace_lines(first, last, without(source, statement, aliases))
        return
    others = tuple(others)
    if filler := fills(source, statement, others):
        splices.replace_lines(first, last, filler)
        return
    gone = {line for other in others for line in range(other.lineno, (other.end_lineno or 0) + 1)}
    above = [line for number, line in enumerate(source.lines[: first - 1], 1) if number not in gone]
    splices.replace_lines(first, last + _superfluous(above, source.lines[last - 1 :]), "")


def fills(source: Source, statement: Statement, others: Iterable[Statement] = ()) -> str:
    """The line that a block needs which would have nothing left without these statements, else ''."""
    gone = [statement, *others]
    for node in ast.walk(source.tree):
        blocks = (getattr(node, field, None) for field in ("body", "orelse", "finalbody"))
        for block in blocks if not isinstance(node, ast.Module) else ():
            if isinstance(block, list) and block[:1] == [statement] and all(item in gone for item in block):
                return f"{source.lines[statement.lineno - 1][: statement.col_offset]}pass\n"
    return ""


def _superfluous(above: list[str], below: list[str]) -> int:
    """How many blank lines below dropped ones have no purpose any more."""
    number = _blank(above[::-1])
    return _blank(below) if number == len(above) else min(number, _blank(below))


def _blank(lines: Iterable[str]) -> int:
    """How many lines at the start are blank; one with a form feed is not."""
    return sum(1 for _ in takewhile(lambda line: not line.strip(" \t"), lines))

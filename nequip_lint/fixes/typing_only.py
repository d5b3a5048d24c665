"""Names that only annotations need: imported for type checkers alone."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nequip_lint.editing.base import Declined
from nequip_lint.fixes.scopes import Use
from nequip_lint.fixes.source import Source, Splices
from nequip_lint.fixes.statements import Statement, check_alone, comment_behind, drop, without, written


def is_postponed(tree: ast.Module) -> bool:
    """Whether Python does not evaluate the annotations of a module."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


def for_typing(source: Source, splices: Splices, statement: Statement, aliases: list[ast.alias]) -> None:
    """Move names of an import under `if TYPE_CHECKING:`.

    Raises:
        Declined: the statement shares its lines.
    """
    comment = comment_behind(source, statement)
    block = _block(source.tree)
    lines = [text + comment for text in written(statement, aliases)]
    if block is not None:
        margin = source.lines[block.body[0].lineno - 1][: block.body[0].col_offset]
        at = block.body[0].lineno
        splices.replace_lines(at, at, "".join(f"{margin}{line}\n" for line in lines))
        drop(source, splices, statement, aliases)
        return
    check_alone(source, statement)
    first, last = statement.lineno, (statement.end_lineno or statement.lineno) + 1
    kept = "" if len(aliases) == len(statement.names) else without(source, statement, aliases)
    test = _name_of_test(source.tree)
    start = [f"if {test}:"] if test else ["from typing import TYPE_CHECKING", "", "if TYPE_CHECKING:"]
    text = "".join(f"{line}\n" for line in (*start, *(f"    {line}" for line in lines)))
    splices.replace_lines(first, last, kept + text)


def quote(source: Source, splices: Splices, uses: Iterable[Use]) -> None:
    """Quote the annotations that Python would evaluate.

    Raises:
        Declined: one holds quotes itself, or spans lines.
    """
    if is_postponed(source.tree):
        return
    nodes = {use.node for use in uses if use.role == "annotation"}
    for annotation in _annotations(source.tree):
        if nodes.isdisjoint(item for item in ast.walk(annotation) if isinstance(item, ast.expr)):
            continue
        code = splices.code(annotation)
        if '"' in code or "\n" in code:
            raise Declined(f"the annotation on line {annotation.lineno} cannot be quoted")
        splices.replace_node(annotation, f'"{code}"')


def _annotations(tree: ast.Module) -> list[ast.expr]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            found.append(node.returns)
    return found


def _block(tree: ast.Module) -> ast.If | None:
    """The block at the top level that is for type checkers alone, where its body has lines of its own."""
    tests = (node for node in tree.body if isinstance(node, ast.If) and node.body[0].lineno > node.lineno)
    return next((node for node in tests if ast.unparse(node.test).endswith("TYPE_CHECKING")), None)


def _name_of_test(tree: ast.Module) -> str:
    """How the module writes `TYPE_CHECKING`, '' where it does not import it."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "typing":
            for alias in node.names:
                if alias.name == "TYPE_CHECKING":
                    return alias.asname or alias.name
    return ""

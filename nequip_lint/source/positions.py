"""From `ast` positions (UTF-8 byte offsets) to spans."""

from __future__ import annotations

import ast

from nequip_lint.values import Span


def span_of(node: ast.expr | ast.stmt) -> Span:
    """The region of a node. Columns are `ast`'s plus one: exact where the line is ASCII before them."""
    end_line = node.end_lineno or node.lineno
    end_column = node.end_col_offset or node.col_offset
    return Span(node.lineno, node.col_offset + 1, end_line, end_column + 1)


def header_of(node: ast.AST) -> Span:
    """The region of a definition's first line, or of the whole node where it is no definition."""
    assert isinstance(node, ast.expr | ast.stmt)
    span = span_of(node)
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return Span(span.line, span.column, span.line, span.column + len(node.name))
    return span

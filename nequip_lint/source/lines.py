"""The first line of a statement, which its decorators begin."""

from __future__ import annotations

import ast


def first_line(node: ast.stmt | ast.expr) -> int:
    """The line on which a statement begins, with its decorators."""
    decorators: list[ast.expr] | None = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno

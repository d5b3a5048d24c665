"""Registration calls in the tree of a file."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.editing.base import Declined
from nequip_lint.facts.spans import span_of
from nequip_lint.fixes.source import Source
from nequip_lint.values import Span

PARAMETERS = ("extern_modules", "mock_modules")


def call_at(source: Source, span: Span) -> tuple[ast.Expr, ast.Call]:
    """The statement at a place that is nothing but a call.

    Raises:
        Declined: there is none.
    """
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and span_of(node) == span:
            return node, node.value
    raise Declined("the registration is not found again")


def argument(call: ast.Call, parameter: str) -> ast.expr:
    """What a registration passes for a parameter, by name or by place.

    Raises:
        Declined: it passes nothing that can be seen.
    """
    for keyword in call.keywords:
        if keyword.arg == parameter:
            return keyword.value
    index = PARAMETERS.index(parameter)
    if index < len(call.args) and not any(isinstance(item, ast.Starred) for item in call.args):
        return call.args[index]
    raise Declined(f"{parameter} of the registration is not written out")


def strings(source: Source, node: ast.expr, text: str) -> Iterator[ast.Constant]:
    """The string constants with a text in an expression, or in what a name stands for in the file."""
    for item in ast.walk(node):
        if isinstance(item, ast.Constant) and item.value == text:
            yield item
        elif isinstance(item, ast.Name):
            for statement in source.tree.body:
                if isinstance(statement, ast.Assign) and _assigns(statement, item.id):
                    yield from strings(source, statement.value, text)


def _assigns(statement: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in statement.targets)

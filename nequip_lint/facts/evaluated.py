"""Expressions with the place at which Python evaluates them, kept until the imports of the file are known."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from nequip_lint.facts.conditions import condition_of
from nequip_lint.facts.lines import Lines
from nequip_lint.facts.values import Condition, Place, negated
from nequip_lint.facts.walk import children

_UNKNOWN = Condition("unknown")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Evaluated(NamedTuple):
    """Expressions of one statement.

    `role` is what it does with them (`facts/touches.py`) or ''; `where` is `import`, `forward`, `init` or the
    name of a function at the top level.
    """

    nodes: tuple[ast.expr, ...]
    place: Place
    role: str
    where: str


def naming(statements: Iterable[Evaluated], lines: Lines) -> Iterator[tuple[Evaluated, ast.expr]]:
    """The expressions that span one of some lines: a cheap filter, so that few are walked.

    Args:
        statements: expressions with their places.
        lines: that hold a word which tells.
    """
    for item in statements if lines.numbers else ():
        yield from ((item, node) for node in item.nodes if lines.within(node))


def guarded_nodes(node: ast.AST, place: Place) -> Iterator[tuple[ast.AST, Place]]:
    """Each node below an expression that is evaluated with it, under the tests inside the expression.

    Args:
        node: the expression.
        place: of its statement.
    """
    stack: list[tuple[ast.AST, Place]] = [(node, place)]
    while stack:
        item, where = stack.pop()
        if isinstance(item, ast.Lambda):
            stack += ((value, where) for value in _defaults(item))
            continue
        yield item, where
        stack += _children(item, where)


def _children(node: ast.AST, place: Place) -> Iterator[tuple[ast.AST, Place]]:
    if isinstance(node, ast.IfExp):
        test = condition_of(node.test)
        yield node.test, place
        yield node.body, place.under(test)
        yield node.orelse, place.under(negated(test))
    elif isinstance(node, ast.BoolOp):
        turned: Callable[[Condition], Condition] = negated if isinstance(node.op, ast.Or) else _same
        for value in node.values:
            yield value, place
            place = place.under(turned(condition_of(value)))
    elif isinstance(node, _COMPREHENSIONS):
        yield node.generators[0].iter, place
        for child in children(node):
            yield child, place.under(_UNKNOWN)
    else:
        for child in children(node):
            yield child, place


def _same(condition: Condition) -> Condition:
    return condition


def _defaults(node: ast.Lambda) -> list[ast.expr]:
    return [*node.args.defaults, *(value for value in node.args.kw_defaults if value is not None)]


def annotations_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """The annotations of a function's arguments and result."""
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named = [*plain, *(item for item in (arguments.vararg, arguments.kwarg) if item is not None)]
    found = [item.annotation for item in named] + [node.returns]
    return [item for item in found if item is not None]

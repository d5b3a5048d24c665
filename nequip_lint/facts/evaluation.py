"""Which parts of an expression Python evaluates with it, and under which tests inside of it."""

from __future__ import annotations

import ast
from typing import Any

from nequip_lint.facts.conditions import condition_of
from nequip_lint.facts.filling import is_filled, is_taken
from nequip_lint.facts.kind import File
from nequip_lint.facts.names import Names
from nequip_lint.facts.site import Site
from nequip_lint.facts.values import Condition, negated

_UNKNOWN = Condition("unknown")
_Part = tuple[ast.AST, Site]


def parts_of(node: Any, site: Site, parent: ast.AST, file: File) -> list[_Part]:
    """The nodes directly below one, in source order, each with its site.

    Args:
        node: one of the kinds in `DIVIDED`.
        site: where it stands.
        parent: the node around it.
        file: the file.
    """
    names = file.names
    if isinstance(node, ast.IfExp):
        test = condition_of(node.test, names)
        return [(node.body, site.under(test)), (node.test, site), (node.orelse, site.under(negated(test)))]
    if isinstance(node, ast.BoolOp):
        return _operands(node, site, names)
    if isinstance(node, ast.Lambda):
        return [*((value, site) for value in defaults_of(node.args)), (node.body, site.in_lambda(node))]
    return _comprehended(node, site, parent, file.tree)


_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
DIVIDED = frozenset(
    (ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
)
"""The expressions whose parts have sites of their own."""


def _operands(node: ast.BoolOp, site: Site, names: Names) -> list[_Part]:
    """The operands of `and` and `or`: each but the first runs only where those before it let it."""
    found: list[_Part] = []
    for value in node.values:
        found.append((value, site))
        test = condition_of(value, names)
        site = site.under(negated(test) if isinstance(node.op, ast.Or) else test)
    return found


def _comprehended(node: _Comprehension, site: Site, parent: ast.AST, tree: ast.Module) -> list[_Part]:
    """The parts of a comprehension: its first iterable in any case, its first test for the first item."""
    first, *others = node.generators
    is_run = not isinstance(node, ast.GeneratorExp) or is_taken(parent, node)
    is_certain = is_run and is_filled(first.iter, site, tree)
    unknown = site.under(_UNKNOWN)
    each = site if is_certain else unknown
    inner = unknown if first.ifs or others else each
    results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    started = [first.target, *first.ifs[:1]]
    rest = [*first.ifs[1:], *others]
    return [
        (first.iter, site),
        *((item, inner) for item in results),
        *((item, each) for item in started),
        *((item, unknown) for item in rest),
    ]


def defaults_of(arguments: ast.arguments) -> list[ast.expr]:
    """The default values of arguments."""
    return [*arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)]


def annotations_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """The annotations of a function's arguments and result."""
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named = [*plain, *(item for item in (arguments.vararg, arguments.kwarg) if item is not None)]
    found = [item.annotation for item in named] + [node.returns]
    return [item for item in found if item is not None]

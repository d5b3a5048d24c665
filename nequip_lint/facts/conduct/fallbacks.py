"""What a function reads only where an argument or an attribute is not set."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nequip_lint.facts.attributes import set_by_methods
from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.site import Site
from nequip_lint.source.nodes import walk


def instead_of(node: ast.BoolOp | ast.IfExp | ast.If, site: Site) -> Iterator[tuple[str, str]]:
    """The dotted names that stand in for an argument of the function, each after the argument.

    Args:
        node: a choice, as `bits or BITS.get()`.
        site: where it stands.
    """
    argument, others = _fallback(node)
    scope = site.outermost
    if scope is not None and not site.is_inner and argument in scope.arguments:
        yield from ((argument, name) for name in _names(others))


def made_before(node: ast.BoolOp, site: Site) -> Iterator[ast.expr]:
    """What `self.name or value` does not come to evaluate, since its class sets the attribute to that alone.

    Args:
        node: a choice.
        site: where it stands.
    """
    first, *others = node.values
    scope = site.outermost.outer if site.outermost is not None else None
    outer = scope.node if scope is not None else None
    name = dotted(first)
    if isinstance(node.op, ast.Or) and name.startswith("self.") and isinstance(outer, ast.ClassDef):
        made = {ast.dump(value) for value in set_by_methods(outer).get(name, ())}
        yield from (item for item in others if made == {ast.dump(item)})


def _fallback(node: ast.BoolOp | ast.IfExp | ast.If) -> tuple[str, Iterable[ast.AST]]:
    match node:
        case ast.BoolOp(op=ast.Or(), values=[ast.Name(id=name), *others]):
            return name, others
        case ast.IfExp(test=test, body=body, orelse=orelse):
            name, is_missing = _asked(test)
            return name, [body if is_missing else orelse]
        case ast.If(test=test, body=[ast.Assign(targets=[ast.Name(id=target)], value=value)], orelse=[]):
            name, is_missing = _asked(test)
            return (name, [value]) if is_missing and name == target else ("", [])
    return "", []


def _asked(test: ast.expr) -> tuple[str, bool]:
    """The name of which a test asks whether it is given, and whether the test is that it is not."""
    match test:
        case ast.Name(id=name):
            return name, False
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            return name, True
        case ast.Compare(left=ast.Name(id=name), ops=[how], comparators=[ast.Constant(value=None)]):
            return name, isinstance(how, ast.Is | ast.Eq)
    return "", False


def _names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    found = (item for node in nodes for item in walk(node))
    return (dotted(item) for item in found if isinstance(item, ast.Name | ast.Attribute) and dotted(item))

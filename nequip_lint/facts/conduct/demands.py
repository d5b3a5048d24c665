"""Environment variables that code cannot do without, beyond `os.environ["NAME"]` at import."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.needs import Demand
from nequip_lint.facts.kind import Kind
from nequip_lint.facts.names import Names
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import argument, spot_of, term_of
from nequip_lint.facts.tries import leaves
from nequip_lint.facts.variables import is_environ, literal

_REFUSE_NONE = frozenset(
    {
        *("int", "float", "len", "open", "Path", "PurePath", "Decimal", "Fraction", "loads", "literal_eval"),
        *("join", "abspath", "expanduser", "import_module", "list", "tuple", "set", "sorted", "sum"),
    }
)
"""Functions that raise for None."""


class Demands(Kind):
    """Every such read that no test keeps from running."""

    field = "demands"
    nodes = (ast.Subscript, ast.Attribute, ast.Call, ast.BinOp, ast.Compare, ast.If, ast.Assert)
    words = ("environ", "getenv")

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Keep what a node demands."""
        if site.is_inner or site.place.guards:
            return
        for key, exception in self._demanded(node, site):
            spot = spot_of(node, site)  # type: ignore[arg-type]
            name = argument(dotted(key), site) or term_of(key).string or ""
            self.found.append(Demand(spot, name, exception))

    def _demanded(self, node: ast.AST, site: Site) -> Iterator[tuple[ast.expr, str]]:
        names = self.file.names
        match node:
            case ast.Subscript(value=owner, slice=key, ctx=ast.Load()):
                if is_environ(owner, names):
                    yield from [(key, "KeyError")] if site.function else ()
                else:
                    yield from ((one, "TypeError") for one in _got(owner, names))
                    yield from ((one, "KeyError") for one in _got(key, names) if isinstance(owner, ast.Dict))
            case ast.Call(
                func=ast.Attribute(attr="pop" | "__getitem__", value=owner), args=[key], keywords=[]
            ):
                yield from [(key, "KeyError")] if is_environ(owner, names) else ()
            case ast.Call(func=function, args=[first, *_]) if self.file.last(function) in _REFUSE_NONE:
                yield from ((one, "TypeError") for one in _got(first, names))
            case ast.Attribute(value=owner):
                yield from ((one, "AttributeError") for one in _got(owner, names))
            case ast.BinOp(left=left, op=ast.Add() | ast.Div(), right=right):
                yield from ((one, "TypeError") for side in (left, right) for one in _got(side, names))
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[owner]):
                yield from ((one, "TypeError") for one in _got(owner, names))
            case ast.If(test=test, body=body) if site.function and leaves(body):
                if isinstance(body[-1], ast.Raise):
                    yield from ((one, "RuntimeError") for one in self._missing(test, site))
            case ast.Assert(test=test):
                yield from ((one, "AssertionError") for one in self._there(test, site))

    def _missing(self, test: ast.expr, site: Site) -> Iterator[ast.expr]:
        """The variables of which a test says that they are not set."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                yield from self._there(inner, site)
            case ast.Compare(left=left, ops=[ast.Is() | ast.Eq()], comparators=[ast.Constant(value=None)]):
                yield from self._read(left, site)
            case ast.Compare(left=key, ops=[ast.NotIn()], comparators=[owner]):
                yield from [key] if is_environ(owner, self.file.names) else ()
            case ast.BoolOp(op=ast.Or(), values=values):
                yield from (one for value in values for one in self._missing(value, site))

    def _there(self, test: ast.expr, site: Site) -> Iterator[ast.expr]:
        """The variables of which a test says that they are set."""
        match test:
            case ast.Compare(
                left=left, ops=[ast.IsNot() | ast.NotEq()], comparators=[ast.Constant(value=None)]
            ):
                yield from self._read(left, site)
            case ast.Compare(left=key, ops=[ast.In()], comparators=[owner]):
                yield from [key] if is_environ(owner, self.file.names) else ()
            case ast.BoolOp(op=ast.And(), values=values):
                yield from (one for value in values for one in self._there(value, site))
            case ast.Name() | ast.NamedExpr() | ast.Call():
                yield from self._read(test, site)

    def _read(self, node: ast.expr, site: Site) -> Iterator[ast.expr]:
        """The variable that an expression gives, or the one assignment of a local name does."""
        values = site.outermost.values.get(dotted(node), ()) if site.outermost is not None else ()
        given = values[0] if len(values) == 1 and isinstance(values[0], ast.expr) else node
        yield from _got(given, self.file.names)


def _got(node: ast.expr, names: Names) -> Iterator[ast.expr]:
    """The variable that `os.environ.get(NAME)` or `os.getenv(NAME)` gives, None where it is not set."""
    if isinstance(node, ast.NamedExpr):
        node = node.value
    if not isinstance(node, ast.Call) or not node.args or node.keywords:
        return
    function = node.func
    is_get = (
        isinstance(function, ast.Attribute) and function.attr == "get" and is_environ(function.value, names)
    )
    is_plain = len(node.args) == 1 or (
        isinstance(node.args[1], ast.Constant) and literal(node.args[1]) is None
    )
    if is_plain and (is_get or names.last(dotted(function)) == "getenv"):
        yield node.args[0]

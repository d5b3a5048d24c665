"""Reads of environment variables whose names are written out."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.conduct.changing import FILLING
from nequip_lint.facts.details.needs import Variable
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import argument, spot_of, term_of
from nequip_lint.facts.variables import is_environ, literal
from nequip_lint.source.nodes import walk


class Variables(Kind):
    """Every such read: by an index, `get`, `getenv`, `pop` or `in`."""

    field = "variables"
    nodes = (ast.Assign, ast.AnnAssign, ast.Expr, ast.If, ast.Subscript, ast.Call, ast.Compare)
    words = ("environ", "getenv")

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._bound: dict[ast.AST, str] = {}

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Keep a read; note what an assignment at import binds to one."""
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr | ast.If):
            name = _chosen(node) if isinstance(node, ast.If) else _holder(node)
            value = node.test if isinstance(node, ast.If) else node.value
            if name and not site.function and site.depth <= 1 and value is not None:
                bound = f"{site.owner}.{name}" if site.owner else name
                self._bound.update((item, bound) for item in walk(value))
        elif isinstance(node, ast.Subscript | ast.Call | ast.Compare):
            found, default = self._read(node, site)
            if isinstance(found, str):
                spot, bound = spot_of(node, site), self._bound.get(node, "")
                text = default if isinstance(default, str) else ""
                is_demanded = isinstance(node, ast.Subscript)
                self.found.append(Variable(spot, found, bound, text, is_demanded))

    def _read(self, node: ast.Subscript | ast.Call | ast.Compare, site: Site) -> tuple[object, object]:
        """The name of a variable that an expression reads, and its default; None for anything else."""
        names = self.file.names
        if isinstance(node, ast.Subscript):
            is_read = is_environ(node.value, names) and isinstance(node.ctx, ast.Load)
            return (_name(node.slice, site) if is_read else None), None
        if isinstance(node, ast.Compare):
            is_asked = isinstance(node.ops[0], ast.In | ast.NotIn) and is_environ(node.comparators[0], names)
            return (_name(node.left, site) if is_asked else None), None
        if not node.args or not self._gives(node.func):
            return None, None
        defaults = [*node.args[1:], *(item.value for item in node.keywords if item.arg == "default")]
        return _name(node.args[0], site), literal(defaults[0]) if defaults else None

    def _gives(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Attribute) and function.attr in ("get", "pop", "setdefault"):
            return is_environ(function.value, self.file.names)
        return self.file.last(function) == "getenv"


def _holder(node: ast.Assign | ast.AnnAssign | ast.Expr) -> str:
    """The name that a statement binds, or into which it puts something; '' where there is none."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=owner), *_]):
            return dotted(owner)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr=attr))):
            return dotted(owner) if attr in FILLING else ""
        case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
            return dotted(target)
    return ""


def _chosen(node: ast.If) -> str:
    """The first name that a choice binds, or into which it puts something; '' where there is none."""
    plain = (
        item for item in (*node.body, *node.orelse) if isinstance(item, ast.Assign | ast.AnnAssign | ast.Expr)
    )
    return next(filter(None, map(_holder, plain)), "")


def _name(node: ast.expr, site: Site) -> object:
    """The name of a variable, `@0` where it is the first argument of the function.

    A computed one is what it begins with, and a star.
    """
    start = term_of(node).start
    given = argument(dotted(node), site)
    return f"{start}*" if start else given or literal(node)

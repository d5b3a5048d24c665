"""Which values are sets of texts, or have the order of one: it is another one in each process."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import lru_cache

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.kind import File
from nequip_lint.facts.numbers import GIVE_NUMBERS
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import last_name
from nequip_lint.source.nodes import walk

_SETS = frozenset({"set", "frozenset"})
_OF_SETS = frozenset({"union", "intersection", "difference", "symmetric_difference", "copy"})
_LISTS = frozenset({"list", "tuple", "deque", "reversed"})
_TEXTS = re.compile(r"symbol|name|formula|word|text", re.IGNORECASE)
"""What texts are called, and numbers are not."""
_MAKE_TEXT = ("split", "str", "format", "lower", "upper", "strip")
_DEEPEST = 4


class Sets:
    """Tells sets at one place of a file.

    Args:
        file: the file.
        site: the place; None for the top of the file.
    """

    def __init__(self, file: File, site: Site | None = None) -> None:
        self._file = file
        self._scope = (site.outermost or site.scope) if site is not None else None

    def is_unordered(self, node: ast.expr) -> bool:
        """Whether a value is a set of texts, or a list in the order of one."""
        return self.is_set(node, lists=True) and self._holds_text(node)

    def is_set(self, node: ast.expr, depth: int = _DEEPEST, *, lists: bool = False) -> bool:
        """Whether a value is a set; with `lists` also whether it has the order of one."""
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Call(func=ast.Name(id=name)) if name in _SETS:
                return True
            case ast.Name() | ast.Attribute(value=ast.Name(id="self" | "cls")):
                values = [item for item in self._values(dotted(node)) if item is not node] if depth else []
                return bool(values) and all(self._is_expression(item, depth, lists) for item in values)
        inner = _of_set(node) or (_in_order(node) if lists else None)
        return inner is not None and depth > 0 and self.is_set(inner, depth - 1, lists=lists)

    def _is_expression(self, node: ast.AST, depth: int, lists: bool) -> bool:
        return isinstance(node, ast.expr) and self.is_set(node, depth - 1, lists=lists)

    def _values(self, name: str) -> list[ast.AST]:
        """What a name is bound to, in the function or at the top of the file."""
        if "." in name:
            outer = self._scope.outer if self._scope is not None else None
            return outer.values.get(name.partition(".")[2], []) if outer is not None else []
        if self._scope is not None and (self._scope.assigns(name) or self._scope.hides(name)):
            return self._scope.values.get(name, [])
        return _bound_at_top(self._file.tree).get(name, [])

    def _holds_text(self, node: ast.expr, depth: int = _DEEPEST) -> bool:
        """Whether a value is a text or holds texts, by how it is made or what it is called."""
        match node:
            case ast.Constant(value=value):
                return isinstance(value, str)
            case ast.JoinedStr():
                return True
            case ast.Name(id=name):
                return name == "str" or self._names_text(name, depth)
            case ast.Attribute(attr=name):
                return self._names_text(dotted(node), depth)
            case ast.Call(func=called) if last_name(called) in GIVE_NUMBERS:
                return False
            case ast.Call(func=called, args=given):
                parts = [*given, called.value] if isinstance(called, ast.Attribute) else given
                return last_name(called) in _MAKE_TEXT or any(self._holds_text(part, depth) for part in parts)
        return any(self._holds_text(part, depth) for part in _parts(node))

    def _names_text(self, name: str, depth: int) -> bool:
        """Whether a value of a name is a text or holds texts, with what code puts into it."""
        values = self._values(name)
        known = [item for item in values if isinstance(item, ast.expr)]
        known += _added(self._scope.node if self._scope is not None else self._file.tree).get(name, [])
        if not values:
            return _TEXTS.search(name.rpartition(".")[2]) is not None
        return depth > 0 and any(self._holds_text(item, depth - 1) for item in known)


def _of_set(node: ast.expr) -> ast.expr | None:
    """What a set is made of, if that is one."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name, value=owner)) if name in _OF_SETS:
            return owner
        case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor()):
            return left
    return None


def _in_order(node: ast.expr) -> ast.expr | None:
    """What gives a list its order."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[given]) if name in _LISTS:
            return given
        case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[given, *_]):
            return given
        case ast.List(elts=[ast.Starred(value=given)]) | ast.Tuple(elts=[ast.Starred(value=given)]):
            return given
        case ast.ListComp(generators=[first, *_]):
            return first.iter
    return None


def _parts(node: ast.expr) -> list[ast.expr]:
    """The parts of a value that may be its elements."""
    match node:
        case ast.Set(elts=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return parts
        case ast.SetComp(elt=part) | ast.ListComp(elt=part) | ast.GeneratorExp(elt=part):
            return [part]
        case ast.Subscript(value=part) | ast.Starred(value=part):
            return [part]
        case ast.BinOp(left=left, right=right):
            return [left, right]
    return []


@lru_cache(maxsize=4)
def _bound_at_top(tree: ast.Module) -> Mapping[str, list[ast.AST]]:
    """What the top of a file binds names to; the target itself where that is not plain."""
    found: dict[str, list[ast.AST]] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    for name in _bound(target):
                        found.setdefault(name, []).append(value if isinstance(target, ast.Name) else target)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.setdefault(name, []).append(value)
    return found


def _bound(target: ast.expr) -> set[str]:
    """The names that a target binds; the parts and attributes of things bind none."""
    is_part = isinstance(target, ast.Subscript | ast.Attribute)
    return set() if is_part else {item.id for item in walk(target) if isinstance(item, ast.Name)}


@lru_cache(maxsize=32)
def _added(node: ast.AST) -> Mapping[str, list[ast.expr]]:
    """What code puts into sets of its own, by their names."""
    found: dict[str, list[ast.expr]] = {}
    for item in walk(node):
        match item:
            case ast.AugAssign(target=target, value=value):
                found.setdefault(dotted(target), []).append(value)
            case ast.Call(func=ast.Attribute(value=owner, attr="add" | "update"), args=given):
                found.setdefault(dotted(owner), []).extend(given)
    found.pop("", None)
    return found

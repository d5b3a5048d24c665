"""Where a value is made: what names stand for there, and what single nodes are."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import Given
from nequip_lint.facts.kind import File
from nequip_lint.facts.names import Names
from nequip_lint.facts.objects.unpicklable import (
    FORMATS,
    MODULES,
    SINGLE,
    STREAMS,
    VIEWS,
)
from nequip_lint.facts.site import Function, Scope
from nequip_lint.source.nodes import walk


class Held(NamedTuple):
    """The category of a value and what it is, as in `Kept`."""

    category: str
    what: str
    given: tuple[Given, ...] = ()


class Module(NamedTuple):
    """What the names of a file stand for.

    `defined` are the definitions and assignments at module level that are made once, `identities` the names
    that something is compared with by `is`, `moved` the classes whose `__module__` is set, `lost` the names
    of classes that come to stand for something else, with the line from which on. `repeated` are the names
    that are bound more often, `added` what statements put into tables, `filled` the tables into which
    functions put something.
    """

    file: File
    defined: Mapping[str, ast.AST]
    identities: frozenset[str]
    moved: frozenset[str]
    lost: Mapping[str, int]
    repeated: frozenset[str]
    added: Mapping[str, list[tuple[object, ast.expr]]]
    filled: frozenset[str]


class Surroundings(NamedTuple):
    """What names stand for where a value is made: those of the function, then those of the module."""

    scope: Scope
    module: Module

    @property
    def file(self) -> File:
        """The file."""
        return self.module.file

    @property
    def names(self) -> Names:
        """What imports bind."""
        return self.file.names

    def full(self, name: str) -> str:
        """The absolute dotted name behind a name that an import binds; else the name."""
        return self.file.full(name)

    @property
    def own_class(self) -> ast.ClassDef | None:
        """The class around the function."""
        outer = self.scope.outer.node if self.scope.outer is not None else None
        return outer if isinstance(outer, ast.ClassDef) else None

    @property
    def shown(self) -> str:
        """The name of the function, after that of its class."""
        own, node = self.own_class, self.scope.node
        name = "" if isinstance(node, ast.Lambda) else node.name
        return f"{own.name}.{name}" if own is not None else name

    def value(self, name: str) -> tuple[ast.AST | None, bool]:
        """What a name is bound to, once and visibly, and whether that happens in the function itself."""
        if name in self.scope.arguments:
            return None, True
        if name in self.scope.values:
            values = self.scope.values[name]
            return (values[0] if len(values) == 1 else None), True
        return self.module.defined.get(name), False

    def annotated(self, argument: str) -> str:
        """The absolute name of the class of this package that an argument is annotated with; else ''."""
        node = self.scope.node
        given = node.args if isinstance(node, Function) else None
        found = [*given.posonlyargs, *given.args, *given.kwonlyargs] if given is not None else []
        name = next((_class_name(item.annotation) for item in found if item.arg == argument), "")
        is_here = isinstance(self.module.defined.get(name), ast.ClassDef)
        full = f"{self.file.module}.{name}" if is_here else self.full(name)
        is_ours = "." in full and full.partition(".")[0] == self.file.module.partition(".")[0]
        return full if is_ours else ""

    def class_of(self, node: ast.expr) -> ast.ClassDef | None:
        """The class of this file that an expression is, or whose object it is."""
        match node:
            case ast.Name(id="self" | "cls"):
                return self.own_class
            case ast.Name(id=name):
                value, is_local = self.value(name)
                return value if isinstance(value, ast.ClassDef) and not is_local else None
            case ast.Call(func=ast.Name(id="type"), args=[ast.Name(id="self")]):
                return self.own_class
            case ast.Attribute(value=ast.Name(id="self"), attr="__class__"):
                return self.own_class
        return None

    def in_class(self, node: ast.expr) -> ast.expr | None:
        """What the body of a class of this file assigns to an attribute."""
        owner = self.class_of(node.value) if isinstance(node, ast.Attribute) else None
        if owner is None or not isinstance(node, ast.Attribute) or node.attr in stored(owner):
            return None
        values = [value for name, value in assigned(owner) if name == node.attr]
        return values[0] if len(values) == 1 else None

    def class_name(self, node: ast.expr) -> str:
        """The absolute name of an attribute that a class of this file has or inherits; else ''."""
        owner = self.class_of(node.value) if isinstance(node, ast.Attribute) else None
        if owner is None or not isinstance(node, ast.Attribute) or node.attr in stored(owner):
            return ""
        is_known = bool(owner.bases) or any(name == node.attr for name, _ in assigned(owner))
        return f"{self.file.module}.{owner.name}.{node.attr}" if is_known else ""


def assigned(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """What the body of a class assigns, by name."""
    for item in node.body:
        if isinstance(item, ast.Assign):
            yield from ((target.id, item.value) for target in item.targets if isinstance(target, ast.Name))
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.value is not None:
            yield item.target.id, item.value


def _class_name(node: ast.expr | None) -> str:
    """The class that an annotation names, alone or beside None, quoted or not."""
    match node:
        case ast.Constant(value=str(text)):
            return text if text.isidentifier() else ""
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            return _class_name(left)
        case ast.Subscript(value=value, slice=inner) if dotted(value).rpartition(".")[2] == "Optional":
            return _class_name(inner)
    return dotted(node) if node is not None else ""


@lru_cache(maxsize=32)
def stored(node: ast.ClassDef) -> frozenset[str]:
    """The attributes that methods of a class set on `self`, and the names of which its code sets a part."""
    found = (item for item in walk(node) if isinstance(item, ast.Attribute))
    pairs = [(dotted(item.value), item.attr) for item in found if isinstance(item.ctx, ast.Store)]
    return frozenset(name if owner in ("self", "cls") else owner for owner, name in pairs)


def is_library(top: str) -> bool:
    """Whether a package is one that others make, torch and the standard library aside."""
    return top not in ("torch", "") and top not in sys.stdlib_module_names


def is_sentinel(value: ast.AST) -> bool:
    return isinstance(value, ast.Call) and dotted(value.func) == "object" and not value.args


def attribute(full: str) -> Iterator[Held]:
    if full in MODULES:
        yield Held("native", f"the module {full}")
    elif full in STREAMS:
        yield Held("native", f"the stream {full}")
    elif full in SINGLE:
        yield Held("native", SINGLE[full])
    elif full in FORMATS:
        yield Held("native", full)
    elif full.startswith("torch.ops."):
        yield Held("native", f"the operator {full}")


def is_view(node: ast.Call, known: Surroundings) -> bool:
    """Whether a call is `keys`, `values` or `items` of what is certainly a dictionary."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in VIEWS:
        return False
    owner: ast.AST | None = node.func.value
    if isinstance(owner, ast.Name):
        owner = known.value(owner.id)[0]
    is_made = isinstance(owner, ast.Call) and dotted(owner.func) == "dict"
    return is_made or isinstance(owner, ast.Dict | ast.DictComp)

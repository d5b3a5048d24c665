"""Which attributes a method changes in place, replaces, and asks for their values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.kind import File
from nequip_lint.facts.site import Function
from nequip_lint.source.nodes import walk

_IN_PLACE = frozenset({"fill", "sort", "partition", "itemset", "put"})
_INTO_FIRST = frozenset({"copyto", "put", "place", "putmask"})
_ABOUT = frozenset({"shape", "dtype", "device", "ndim", "size", "numel", "dim"})
_FILLING = frozenset({"copy_", "copyto"})


def written_in(function: Function, file: File) -> Iterator[str]:
    """The attributes that a method changes in place.

    Args:
        function: the method.
        file: tells what names stand for.
    """
    yield from filter(None, (attribute_of(node) for node in _targets(function, file)))


def asked_of(function: Function, file: File) -> Iterator[str]:
    """The attributes whose values a method asks for, and does not only change.

    Args:
        function: the method.
        file: tells what names stand for.
    """
    written = {id(part) for node in _targets(function, file) for part in walk(node)}
    about = {
        id(item.value) for item in walk(function) if isinstance(item, ast.Attribute) and item.attr in _ABOUT
    }
    for item in walk(function):
        if isinstance(item, ast.Attribute) and id(item) not in written | about:
            is_own = isinstance(item.value, ast.Name) and item.value.id == "self"
            yield from [f"self.{item.attr}"] if is_own and isinstance(item.ctx, ast.Load) else []


def replaced_in(function: Function) -> Iterator[str]:
    """The attributes that a method sets, or fills with what another one holds."""
    added = {id(item.target) for item in walk(function) if isinstance(item, ast.AugAssign)}
    for item in walk(function):
        if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store) and id(item) not in added:
            yield dotted(item)
        elif (
            isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr in _FILLING
        ):
            parts = (
                part for given in item.args[-1:] for part in walk(given) if isinstance(part, ast.Attribute)
            )
            is_filled = any(dotted(part).startswith("self.") for part in parts)
            filled = item.func.value if item.func.attr == "copy_" else item.args[0]
            yield from [attribute_of(filled)] if is_filled else []


def attribute_of(node: ast.expr) -> str:
    """The attribute of `self` that something is, or is a part of; '' for anything else."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return dotted(node) if dotted(node).startswith("self.") else ""


def _targets(function: Function, file: File) -> Iterator[ast.expr]:
    """What a method changes in place."""
    for item in walk(function):
        match item:
            case ast.Subscript(ctx=ast.Store()):
                yield item
            case ast.AugAssign(target=target):
                yield target
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)):
                full = file.full(dotted(item.func))
                is_of_numpy = full.startswith("numpy.") and (attr == "at" or attr in _INTO_FIRST)
                if is_of_numpy:
                    yield from item.args[:1]
                elif attr in _IN_PLACE or (attr.endswith("_") and not attr.endswith("__")):
                    yield owner
                yield from (given.value for given in item.keywords if given.arg == "out")

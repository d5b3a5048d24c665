"""Arrays that share their memory with something else that an object keeps, which no pickle tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.keeping.left_out import only_at_first
from nequip_lint.facts.keeping.writes import asked_of, replaced_in, written_in
from nequip_lint.facts.objects.surroundings import Module
from nequip_lint.facts.site import Function
from nequip_lint.source.nodes import walk

_RESTORING = frozenset({"__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__deepcopy__"})
_VIEWS = frozenset({"detach", "view", "cpu", "ravel", "reshape", "squeeze", "unsqueeze", "transpose", "t"})
_PARTS = frozenset({"data", "T", "mT"})
_PASSING = frozenset({"numpy.asarray", "torch.as_tensor"})
"""Functions that give a view of an array and a copy of a list."""


def shared(node: ast.ClassDef, module: Module) -> Iterator[tuple[ast.expr, str]]:
    """The arrays through which the objects of a class change something else, with the place.

    Args:
        node: the class.
        module: what the names of its file stand for.
    """
    own = {item.name: item for item in node.body if isinstance(item, Function)}
    first = {"__init__", *only_at_first(own)} & own.keys()
    if not _RESTORING.isdisjoint(own):
        return
    later = [own[name] for name in _used(own) if name not in first]
    written = {name for item in later for name in written_in(item, module.file)}
    asked = {name for item in later for name in asked_of(item, module.file)}
    replaced = {name for item in later for name in replaced_in(item)}
    for key in sorted(first):
        for place, one, other in _pairs(own[key], module):
            is_used = (one in written and other in asked) or (other in written and one in asked)
            if is_used and replaced.isdisjoint((one, other)):
                yield place, f"{one} shares its memory with {other} only until it is pickled"


def _pairs(function: Function, module: Module) -> Iterator[tuple[ast.expr, str, str]]:
    """The attributes that share their memory, where at least one is an array of numpy."""
    kept = list(_kept(function))
    named = {dotted(value): name for name, value in kept if isinstance(value, ast.Name)}
    arrays = {dotted(target) for target, value in _assigned(function) if _is_array(value, module)}
    for name, value in kept:
        source, is_passed = _source(value, module, arrays)
        other = named.get(source, source)
        if is_passed and other.startswith("self.") and other != name:
            yield value, name, other


def _used(own: Mapping[str, Function]) -> list[str]:
    """The methods that a call of an object runs; all of them where it cannot be called."""
    found = [name for name in ("forward", "__call__") if name in own] or list(own)
    for name in found:
        read = (dotted(item) for item in walk(own[name]) if isinstance(item, ast.Attribute))
        found += {item[5:] for item in read if item.startswith("self.")} & own.keys() - set(found)
    return found


def _assigned(function: Function) -> Iterator[tuple[ast.expr, ast.expr]]:
    every = (item for item in walk(function) if isinstance(item, ast.Assign))
    return ((target, item.value) for item in every for target in item.targets)


def _is_array(value: ast.expr, module: Module) -> bool:
    full = module.file.full(dotted(value.func)) if isinstance(value, ast.Call) else ""
    return full.startswith(("numpy.", "torch."))


def _kept(function: Function) -> Iterator[tuple[str, ast.expr]]:
    """What a method puts into attributes and buffers."""
    for item in walk(function):
        match item:
            case ast.Assign(targets=[ast.Attribute() as target], value=value):
                yield dotted(target), value
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="self"), attr="register_buffer"),
                args=[ast.Constant(value=str(name)), value, *_],
            ):
                yield f"self.{name}", value


def _source(node: ast.expr, module: Module, arrays: set[str]) -> tuple[str, bool]:
    """The name of what an expression is a view of, and whether it passes between torch and numpy."""
    match node:
        case ast.Subscript(value=value, slice=index) if _is_plain(index):
            return _source(value, module, arrays)
        case ast.Attribute(value=value, attr=attr) if attr in _PARTS:
            return _source(value, module, arrays)
        case ast.Call(func=ast.Attribute(value=value, attr="numpy"), args=[], keywords=[]):
            return _source(value, module, arrays)[0], True
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _VIEWS:
            return _source(value, module, arrays)
        case ast.Call(func=function, args=[given], keywords=[]):
            full = module.file.full(dotted(function))
            is_view = full == "torch.from_numpy" or (full in _PASSING and dotted(given) in arrays)
            return (_source(given, module, arrays)[0], True) if is_view else ("", False)
    return dotted(node), False


def _is_plain(index: ast.expr) -> bool:
    """Whether an index gives a view: numbers and slices, and no arrays."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return all(isinstance(item, ast.Slice | ast.Constant) for item in parts)

"""Classes whose objects a load cannot make again from what was pickled of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.keeping.left_out import dropped, set_in
from nequip_lint.facts.names import Names
from nequip_lint.facts.site import Function
from nequip_lint.facts.terms import last_name
from nequip_lint.source.nodes import walk

_Found = tuple[ast.stmt, str]
_DECIDES = frozenset({"__reduce__", "__reduce_ex__"})
_STATE = frozenset({"__getstate__", "__setstate__"})
_ARGUMENTS = frozenset({"__getnewargs__", "__getnewargs_ex__"})
_FILLED = {
    "dict": ("__setitem__",),
    "OrderedDict": ("__setitem__",),
    "Counter": ("__setitem__",),
    "UserDict": (),
    "list": ("append", "extend"),
    "deque": ("append",),
}
"""The methods by which unpickling fills an object of a subclass, before it has any attribute."""


def unrestorable(node: ast.ClassDef, names: Names) -> Iterator[_Found]:
    """Why a load fails for the objects of a class, each with the place.

    Args:
        node: the class.
        names: what imports bind.
    """
    own = {item.name: item for item in node.body if isinstance(item, Function)}
    if not _DECIDES.isdisjoint(own):
        return
    if "__new__" in own and _ARGUMENTS.isdisjoint(own) and _needs_more(own["__new__"], node):
        yield own["__new__"], "__new__ asks for arguments that are not pickled"
    refusing = own.get("__setattr__")
    if refusing is not None and _STATE.isdisjoint(own) and _has_slots(node) and _refuses(refusing):
        yield refusing, "__setattr__ refuses what unpickling sets, since the class has __slots__"
    for base in (names.last(dotted(item)) for item in node.bases):
        for name in _FILLED.get(base, ()):
            if name in own and (attribute := _asked(own[name], node)):
                yield own[name], f"{name} asks self.{attribute}, which an object has only once it is filled"
        if _is_exception(base) and "__init__" in own and _gives_less(own["__init__"]):
            yield (
                own["__init__"],
                "__init__ takes other arguments than it gives to the exception it inherits from",
            )


def lacking(node: ast.ClassDef) -> Iterator[_Found]:
    """What the objects of a class lack once they were pickled, each with the place."""
    own = {item.name: item for item in node.body if isinstance(item, Function)}
    if "__getstate__" in own and {*_DECIDES, "__setstate__", "__getattr__"}.isdisjoint(own):
        yield from dropped(node, own)


def _needs_more(new: Function, node: ast.ClassDef) -> bool:
    """Whether `__new__` makes an object, and not of what pickling gives it: nothing, or the plain value."""
    if not any(last_name(item.func) == "__new__" for item in walk(new) if isinstance(item, ast.Call)):
        return False
    given = new.args
    count = len(given.posonlyargs) + len(given.args) - 1 - len(given.defaults)
    required = [
        item for item, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value is None
    ]
    values = {"int", "float", "str", "bytes", "tuple", "frozenset", "complex"}
    bases = {last_name(item) for item in node.bases}
    if not bases <= {*values, "object", "list", "dict", "set"}:
        return False
    return count > bool(bases & values) or bool(required)


def _has_slots(node: ast.ClassDef) -> bool:
    targets = [item.targets[0] for item in node.body if isinstance(item, ast.Assign)]
    return any(dotted(item) == "__slots__" for item in targets)


def _refuses(function: Function) -> bool:
    """Whether a function does nothing but raise."""
    body = [item for item in function.body if not isinstance(item, ast.Expr)]
    return bool(body) and isinstance(body[0], ast.Raise)


def _asked(function: Function, node: ast.ClassDef) -> str:
    """The first attribute of `self` that a method reads, and neither the class has nor the method sets."""
    known = {item.name for item in node.body if isinstance(item, Function | ast.ClassDef)}
    for item in node.body:
        targets = item.targets if isinstance(item, ast.Assign) else [getattr(item, "target", None)]
        known.update(target.id for target in targets if isinstance(target, ast.Name))
    made = set_in(node)
    names = [dotted(item) for item in walk(function) if isinstance(item, ast.Attribute)]
    found = (name.split(".")[1] for name in names if name.startswith("self."))
    return next((name for name in found if name not in known and name in made), "")


def _is_exception(base: str) -> bool:
    return base.endswith(("Error", "Exception", "Warning"))


def _gives_less(init: Function) -> bool:
    """Whether an exception is made again with another number of arguments than its `__init__` asks for."""
    given = init.args
    if given.vararg is not None or given.posonlyargs:
        return False
    most = len(given.args) - 1
    least = most - len(given.defaults)
    needs_names = any(value is None for value in given.kw_defaults)
    for item in walk(init):
        if (
            isinstance(item, ast.Call)
            and isinstance(item.func, ast.Attribute)
            and item.func.attr == "__init__"
        ):
            count = len(item.args) - (dotted(item.func.value) != "")
            if any(isinstance(value, ast.Starred) for value in item.args):
                return False
            return needs_names or not least <= count <= most
    return needs_names

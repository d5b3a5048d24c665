"""What a `__getstate__` leaves out, where methods read it all the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.objects.surroundings import assigned
from nequip_lint.facts.site import Function
from nequip_lint.source.nodes import walk

_OWN = ("self", "cls", "self.__class__", "type")
_STATE = frozenset({"__getstate__", "__setstate__", "__reduce__", "__reduce_ex__", "__getattr__"})


def dropped(node: ast.ClassDef, own: dict[str, Function]) -> Iterator[tuple[ast.stmt, str]]:
    """What `__getstate__` leaves out and nothing makes again, where methods read it as if it were there."""
    saving = own["__getstate__"]
    starts = tuple(_starts(saving))
    every = {use.attr for item in own.values() for use in walk(item) if isinstance(use, ast.Attribute)}
    names = _left_out(saving) | _texts(node).get(filtered(saving), frozenset())
    names |= {name for name in every if starts and name.startswith(starts)}
    for name, reader, _ in _missed(own, names - _of_body(node)):
        yield saving, f"__getstate__ leaves out {name}, which {reader} reads and nothing makes again"


def transient(node: ast.ClassDef) -> Iterator[tuple[str, str, list[str]]]:
    """What a class lists that a `__getstate__` which it inherits may leave out.

    Yields:
        The attribute with the list, what would be wrong then, and the methods that only `__init__` calls.
    """
    own = {item.name: item for item in node.body if isinstance(item, Function)}
    of_body = _of_body(node)
    for attribute, names in _texts(node).items() if _STATE.isdisjoint(own) else ():
        for name, reader, makers in _missed(own, names - of_body) if names else ():
            what = f"__getstate__ leaves out {name}, which {reader} reads and nothing makes again"
            yield attribute, what, makers


def filters(node: ast.ClassDef) -> str:
    """The attribute with the names that the `__getstate__` of a class leaves out; '' where it has none."""
    own = {item.name: item for item in node.body if isinstance(item, Function)}
    return filtered(own["__getstate__"]) if _STATE & own.keys() == {"__getstate__"} else ""


def _of_body(node: ast.ClassDef) -> frozenset[str]:
    return frozenset(attribute for attribute, _ in assigned(node))


def _missed(own: Mapping[str, Function], names: frozenset[str]) -> Iterator[tuple[str, str, list[str]]]:
    """The names that methods read and nothing makes again, each with a reader and those who set it once."""
    once = only_at_first(own)
    later = [item for name, item in own.items() if name not in (*once, "__init__", "__getstate__")]
    for name in sorted(names):
        makers = [item for item in once if _stores(own[item], name)]
        is_set = bool(makers) or ("__init__" in own and _stores(own["__init__"], name))
        readers = [item.name for item in later if _reads_first(item, name)]
        if (
            is_set
            and readers
            and not any(_tests(item, name) for item in own.values() if item.name not in once)
        ):
            yield name, readers[0], makers


def only_at_first(own: Mapping[str, Function]) -> list[str]:
    """The methods that `__init__` calls, and no other one does."""
    plain = {
        name: item for name, item in own.items() if not item.decorator_list and not name.startswith("__")
    }
    asked = {name: _asked(item) for name, item in own.items()}
    found: list[str] = []
    waiting = ["__init__"]
    while waiting:
        called = asked.get(waiting.pop(), frozenset()) & plain.keys() - set(found)
        more = [
            name
            for name in sorted(called)
            if not any(name in names for key, names in asked.items() if key not in (*found, "__init__", name))
        ]
        found += more
        waiting += more
    return found


def _asked(function: Function) -> frozenset[str]:
    names = (dotted(item) for item in walk(function) if isinstance(item, ast.Attribute))
    return frozenset(name.split(".")[1] for name in names if name.startswith("self."))


def _left_out(function: Function) -> frozenset[str]:
    """The names that a `__getstate__` takes out of the state."""
    found: set[str] = set()
    for item in walk(function):
        if isinstance(item, ast.Delete):
            found.update(_key(target) for target in item.targets)
        elif (
            isinstance(item, ast.Call)
            and isinstance(item.func, ast.Attribute)
            and item.func.attr == "pop"
            and item.args
        ):
            found.add(_text(item.args[0]))
        elif isinstance(item, ast.Compare) and isinstance(item.ops[0], ast.NotIn | ast.NotEq):
            right = item.comparators[0]
            found.update(
                map(_text, right.elts if isinstance(right, ast.Tuple | ast.Set | ast.List) else [right])
            )
    return frozenset(found - {""})


def filtered(function: Function) -> str:
    """The attribute of the class with the names that a `__getstate__` takes out of the state; else ''."""
    for item in walk(function):
        if isinstance(item, ast.Compare) and isinstance(item.ops[0], ast.NotIn):
            if name := _of_own(item.comparators[0]):
                return name
        elif isinstance(item, ast.BinOp) and isinstance(item.op, ast.Sub):
            right = item.right.args[0] if isinstance(item.right, ast.Call) and item.right.args else item.right
            if name := _of_own(right):
                return name
        elif (
            isinstance(item, ast.For)
            and isinstance(item.target, ast.Name)
            and _takes_out(item, item.target.id)
        ):
            return _of_own(item.iter)
    return ""


def _starts(function: Function) -> Iterator[str]:
    """With what the names begin that a `__getstate__` takes out of the state."""
    for item in walk(function):
        match item:
            case ast.UnaryOp(
                op=ast.Not(),
                operand=ast.Call(func=ast.Attribute(attr="startswith"), args=[ast.Constant(value=str(text))]),
            ) if len(text) > 1:
                yield text


def _takes_out(loop: ast.For, name: str) -> bool:
    for item in walk(loop):
        if isinstance(item, ast.Delete) and any(
            isinstance(target, ast.Subscript) and dotted(target.slice) == name for target in item.targets
        ):
            return True
        if isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute) and item.func.attr == "pop":
            return any(dotted(given) == name for given in item.args[:1])
    return False


def _of_own(node: ast.expr) -> str:
    """The name of an attribute of the object or its class."""
    if not isinstance(node, ast.Attribute):
        return ""
    owner = dotted(node.value.func) if isinstance(node.value, ast.Call) else dotted(node.value)
    return node.attr if owner in _OWN else ""


def _texts(node: ast.ClassDef) -> dict[str, frozenset[str]]:
    """The attributes that the body of a class makes collections of texts, with these."""
    found: dict[str, frozenset[str]] = {}
    for name, value in assigned(node):
        if isinstance(value, ast.Tuple | ast.List | ast.Set | ast.BinOp | ast.Call):
            found[name] = frozenset(_text(item) for item in walk(value) if isinstance(item, ast.expr)) - {""}
    return found


def _key(node: ast.expr) -> str:
    return _text(node.slice) if isinstance(node, ast.Subscript) else ""


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _uses(function: Function, name: str) -> list[ast.Attribute]:
    return [
        item for item in walk(function) if isinstance(item, ast.Attribute) and dotted(item) == f"self.{name}"
    ]


def _stores(function: Function, name: str) -> bool:
    return any(isinstance(item.ctx, ast.Store) for item in _uses(function, name))


def _reads_first(function: Function, name: str) -> bool:
    """Whether a method reads an attribute, and does not set it itself."""
    return bool(_uses(function, name)) and not _stores(function, name)


def _tests(function: Function, name: str) -> bool:
    """Whether a method asks whether an attribute is there, or makes it."""
    if function.name not in ("__init__", "__getstate__") and _stores(function, name):
        return True
    strings = {item.value for item in walk(function) if isinstance(item, ast.Constant)}
    return function.name != "__getstate__" and name in strings


def set_in(node: ast.ClassDef) -> set[str]:
    """The attributes of `self` that a class sets in its `__init__`."""
    makers = [item for item in node.body if isinstance(item, Function) and item.name == "__init__"]
    stored = (item for maker in makers for item in walk(maker) if isinstance(item, ast.Attribute))
    return {item.attr for item in stored if isinstance(item.ctx, ast.Store) and dotted(item.value) == "self"}

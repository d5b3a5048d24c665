"""What changes an object and leaves it where it is, and which object that is."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.kind import File
from nequip_lint.facts.names import Names
from nequip_lint.facts.variables import literal

CHANGING = frozenset(
    (
        *("update", "setdefault", "pop", "popitem", "clear", "__setitem__", "__delitem__"),
        *("append", "extend", "insert", "remove", "appendleft", "extendleft", "sort", "reverse"),
        *("add", "discard", "set", "register"),
    )
)
"""Methods that change the object they are called on."""
FILLING = frozenset(
    {"append", "extend", "insert", "appendleft", "extendleft", "add", "update", "register", "set"}
)
"""Those of them that put something into it, and give nothing of it."""
_SETTERS = {"setattr": 3, "delattr": 2}
"""Functions that set an attribute by its name, with the number of their arguments."""


def owner_of(node: ast.expr, names: Names) -> ast.expr:
    """The object whose content an access is about: `x` of `x[0]["a"]`, `x.__dict__` and `vars(x)`.

    Args:
        node: the access.
        names: what imports bind.
    """
    while True:
        match node:
            case ast.Subscript(value=value) if names.full(dotted(value)) != "sys.modules":
                node = value
            case ast.Attribute(attr="__dict__", value=value):
                node = value
            case ast.Call(func=ast.Name(id="vars"), args=[value]):
                node = value
            case _:
                return node


def in_dict(node: ast.expr) -> ast.Attribute | None:
    """The attribute behind `x.__dict__["name"]` and `vars(x)["name"]`; None for anything else."""
    key = key_of(node)
    if not key or not isinstance(node, ast.Subscript):
        return None
    match node.value:
        case ast.Attribute(attr="__dict__", value=owner):
            return ast.Attribute(owner, key, ast.Store())
        case ast.Call(func=ast.Name(id="vars"), args=[owner]):
            return ast.Attribute(owner, key, ast.Store())
    return None


def attribute_set(node: ast.Call) -> ast.Attribute | None:
    """The attribute that `setattr(owner, "name", value)` sets; None for any other call."""
    function = dotted(node.func)
    is_setter = function.rpartition(".")[2] == "__setattr__" and len(node.args) == 3
    if not is_setter and _SETTERS.get(function) != len(node.args):
        return None
    name = literal(node.args[1])
    return ast.Attribute(node.args[0], name, ast.Store()) if isinstance(name, str) else None


def sets_computed(node: ast.Call) -> bool:
    """Whether a call sets an attribute whose name is computed."""
    return dotted(node.func) == "setattr" and len(node.args) == 3 and attribute_set(node) is None


def key_of(node: ast.expr) -> str:
    """The item that an access or a call is about, where that is written out; else ''."""
    given: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        given = node.slice
    elif isinstance(node, ast.Call) and node.args:
        given = node.args[0]
    found = literal(given) if given is not None else None
    return found if isinstance(found, str) else ""


def of_class(node: ast.expr) -> str:
    """`cls.x` for `type(self).x` and `self.__class__.x`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
        call = node.value
        if dotted(call.func) == "type" and [dotted(item) for item in call.args] == ["self"]:
            return f"cls.{node.attr}"
    name = dotted(node)
    return name.replace("self.__class__", "cls", 1) if name.startswith("self.__class__.") else ""


def of_result(node: ast.expr) -> str:
    """`function()` for what a function gives, `function().x` for an attribute of that."""
    call = node.value if isinstance(node, ast.Attribute) else node
    name = dotted(call.func) if isinstance(call, ast.Call) and not call.args else ""
    if not name or name in ("type", "globals", "vars", "super"):
        return ""
    return f"{name}().{node.attr}" if isinstance(node, ast.Attribute) else f"{name}()"


def module_of(owner: ast.expr, file: File, key: str) -> str:
    """The absolute name behind `sys.modules[module].name` and `globals()["name"]`; '' for anything else."""
    if isinstance(owner, ast.Call) and dotted(owner.func) in ("globals", "vars") and not owner.args:
        return f"{file.module}.{key}" if key else ""
    if not isinstance(owner, ast.Attribute) or not isinstance(owner.value, ast.Subscript):
        return ""
    if file.full(dotted(owner.value.value)) != "sys.modules":
        return ""
    given = owner.value.slice
    named = file.module if dotted(given) == "__name__" else literal(given)
    return f"{named}.{owner.attr}" if isinstance(named, str) else ""

"""What pickling makes of a value: which it refuses, and which it changes."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.detailed.makers import answering, returns_local_class, returns_unnamed
from nequip_lint.facts.detailed.unpicklable import CONTAINERS, FORMATS, MADE, MADE_BY_TORCH, MODULES, STREAMS
from nequip_lint.facts.kind import File
from nequip_lint.facts.site import Function, Scope

_Held = tuple[str, str]
_NOTHING: _Held = ("", "")


class Surroundings(NamedTuple):
    """What names stand for where a value is made.

    `scope` is that of the function, `top` the definitions and assignments at module level that are made once,
    `identities` the names that something is compared with by `is`, `moved` the classes whose `__module__` is
    set.
    """

    file: File
    scope: Scope
    top: Mapping[str, ast.AST]
    identities: frozenset[str]
    moved: frozenset[str]

    @property
    def names(self) -> Mapping[str, str]:
        """What imports bind."""
        return self.file.names

    def full(self, name: str) -> str:
        """The absolute dotted name behind a name that an import binds; else the name."""
        return self.file.full(name)

    def value(self, name: str) -> tuple[ast.AST | None, bool]:
        """What a name is bound to, once and visibly, and whether that happens in the function itself."""
        if name in self.scope.arguments:
            return None, True
        if name in self.scope.values:
            values = self.scope.values[name]
            return (values[0] if len(values) == 1 else None), True
        return self.top.get(name), False


def judge(node: ast.AST, known: Surroundings, depth: int = 4) -> _Held:
    """The category of a value that pickling refuses or changes, and what it is; empty for all others."""
    if depth == 0:
        return _NOTHING
    match node:
        case ast.Lambda():
            return "function", "a lambda"
        case ast.GeneratorExp():
            return "native", "a generator"
        case ast.Name():
            return _name(node.id, known, depth)
        case ast.Attribute():
            return _attribute(known.full(dotted(node)))
        case ast.Call():
            return _made(node, known, depth)
    return _first(_parts(node), known, depth)


def _parts(node: ast.AST) -> Sequence[ast.AST]:
    match node:
        case ast.Dict():
            return node.values
        case ast.List() | ast.Tuple() | ast.Set():
            return node.elts
        case ast.IfExp():
            return [node.body, node.orelse]
        case ast.BoolOp():
            return node.values
    return ()


def _first(nodes: Sequence[ast.AST], known: Surroundings, depth: int) -> _Held:
    found = (judge(item, known, depth - 1) for item in nodes)
    return next((item for item in found if item[0]), _NOTHING)


def _name(name: str, known: Surroundings, depth: int) -> _Held:
    value, is_local = known.value(name)
    if isinstance(value, Function):
        if is_local:
            return "function", f"the local function {name}"
        return _decorated(value, known)
    if isinstance(value, ast.ClassDef):
        return ("class", f"the local class {name}") if is_local else _NOTHING
    if value is not None:
        if not is_local and _is_sentinel(value) and name in known.identities:
            return "sentinel", name
        category, what = judge(value, known, depth - 1)
        return category, f"{name}, which is {what}" if what and what != name else what
    if is_local or name not in known.names:
        return _NOTHING
    if name in known.file.modules:
        return "native", f"the module {known.names[name]}"
    return _attribute(known.names[name])


def _is_sentinel(value: ast.AST) -> bool:
    return isinstance(value, ast.Call) and dotted(value.func) == "object" and not value.args


def _attribute(full: str) -> _Held:
    if full in MODULES:
        return "native", f"the module {full}"
    if full in STREAMS:
        return "native", f"the stream {full}"
    if full in FORMATS:
        return "native", full
    if full.startswith("torch.ops."):
        return "native", f"the operator {full}"
    return _NOTHING


def _decorated(node: Function, known: Surroundings) -> _Held:
    """A module-level function whose decorator puts another function in its place."""
    for item in node.decorator_list:
        name = dotted(item.func if isinstance(item, ast.Call) else item)
        if known.full(name) in MADE_BY_TORCH:
            return "torch", f"{node.name}, which is {MADE_BY_TORCH[known.full(name)]}"
        maker = known.top.get(name)
        if not isinstance(item, ast.Call) and isinstance(maker, Function) and returns_unnamed(maker):
            return "function", f"{node.name}, which its decorator {name} replaces by a local function"
    return _NOTHING


def _made(node: ast.Call, known: Surroundings, depth: int) -> _Held:
    name = dotted(node.func)
    full = known.full(name)
    value, is_local = known.value(name) if name and "." not in name else (None, False)
    if full in ("functools.partial", "collections.defaultdict") and node.args:
        category, what = judge(node.args[0], known, depth - 1)
        return (category, f"{what} inside {full}") if category == "function" else _NOTHING
    if full in MADE_BY_TORCH:
        return "torch", MADE_BY_TORCH[full]
    if full in CONTAINERS:
        return _first(node.args, known, depth)
    if full == "types.MethodType":
        return _method(node, known)
    if full in MADE and (value is None or name in known.names):
        return "native", MADE[full]
    if full == "torch.compile" and node.args:
        return _compiled(node.args[0], known)
    if isinstance(value, Function) and not value.decorator_list and returns_unnamed(value):
        return "function", f"a local function made by {name}"
    if isinstance(value, ast.ClassDef):
        return _instance(value, is_local, known)
    return _misnamed(name, value) if value is not None and not is_local else _NOTHING


def _method(node: ast.Call, known: Surroundings) -> _Held:
    function = dotted(node.args[0]) if node.args else ""
    if function and not function.startswith("self."):
        return "method", function
    return judge(node.args[0], known) if node.args else _NOTHING


def _compiled(node: ast.AST, known: Surroundings) -> _Held:
    """`torch.compile` of a function leaves a function; of a module it leaves a module, which is fine."""
    name = dotted(node) if isinstance(node, ast.Name) else ""
    value, _ = known.value(name) if name else (None, False)
    if isinstance(node, ast.Lambda) or isinstance(value, Function):
        return "torch", "a function made by torch.compile"
    return _NOTHING


def _instance(node: ast.ClassDef, is_local: bool, known: Surroundings) -> _Held:
    if is_local:
        return "class", f"an object of the local class {node.name}"
    if node.name in known.moved:
        return "moved", node.name
    for item in node.decorator_list:
        maker = known.top.get(dotted(item))
        if isinstance(maker, Function) and returns_local_class(maker):
            return "class", f"an object of {node.name}, which its decorator replaces by a local class"
    how = answering(node)
    return ("getattr", f"{node.name}, whose __getattr__ {how}") if how else _NOTHING


def _misnamed(name: str, value: ast.AST) -> _Held:
    """An object of a class that carries another name than the one that it is bound to."""
    if not isinstance(value, ast.Call) or not value.args:
        return _NOTHING
    maker = dotted(value.func).rpartition(".")[2]
    given = value.args[0]
    known = maker in ("namedtuple", "NamedTuple") or (maker == "type" and len(value.args) == 3)
    if not known or not isinstance(given, ast.Constant) or given.value == name:
        return _NOTHING
    return "class", f"an object of {name}, a class that calls itself {given.value!r}"

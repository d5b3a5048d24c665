"""Classes whose objects pickling cannot find again by the name of their class, or asks in vain."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.kind import File
from nequip_lint.facts.names import Names
from nequip_lint.facts.objects.decorated import gives_other
from nequip_lint.facts.objects.makers import answering, delegating, returns_local_class
from nequip_lint.facts.objects.surroundings import Held, Module, Surroundings
from nequip_lint.facts.objects.unpicklable import AUTOGRAD, MADE
from nequip_lint.facts.site import Function, Scope
from nequip_lint.source.nodes import walk

_Held = tuple[str, str]
_TUPLES = ("namedtuple", "NamedTuple")
_ENUMS = ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")
_DATACLASSES = frozenset({"dataclass", "define", "frozen", "mutable", "attrs"})
_OWN_STATE = frozenset({"__init__", "__new__", "__getstate__", "__reduce__", "__reduce_ex__"})
_RESTORING = frozenset({"__getstate__", "__reduce__", "__reduce_ex__"})


def of_class(name: str, value: ast.AST | None, module: Module) -> Iterator[_Held]:
    """What is true of the objects of a class at module level.

    Args:
        name: of the class.
        value: what the name is bound to.
        module: what the names of the file stand for.
    """
    if isinstance(value, ast.ClassDef):
        yield from _defined(value, module)
    elif isinstance(value, ast.Call) and value.args and name not in module.moved:
        yield from _misnamed(name, value, module.file.names)


def _defined(node: ast.ClassDef, module: Module) -> Iterator[_Held]:
    if node.name in module.moved:
        yield "moved", node.name
    for item in node.decorator_list:
        maker = module.defined.get(dotted(item))
        if isinstance(maker, Function) and returns_local_class(maker):
            yield "class", f"an object of {node.name}, which its decorator replaces by a local class"
            return
    own = {item.name for item in node.body if isinstance(item, Function)}
    for base in map(module.file.full, map(dotted, node.bases)):
        if base in MADE and own.isdisjoint(_RESTORING):
            yield "native", f"an object of {node.name}, which is {MADE[base]},"
            return
    how = answering(node)
    if how:
        yield "getattr", f"{node.name}, whose __getattr__ {how}"
    elif delegating(node):
        yield "delegate", f"{node.name}, whose __getattr__ {delegating(node)}"


def _misnamed(name: str, value: ast.Call, names: Names) -> Iterator[_Held]:
    """A class that carries another name than the one that it is bound to."""
    maker = names.last(dotted(value.func))
    given = value.args[0]
    is_class = maker in _TUPLES or (maker == "type" and len(value.args) == 3)
    is_class = is_class or (maker in _ENUMS and len(value.args) > 1)
    if is_class and isinstance(given, ast.Constant) and given.value != name:
        yield "class", f"an object of {name}, a class that calls itself {given.value!r}"
    elif maker in ("make_dataclass", "new_class") and not _tells_module(value):
        category = "dataclass" if maker == "make_dataclass" else "class"
        yield category, f"an object of {name}, a class of {maker} that says it is of the module types"


def _tells_module(value: ast.Call) -> bool:
    """Whether a call that makes a class says of which module that is."""
    texts = {item.value for item in walk(value) if isinstance(item, ast.Constant)}
    return "__module__" in texts or any(item.arg in ("module", None) for item in value.keywords)


def made_in_body(node: ast.expr, known: Surroundings) -> str:
    """A class that the body of a class makes, which is then no part of its name; '' for anything else.

    Args:
        node: what may be such a class, as `self.Point`.
        known: what names stand for there.
    """
    value = known.in_class(node)
    if value is None or not isinstance(node, ast.Attribute) or not makes_class(value, known.names):
        return ""
    given = value.args[0] if isinstance(value, ast.Call) and value.args else None
    name = given.value if isinstance(given, ast.Constant) else None
    if name in known.module.defined or any(item.arg == "module" for item in value.keywords):  # type: ignore[attr-defined]
        return ""
    return f"{node.attr}, a class that calls itself {name!r} and lies in another one"


def member(node: ast.Attribute | ast.Subscript, known: Surroundings) -> Iterator[Held]:
    """A member of an enumeration that a call makes, if its class is not found by its name."""
    owner = node.value
    if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
        return
    inner = made_in_body(owner, known)
    value = (
        known.in_class(owner) if inner else known.value(owner.id)[0] if isinstance(owner, ast.Name) else None
    )
    if not isinstance(value, ast.Call) or known.names.last(dotted(value.func)) not in _ENUMS:
        return
    if inner:
        yield Held("class", f"an object of {inner}")
    elif isinstance(owner, ast.Name):
        yield from (Held(*item) for item in of_class(owner.id, value, known.module))


def of_local_class(node: ast.Attribute, known: Surroundings) -> Iterator[Held]:
    """A method that is taken from a local class, or from an object of one."""
    owner = node.value.func if isinstance(node.value, ast.Call) else node.value
    value, is_local = known.value(owner.id) if isinstance(owner, ast.Name) else (None, False)
    if not is_local or not isinstance(value, ast.ClassDef):
        return
    methods = {item.name for item in value.body if isinstance(item, Function) and not _is_asked(item)}
    if not AUTOGRAD.isdisjoint(known.full(dotted(base)) for base in value.bases):
        methods.add("apply")
    if node.attr in methods:
        yield Held("class", f"{node.attr} of the local class {value.name}")


def _is_asked(method: Function) -> bool:
    """Whether a decorator other than those of plain methods may make a value of a method."""
    return any(dotted(item) not in ("staticmethod", "classmethod") for item in method.decorator_list)


def one_of(node: ast.expr, known: Surroundings) -> Iterator[Held]:
    """A member of an enumeration that a generator looks for among all of them."""
    match node:
        case ast.GeneratorExp(
            elt=ast.Name(id=name),
            generators=[ast.comprehension(target=ast.Name(id=each), iter=ast.Name() as owner)],
        ) if name == each:
            own = known.class_of(owner)
            full = known.full(owner.id) if owner.id in known.names else ""
            full = f"{known.file.module}.{own.name}" if own is not None else full
            yield from [Held("named", f"{full}[]")] if full else ()


def members(value: ast.Call, names: Names) -> list[str]:
    """The names of the members of an enumeration that a call makes, as far as they are written out."""
    if names.last(dotted(value.func)) not in _ENUMS or len(value.args) < 2:
        return []
    given = value.args[1]
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return given.value.replace(",", " ").split()
    parts = given.keys if isinstance(given, ast.Dict) else getattr(given, "elts", [])
    every = (item.elts[0] if isinstance(item, ast.Tuple) and item.elts else item for item in parts)
    return [item.value for item in every if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def collects(value: ast.AST, file: File) -> bool:
    """Whether the objects of a class keep all that they are made of, as those of a dataclass do.

    Args:
        value: what its name is bound to.
        file: with the names of imports.
    """
    if isinstance(value, ast.ClassDef):
        own = {item.name for item in value.body if isinstance(item, Function)}
        called = (item.func if isinstance(item, ast.Call) else item for item in value.decorator_list)
        is_made = not _DATACLASSES.isdisjoint(map(file.last, called))
        is_tuple = "NamedTuple" in map(file.last, value.bases)
        return own.isdisjoint(_OWN_STATE) and (is_made or is_tuple)
    return isinstance(value, ast.Call) and file.last(value.func) in (*_TUPLES, "make_dataclass")


def makes_class(node: ast.AST, names: Names) -> bool:
    """Whether an expression makes a new class, as `type(name, bases, body)` does.

    Args:
        node: the expression.
        names: what imports bind.
    """
    name = names.last(dotted(node.func)) if isinstance(node, ast.Call) else ""
    is_type = name == "type" and isinstance(node, ast.Call) and len(node.args) == 3
    is_enum = name in _ENUMS and isinstance(node, ast.Call) and len(node.args) > 1
    return is_type or is_enum or name in (*_TUPLES, "make_dataclass", "new_class")


def is_named_by_argument(node: ast.AST, scope: Scope) -> bool:
    """Whether a class that is made is called what an argument says, or is called: its name may be right."""
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    if isinstance(first, ast.Attribute) and first.attr in ("__name__", "__qualname__"):
        first = first.value
    return isinstance(first, ast.Name) and first.id in scope.arguments


def told_by(node: ast.AST, scope: Scope, file: File) -> str | None:
    """The argument that says of which module a class is that a function makes; '' where none does.

    Without it the class is of the module of the function. None: the code itself says it.
    """
    given = (
        [item.value for item in node.keywords if item.arg == "module"] if isinstance(node, ast.Call) else []
    )
    names = [item.id for item in given if isinstance(item, ast.Name) and item.id in scope.arguments]
    if len(names) < len(given) or "__module__" in file.spelled | file.strings:
        return None
    return names[0] if names else ""


def replaced(defined: list[tuple[str, ast.AST]], file: File) -> dict[str, int]:
    """The names of classes that stand for something else from a line on.

    Args:
        defined: what module-level names are bound to, in source order.
        file: with the names of imports.
    """
    found: dict[str, int] = {}
    classes: dict[str, ast.ClassDef] = {}
    for name, value in defined:
        if name in classes and not _passes_on(name, value, file):
            found[name] = value.lineno + 1 if isinstance(value, ast.expr) else value.lineno  # type: ignore[attr-defined]
        if isinstance(value, ast.ClassDef):
            classes[name] = value
    return found


def _passes_on(name: str, value: ast.AST, file: File) -> bool:
    """Whether a class is given to what its name is bound to next, as a decorator gives it back."""
    if isinstance(value, ast.Call):
        return not gives_other(value, file) and any(dotted(item) == name for item in value.args)
    return isinstance(value, ast.Name)

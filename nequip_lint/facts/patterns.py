"""Patterns in expressions: calls by name, files beside the source, subscripts, comparisons, chains."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.known import Known, Pattern
from nequip_lint.facts.walk import children, walk

_CALLS = frozenset(
    {
        "import_module",
        "reload",
        "get_data",
        "files",
        "path",
        "open_text",
        "open_binary",
        "read_text",
        "read_binary",
        "contents",
        "version",
        "metadata",
        "distribution",
        "requires",
        "entry_points",
        "Library",
        "define",
        "set_start_method",
        "set_num_interop_threads",
        "register_backend",
        "register_new_resolver",
        "register_package",
        "set_default_dtype",
        "get_type_hints",
        "getmodule",
        "setattr",
        "global_enum",
        "find_spec",
        "__import__",
        "rand",
        "randn",
        "randint",
        "randperm",
        "normal",
        "uniform",
        "random",
        "rand_like",
        "randn_like",
        "standard_normal",
        "weight_norm",
        "spectral_norm",
        "orthogonal",
        "register_parametrization",
    }
)
_READERS = frozenset(
    {
        "open",
        "read_text",
        "read_bytes",
        "load",
        "loadtxt",
        "genfromtxt",
        "fromfile",
        "CDLL",
        "LoadLibrary",
        "load_library",
        "read_csv",
        "listdir",
        "scandir",
        "iterdir",
        "load_file",
        "safe_open",
    }
)
_TESTS = frozenset({"exists", "isfile", "is_file", "isdir", "is_dir"})
_BESIDE = frozenset({"__file__", "__path__"})
_REFUSING_NONE = frozenset({("getattr", 2), ("setattr", 3), ("vars", 1)})
"""Functions, with the number of their arguments, that raise for None."""
_SUBSCRIPTED = frozenset({"sys.modules", "os.environ", "environ", "modules", "__path__"})


class Taint:
    """The names that hold a path beside the source."""

    def __init__(self, text: str) -> None:
        self.names: set[str] = set()
        self.possible = any(word in text for word in ("__file__", "__path__", "__spec__"))

    def touches(self, node: ast.AST) -> bool:
        """Whether an expression is made from `__file__`, `__path__` or a name that is."""
        for child in walk(node) if self.possible else ():
            if isinstance(child, ast.Name) and (child.id in _BESIDE or child.id in self.names):
                return True
            if isinstance(child, ast.Attribute) and child.attr == "__path__":
                return True
            if isinstance(child, ast.Attribute) and dotted(child).startswith("__spec__."):
                return True
        return False

    def assign(self, node: ast.Assign | ast.AnnAssign) -> None:
        """Follow an assignment."""
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is not None and self.touches(node.value):
            self.names.update(target.id for target in targets if isinstance(target, ast.Name))


class _Item(NamedTuple):
    node: ast.AST
    immediate: bool


def patterns_of(
    statement: ast.stmt, nodes: Iterable[ast.AST], known: Known, taint: Taint
) -> Iterator[Pattern]:
    """The patterns of a statement's own expressions.

    Args:
        statement: the statement.
        nodes: its expressions, or the statement itself where it holds no other statement.
        known: what names stand for.
        taint: names that hold a path beside the source; an assignment adds to them.
    """
    given = list(nodes)
    read = False
    for item in _below(given):
        node = item.node
        if isinstance(node, ast.Call):
            yield from _call(node, known, item.immediate)
            if not read and _last(node.func) in _READERS and taint.touches(node):
                read = True
                yield Pattern("read", known.full(dotted(node.func)), (), node, item.immediate)
        elif isinstance(node, ast.Subscript):
            yield from _used_lookup(node, known, item.immediate)
            yield from _subscript(node, known, item.immediate)
        elif isinstance(node, ast.Compare):
            yield from _compare(node, item.immediate)
        elif isinstance(node, ast.Attribute):
            yield from _used_lookup(node, known, item.immediate)
            yield from _chain(node, known, item.immediate)
    yield from _targets(statement, known)
    if taint.possible and isinstance(statement, ast.Assert | ast.If):
        yield from _demanded(statement, known, taint)
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield from _decorators(statement, known)
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        taint.assign(statement)


def _demanded(node: ast.Assert | ast.If, known: Known, taint: Taint) -> Iterator[Pattern]:
    """A path beside the source that has to be there: `assert isdir(p)`, `if not exists(p): raise`.

    A `raise` at import is a fact of its own.
    """
    test: ast.expr = node.test
    if isinstance(node, ast.If):
        is_negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        if not (is_negated and known.is_inside and _raises(node.body)):
            return
        test = test.operand  # type: ignore[attr-defined]
    for item in test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]:
        if isinstance(item, ast.Call) and _last(item.func) in _TESTS and taint.touches(item):
            yield Pattern("read", known.full(dotted(item.func)) or _last(item.func), ("demanded",), item)


def _raises(body: list[ast.stmt]) -> bool:
    return any(isinstance(item, ast.Raise) for item in body)


def _below(nodes: Iterable[ast.AST]) -> Iterator[_Item]:
    """Every node below some nodes, outer ones first; what a lambda holds does not run at once."""
    stack = [_Item(node, True) for node in reversed(list(nodes))]
    while stack:
        item = stack.pop()
        yield item
        immediate = item.immediate and not isinstance(item.node, ast.Lambda)
        if isinstance(item.node, ast.Attribute) and dotted(item.node):
            continue
        stack += [_Item(child, immediate) for child in reversed(children(item.node))]


def _call(node: ast.Call, known: Known, immediate: bool) -> Iterator[Pattern]:
    name = _last(node.func)
    yield from _used_lookup(node, known, immediate)
    if known.full(dotted(node.func)) == "sys.modules.setdefault" and node.args:
        yield Pattern("subscript", "sys.modules", (ast.unparse(node.args[0]), "store"), node, immediate)
    elif name in _CALLS:
        yield Pattern("call", known.full(dotted(node.func)) or name, _arguments(node), node, immediate)
    elif name == "startswith" and isinstance(node.func, ast.Attribute) and node.args:
        yield from _compared(node.func.value, node.args[0], node, immediate)


def _used_lookup(
    node: ast.Attribute | ast.Subscript | ast.Call, known: Known, immediate: bool
) -> Iterator[Pattern]:
    """A use of what `sys.modules.get(x)` gives that None refuses; the name of it is the exception."""
    used: ast.expr | None = None
    exception = "TypeError"
    if not isinstance(node, ast.Call):
        used = node.value
        exception = "AttributeError" if isinstance(node, ast.Attribute) else exception
    elif node.args and (_last(node.func), len(node.args)) in _REFUSING_NONE:
        used = node.args[0]
        exception = "TypeError" if _last(node.func) == "vars" else "AttributeError"
    if not isinstance(used, ast.Call) or known.full(dotted(used.func)) != "sys.modules.get":
        return
    if len(used.args) == 1 and not used.keywords and not _is_of_none(node):
        yield Pattern("lookup", exception, (ast.unparse(used.args[0]),), used, immediate)


def _is_of_none(node: ast.expr) -> bool:
    """Whether a use asks for an attribute that None has too."""
    return isinstance(node, ast.Attribute) and hasattr(None, node.attr)


def _arguments(node: ast.Call) -> tuple[str, ...]:
    keywords = (f"{item.arg or '**'}={ast.unparse(item.value)}" for item in node.keywords)
    return (*(ast.unparse(item) for item in node.args), *keywords)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _subscript(node: ast.Subscript, known: Known, immediate: bool) -> Iterator[Pattern]:
    name = dotted(node.value)
    full = known.full(name)
    if full in _SUBSCRIPTED or full.endswith(".__path__"):
        context = type(node.ctx).__name__.lower()
        yield Pattern("subscript", full, (ast.unparse(node.slice), context), node, immediate)


def _compare(node: ast.Compare, immediate: bool) -> Iterator[Pattern]:
    if len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In):
        yield from _compared(node.left, node.comparators[0], node, immediate)
        if not isinstance(node.ops[0], ast.In):
            yield from _compared(node.comparators[0], node.left, node, immediate)


def _compared(left: ast.expr, right: ast.expr, node: ast.expr, immediate: bool) -> Iterator[Pattern]:
    """`type(x).__module__` or `__name__` against a string."""
    own = _last(left)
    if own != "__module__" and not (own == "__name__" and isinstance(left, ast.Name)):
        return
    for item in right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else [right]:
        if isinstance(item, ast.Constant) and isinstance(item.value, str):
            yield Pattern("compare", own, (item.value,), node, immediate)


def _chain(node: ast.Attribute, known: Known, immediate: bool) -> Iterator[Pattern]:
    name = dotted(node)
    if name.startswith(("__loader__.", "__spec__.loader.")):
        yield Pattern("loader", name, (), node, immediate)
    if name and name.partition(".")[0] in known.chains and isinstance(node.ctx, ast.Load):
        yield Pattern("chain", name, (), node, immediate)


def _targets(node: ast.stmt, known: Known) -> Iterator[Pattern]:
    """Assignments to attributes of something imported, and in functions to all that outlives them."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from _target(target, known)
            yield from _moved(target, node.value, known)


def _target(target: ast.expr, known: Known) -> Iterator[Pattern]:
    owner = target
    while isinstance(owner, ast.Subscript):
        owner = owner.value
    name = _of_class(owner) or dotted(owner)
    head, dot, _ = name.partition(".")
    if known.is_inside and (known.saves(name) or not (known.outlives(head) or head in known.globals)):
        return
    is_builtin = known.full(head) == "builtins"
    if isinstance(target, ast.Attribute) and head in known.names and (is_builtin or not known.is_inside):
        yield Pattern("set", known.full(name), (), target)
    elif known.is_inside and (owner is not target or dot or head in known.globals):
        yield Pattern("store", known.full(name), () if owner is target else ("item",), target)


def _moved(target: ast.expr, value: ast.expr, known: Known) -> Iterator[Pattern]:
    """`Public.__module__ = "mypkg"`, outside of the class."""
    name = dotted(target).removesuffix(".__module__") if _last(target) == "__module__" else ""
    if name and not known.is_inside and isinstance(known.top().get(name), ast.ClassDef):
        yield from known.moved(name, value, target)


def _of_class(node: ast.expr) -> str:
    """`cls.x` for `type(self).x`."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
        call = node.value
        if dotted(call.func) == "type" and [dotted(item) for item in call.args] == ["self"]:
            return f"cls.{node.attr}"
    name = dotted(node)
    return name.replace("self.__class__", "cls", 1) if name.startswith("self.__class__.") else ""


def _decorators(node: ast.FunctionDef | ast.ClassDef, known: Known) -> Iterator[Pattern]:
    """Decorators without parentheses, which are calls too."""
    for item in node.decorator_list:
        if not isinstance(item, ast.Call) and _last(item) in _CALLS:
            yield Pattern("call", known.full(dotted(item)), (node.name,), item)

"""Reduce the tests of `if` statements to what can be judged without running them."""

from __future__ import annotations

import ast

from nequip_lint.facts import variables
from nequip_lint.facts.names import Names
from nequip_lint.facts.packaged import asks_packaged
from nequip_lint.facts.values import CUDA_BUILD, FALSE, TRUE, Condition, negated
from nequip_lint.source.nodes import walk

_UNKNOWN = Condition("unknown")
_AVAILABLE = ("is_available", "device_count")
_DEVICES = ("cuda", "xpu", "mps", "hip", "accelerator", "gpu")
_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.GtE: ">=",
    ast.Gt: ">",
    ast.LtE: "<=",
    ast.Lt: "<",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


def dotted(node: ast.expr) -> str:
    """`a.b.c` for a chain of attributes on a name, '' for anything else."""
    if type(node) is ast.Name:  # most are, and this is asked of every expression
        return node.id
    if type(node) is not ast.Attribute:
        return ""
    parts: list[str] = []
    while type(node) is ast.Attribute:
        parts.append(node.attr)
        node = node.value
    if type(node) is not ast.Name:
        return ""
    parts.append(node.id)
    parts.reverse()
    return ".".join(parts)


def condition_of(node: ast.expr, names: Names) -> Condition:
    """The test that an expression stands for.

    Args:
        node: the expression.
        names: what imports bind.
    """
    if isinstance(node, ast.NamedExpr):
        node = node.target
    if isinstance(node, ast.Constant):
        return TRUE if node.value else FALSE
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return negated(condition_of(node.operand, names))
    about_package = asks_packaged(node)
    if about_package is not None:
        return about_package
    if isinstance(node, ast.BoolOp):
        kind = "all" if isinstance(node.op, ast.And) else "any"
        return Condition(kind, parts=tuple(condition_of(value, names) for value in node.values))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _comparison(node.left, node.ops[0], node.comparators[0], names)
    if isinstance(node, ast.Call):
        return _call(node, names)
    is_index = isinstance(node, ast.Subscript)
    return (variables.truth(node, names) or _UNKNOWN) if is_index else _name(node, names)


def _name(node: ast.expr, names: Names) -> Condition:
    name = dotted(node)
    if names.last(name) == "TYPE_CHECKING":
        return Condition("typing")
    if isinstance(node, ast.Attribute) and node.attr in ("is_cuda", "is_xpu"):
        return Condition("gpu")
    if names.full(name) == CUDA_BUILD.text:
        return CUDA_BUILD
    return Condition("name", name) if name else _UNKNOWN


def _call(node: ast.Call, names: Names) -> Condition:
    name = dotted(node.func)
    if _asks_for_gpu(node.func, names):
        return Condition("gpu")
    if name in ("hasattr", "getattr") or not name:
        return _UNKNOWN
    if names.last(name) == "find_spec":
        return _present(node)
    if name == "bool" and len(node.args) == 1:
        return condition_of(node.args[0], names)
    return variables.truth(node, names) or Condition("call", name)


def _asks_for_gpu(function: ast.expr, names: Names) -> bool:
    """Whether a function of torch, or of a device in it, tells whether there is a GPU."""
    if isinstance(function, ast.Attribute):
        return function.attr in _AVAILABLE and _is_named(function, ("torch", *_DEVICES))
    owner, _, last = names.full(dotted(function)).rpartition(".")
    return last in _AVAILABLE and owner.startswith("torch.")


def _present(node: ast.Call) -> Condition:
    match node.args[:1]:
        case [ast.Constant(value=str(module))]:
            return Condition("importable", module)
    return _UNKNOWN


def _comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr, names: Names) -> Condition:
    if isinstance(operator, ast.In | ast.NotIn) and names.full(dotted(right)) in ("sys.modules", "modules"):
        loaded = Condition("loaded", ast.unparse(left))
        return loaded if isinstance(operator, ast.In) else negated(loaded)
    about_variable = variables.comparison(left, operator, right, names)
    if about_variable is not None:
        return about_variable
    if isinstance(right, ast.Constant) and right.value is None:
        inner = condition_of(left, names)
        return negated(inner) if isinstance(operator, ast.Is | ast.Eq) else inner
    name = dotted(left)
    is_turned = dotted(right) == "__name__" and isinstance(operator, ast.Eq | ast.NotEq)
    if name == "__name__" or is_turned:
        return FALSE if isinstance(operator, ast.Eq) else TRUE
    if names.last(name) == "version_info":
        return _python(operator, right)
    part = _part_of_version(left, names)
    if part is not None:
        return _python_part(part, operator, right)
    if _is_device_test(left, right):
        gpu = Condition("gpu")
        named = isinstance(right, ast.Constant) and right.value in _DEVICES
        same = isinstance(operator, ast.Eq | ast.In)
        return gpu if named == same else negated(gpu)
    if isinstance(operator, ast.Gt | ast.NotEq | ast.GtE) and isinstance(left, ast.Call):
        inner = condition_of(left, names)
        return inner if inner.kind == "gpu" else _UNKNOWN
    return _UNKNOWN


def _part_of_version(node: ast.expr, names: Names) -> int | None:
    """Which number of `sys.version_info` an expression is, 2 standing for the first two together."""
    if isinstance(node, ast.Attribute) and _is_version(node.value, names):
        return {"major": 0, "minor": 1}.get(node.attr)
    if not isinstance(node, ast.Subscript) or not _is_version(node.value, names):
        return None
    index = node.slice
    if isinstance(index, ast.Slice):
        upper = index.upper.value if isinstance(index.upper, ast.Constant) else None
        return 2 if index.lower is None and index.step is None and upper == 2 else None
    value = index.value if isinstance(index, ast.Constant) else None
    return value if isinstance(value, int) and value in (0, 1) else None


def _is_version(node: ast.expr, names: Names) -> bool:
    return names.last(dotted(node)) == "version_info"


def _python_part(part: int, operator: ast.cmpop, right: ast.expr) -> Condition:
    """A comparison of the major or the minor number; the major one is 3."""
    if part == 2:
        return _python(operator, right)
    sign = _OPERATORS.get(type(operator))
    number = right.value if isinstance(right, ast.Constant) else None
    if sign is None or not isinstance(number, int):
        return _UNKNOWN
    return Condition("python", f"{sign}3.{number}" if part == 1 else f"{sign}{number}")


def _is_device_test(left: ast.expr, right: ast.expr) -> bool:
    is_one = isinstance(right, ast.Constant) and right.value in ("cpu", *_DEVICES)
    return is_one and _is_named(left, ("device",))


def _is_named(node: ast.expr, words: tuple[str, ...]) -> bool:
    """Whether a name or an attribute in an expression has one of some words in it."""
    named = (item for item in walk(node) if isinstance(item, ast.Name | ast.Attribute))
    names = (item.id if isinstance(item, ast.Name) else item.attr for item in named)
    return any(word in name for name in names for word in words)


def _python(operator: ast.cmpop, right: ast.expr) -> Condition:
    sign = _OPERATORS.get(type(operator))
    try:
        version = ast.literal_eval(right)
    except (ValueError, TypeError):
        return _UNKNOWN
    if sign is None or not isinstance(version, tuple):
        return _UNKNOWN
    return Condition("python", sign + ".".join(str(part) for part in version[:2]))

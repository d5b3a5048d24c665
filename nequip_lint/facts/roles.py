"""What a statement or an expression does with a node in it.

The words: `call`, `decorator`, `base`, `index` (`x[…]`), `argument` (`List[x]`), `or` and other `operator`s,
`test`, `compare`, `key` (of a dict, member of a set), `iterate`, `instance` (the second argument of
`isinstance`), `probe` (the first of `hasattr` or `getattr`), `annotation`, `kept` (assigned to an attribute
of the model), `made` (called, and the result assigned so), `except` (named by a handler) and `read` (anything
else).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.evaluation import defaults_of

_TAKE_ANYTHING = frozenset({"dict", "frozenset", "list", "set", "tuple", "type"})
"""What looks at none of its arguments in brackets, as `typing.List` does."""

_TAKE_APART = frozenset(
    (
        *("len", "tuple", "list", "set", "frozenset", "dict", "sorted", "max", "min", "sum", "any", "all"),
        *("iter", "next", "enumerate", "zip", "reversed", "vars"),
    )
)
_TAKE_NUMBERS = frozenset(
    f"torch.{name}" for name in ("tensor", "as_tensor", "full", "zeros", "ones", "add", "mul", "sub", "div")
)
_COUNT = frozenset({"int", "float", "complex", "abs", "round", "divmod", "pow", "range", "hash", "bytes"})


def role_in(parent: ast.AST, node: ast.AST) -> str:
    """What is done with a node where it stands.

    Args:
        parent: the node around it, or the statement.
        node: the node.
    """
    find = _ROLES.get(type(parent))
    return find(parent, node) if find is not None else "read"


def index_role(node: ast.Subscript) -> str:
    """What a subscript does with what stands in its brackets."""
    return "read" if dotted(node.value) in _TAKE_ANYTHING else "argument"


def asks_type(node: ast.Call) -> bool:
    """Whether a call is `isinstance(x, type)` or `issubclass(x, type)`."""
    return dotted(node.func) in ("isinstance", "issubclass") and len(node.args) == 2


def _of_call(parent: ast.Call, node: ast.AST) -> str:
    if node is parent.func:
        return "call"
    if asks_type(parent):
        return "instance" if node is parent.args[1] else "read"
    name = dotted(parent.func)
    if name in ("hasattr", "getattr") and node in parent.args[:1]:
        is_read = name == "getattr" and len(parent.args) == 2
        return "read" if is_read else "probe"
    if name in _TAKE_NUMBERS and node in parent.args:
        return "operator"
    return _of_builtin(parent, node)


def _of_builtin(parent: ast.Call, node: ast.AST) -> str:
    """What a function of Python does with an argument."""
    name = dotted(parent.func)
    if node not in parent.args:
        return "read"
    if name in _TAKE_APART or (name in ("map", "filter") and node in parent.args[1:]):
        return "iterate"
    if name in ("map", "filter"):
        return "call"
    return "test" if name == "bool" else "operator" if name in _COUNT else "read"


def _of_function(parent: ast.FunctionDef | ast.AsyncFunctionDef, node: ast.AST) -> str:
    if node in parent.decorator_list:
        return "decorator"
    return "read" if node in defaults_of(parent.args) else "annotation"


def _of_class(parent: ast.ClassDef, node: ast.AST) -> str:
    if node in parent.decorator_list:
        return "decorator"
    if node in parent.bases:
        return "base"
    return (
        "call" if any(item.arg == "metaclass" and item.value is node for item in parent.keywords) else "read"
    )


def _of_assignment(parent: ast.Assign, node: ast.AST) -> str:
    is_unpacked = node is parent.value and isinstance(parent.targets[0], ast.Tuple | ast.List)
    return "iterate" if is_unpacked else "read"


def _of_operation(parent: ast.BinOp, node: ast.AST) -> str:
    if isinstance(parent.op, ast.BitOr):
        return "or"
    is_text = isinstance(parent.left, ast.JoinedStr) or (
        isinstance(parent.left, ast.Constant) and isinstance(parent.left.value, str)
    )
    return "read" if is_text and isinstance(parent.op, ast.Mod) else "operator"


def _of_dict(parent: ast.Dict, node: ast.AST) -> str:
    if node in parent.keys:
        return "key"
    pairs = zip(parent.keys, parent.values, strict=True)
    return "iterate" if any(key is None and value is node for key, value in pairs) else "read"


def _of_comparison(parent: ast.Compare, node: ast.AST) -> str:
    is_identity = all(isinstance(item, ast.Is | ast.IsNot) for item in parent.ops)
    return "read" if is_identity else "compare"


def _of_comprehension(parent: Any, node: ast.AST) -> str:
    first = parent if isinstance(parent, ast.comprehension) else parent.generators[0]
    return "iterate" if node is first.iter else "read"


def _when(condition: Callable[[Any, ast.AST], bool], role: str) -> Callable[[Any, ast.AST], str]:
    return lambda parent, node: role if condition(parent, node) else "read"


_is_test = _when(lambda parent, node: node is parent.test, "test")
_is_iterated = _when(lambda parent, node: node is parent.iter, "iterate")
_ROLES: dict[type[ast.AST], Callable[[Any, ast.AST], str]] = {
    ast.FunctionDef: _of_function,
    ast.AsyncFunctionDef: _of_function,
    ast.ClassDef: _of_class,
    ast.AnnAssign: _when(lambda parent, node: node is parent.annotation, "annotation"),
    ast.If: _is_test,
    ast.While: _is_test,
    ast.IfExp: _is_test,
    ast.Assert: _is_test,
    ast.For: _is_iterated,
    ast.AsyncFor: _is_iterated,
    ast.ExceptHandler: lambda parent, node: "except",
    ast.Call: _of_call,
    ast.Subscript: lambda parent, node: "index" if node is parent.value else index_role(parent),
    ast.Assign: _of_assignment,
    ast.AugAssign: _when(lambda parent, node: node is parent.value, "operator"),
    ast.With: _when(lambda parent, node: any(node is item.context_expr for item in parent.items), "call"),
    ast.AsyncWith: _when(
        lambda parent, node: any(node is item.context_expr for item in parent.items), "call"
    ),
    ast.Await: lambda parent, node: "call",
    ast.YieldFrom: lambda parent, node: "iterate",
    ast.keyword: _when(lambda parent, node: parent.arg is None, "iterate"),
    ast.FormattedValue: _when(lambda parent, node: parent.format_spec is not None, "operator"),
    ast.BinOp: _of_operation,
    ast.UnaryOp: lambda parent, node: "test" if isinstance(parent.op, ast.Not) else "operator",
    ast.BoolOp: _when(lambda parent, node: node is not parent.values[-1], "test"),
    ast.Compare: _of_comparison,
    ast.Dict: _of_dict,
    ast.Set: lambda parent, node: "key",
    ast.Starred: lambda parent, node: "iterate",
    ast.MatchClass: _when(lambda parent, node: node is parent.cls, "instance"),
    ast.MatchValue: lambda parent, node: "compare",
    **dict.fromkeys(
        (ast.comprehension, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), _of_comprehension
    ),
}

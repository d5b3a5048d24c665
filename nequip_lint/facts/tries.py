"""What a `try` or a `with suppress(...)` does to the statements inside."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.names import Names
from nequip_lint.facts.values import Condition

_MOST_TRIED = 100
"""Each statement of a `try` names the modules that those before it import."""
_EVERYTHING = "BaseException"


def caught_by(handlers: Iterable[ast.ExceptHandler], known: Names) -> tuple[str, ...]:
    """The exception types that end in a handler which does not raise again.

    Args:
        handlers: of a `try`.
        known: what imports bind.
    """
    names: list[str] = []
    for handler in handlers:
        if not any(isinstance(node, ast.Raise) for node in handler.body):
            names += _types(handler.type, known)
    return tuple(names)


def suppressed(node: ast.With | ast.AsyncWith, known: Names) -> tuple[str, ...]:
    """The exception types of a `with contextlib.suppress(...)`.

    Args:
        node: the statement.
        known: what imports bind.
    """
    names: list[str] = []
    for item in node.items:
        call = item.context_expr
        if isinstance(call, ast.Call) and known.last(dotted(call.func)) == "suppress":
            names += [name for argument in call.args for name in _types(argument, known)]
    return tuple(names)


def _types(node: ast.expr | None, known: Names) -> list[str]:
    if node is None:
        return [_EVERYTHING]
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    return [known.last(dotted(element)) for element in elements]


def leaves(body: Sequence[ast.stmt]) -> bool:
    """Whether a block never runs on into the statement after it."""
    return bool(body) and isinstance(body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def importable(modules: Iterable[str]) -> Condition:
    """The test that all these modules can be imported; of too many of them nothing is known."""
    names = dict.fromkeys(modules)
    return Condition("importable", " ".join(names)) if len(names) <= _MOST_TRIED else Condition("unknown")

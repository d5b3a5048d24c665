"""What looks like the construction of an object."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.names import Names, looks_like_class
from nequip_lint.source.nodes import walk


def constructed_in(body: Iterable[ast.stmt], names: Names) -> tuple[str, ...]:
    """The dotted names called below some statements that look like classes, each once.

    Args:
        body: the statements.
        names: what imports bind.
    """
    nodes = walk(ast.Module([*body], []))
    called = dict.fromkeys(dotted(node.func) for node in nodes if isinstance(node, ast.Call))
    return tuple(name for name in called if looks_like_class(names.full(name)))

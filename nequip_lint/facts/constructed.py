"""What looks like the construction of an object."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nequip_lint.facts.conditions import dotted
from nequip_lint.source.nodes import walk


def looks_like_class(name: str) -> bool:
    """Whether a dotted name is written as those of classes are."""
    return name.rpartition(".")[2][:1].isupper()


def constructed_in(body: Iterable[ast.stmt]) -> tuple[str, ...]:
    """The dotted names called below some statements that look like classes, each once."""
    nodes = walk(ast.Module([*body], []))
    names = (dotted(node.func) for node in nodes if isinstance(node, ast.Call))
    return tuple(dict.fromkeys(filter(looks_like_class, names)))

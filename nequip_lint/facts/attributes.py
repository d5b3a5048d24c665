"""What the methods of a class set attributes to."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache

from nequip_lint.facts.conditions import dotted
from nequip_lint.source.nodes import walk


@lru_cache(maxsize=32)
def set_by_methods(owner: ast.ClassDef) -> Mapping[str, list[ast.expr]]:
    """The values of all assignments in a class, by the dotted names of their targets.

    Args:
        owner: the class.
    """
    found: dict[str, list[ast.expr]] = {}
    for item in walk(owner):
        if isinstance(item, ast.Assign):
            for target in item.targets:
                found.setdefault(dotted(target), []).append(item.value)
    return found

"""Methods with nequip's `@model_modifier`; runs only over files that name it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.values import Modifier

NAME = "model_modifier"


def modifiers_of(tree: ast.Module, text: str) -> tuple[Modifier, ...]:
    """The modifiers of the classes at the top level of a module.

    Args:
        tree: of the module.
        text: of the file.
    """
    if NAME not in text:
        return ()
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return tuple(found for node in classes for found in _modifiers(node))


def _modifiers(owner: ast.ClassDef) -> Iterator[Modifier]:
    for node in owner.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        names = [dotted(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list]
        for index, name in enumerate(names):
            if name.rpartition(".")[2] == NAME:
                below = names[index + 1 : index + 2]
                yield Modifier(
                    owner.name, node.name, name, span_of(node.decorator_list[index]), below == ["classmethod"]
                )

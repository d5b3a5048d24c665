"""The environment variables that a module demands or sets when it is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nequip_lint.facts.evaluated import Evaluated, guarded_nodes, naming
from nequip_lint.facts.lines import Lines
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.values import Setting
from nequip_lint.facts.variables import is_environ, literal

_WORDS = ("environ", "putenv")
_SETTERS = frozenset({"setdefault", "update", "pop", "clear", "popitem"})


def settings_of(statements: Iterable[Evaluated], text: str) -> tuple[Setting, ...]:
    """Every variable of a module's own that it reads without a default, or changes.

    Args:
        statements: expressions with their places.
        text: of the file.
    """
    if not any(word in text for word in _WORDS):
        return ()
    at_import = [item for item in statements if item.place.at_import]
    found = naming(at_import, Lines(text, _WORDS))
    return tuple(setting for item, root in found for setting in _settings(item, root))


def _settings(item: Evaluated, root: ast.expr) -> Iterator[Setting]:
    for node, place in guarded_nodes(root, item.place):
        if isinstance(node, ast.Subscript) and is_environ(node.value):
            is_read = isinstance(node.ctx, ast.Load)
            yield Setting(_name(node.slice), span_of(node), is_read, place)
        elif isinstance(node, ast.Call) and _sets(node.func):
            yield Setting(_name(node.args[0]) if node.args else "", span_of(node), False, place)


def _sets(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute) and function.attr in _SETTERS:
        return is_environ(function.value)
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("putenv", "unsetenv")


def _name(node: ast.expr) -> str:
    found = literal(node)
    return found if isinstance(found, str) else ""

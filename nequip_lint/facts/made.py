"""Modules that a file makes at import and puts into `sys.modules` under a name that is written out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.values import Made, Place
from nequip_lint.facts.variables import literal

_MAKER = "ModuleType"
_REGISTRY = ("sys.modules", "modules")
_OTHERWISE = ("__file__", "del sys.modules", "modules.pop")
"""Words of files whose modules may have a file, or are taken away again."""


class Making:
    """Follows the statements of a file, in their order.

    Args:
        text: of the file.
    """

    def __init__(self, text: str) -> None:
        self.is_possible = _MAKER in text and not any(word in text for word in _OTHERWISE)
        self._new: set[str] = set()

    def made(self, node: ast.stmt, place: Place) -> Iterator[Made]:
        """The modules that one statement puts into `sys.modules`."""
        if isinstance(node, ast.Assign):
            is_new = self._is_new(node.value)
            self._note([item.id for item in node.targets if isinstance(item, ast.Name)], is_new)
            keys = [_key(item) for item in node.targets] if is_new else []
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            keys = self._added(node.value)
        else:
            return
        yield from (Made(key, span_of(node), place) for key in keys if isinstance(key, str))

    def _added(self, call: ast.Call) -> list[object]:
        """The name in `sys.modules.setdefault(name, module)`."""
        owner, _, method = dotted(call.func).rpartition(".")
        is_registered = owner in _REGISTRY and method == "setdefault" and len(call.args) == 2
        return [literal(call.args[0])] if is_registered and self._is_new(call.args[1]) else []

    def _is_new(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return dotted(node.func).rpartition(".")[2] == _MAKER
        return isinstance(node, ast.Name) and node.id in self._new

    def _note(self, names: list[str], is_new: bool) -> None:
        if is_new:
            self._new.update(names)
        else:
            self._new.difference_update(names)


def _key(target: ast.expr) -> object:
    """The literal `x` of a target `sys.modules[x]`."""
    if isinstance(target, ast.Subscript) and dotted(target.value) in _REGISTRY:
        return literal(target.slice)
    return None

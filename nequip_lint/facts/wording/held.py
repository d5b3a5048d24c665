"""What names at module level hold: the dotted names in their values, for tables and aliases of classes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.wording import Held
from nequip_lint.facts.evaluation import defaults_of
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.of.bindings import targets_of
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.wording.addresses import address, has_addresses
from nequip_lint.source.nodes import walk


class Holdings(Kind):
    """What is assigned to a name at module level, put into it, or handed to a method of it.

    A function or class holds its decorators with their arguments, and its defaults.
    """

    field = "held"
    nodes = (ast.Assign, ast.AnnAssign, ast.Expr, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    functions = AT_IMPORT

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._held: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
        self._has_addresses = has_addresses(file)

    def visit(self, node: Any, site: Site, parent: ast.AST) -> None:
        """Note what a statement adds."""
        if isinstance(node, Function | ast.ClassDef):
            name = f"{site.owner}.{node.name}" if site.owner and site.depth else node.name
            defaults = [] if isinstance(node, ast.ClassDef) else defaults_of(node.args)
            self._note([name], [*node.decorator_list, *defaults])
        elif not site.depth and node.value is not None:
            self._note(filter(None, map(dotted, _holders(node))), [node.value])

    def _note(self, holders: Iterable[str], values: Iterable[ast.expr]) -> None:
        parts = [part for value in values for part in walk(value) if isinstance(part, ast.expr)]
        for holder in holders:
            names, addresses = self._held.setdefault(holder, ({}, {}))
            names.update(dict.fromkeys(filter(None, map(dotted, parts))))
            if self._has_addresses:
                addresses.update(dict.fromkeys(filter(None, map(address, parts))))

    def facts(self) -> tuple[Any, ...]:
        """Each name with all that it holds."""
        every = ((name, tuple(names), tuple(addresses)) for name, (names, addresses) in self._held.items())
        return tuple(Held(*item) for item in every if any(item[1:]))


def _holders(node: ast.Assign | ast.AnnAssign | ast.Expr) -> Iterator[ast.expr]:
    if not isinstance(node, ast.Expr):
        yield from (item.value if isinstance(item, ast.Subscript) else item for item in targets_of(node))
    elif isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        yield node.value.func.value

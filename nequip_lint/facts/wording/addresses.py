"""Strings that are the dotted names of classes and functions, as hydra and `pkgutil` look them up."""

from __future__ import annotations

import ast
import re
from typing import Any

from nequip_lint.facts.details.wording import Held
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site

_WORDS = ("_target_", "get_class", "get_method", "get_object", "instantiate", "resolve_name", "locate")
_ADDRESS = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*([.:][^\W\d]\w*)")


class Addresses(Kind):
    """Such strings in functions, by the function."""

    field = "held"
    nodes = (ast.Constant,)
    words = _WORDS

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._named: dict[str, dict[str, None]] = {}
        self._is_possible = has_addresses(file)

    def visit(self, node: ast.Constant, site: Site, parent: ast.AST) -> None:
        """Keep a string."""
        found = address(node) if site.function and self._is_possible else ""
        if found:
            name = f"{site.owner}.{site.function}" if site.owner else site.function
            self._named.setdefault(name, {})[found] = None

    def facts(self) -> tuple[Any, ...]:
        """Each function with all of its strings."""
        return tuple(Held(name, (), tuple(strings)) for name, strings in self._named.items())


def has_addresses(file: File) -> bool:
    """Whether something in a file looks such names up."""
    return any(word in file.text for word in _WORDS)


def address(node: ast.AST) -> str:
    """The dotted name that a string may be; '' for anything else."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value.replace(":", ".") if isinstance(value, str) and _ADDRESS.fullmatch(value) else ""

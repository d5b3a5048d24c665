"""Import statements as facts."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nequip_lint.facts.spans import span_of
from nequip_lint.facts.values import Import, Place

_NAME_LIMIT = 500
_PART_LIMIT = 50


def absolute(module: str, level: int, package: str) -> str | None:
    """The absolute name of a relative import, or None where it leaves the top-level package.

    Mirrors `importlib._bootstrap._resolve_name`, which torch.package calls.
    """
    if level == 0:
        return module
    parts = package.rsplit(".", level - 1)
    if len(parts) < level or not package:
        return None
    return f"{parts[0]}.{module}" if module else parts[0]


def is_too_long(items: Iterable[Import]) -> bool:
    """Whether a module is named that no file can have; each of its parents would be looked for.

    Args:
        items: the imports of a file.
    """
    names = (item.module or "" for item in items)
    return any(len(name) > _NAME_LIMIT or name.count(".") > _PART_LIMIT for name in names)


def of_statement(node: ast.Import | ast.ImportFrom, package: str, place: Place) -> list[Import]:
    """One fact per imported module."""
    span = span_of(node)
    if isinstance(node, ast.ImportFrom):
        written = "." * node.level + (node.module or "")
        module = absolute(node.module or "", node.level, package)
        names = tuple((alias.name, alias.asname or alias.name) for alias in node.names)
        return [Import(span, module, names, "", place, True, written)]
    return [
        Import(span, alias.name, (), alias.asname or alias.name.partition(".")[0], place, True, alias.name)
        for alias in node.names
    ]


def postpones_annotations(node: ast.stmt) -> bool:
    """Whether a statement keeps the annotations of its module from being evaluated."""
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
    )


def tried(items: Iterable[Import], at_import: bool) -> list[str]:
    """The modules whose absence would end the `try` body that holds these imports."""
    return [item.module for item in items if item.module and item.place.at_import == at_import]

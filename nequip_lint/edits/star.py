"""The names that a file takes from a star import."""

from __future__ import annotations

import ast
import builtins

from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.narrow import Definition
from nequip_lint.edits.source import Source
from nequip_lint.facts.values import Facts


def taken_from(context: Context, source: Source, module: str) -> list[tuple[str, Definition]]:
    """Each name that only `from module import *` can bind and that a linted file takes, with its definition.

    Raises:
        Declined: what is taken cannot be told.
    """
    facts, packages = context.facts(source.path), context.packages
    if sum(_is_star(item.names) for item in facts.imports) > 1:
        raise Declined("of several star imports it cannot be told which one brings a name")
    wanted = _read(source.tree) - set(dir(builtins)) | _taken_elsewhere(context, facts)
    free = sorted(name for name in wanted if not source.identifiers.get(name, False))
    found = [name for name in free if not name.startswith("_") and packages.has(module, name)]
    if facts.is_package and not found:
        raise Declined(f"no linted file takes from {facts.module} what the star import brings; others may")
    if any(packages.is_module(f"{module}.{name}") for name in found):
        raise Declined("modules are among the names that the star import brings")
    return [(name, packages.definition(f"{module}.{name}")) for name in found]


def _taken_elsewhere(context: Context, facts: Facts) -> set[str]:
    """Every name that another linted file may take from the module.

    Raises:
        Declined: one takes whatever there is.
    """
    found = set(context.attributes_read(facts))
    for other, item in context.importers(facts):
        names = {name for name, _ in item.names}
        if "*" in names:
            raise Declined(f"{other.module} imports * from {facts.module} in its turn")
        found |= names
    return found


def _is_star(names: tuple[tuple[str, str], ...]) -> bool:
    return any(name == "*" for name, _ in names)


def _read(tree: ast.Module) -> set[str]:
    """Every name that is read, those in `__all__` and in quoted annotations too."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return names | {text for text in strings if isinstance(text, str) and text.isidentifier()}

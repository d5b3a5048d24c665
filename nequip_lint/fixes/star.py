"""The names that a file takes from a star import."""

from __future__ import annotations

import ast
import builtins

from nequip_lint.editing.base import Declined
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.values import Facts
from nequip_lint.fixes.narrow import Definition, Packages
from nequip_lint.fixes.scopes import Function
from nequip_lint.fixes.source import Source
from nequip_lint.project.model import Project


def taken_from(
    project: Project, source: Source, module: str, packages: Packages
) -> list[tuple[str, Definition]]:
    """Each name that nothing but `from module import *` can bind, with its definition.

    Raises:
        Declined: other code may take names from here too, or another star import may bind them.
    """
    _check_own_affair(project, source)
    free = sorted(_read(source.tree) - _bound(source.tree) - set(dir(builtins)))
    found = [name for name in free if not name.startswith("_") and packages.has(module, name)]
    if any(packages.is_module(f"{module}.{name}") for name in found):
        raise Declined("modules are among the names that the star import brings")
    return [(name, packages.definition(f"{module}.{name}")) for name in found]


def _check_own_affair(project: Project, source: Source) -> None:
    facts = source.facts
    if facts.is_package:
        raise Declined(f"a star import hands names on, and other code may take them from {facts.module}")
    if sum(_is_star(item.names) for item in facts.imports) > 1:
        raise Declined("of several star imports it cannot be told which one brings a name")
    for other in project.files:
        if other.module != facts.module and not _names_taken(facts, other) <= _names_bound(facts):
            raise Declined(f"{other.module} takes names from {facts.module} that the star import brings")


def _is_star(names: tuple[tuple[str, str], ...]) -> bool:
    return any(name == "*" for name, _ in names)


def _names_taken(facts: Facts, other: Facts) -> set[str]:
    return {name for item in other.imports if item.module == facts.module for name, _ in item.names}


def _names_bound(facts: Facts) -> set[str]:
    imported = {name for item in facts.imports for name in bound_names(item)}
    return imported | {binding.name for binding in facts.bindings}


def _read(tree: ast.Module) -> set[str]:
    """Every name that is read, those in `__all__` and in quoted annotations too."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return names | {text for text in strings if isinstance(text, str) and text.isidentifier()}


def _bound(tree: ast.Module) -> set[str]:
    """Every name that is bound anywhere in the file."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, Function | ast.ClassDef):
            found.add(node.name)
    return found

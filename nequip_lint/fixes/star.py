"""The names that a file takes from a star import."""

from __future__ import annotations

import ast
import builtins

from nequip_lint.editing.base import Declined
from nequip_lint.facts.values import Facts
from nequip_lint.fixes.elsewhere import attributes_read
from nequip_lint.fixes.narrow import Definition, Packages
from nequip_lint.fixes.scopes import Function
from nequip_lint.fixes.source import Source
from nequip_lint.project.model import Project


def taken_from(
    project: Project, source: Source, module: str, packages: Packages
) -> list[tuple[str, Definition]]:
    """Each name that only `from module import *` can bind and that a linted file takes, with its definition.

    Raises:
        Declined: what is taken cannot be told.
    """
    facts = source.facts
    if sum(_is_star(item.names) for item in facts.imports) > 1:
        raise Declined("of several star imports it cannot be told which one brings a name")
    wanted = _read(source.tree) - set(dir(builtins)) | _taken_elsewhere(project, facts)
    free = sorted(wanted - _bound(source.tree))
    found = [name for name in free if not name.startswith("_") and packages.has(module, name)]
    if facts.is_package and not found:
        raise Declined(f"no linted file takes from {facts.module} what the star import brings; others may")
    if any(packages.is_module(f"{module}.{name}") for name in found):
        raise Declined("modules are among the names that the star import brings")
    return [(name, packages.definition(f"{module}.{name}")) for name in found]


def _taken_elsewhere(project: Project, facts: Facts) -> set[str]:
    """Every name that another linted file may take from the module.

    Raises:
        Declined: one takes whatever there is.
    """
    found = set(attributes_read(project, facts))
    for other in project.files if facts.module else ():
        names = {name for item in other.imports if item.module == facts.module for name, _ in item.names}
        if "*" in names and other.module != facts.module:
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

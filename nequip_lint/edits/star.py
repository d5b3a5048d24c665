"""The names that a file takes from a star import."""

from __future__ import annotations

import ast
import builtins

from nequip_lint.closure.world import bound_in
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
    if sum(("*", "*") in item.names for item in facts.imports) > 1:
        raise Declined("of several star imports it cannot be told which one brings a name")
    named = source.identifiers.keys() | _quoted(source.tree)
    wanted = named - set(dir(builtins)) | _taken_elsewhere(context, facts)
    free = sorted(name for name in wanted - bound_in(facts) if not name.startswith("_"))
    found = [name for name in free if packages.has(module, name)]
    if local := [name for name in found if source.identifiers.get(name, False)]:
        raise Declined(f"{local[0]} is the name of something else in a function or class too")
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


def _quoted(tree: ast.Module) -> set[str]:
    """The names in `__all__`, in quoted annotations and in other strings that are nothing but a name."""
    strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in strings if isinstance(text, str) and text.isidentifier()}

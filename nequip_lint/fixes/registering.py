"""One more name in a registration that is there."""

from __future__ import annotations

import ast

from nequip_lint.editing.base import Declined
from nequip_lint.editing.sequences import append, brackets_of
from nequip_lint.fixes.calls import argument, call_at
from nequip_lint.fixes.source import Source, Splices, source_of
from nequip_lint.project.model import Project
from nequip_lint.rules.registering import owned_registrations
from nequip_lint.values import Edit

_List = ast.List | ast.Tuple | ast.Set


def with_extern(project: Project, module: str) -> tuple[Edit, ...]:
    """Add a module to the first registration of external modules that runs on every machine.

    Raises:
        Declined: there is none with a list that is written out.
    """
    for item in owned_registrations(project):
        if item.extern and not item.call.place.guards:
            source = source_of(project, item.facts.path)
            _, call = call_at(source, item.call.span)
            names = _list(source, argument(call, "extern_modules"))
            splices = Splices(source)
            brackets = brackets_of(splices, names) if names is not None and names.elts else None
            if names is not None and brackets is not None:
                quote = splices.code(names.elts[-1])[-1]
                append(splices, brackets, f"{quote}{module}{quote}")
                return splices.edits()
    raise Declined(
        "the project has no registration of external modules to which it could be added; "
        f"`nequip-lint registrations --write` makes one for {module}"
    )


def _list(source: Source, node: ast.expr) -> _List | None:
    """The list that an argument is, or is a name for."""
    if isinstance(node, ast.Name):
        assigned = [
            statement.value
            for statement in source.tree.body
            if isinstance(statement, ast.Assign) and node.id in map(ast.unparse, statement.targets)
        ]
        node = assigned[0] if len(assigned) == 1 else node
    return node if isinstance(node, _List) else None

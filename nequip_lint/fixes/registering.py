"""One more name in a registration that is there."""

from __future__ import annotations

import ast

from nequip_lint.fixes.base import Declined
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
            if names is not None and names.elts:
                splices = Splices(source)
                _append(source, splices, names, module)
                return splices.edits()
    raise Declined(f"the project registers no external modules yet, to which {module} could be added")


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


def _append(source: Source, splices: Splices, names: _List, module: str) -> None:
    """Behind the last element, in its quotes, on a line of its own where that has one."""
    last = names.elts[-1]
    quote = splices.code(last)[-1]
    _, end = splices.span(last)
    margin = source.lines[last.lineno - 1][: last.col_offset]
    rest = source.text[end:].partition("\n")[0]
    comma = "," if rest.lstrip().startswith(",") else ""
    behind = rest.strip().removeprefix(",").strip()
    if margin.strip() or not margin or (behind and not behind.startswith("#")):
        splices.replace(end, end, f", {quote}{module}{quote}")
        return
    splices.replace(
        end, end + len(rest), f"{'' if comma else ','}{rest}\n{margin}{quote}{module}{quote}{comma}"
    )

"""Find the statement that a finding points at, and what stands around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.editing.base import Declined
from nequip_lint.fixes.scopes import Function
from nequip_lint.fixes.source import Source
from nequip_lint.fixes.statements import Statement
from nequip_lint.values import Span

Scope = ast.Module | Function


def import_at(source: Source, span: Span) -> tuple[Statement, Scope]:
    """The import at a place, and the module or function in whose scope it binds names.

    Raises:
        Declined: there is none, or it stands in the body of a class.
    """
    for node, scope in _statements(source.tree, source.tree):
        if isinstance(node, Statement) and (node.lineno, node.col_offset + 1) == (span.line, span.column):
            if isinstance(scope, ast.ClassDef):
                raise Declined(f"the import stands in the body of class {scope.name}")
            return node, scope
    raise Declined("the import is not found again")


def _statements(node: ast.AST, scope: Scope | ast.ClassDef) -> Iterator[tuple[ast.AST, Scope | ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child, scope
        yield from _statements(child, child if isinstance(child, Function | ast.ClassDef) else scope)


def parents(tree: ast.Module) -> dict[ast.AST, ast.AST]:
    """The node around each node."""
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def identifiers(tree: ast.Module) -> frozenset[str]:
    """Every name that is bound or read anywhere in a module; attributes and keywords are none."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
        elif isinstance(name := getattr(node, "name", None), str):
            found.add(name)
    return frozenset(found)

"""Reads of names that a module binds only under a test."""

from __future__ import annotations

import ast

from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import last_name
from nequip_lint.facts.values import GuardedRead
from nequip_lint.source.nodes import every, walk
from nequip_lint.source.positions import span_of

_BINDING = frozenset({"globals", "locals", "exec"})
"""Functions with which a file may bind any name in a way that is not followed; `in globals()` only asks."""


class GuardedReads(Kind):
    """Every read of such a name, with the tests that it stands under, functions included."""

    field = "guarded_reads"
    nodes = (ast.Name, ast.If, ast.IfExp)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._names = guarded_names(file)
        self._tested: set[ast.AST] = set()

    @classmethod
    def applies(cls, file: File) -> bool:
        """Whether the file has such names."""
        return bool(guarded_names(file))

    def visit(self, node: ast.Name | ast.If | ast.IfExp, site: Site, parent: ast.AST) -> None:
        """Keep a read; what a test reads is read to find out whether it is there."""
        if not isinstance(node, ast.Name):
            self._tested.update(walk(node.test))
        elif node.id in self._names and isinstance(node.ctx, ast.Load) and not site.hides(node.id):
            self.found.append(GuardedRead(node.id, span_of(node), site.place, node in self._tested))

    def facts(self) -> tuple[GuardedRead, ...]:
        """What was found, in a file that binds no names in a way that is not followed."""
        return () if self.found and _binds_unseen(self.file) else tuple(self.found)


def _binds_unseen(file: File) -> bool:
    if _BINDING.isdisjoint(file.spelled):
        return False
    nodes = every(file.tree)
    asked = {item for node in nodes if isinstance(node, ast.Compare) for item in node.comparators}
    calls = (node for node in nodes if isinstance(node, ast.Call) and node not in asked)
    return any(last_name(call.func) in _BINDING for call in calls)


def guarded_names(file: File) -> frozenset[str]:
    """Module-level names that are bound under some test and nowhere without one."""
    bound = [(binding.name, bool(binding.place.guards)) for binding in file.bindings]
    bound += [
        (name, bool(item.place.guards))
        for item in file.imports
        if item.place.at_import
        for name in bound_names(item)
    ]
    free = {name for name, is_guarded in bound if not is_guarded}
    return frozenset(name for name, is_guarded in bound if is_guarded) - free

"""Modules that a file makes at import and puts into `sys.modules` under a name that is written out."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.values import MadeModule
from nequip_lint.facts.variables import literal
from nequip_lint.source.nodes import walk
from nequip_lint.source.positions import span_of

_REGISTRY = ("sys.modules", "modules")


class MadeModules(Kind):
    """The modules without a file that a module puts into `sys.modules`."""

    field = "made_modules"
    nodes = (ast.Assign, ast.Expr)
    words = ("ModuleType",)
    functions = AT_IMPORT

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._new: set[str] = set()

    def visit(self, node: ast.Assign | ast.Expr, site: Site, parent: ast.AST) -> None:
        """Follow a statement; keep the modules that it puts into `sys.modules`."""
        keys: list[object] = []
        if isinstance(node, ast.Assign):
            is_new = self._is_new(node.value)
            self._note([item.id for item in node.targets if isinstance(item, ast.Name)], is_new)
            keys = [self._key(item) for item in node.targets] if is_new else []
        elif isinstance(node.value, ast.Call):
            keys = self._added(node.value)
        self.found += (MadeModule(key, span_of(node), site.place) for key in keys if isinstance(key, str))

    def facts(self) -> tuple[MadeModule, ...]:
        """What was found, in a file that gives modules no file and takes none away again."""
        if not self.found or "__file__" in self.file.spelled | self.file.strings:
            return ()
        return () if any(map(self._takes_away, walk(self.file.tree))) else tuple(self.found)

    def _takes_away(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Delete):
            owners = (item.value for item in node.targets if isinstance(item, ast.Subscript))
            return any(self.file.full(dotted(item)) in _REGISTRY for item in owners)
        name = self.file.full(dotted(node.func)) if isinstance(node, ast.Call) else ""
        return name in (f"{registry}.pop" for registry in _REGISTRY)

    def _added(self, call: ast.Call) -> list[object]:
        """The name in `sys.modules.setdefault(name, module)`."""
        owner, _, method = self.file.full(dotted(call.func)).rpartition(".")
        is_registered = owner in _REGISTRY and method == "setdefault" and len(call.args) == 2
        return [literal(call.args[0])] if is_registered and self._is_new(call.args[1]) else []

    def _is_new(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return self.file.last(node.func) == "ModuleType"
        return isinstance(node, ast.Name) and node.id in self._new

    def _note(self, names: list[str], is_new: bool) -> None:
        if is_new:
            self._new.update(names)
        else:
            self._new.difference_update(names)

    def _key(self, target: ast.expr) -> object:
        """The literal `x` of a target `sys.modules[x]`."""
        if isinstance(target, ast.Subscript) and self.file.full(dotted(target.value)) in _REGISTRY:
            return literal(target.slice)
        return None

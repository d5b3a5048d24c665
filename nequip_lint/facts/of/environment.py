"""The environment variables that a module demands or sets when it is imported."""

from __future__ import annotations

import ast

from nequip_lint.facts.kind import AT_IMPORT, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.values import Setting
from nequip_lint.facts.variables import is_environ, literal
from nequip_lint.source.positions import span_of

_SETTERS = frozenset({"setdefault", "update", "pop", "clear", "popitem"})


class Settings(Kind):
    """Every variable that a module reads without a default, or changes."""

    field = "settings"
    nodes = (ast.Subscript, ast.Call)
    words = ("environ", "putenv", "unsetenv")
    functions = AT_IMPORT

    def visit(self, node: ast.Subscript | ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep an access at import."""
        if not site.place.at_import:
            return
        if isinstance(node, ast.Subscript) and is_environ(node.value, self.file.names):
            is_read = isinstance(node.ctx, ast.Load)
            self.found.append(Setting(_name(node.slice), span_of(node), is_read, site.place))
        elif isinstance(node, ast.Call) and self._sets(node.func):
            name = _name(node.args[0]) if node.args else ""
            self.found.append(Setting(name, span_of(node), False, site.place))

    def _sets(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Attribute) and function.attr in _SETTERS:
            return is_environ(function.value, self.file.names)
        return self.file.last(function) in ("putenv", "unsetenv")


def _name(node: ast.expr) -> str:
    found = literal(node)
    return found if isinstance(found, str) else ""

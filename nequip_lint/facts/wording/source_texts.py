"""Strings that hold source with imports, beside calls that run source."""

from __future__ import annotations

import ast
import re

from nequip_lint.facts.details.wording import Imported
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import spot_of

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\w+)|import[ \t]+([\w.]+))", re.MULTILINE
)
_CALLED = re.compile(r"__import__\(\s*['\"]([\w.]+)['\"]")


class SourceTexts(Kind):
    """The imports in such strings, docstrings aside."""

    field = "imported"
    nodes = (ast.Constant,)
    words = ("exec(", "eval(")

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._runs_source = any(word in file.text for word in self.words)

    def visit(self, node: ast.Constant, site: Site, parent: ast.AST) -> None:
        """Keep the imports of a string."""
        if not self._runs_source or isinstance(parent, ast.Expr):
            return
        if isinstance(node.value, str) and "import" in node.value:
            for module, name, plain in _IMPORT.findall(node.value):
                self.found.append(Imported(spot_of(node, site), plain or module, name))
            for module in _CALLED.findall(node.value):
                self.found.append(Imported(spot_of(node, site), module))

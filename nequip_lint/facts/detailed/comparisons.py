"""Comparisons of `__module__` or `__name__` with strings, and dotted names that need their parents."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details import Chain, Comparison
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import last_name, spot_of


class Comparisons(Kind):
    """`type(x).__module__ == "…"`, `in ("…",)`, `.startswith("…")`, and the same of `__name__`."""

    field = "comparisons"
    nodes = (ast.Compare, ast.Call)
    words = ("__module__", "__name__")

    def visit(self, node: ast.Compare | ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep a comparison."""
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "startswith" and node.args:
                self._compared(node.func.value, node.args[0], node, site)
        elif len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            self._compared(node.left, node.comparators[0], node, site)
            if isinstance(node.ops[0], ast.Eq | ast.NotEq):
                self._compared(node.comparators[0], node.left, node, site)

    def _compared(self, left: ast.expr, right: ast.expr, node: ast.expr, site: Site) -> None:
        own = last_name(left)
        if own != "__module__" and not (own == "__name__" and isinstance(left, ast.Name)):
            return
        for item in right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else [right]:
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                self.found.append(Comparison(spot_of(node, site), own, item.value))


class Chains(Kind):
    """Dotted names behind a plain import of a submodule."""

    field = "chains"
    nodes = (ast.Attribute,)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._tops = _tops(file)

    @classmethod
    def applies(cls, file: File) -> bool:
        """Whether the file has such an import."""
        return bool(_tops(file))

    def visit(self, node: ast.Attribute, site: Site, parent: ast.AST) -> None:
        """Keep the longest chain."""
        name = "" if isinstance(parent, ast.Attribute) else dotted(node)
        if name.partition(".")[0] in self._tops and isinstance(node.ctx, ast.Load):
            self.found.append(Chain(spot_of(node, site), name))


class LoaderChains(Kind):
    """Dotted names behind the module's loader."""

    field = "chains"
    nodes = (ast.Attribute,)
    words = ("__loader__", "__spec__")

    def visit(self, node: ast.Attribute, site: Site, parent: ast.AST) -> None:
        """Keep the longest chain."""
        name = "" if isinstance(parent, ast.Attribute) else dotted(node)
        if name.startswith(("__loader__.", "__spec__.loader.")):
            self.found.append(Chain(spot_of(node, site), name))


def _tops(file: File) -> frozenset[str]:
    """The names that plain imports bind to a parent of what they import; torch is there in any case."""
    plain = ((item.module or "", item.bound) for item in file.imports if not item.names)
    return frozenset(
        bound
        for module, bound in plain
        if bound == module.partition(".")[0] != "torch" and (module != bound or module in _OPEN)
    )


_OPEN = ("nequip", "e3nn")
"""Packages whose parts are asked for without being imported."""

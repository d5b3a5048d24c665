"""What functions do that matters if a load calls them: imports, and calls that need a GPU."""

from __future__ import annotations

import ast

from nequip_lint.facts.details.bodies import LateGpuCall, LateImport
from nequip_lint.facts.kind import Kind
from nequip_lint.facts.of.gpu import gpu_call
from nequip_lint.facts.of.imports import absolute
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import spot_of


class LateImports(Kind):
    """The imports of functions themselves, not of those inside them."""

    field = "late_imports"
    nodes = (ast.Import, ast.ImportFrom)

    def visit(self, node: ast.Import | ast.ImportFrom, site: Site, parent: ast.AST) -> None:
        """Keep the modules of an import."""
        if not site.function or site.is_inner:
            return
        if isinstance(node, ast.ImportFrom):
            names = [absolute(node.module or "", node.level, self.file.package) or ""]
        else:
            names = [alias.name for alias in node.names]
        self.found += [LateImport(spot_of(node, site), name, ast.unparse(node)) for name in names]


class LateGpuCalls(Kind):
    """The calls in functions themselves that may need a GPU."""

    field = "late_gpu_calls"
    nodes = (ast.Call, ast.Attribute)
    words = ("torch", "cuda", "pin_memory")

    def visit(self, node: ast.Call | ast.Attribute, site: Site, parent: ast.AST) -> None:
        """Keep a call."""
        found = gpu_call(node, site.place, self.file) if site.function and not site.is_inner else None
        if found is not None:
            self.found.append(LateGpuCall(spot_of(node, site), found))

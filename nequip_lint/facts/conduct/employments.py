"""Everything that a file does with the libraries that it imports; asked only when proposing."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.bodies import Employment
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.of.library_uses import LibraryUses, distant_roles
from nequip_lint.facts.roles import role_in
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import spot_of


class Employments(Kind):
    """Every use of a name that an import binds, unevaluated annotations included."""

    field = "employments"
    nodes = (*LibraryUses.nodes,)
    sees_annotations = True

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._roles: dict[ast.AST, str] = {}
        self._libraries = {
            name: (item.module or "").partition(".")[0] for item in file.imports for name in bound_names(item)
        }

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Keep a use."""
        if not isinstance(node, ast.Name | ast.Attribute):
            self._roles.update(distant_roles(node, is_kept=True))
        elif isinstance(node.ctx, ast.Load) and not isinstance(parent, ast.Attribute):
            name = dotted(node)
            library = self._libraries.get(name.partition(".")[0])
            if library is not None:
                how = self._roles.get(node) or role_in(parent, node)
                is_annotation = not site.is_evaluated or how == "annotation"
                self.found.append(Employment(spot_of(node, site), name, library, how, is_annotation))

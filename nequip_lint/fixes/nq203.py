"""Fix of NQ203: names are imported from the modules that define them."""

from __future__ import annotations

from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.places import import_at
from nequip_lint.fixes.rewrite import Rewrite
from nequip_lint.fixes.source import source_of
from nequip_lint.project.assemble import Assembled
from nequip_lint.values import Finding, Fix


@fixer("NQ203")
def import_from_where_defined(assembled: Assembled, finding: Finding) -> Fix:
    """Replace the import, and every use of it; safe unless the module's own names may be read elsewhere."""
    source = source_of(assembled.project, finding.path)
    statement, scope = import_at(source, finding.span)
    rewrite = Rewrite(assembled, source, scope)
    for alias in statement.names:
        if alias.name == "*":
            rewrite.take_star(statement, alias)
        else:
            rewrite.take(statement, alias)
    return rewrite.fix(statement)

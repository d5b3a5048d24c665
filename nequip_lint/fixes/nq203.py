"""Fix of NQ203: names are imported from the modules that define them."""

from __future__ import annotations

from nequip_lint.edits.context import Context
from nequip_lint.edits.imports import import_at
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.rewrite import Rewrite
from nequip_lint.values import Finding, Fix


@fixer("NQ203")
def import_from_where_defined(context: Context, finding: Finding) -> Fix:
    """Replace the import, and every use of it; safe unless the module's own names may be read elsewhere."""
    source = context.source(finding.path)
    rewrite = Rewrite(context, source, import_at(source, finding.span))
    rewrite.take_all()
    return rewrite.fix()

"""Fix of NQ202: do without the module where torch or Python itself has the same thing, else register it."""

from __future__ import annotations

import libcst as cst
from libcst.helpers import get_full_name_for_node

from nequip_lint.declared.metadata import FILES
from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.imports import bound_by, drop, import_at, imports_torch, names_of
from nequip_lint.edits.source import Source
from nequip_lint.edits.toml_edit import Toml
from nequip_lint.edits.uses import Import
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.registrations import list_of, registered_at, with_names
from nequip_lint.rules.registering import owned_registrations
from nequip_lint.values import Edit, Finding, Fix

_SAME = {
    "sys.float_info.epsilon": "torch.finfo(torch.float64).eps",
    "sys.float_info.max": "torch.finfo(torch.float64).max",
    "sys.float_info.min": "torch.finfo(torch.float64).tiny",
    "sys.maxsize": "torch.iinfo(torch.int64).max",
    "io.open": "open",
}
"""What has the same value, on 64 bit machines."""


@fixer("NQ202")
def without_or_registered(context: Context, finding: Finding) -> Fix:
    """Safe without the module, and as one more registered name; a setting for other packagers is not."""
    replaced = _without(context, context.source(finding.path), finding)
    if replaced is not None:
        return replaced
    if context.project.uses_nequip:
        return Fix(True, _registered(context, finding.module), f"register {finding.module} as external")
    toml = Toml(context.project.metadata.root / FILES[0])
    table = toml.table("tool", "nequip-lint")
    names = [*table.get("extern-modules", ()), finding.module]
    table["extern-modules"] = names
    return Fix(False, toml.edits(), f"extern-modules = {names} in {FILES[0]}")


def _without(context: Context, source: Source, finding: Finding) -> Fix | None:
    """The same code without the import; None where something has no other source."""
    statement = import_at(source, finding.span)
    aliases = names_of(statement) if isinstance(statement, cst.Import) else ()
    alias = next((alias for alias in aliases if alias.evaluated_name == finding.module), None)
    if alias is None:
        return None
    bound = bound_by(alias, statement)
    facts = context.facts(finding.path)
    same = _same(context, source, statement, bound, finding.module)
    lines = (source.line_of(node) for node, text in (same or {}).items() if "torch" in text)
    if same is None or not all(imports_torch(facts, line) for line in lines):
        return None
    told = [f"{text} in place of {source.code(node)}" for node, text in same.items()]
    context.check_not_exported(facts, bound)
    edits = TreeEdits(source)
    for node, text in same.items():
        new = cst.parse_expression(text).with_changes(lpar=node.lpar, rpar=node.rpar)
        edits.replace(node, new)
    drop(edits, statement, [alias])
    summary = ", ".join(dict.fromkeys(told)) or f"without import {finding.module}"
    return Fix(bool(same), edits.edits(), summary)


def _same(
    context: Context, source: Source, statement: Import, bound: str, module: str
) -> dict[cst.Attribute, str] | None:
    """What to put in place of each use; None where something has no other source."""
    scopes = context.scopes(source, {bound})
    found: dict[cst.Attribute, str] = {}
    for use in scopes.uses(scopes.around(statement), bound, [statement]):
        node: cst.CSTNode = use.node
        text = None
        while text is None and isinstance(node := source.parents[node], cst.Attribute):
            text = _SAME.get(module + (get_full_name_for_node(node) or "").removeprefix(bound))
        if text is None or not isinstance(node, cst.Attribute):
            return None
        found[node] = text
    return found


def _registered(context: Context, module: str) -> tuple[Edit, ...]:
    """Add a module to the first registration of external modules that runs on every machine.

    Raises:
        Declined: there is none with a list that is written out.
    """
    for item in owned_registrations(context.project):
        if item.extern and not item.call.place.guards:
            source = context.source(item.facts.path)
            names = list_of(source, registered_at(source, item.call.span), "extern_modules")
            if names is not None and names.elements:
                edits = TreeEdits(source)
                edits.update(names, lambda updated: with_names(updated, [module]))
                return edits.edits()
    raise Declined(
        "the project has no registration of external modules to which it could be added; "
        f"`nequip-lint registrations --write` makes one for {module}"
    )

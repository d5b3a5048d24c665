"""Fix of NQ202: do without the module where torch or Python itself has the same thing, else register it."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.elsewhere import check_not_exported
from nequip_lint.fixes.places import Scope, import_at, parents
from nequip_lint.fixes.registering import with_extern
from nequip_lint.fixes.scopes import uses_of
from nequip_lint.fixes.source import Source, Splices, source_of
from nequip_lint.fixes.statements import Statement, bound_by, drop
from nequip_lint.fixes.toml_edit import Toml
from nequip_lint.project.assemble import Assembled
from nequip_lint.project.metadata import FILES
from nequip_lint.values import Finding, Fix

_SAME = {
    "sys.float_info.epsilon": "torch.finfo(torch.float64).eps",
    "sys.float_info.max": "torch.finfo(torch.float64).max",
    "sys.float_info.min": "torch.finfo(torch.float64).tiny",
    "sys.maxsize": "torch.iinfo(torch.int64).max",
    "io.open": "open",
}
"""What has the same value, on 64 bit machines."""


@fixer("NQ202")
def without_or_registered(assembled: Assembled, finding: Finding) -> Fix:
    """Safe without the module, and as one more registered name; a setting for other packagers is not."""
    source = source_of(assembled.project, finding.path)
    replaced = _without(assembled, source, finding)
    if replaced is not None:
        return replaced
    if assembled.project.uses_nequip:
        return Fix(True, with_extern(assembled.project, finding.module))
    toml = Toml(assembled.project.metadata.root / FILES[0])
    table = toml.table("tool", "nequip-lint")
    table["extern-modules"] = [*table.get("extern-modules", ()), finding.module]
    return Fix(False, toml.edits())


def _without(assembled: Assembled, source: Source, finding: Finding) -> Fix | None:
    """The same code without the import; None where something has no other source."""
    statement, scope = import_at(source, finding.span)
    if not isinstance(statement, ast.Import):
        return None
    alias = next((alias for alias in statement.names if alias.name == finding.module), None)
    if alias is None:
        return None
    bound = bound_by(alias, statement)
    same = _same(source, scope, statement, bound, finding.module)
    if same is None:
        return None
    check_not_exported(assembled.project, source.facts, bound)
    splices = Splices(source)
    for node, text in same.items():
        splices.replace_node(node, text)
    drop(source, splices, statement, [alias])
    return Fix(bool(same), splices.edits())


def _same(
    source: Source, scope: Scope, statement: Statement, bound: str, module: str
) -> dict[ast.expr, str] | None:
    """What to put in place of each use; None where something has no other source."""
    around = parents(source.tree)
    found: dict[ast.expr, str] = {}
    for use in uses_of(scope, bound, [statement]):
        node: ast.AST = use.node
        text = None
        while text is None and isinstance(node := around[node], ast.Attribute):
            text = _SAME.get(module + dotted(node).removeprefix(bound))
        if text is None or not isinstance(node, ast.Attribute) or not _has_torch(source, text):
            return None
        found[node] = text
    return found


def _has_torch(source: Source, text: str) -> bool:
    """Whether the file imports torch at its top, as far as that is needed."""
    plain = (node for node in source.tree.body if isinstance(node, ast.Import))
    return "torch" not in text or any(
        alias.name.partition(".")[0] == "torch" and alias.asname is None
        for node in plain
        for alias in node.names
    )

"""Fix of NQ106: `@model_modifier` right above `@classmethod`."""

from __future__ import annotations

import libcst as cst

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.functions import called_by, decorated
from nequip_lint.fixes.base import fixer
from nequip_lint.values import Finding, Fix


@fixer("NQ106")
def order_decorators(context: Context, finding: Finding) -> Fix:
    """Move the decorator; safe where it changes places with `@classmethod` alone."""
    source = context.source(finding.path)
    if any(item.span == finding.span and item.ordered for item in context.facts(finding.path).modifiers):
        raise Declined("two modifiers have one name: rename one, and its uses")
    function, decorator = decorated(source, finding)
    index = function.decorators.index(decorator)
    names = [called_by(item) for item in function.decorators]
    if "classmethod" not in names:
        name = function.name.value
        raise Declined(f"{name} is no class method: it needs @classmethod and `cls` as its first argument")
    target = names.index("classmethod")
    edits = TreeEdits(source)
    edits.update(function, lambda updated: _moved(updated, index, target))
    return Fix(abs(target - index) == 1, edits.edits(), f"@{names[index]} right above @classmethod")


def _moved(function: cst.FunctionDef, index: int, target: int) -> cst.FunctionDef:
    """The function with one decorator in the place of another; the comments above go with each of them."""
    order = [item for number, item in enumerate(function.decorators) if number != index]
    order.insert(target if target < index else target - 1, function.decorators[index])
    return function.with_changes(decorators=order)

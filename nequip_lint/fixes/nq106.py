"""Fix of NQ106: `@model_modifier` right above `@classmethod`."""

from __future__ import annotations

import ast

from nequip_lint.editing.base import Declined
from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.spans import span_of
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.source import Source, Splices, source_of
from nequip_lint.project.assemble import Assembled
from nequip_lint.values import Finding, Fix

_Blocks = list[tuple[int, int]]


@fixer("NQ106")
def order_decorators(assembled: Assembled, finding: Finding) -> Fix:
    """Move the lines of the decorator; safe where it changes places with `@classmethod` alone."""
    source = source_of(assembled.project, finding.path)
    if any(item.span == finding.span and item.ordered for item in source.facts.modifiers):
        raise Declined("two modifiers have one name: rename one, and its uses")
    function, index = _decorated(source, finding)
    names = [dotted(item.func if isinstance(item, ast.Call) else item) for item in function.decorator_list]
    if "classmethod" not in names:
        raise Declined(
            f"{function.name} is no class method: it needs @classmethod and `cls` as its first argument"
        )
    target = names.index("classmethod")
    blocks = _blocks(source, function)
    order = [block for number, block in enumerate(blocks) if number != index]
    order.insert(target if target < index else target - 1, blocks[index])
    lines = source.lines
    text = "".join(f"{line}\n" for first, last in order for line in lines[first - 1 : last - 1])
    splices = Splices(source)
    splices.replace_lines(blocks[0][0], blocks[-1][1], text)
    return Fix(abs(target - index) == 1, splices.edits())


def _decorated(source: Source, finding: Finding) -> tuple[ast.FunctionDef, int]:
    """The function that the decorator of a finding stands at, and which of its decorators that is."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef):
            for index, item in enumerate(node.decorator_list):
                if span_of(item) == finding.span:
                    return node, index
    raise Declined("the decorator is not found again")


def _blocks(source: Source, function: ast.FunctionDef) -> _Blocks:
    """The lines of each decorator, comments above it included, except above the first one."""
    lines = source.lines
    starts = [item.lineno for item in function.decorator_list]
    for index in range(1, len(starts)):
        while lines[starts[index] - 2].strip()[:1] in ("", "#"):
            starts[index] -= 1
    ends = [item.end_lineno or item.lineno for item in function.decorator_list]
    if any(end >= start for end, start in zip(ends, [*starts[1:], function.lineno], strict=True)):
        raise Declined("two decorators share a line")
    return list(zip(starts, [*starts[1:], ends[-1] + 1], strict=True))

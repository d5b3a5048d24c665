"""Items put behind the last one of a list or of a call's arguments, in the layout that these have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

Literal = cst.List | cst.Tuple | cst.Set
_Gap = cst.BaseParenthesizableWhitespace
_LINE = cst.TrailingWhitespace()
_SPACE, _NOTHING = cst.SimpleWhitespace(" "), cst.SimpleWhitespace("")


def has_room(node: cst.CSTNode) -> bool:
    """Whether items can be put behind those of a node: a literal, or a call with arguments."""
    if isinstance(node, cst.Call):
        return bool(node.args) and not _is_enclosed(node.args[-1].value)
    if not isinstance(node, Literal) or (isinstance(node, cst.Tuple) and not node.lpar):
        return False
    return not any(_is_enclosed(item.value) for item in node.elements[-1:])


def _is_enclosed(node: cst.BaseExpression) -> bool:
    """Whether an expression stands in parentheses; those of a tuple are its own."""
    return len(node.lpar) > isinstance(node, cst.Tuple)


def appended(node: Any, new: Sequence[cst.Arg | cst.Element]) -> Any:
    """A literal or call that has room, with more items: on lines of their own where the last one has it.

    Args:
        node: the literal or call.
        new: at least one item.
    """
    field = "args" if isinstance(node, cst.Call) else "elements"
    *items, last = getattr(node, field) or [None]
    if last is None:
        return type(node)(_separated(new, _SPACE))
    closing, has_comma = _closing(node), isinstance(last.comma, cst.Comma)
    before = items[-1].comma.whitespace_after if items else _opening(node)
    behind_old: _Gap = _SPACE
    behind_new, gap = behind_old, closing
    if isinstance(before, cst.ParenthesizedWhitespace):
        behind_old = behind_new = before.with_changes(first_line=_LINE, empty_lines=[])
        if isinstance(closing, cst.ParenthesizedWhitespace):
            behind_old = before.with_changes(first_line=closing.first_line, empty_lines=[])
            gap = closing.with_changes(first_line=_LINE)
    elif has_comma and isinstance(closing, cst.SimpleWhitespace):
        last, gap = last.with_changes(comma=cst.MaybeSentinel.DEFAULT), _NOTHING
    blank = {"whitespace_after_arg": _NOTHING} if field == "args" else {}
    old = last.with_changes(comma=cst.Comma(whitespace_after=behind_old), **blank)
    *more, end = _separated(new, behind_new)
    kept = {name: getattr(last, name) for name in ("comma", *blank)}
    changed = node.with_changes(**{field: [*items, old, *more, end.with_changes(**kept)]})
    return changed.deep_replace(closing, gap)


def _separated(new: Sequence[Any], behind: _Gap) -> list[Any]:
    comma = cst.Comma(whitespace_after=behind)
    return [*(item.with_changes(comma=comma) for item in new[:-1]), new[-1]]


def _opening(node: Any) -> _Gap:
    """What stands behind the opening bracket."""
    if isinstance(node, cst.Call):
        return node.whitespace_before_args
    bracket = node.lpar[-1] if isinstance(node, cst.Tuple) else _brackets(node)[0]
    gap: _Gap = bracket.whitespace_after
    return gap


def _closing(node: Any) -> _Gap:
    """What stands between the last item, or the comma behind it, and the closing bracket."""
    gap: _Gap
    if isinstance(node, cst.Call):
        last = node.args[-1]
        gap = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else last.whitespace_after_arg
    else:
        gap = (node.rpar[0] if isinstance(node, cst.Tuple) else _brackets(node)[1]).whitespace_before
    return gap


def _brackets(node: cst.List | cst.Set) -> tuple[Any, Any]:
    if isinstance(node, cst.Set):
        return node.lbrace, node.rbrace
    return node.lbracket, node.rbracket

"""Items put behind the last one of a list or of a call's arguments, in the layout that these have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

Literal = cst.List | cst.Tuple | cst.Set
_Gap = cst.BaseParenthesizableWhitespace
_LINE = cst.TrailingWhitespace()
_NOTHING = cst.SimpleWhitespace("")


def has_room(node: cst.CSTNode) -> bool:
    """Whether items can be put behind those of a node: a literal, or a call with arguments."""
    if isinstance(node, cst.Call):
        items: Sequence[cst.Arg | cst.BaseElement] = node.args
    elif isinstance(node, Literal) and not (isinstance(node, cst.Tuple) and not node.lpar):
        items = node.elements
    else:
        return False
    return not any(_is_enclosed(item.value) for item in items[-1:])


def _is_enclosed(node: cst.BaseExpression) -> bool:
    """Whether an expression stands in parentheses; those of a tuple are its own."""
    return len(node.lpar) > isinstance(node, cst.Tuple)


def appended(node: Any, new: Sequence[cst.Arg | cst.Element]) -> Any:
    """A literal or call that has room, with more items: on lines of their own where the last one has it.

    Args:
        node: the literal or call.
        new: at least one item.
    """
    items: list[Any] = list(_items(node))
    if not items:
        return _closed(_opened(node), _separated(new, _comma(cst.SimpleWhitespace(" "))), _NOTHING)
    has_comma, closing = isinstance(items[-1].comma, cst.Comma), _closing(node)
    gap: _Gap = closing
    behind_old: _Gap = cst.SimpleWhitespace(" ")
    behind_new = behind_old
    before = _opening(node) if len(items) == 1 else items[-2].comma.whitespace_after
    if isinstance(before, cst.ParenthesizedWhitespace):
        behind_old = behind_new = before.with_changes(first_line=_LINE, empty_lines=[])
        if isinstance(closing, cst.ParenthesizedWhitespace):
            behind_old = before.with_changes(first_line=closing.first_line, empty_lines=[])
            gap = closing.with_changes(first_line=_LINE)
    elif has_comma and isinstance(closing, cst.SimpleWhitespace):
        gap, has_comma = _NOTHING, False
    changes = {"whitespace_after_arg": _NOTHING} if isinstance(node, cst.Call) else {}
    items[-1] = items[-1].with_changes(comma=_comma(behind_old), **changes)
    added = _separated(new, _comma(behind_new))
    if has_comma:
        added[-1] = added[-1].with_changes(comma=_comma(_NOTHING))
    return _closed(node, [*items, *added], gap)


def _comma(behind: _Gap) -> cst.Comma:
    return cst.Comma(whitespace_after=behind)


def _separated(new: Sequence[Any], comma: cst.Comma) -> list[Any]:
    return [*(item.with_changes(comma=comma) for item in new[:-1]), new[-1]]


def _items(node: Any) -> Sequence[Any]:
    items: Sequence[Any] = node.args if isinstance(node, cst.Call) else node.elements
    return items


def _opening(node: Any) -> _Gap:
    """What stands behind the opening bracket."""
    if isinstance(node, cst.Call):
        return node.whitespace_before_args
    bracket = _brackets(node)[0]
    gap: _Gap = (node.lpar[-1] if bracket == "lpar" else getattr(node, bracket)).whitespace_after
    return gap


def _closing(node: Any) -> _Gap:
    """What stands between the last item, or the comma behind it, and the closing bracket."""
    gap: _Gap
    if isinstance(node, cst.Call):
        last = node.args[-1]
        gap = last.comma.whitespace_after if isinstance(last.comma, cst.Comma) else last.whitespace_after_arg
        return gap
    bracket = _brackets(node)[1]
    gap = (node.rpar[0] if bracket == "rpar" else getattr(node, bracket)).whitespace_before
    return gap


def _opened(node: Any) -> Any:
    """A literal with nothing behind its opening bracket."""
    bracket = _brackets(node)[0]
    if bracket == "lpar":
        return node.with_changes(
            lpar=[*node.lpar[:-1], node.lpar[-1].with_changes(whitespace_after=_NOTHING)]
        )
    return node.with_changes(**{bracket: getattr(node, bracket).with_changes(whitespace_after=_NOTHING)})


def _closed(node: Any, items: list[Any], gap: _Gap) -> Any:
    """A literal or call with other items, and what stands before its closing bracket."""
    if isinstance(node, cst.Call):
        last = items[-1]
        if isinstance(last.comma, cst.Comma):
            last = last.with_changes(comma=_comma(gap))
        else:
            last = last.with_changes(whitespace_after_arg=gap)
        return node.with_changes(args=[*items[:-1], last])
    bracket = _brackets(node)[1]
    if bracket == "rpar":
        first = node.rpar[0].with_changes(whitespace_before=gap)
        return node.with_changes(elements=items, rpar=[first, *node.rpar[1:]])
    closing = getattr(node, bracket).with_changes(whitespace_before=gap)
    return node.with_changes(elements=items, **{bracket: closing})


def _brackets(node: cst.CSTNode) -> tuple[str, str]:
    """The fields in which a literal has its brackets."""
    if isinstance(node, cst.Tuple):
        return "lpar", "rpar"
    return ("lbrace", "rbrace") if isinstance(node, cst.Set) else ("lbracket", "rbracket")

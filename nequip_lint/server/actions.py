"""Fixes as code actions of the language server protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lsprotocol import types


def actions(
    diagnostics: Iterable[types.Diagnostic], place: types.Range, address: Callable[[str], str]
) -> Iterator[types.CodeAction]:
    """A quick fix for each diagnostic at a place whose finding has a fix.

    Args:
        diagnostics: of the file, with the fix of their finding as data.
        place: what the client asks about.
        address: of the file with a path, as the client knows it.
    """
    for item in diagnostics:
        touches = item.range.start <= place.end and place.start <= item.range.end
        if touches and isinstance(item.data, dict):
            yield _action(item, item.data, address)


def _action(item: types.Diagnostic, fix: dict[str, Any], address: Callable[[str], str]) -> types.CodeAction:
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in fix["edits"]:
        changes.setdefault(address(edit["path"]), []).append(_edit(edit))
    is_safe = fix["applicability"] == "safe"
    return types.CodeAction(
        title=f"Fix {item.code}{'' if is_safe else ' (may change what the code does)'}",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[item],
        is_preferred=is_safe,
        edit=types.WorkspaceEdit(changes=dict(changes)),
    )


def _edit(edit: dict[str, Any]) -> types.TextEdit:
    """Whole lines, so that columns need no counting."""
    region = types.Range(types.Position(edit["line"] - 1, 0), types.Position(edit["end_line"] - 1, 0))
    return types.TextEdit(region, edit["text"])

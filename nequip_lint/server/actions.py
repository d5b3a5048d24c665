"""What can be done about findings, as code actions of the language server protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lsprotocol import types


def actions(
    diagnostics: Iterable[types.Diagnostic],
    place: types.Range,
    address: Callable[[str], str],
    *,
    can_create: bool,
) -> Iterator[types.CodeAction]:
    """The quick fixes for each diagnostic at a place.

    Args:
        diagnostics: of the file, with the offers for their finding as data.
        place: what the client asks about.
        address: of the file with a path, as the client knows it.
        can_create: whether the client makes files when it is told to.
    """
    for item in diagnostics:
        if item.range.start <= place.end and place.start <= item.range.end:
            for offer in item.data or ():
                yield types.CodeAction(
                    title=offer["title"],
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=[item],
                    is_preferred=offer["is_preferred"],
                    edit=_edit(offer, address, can_create),
                )


def _edit(offer: dict[str, Any], address: Callable[[str], str], can_create: bool) -> types.WorkspaceEdit:
    """The edits by file; a new file is made first where the client can, else its text is all there is."""
    changes: dict[str, list[types.TextEdit]] = {}
    for edit in offer["edits"]:
        changes.setdefault(address(edit["path"]), []).append(_lines(edit))
    if not (offer["new"] and can_create):
        return types.WorkspaceEdit(changes=dict(changes))
    made = [types.CreateFile(uri=address(path)) for path in offer["new"]]
    edited = [
        types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri), list(edits))
        for uri, edits in changes.items()
    ]
    return types.WorkspaceEdit(document_changes=[*made, *edited])


def _lines(edit: dict[str, Any]) -> types.TextEdit:
    """Whole lines, so that columns need no counting."""
    region = types.Range(types.Position(edit["line"] - 1, 0), types.Position(edit["end_line"] - 1, 0))
    return types.TextEdit(region, edit["text"])

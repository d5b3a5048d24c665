"""A client of the language server over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence
    from pathlib import Path

LIMIT = 60


class Editor:
    """A client that remembers the last diagnostics of each file."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.logged: asyncio.Queue[str] = asyncio.Queue()
        self.version = 1
        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self.told.put_nowait(params))
        client.feature(types.WINDOW_LOG_MESSAGE)(lambda params: self.logged.put_nowait(params.message))

    async def diagnostics(self) -> tuple[str, list[types.Diagnostic]]:
        """The next diagnostics that the server sends."""
        params = await asyncio.wait_for(self.told.get(), LIMIT)
        return params.uri, list(params.diagnostics)

    def open(self, path: Path, text: str | None = None) -> None:
        """Open a file, with its content or another one."""
        text = path.read_text(encoding="utf-8") if text is None else text
        item = types.TextDocumentItem(path.as_uri(), "python", self.version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, path: Path, text: str) -> None:
        """Replace the text of an open file without saving it."""
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(self.version, path.as_uri())
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def save(self, path: Path) -> None:
        """Say that a file was saved."""
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(identifier(path)))

    def close(self, path: Path) -> None:
        """Close a file."""
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier(path)))

    async def hover(self, path: Path, line: int, character: int) -> str | None:
        """What the server shows at a place."""
        params = types.HoverParams(identifier(path), types.Position(line, character))
        found = await asyncio.wait_for(self.client.text_document_hover_async(params), LIMIT)
        if found is None:
            return None
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def actions(self, path: Path, place: types.Range) -> list[types.CodeAction]:
        """The code actions that the server offers for a place."""
        params = types.CodeActionParams(identifier(path), place, types.CodeActionContext([]))
        found = await asyncio.wait_for(self.client.text_document_code_action_async(params), LIMIT)
        return [item for item in found or [] if isinstance(item, types.CodeAction)]


def applied(text: str, edits: Sequence[types.TextEdit]) -> str:
    """A text after edits of whole lines, as an editor applies them."""
    lines = text.splitlines(keepends=True)
    for edit in sorted(edits, key=lambda edit: edit.range.start.line, reverse=True):
        lines[edit.range.start.line : edit.range.end.line] = [edit.new_text]
    return "".join(lines)


def identifier(path: Path) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(path.as_uri())


@asynccontextmanager
async def editor(folder: Path, capabilities: types.ClientCapabilities | None = None) -> AsyncIterator[Editor]:
    """An editor with the server, which is ended as the protocol says and must end well.

    Args:
        folder: of the project.
        capabilities: what the editor says that it can do; by default nothing.
    """
    client = LanguageClient("test", "1")
    made = Editor(client)
    await client.start_io(sys.executable, "-m", "nequip_lint", "server")
    params = types.InitializeParams(
        capabilities=capabilities or types.ClientCapabilities(), root_uri=folder.as_uri()
    )
    await asyncio.wait_for(client.initialize_async(params), LIMIT)
    client.initialized(types.InitializedParams())
    yield made
    await asyncio.wait_for(client.shutdown_async(None), LIMIT)
    client.exit(None)
    process: Any = client._server
    assert await asyncio.wait_for(process.wait(), LIMIT) == 0
    await client.stop()


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)

"""The server: diagnostics of a project whenever one of its files changes, pages on hover, and quick fixes."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer
from pygls.workspace import TextDocument

from nequip_lint import __version__
from nequip_lint.children import command
from nequip_lint.declared.files import project_root
from nequip_lint.pages import codes, page
from nequip_lint.reports.source import lines_of
from nequip_lint.server.actions import actions
from nequip_lint.server.addresses import path_of
from nequip_lint.server.diagnostics import diagnostic
from nequip_lint.server.protocol import Protocol

_PAUSE = 0.3
"""How long the text must rest before it is linted, in seconds."""
_CODE = re.compile(r"NQ\d{3}")
_SEEN = (".py", "pyproject.toml", "setup.cfg", "setup.py")


class Server(LanguageServer):
    """A language server that lints the projects of open documents."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("nequip-lint", __version__, protocol_cls=Protocol)
        self._waiting: dict[Path, asyncio.Task[None]] = {}
        self._published: dict[Path, dict[str, list[types.Diagnostic]]] = {}

    def report_server_error(
        self, error: Exception, source: type[PyglsError] | type[JsonRpcException]
    ) -> None:
        """Refuse what is no JSON, and show what went wrong apart from replies."""
        if isinstance(error, json.JSONDecodeError | UnicodeDecodeError | RecursionError):
            self.protocol.refuse_unreadable()
        super().report_server_error(error, source)

    def lint_soon(self, document: str, pause: float = 0.0) -> None:
        """Lint the project of a document, unless something changes before the pause is over.

        Args:
            document: its address.
            pause: in seconds.
        """
        path = path_of(document)
        if path is None or not path.name.endswith(_SEEN):
            return
        subject = _subject(path)
        if (waiting := self._waiting.get(subject)) is not None:
            waiting.cancel()
        self._waiting[subject] = asyncio.ensure_future(self._lint(subject, pause))
        self._waiting[subject].add_done_callback(self._tell_failure)

    async def _lint(self, subject: Path, pause: float) -> None:
        await asyncio.sleep(pause)
        buffers = {path: document.source for path, document in self._opened().items()}
        result = await _linted(subject, buffers)
        if "error" in result:
            self._log(result["error"])
        else:
            self._publish(subject, result["findings"])

    def _tell_failure(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log(f"internal error: {type(error).__name__}: {error}")

    def _log(self, text: str) -> None:
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, f"nequip-lint: {text}"))

    def _opened(self) -> dict[str, TextDocument]:
        """The open documents that have a file, by its path."""
        placed = ((path_of(item.uri), item) for item in self.workspace.text_documents.values())
        return {str(path): item for path, item in placed if path is not None}

    def _publish(self, subject: Path, findings: list[dict[str, Any]]) -> None:
        """Tell the diagnostics of each file that has any, and of those that had some before."""
        opened = self._opened()
        by_address: dict[str, list[types.Diagnostic]] = {}
        for finding in findings:
            path = finding["path"]
            lines = opened[path].lines if path in opened else lines_of(path)
            made = diagnostic(finding, lines, self.workspace.position_codec)
            by_address.setdefault(self._address(path), []).append(made)
        for address in self._published.get(subject, {}).keys() | by_address.keys():
            told = types.PublishDiagnosticsParams(address, by_address.get(address, []))
            self.text_document_publish_diagnostics(told)
        self._published[subject] = by_address

    def _address(self, path: str) -> str:
        """The address of a file, as the client has it where it is open there."""
        document = self._opened().get(path)
        return document.uri if document is not None else Path(path).as_uri()

    def actions_at(self, address: str, place: types.Range) -> list[types.CodeAction]:
        """What can be done about what was last told of a place; a client that edits since then asks again."""
        told = (item for found in self._published.values() for item in found.get(address, ()))
        return list(actions(told, place, self._address, can_create=self._can_create()))

    def _can_create(self) -> bool:
        """Whether the client makes files when an edit says so."""
        workspace = self.client_capabilities.workspace
        edit = None if workspace is None else workspace.workspace_edit
        kinds = (edit and edit.document_changes and edit.resource_operations) or ()
        return types.ResourceOperationKind.Create in kinds

    def rule_at(self, address: str, position: types.Position) -> str | None:
        """The rule that a place is about: a code that is written there, or that of a diagnostic."""
        documents = self.workspace.text_documents.values()
        opened = next((item for item in documents if item.uri == address), None)
        word = "" if opened is None else opened.word_at_position(position)
        if _CODE.fullmatch(word) and word in codes():
            return word
        told = [item for found in self._published.values() for item in found.get(address, ())]
        return next((str(d.code) for d in told if d.range.start <= position <= d.range.end), None)


def _subject(path: Path) -> Path:
    """What is linted for a file: its project, or the file alone where it has none."""
    project_root.cache_clear()
    return project_root(path.parent) or path


async def _linted(subject: Path, buffers: dict[str, str]) -> dict[str, Any]:
    """The worker's answer; the process ends with the task that waits for it."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command("nequip_lint.server.worker"), stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        request = json.dumps({"path": str(subject), "buffers": buffers})
        output, errors = await process.communicate(request.encode())
    except asyncio.CancelledError:
        process.kill()
        raise
    if process.returncode != 0:
        return {"error": errors.decode(errors="replace").strip().rpartition("\n")[2] or "the lint was ended"}
    answer: dict[str, Any] = json.loads(output)
    return answer


def make_server() -> Server:
    """A server that knows what to do when text is opened, changed, saved, and pointed at."""
    server = Server()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.lint_soon(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.lint_soon(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.lint_soon(params.text_document.uri, _PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.lint_soon(params.text_document.uri)  # what was not saved is gone

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        code = server.rule_at(params.text_document.uri, params.position)
        if code is None:
            return None
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, page(code).body))

    quick = types.CodeActionOptions([types.CodeActionKind.QuickFix])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, quick)
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        return server.actions_at(params.text_document.uri, params.range)

    return server

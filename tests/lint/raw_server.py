"""`nequip-lint server` with a client that can say anything, right or wrong."""

from __future__ import annotations

import json
import subprocess
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType


class RawServer:
    """A server process, from `initialize` to `exit`; it must end well.

    Args:
        command: that starts it.
        folder: in which it is started.
        environment: its variables.
    """

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._number = 0
        self._heard: deque[dict[str, Any]] = deque()
        self.folder = folder
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> RawServer:
        params = {"capabilities": {}, "rootUri": self.folder.as_uri()}
        assert "result" in self.ask("initialize", params)
        self.tell("initialized", {})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            self.process.kill()
        else:
            self.ask("shutdown", None)
            self.tell("exit", None)
        self.process.communicate()
        assert error is not None or self.process.returncode == 0

    def send(self, body: bytes) -> None:
        """Any bytes as the body of a message."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def tell(self, method: str, params: object) -> None:
        """A notification."""
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def ask(self, method: str, params: object) -> dict[str, Any]:
        """A request; the whole reply, with `result` or `error`."""
        self._number += 1
        content = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self.send(json.dumps(content).encode())
        return self.until(lambda heard: heard.get("id") == self._number and "method" not in heard)

    def until(self, is_it: Any) -> dict[str, Any]:
        """The first message that the server sends and a test takes; those before it are kept."""
        for heard in self._heard:
            if is_it(heard):
                self._heard.remove(heard)
                return heard
        while not is_it(heard := self._read()):
            self._heard.append(heard)
        return heard

    def diagnostics(self, address: str | None = None) -> list[dict[str, Any]]:
        """The next diagnostics, of one file if it is named."""

        def is_it(heard: dict[str, Any]) -> bool:
            is_told = heard.get("method") == "textDocument/publishDiagnostics"
            return is_told and address in (None, heard["params"]["uri"])

        found: list[dict[str, Any]] = self.until(is_it)["params"]["diagnostics"]
        return found

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while (header := self.process.stdout.readline()).strip():
            if header.startswith(b"Content-Length:"):
                length = int(header.split(b":")[1])
        assert length, "the server has ended"
        heard: dict[str, Any] = json.loads(self.process.stdout.read(length))
        return heard

    def open(self, address: str, text: str) -> None:
        """Open a text under an address."""
        item = {"uri": address, "languageId": "python", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def hover(self, address: str, line: int = 0, character: int = 0) -> dict[str, Any]:
        """The reply to a hover."""
        params = {
            "textDocument": {"uri": address},
            "position": {"line": line, "character": character},
        }
        return self.ask("textDocument/hover", params)

    def actions(self, address: str, line: int = 0, character: int = 0) -> dict[str, Any]:
        """The reply to a question for fixes at one place."""
        place = {"line": line, "character": character}
        params = {
            "textDocument": {"uri": address},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": []},
        }
        return self.ask("textDocument/codeAction", params)

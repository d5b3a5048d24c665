"""Headless Chromium for tests, spoken to over a pipe (Chrome DevTools Protocol)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Page:
    """A page in a browser of its own; ``complaints`` are errors of its console.

    Args:
        path: of the file to open.
        home: where the browser keeps its files.
        dark: whether the reader prefers dark pages.
    """

    def __init__(self, path: Path, home: Path, *, dark: bool = False) -> None:
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        words = [CHROMIUM or "", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]
        shell = 'exec "$@" 3<&%d 4>&%d' % (to_browser, from_browser)  # noqa: UP031  braces are the shell's
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "chromium", *words, f"--user-data-dir={home}"],
            pass_fds=(to_browser, from_browser),
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._rest, self._session = 0, b"", ""
        self._events: deque[dict[str, Any]] = deque()
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call("Page.navigate", url=path.resolve().as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._events.append(self._read())

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)

    def evaluate(self, text: str) -> Any:
        """The value of an expression of JavaScript."""
        result = self._call("Runtime.evaluate", expression=text, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    @property
    def complaints(self) -> list[dict[str, Any]]:
        """What its console shows as an error."""
        self.evaluate("0")
        thrown = [event for event in self._events if event["method"] == "Runtime.exceptionThrown"]
        logged = [event for event in self._events if event["method"] == "Log.entryAdded"]
        return thrown + [event for event in logged if event["params"]["entry"]["level"] == "error"]

    def _call(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        session = {"sessionId": self._session} if self._session else {}
        os.write(self._out, json.dumps({**message, **session}).encode() + b"\0")
        while (answer := self._read()).get("id") != self._number:
            self._events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = os.read(self._in, 1 << 16)
            assert piece, "the browser has ended"
            self._rest += piece
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

"""The language server with a client that asks wrongly: each request has a reply, and the next one too."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from lint_support import write
from raw_server import RawServer

pytest.importorskip("pygls", reason="the extra `server` is not installed")

if TYPE_CHECKING:
    from collections.abc import Iterator

BAD = "import triton\n\n\ndef f():\n    return triton.x\n"
FILES = {
    "pyproject.toml": """[tool.nequip-lint]
roots = ["pkg.mod"]
internal-packages = ["pkg"]
extern-modules = ["triton"]
""",
    "pkg/__init__.py": "",
    "pkg/mod.py": BAD,
    "pkg/more.py": "",
}
OFFERED = ["Fix NQ101", "Suppress NQ101 with a reason"]
INVALID, PARSE = -32602, -32700


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RawServer]:
    """A server in a project whose one finding it has told; it ends with 0."""
    folder = write(tmp_path_factory.mktemp("server") / "project", FILES)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache")}
    with RawServer([sys.executable, "-m", "nequip_lint", "server"], folder, environment) as started:
        address = address_of(started)
        started.open(address, BAD)
        assert [item["code"] for item in started.diagnostics(address)] == ["NQ101"]
        yield started


@pytest.fixture
def server(shared: RawServer) -> Iterator[RawServer]:
    """The same server, which still answers after the test."""
    yield shared
    address = address_of(shared)
    assert "NQ101" in shared.hover(address)["result"]["contents"]["value"]
    assert [item["title"] for item in shared.actions(address)["result"]] == OFFERED


def address_of(server: RawServer) -> str:
    return (server.folder / "pkg" / "mod.py").as_uri()


HOVER, ACTION = "textDocument/hover", "textDocument/codeAction"
PLACE = {"line": 0, "character": 0}
DOCUMENT = {"uri": "file:///a.py"}
WRONG: dict[str, tuple[str, Any]] = {
    "no parameters": (HOVER, None),
    "no position": (HOVER, {"textDocument": DOCUMENT}),
    "a list": (HOVER, [1, 2]),
    "a text": (HOVER, "x"),
    "a number": (HOVER, 5),
    "a negative line": (HOVER, {"textDocument": DOCUMENT, "position": {**PLACE, "line": -1}}),
    "a fraction": (HOVER, {"textDocument": DOCUMENT, "position": {**PLACE, "line": 0.5}}),
    "a huge line": (HOVER, {"textDocument": DOCUMENT, "position": {**PLACE, "line": 10**30}}),
    "a line in words": (HOVER, {"textDocument": DOCUMENT, "position": {**PLACE, "line": "one"}}),
    "an address that is null": (HOVER, {"textDocument": {"uri": None}, "position": PLACE}),
    "no range": (ACTION, {"textDocument": DOCUMENT, "context": {"diagnostics": []}}),
    "a range that is a list": (
        ACTION,
        {"textDocument": DOCUMENT, "range": [], "context": {"diagnostics": []}},
    ),
    "no context": (ACTION, {"textDocument": DOCUMENT, "range": {"start": PLACE, "end": PLACE}}),
    "a command that we do not have": ("workspace/executeCommand", {"command": "rm"}),
}


@pytest.mark.parametrize("kind", WRONG)
def test_bad_parameters_get_an_error_reply(kind: str, server: RawServer) -> None:
    method, params = WRONG[kind]
    reply = server.ask(method, params)
    assert reply.get("result") is None
    assert "error" in reply or kind in ("a number", "an address that is null", "a fraction"), reply
    assert "error" not in reply or reply["error"]["code"] == INVALID, reply


def test_an_unknown_method_gets_an_error_reply(server: RawServer) -> None:
    assert server.ask("textDocument/nothing", {})["error"]["code"] == -32601


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"jsonrpc": "2.0", "id": 7'], ids=repr
)
def test_what_is_no_json_is_refused(body: bytes, server: RawServer) -> None:
    server.send(body if len(body) < 1000 else body + b"]" * 100_000)
    if body:
        reply = server.until(lambda heard: "error" in heard)
        assert (reply["id"], reply["error"]["code"]) == (None, PARSE)


@pytest.mark.parametrize("number", [None, [1], {"a": 1}, 1.5, True])
def test_a_request_with_a_strange_number_is_refused(number: object, server: RawServer) -> None:
    content = {"jsonrpc": "2.0", "id": number, "method": HOVER, "params": {}}
    server.send(json.dumps(content).encode())
    assert server.until(lambda heard: "error" in heard)["error"]["code"] == INVALID


BATCHES = [b"[]", b"5", b"null", b'"x"', b"{}", b'{"jsonrpc": "1.0"}', b'{"jsonrpc": "2.0", "id": 3}']


@pytest.mark.parametrize("body", BATCHES, ids=repr)
def test_json_that_is_no_message_is_passed_over(body: bytes, server: RawServer) -> None:
    server.send(body)


ADDRESSES = {
    "closed": "file:///nowhere/at/all.py",
    "a folder": "file:///tmp",
    "a device": "file:///dev/zero",
    "not saved yet": "untitled:Untitled-1",
    "another scheme": "git:/a/b.py?x#y",
    "another machine": "file://elsewhere/a/b.py",
    "relative": "file:a.py",
    "no address": "x.py",
    "empty": "",
    "broken": "file://[",
    "a NUL byte": "file:///a%00b.py",
    "half an escape": "file:///a%2",
    "no UTF-8": "file:///a%FF.py",
    "half a character": "file:///a\ud800.py",
    "escaped slashes": "file:///%2Fetc%2F..%2Fa.py",
}


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_file_that_is_not_open_has_an_answer(kind: str, server: RawServer) -> None:
    reply = server.hover(ADDRESSES[kind])
    assert ("error" in reply, reply["result"]) == (False, None)
    assert server.actions(ADDRESSES[kind])["result"] == []


@pytest.mark.parametrize("kind", ADDRESSES)
def test_an_address_that_means_no_file_may_be_open(kind: str, server: RawServer) -> None:
    """It is not judged, and the project that is open beside it is."""
    server.open(ADDRESSES[kind], "x = 1  # noqa: NQ101\n")
    server.tell("textDocument/didSave", {"textDocument": {"uri": ADDRESSES[kind]}})
    assert server.actions(ADDRESSES[kind])["result"] == []
    if kind != "broken":  # which pygls itself refuses to open
        assert "NQ101" in server.hover(ADDRESSES[kind], 0, 17)["result"]["contents"]["value"]


def test_a_closed_file_has_the_answers_that_its_diagnostics_give(server: RawServer) -> None:
    address = address_of(server)
    server.tell("textDocument/didClose", {"textDocument": {"uri": address}})
    assert server.diagnostics(address)
    assert "NQ101" in server.hover(address)["result"]["contents"]["value"]
    assert server.hover(address, 3)["result"] is None
    server.open(address, BAD)
    assert server.diagnostics(address)


@pytest.mark.parametrize("text", ["", "x", "x\n", "é𝔸\n", "\r\n", "# NQ101"], ids=ascii)
def test_positions_out_of_range(text: str, server: RawServer) -> None:
    address = "untitled:1"
    server.open(address, text)
    for line, character in ((0, 99), (99, 0), (2**31 - 1, 2**31 - 1), (1, 1)):
        assert set(server.hover(address, line, character)) == {"jsonrpc", "id", "result"}
        assert server.actions(address, line, character)["result"] == []


@pytest.mark.parametrize(
    "text", ["x = '\ud800'\n", "x = '\x00'\n", "# coding: hex\n", "(" * 100_000], ids=ascii
)
def test_a_text_that_no_file_can_hold_is_a_finding(text: str, server: RawServer) -> None:
    address = (server.folder / "pkg" / "more.py").as_uri()
    server.open(address, text)
    assert [item["code"] for item in server.diagnostics(address)] == ["NQ001"]
    server.tell("textDocument/didClose", {"textDocument": {"uri": address}})
    assert server.diagnostics(address) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_name_that_is_no_text(server: RawServer) -> None:
    path = server.folder / "pkg" / os.fsdecode(b"bad\xff.py")
    path.write_text("x = 1\n")
    address = path.as_uri()
    assert "%FF" in address
    server.open(address, "x = [\n")
    assert [item["code"] for item in server.diagnostics(address)] == ["NQ001"]
    server.tell("textDocument/didClose", {"textDocument": {"uri": address}})
    assert server.diagnostics(address) == []
    path.unlink()

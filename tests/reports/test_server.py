"""The language server with a real client over standard input and output."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from lint_support import nequip_lint, write
from page import read_page

pytest.importorskip("pygls", reason="the extra `server` is not installed")

from editor_client import LIMIT, applied, editor, run
from lsprotocol import types

RULES = Path(__file__).parents[2] / "rules"
BAD = "name = 'é𝔸'; import triton\n"
FILES = {
    "pyproject.toml": """[tool.nequip-lint]
roots = ["pkg.mod"]
internal-packages = ["pkg"]
extern-modules = ["triton"]
""",
    "pkg/__init__.py": "",
    "pkg/mod.py": BAD,
}


def test_diagnostics_when_opened_changed_saved_and_closed(tmp_path: Path) -> None:
    path = write(tmp_path, FILES) / "pkg" / "mod.py"

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(path)
            address, (found,) = await client.diagnostics()
            assert address == path.as_uri()
            assert (found.code, found.severity) == ("NQ101", types.DiagnosticSeverity.Error)
            start, end = found.range.start.character, found.range.end.character
            units = BAD.encode("utf-16-le")
            assert units[2 * start : 2 * end].decode("utf-16-le") == "import triton"
            client.change(path, "x = 1\n")
            assert await client.diagnostics() == (path.as_uri(), [])
            client.change(path, f"\n{BAD}")
            _, (found,) = await client.diagnostics()
            assert found.range.start.line == 1
            client.close(path)
            _, (found,) = await client.diagnostics()
            assert found.range.start.line == 0
            path.write_text("x = 1\n")
            client.save(path)
            assert await client.diagnostics() == (path.as_uri(), [])

    run(session())


def test_a_change_in_one_file_tells_of_another(tmp_path: Path) -> None:
    folder = write(
        tmp_path, {**FILES, "pkg/mod.py": "def f():\n    from pkg import low\n", "pkg/low.py": BAD}
    )

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(folder / "pkg" / "mod.py")
            address, (found,) = await client.diagnostics()
            assert address == (folder / "pkg" / "low.py").as_uri()
            (step,) = found.related_information or []
            assert step.location.uri == (folder / "pkg" / "mod.py").as_uri()
            assert (step.location.range.start.line, step.message) == (1, "from pkg import low")
            client.change(folder / "pkg" / "mod.py", "")
            assert await client.diagnostics() == (address, [])

    run(session())


def test_many_changes_end_with_the_last(tmp_path: Path) -> None:
    path = write(tmp_path, FILES) / "pkg" / "mod.py"

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(path)
            for number in range(20):
                client.change(path, "#\n" * number + BAD)
            while True:
                _, (found,) = await client.diagnostics()
                if found.range.start.line == 19:
                    return

    run(session())


def test_hover_shows_the_page_of_the_rule(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "pkg/__init__.py": "x = 1  # noqa: NQ203\n"})
    pages = {code: (RULES / f"{code}.md").read_text(encoding="utf-8") for code in ("NQ101", "NQ203")}

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(tmp_path / "pkg" / "mod.py")
            await client.diagnostics()
            client.open(tmp_path / "pkg" / "__init__.py")
            at_finding = await client.hover(tmp_path / "pkg" / "mod.py", 0, 20)
            assert at_finding is not None
            assert pages["NQ101"].endswith(at_finding)
            at_code = await client.hover(tmp_path / "pkg" / "__init__.py", 0, 16)
            assert at_code is not None
            assert pages["NQ203"].endswith(at_code)
            assert await client.hover(tmp_path / "pkg" / "mod.py", 0, 1) is None

    run(session())


def test_a_broken_project_is_logged_and_the_server_goes_on(tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "pyproject.toml": "[tool.nequip-lint]\nselct = []\n"})

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(tmp_path / "pkg" / "mod.py")
            assert "did you mean 'select'?" in await asyncio.wait_for(client.logged.get(), LIMIT)
            client.open(tmp_path / "pyproject.toml", FILES["pyproject.toml"])
            _, (found,) = await client.diagnostics()
            assert found.code == "NQ101"

    run(session())


@pytest.mark.parametrize("code", ["NQ203", "NQ204", "NQ503"])
def test_the_server_says_what_the_command_says(code: str, tmp_path: Path) -> None:
    read_page(RULES / f"{code}.md").bad.write(tmp_path)
    done = nequip_lint(".", "--format", "json", cwd=tmp_path)
    (expected,) = json.loads(done.stdout)["findings"]

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(tmp_path / "mypkg" / "model.py")
            address, (found,) = await client.diagnostics()
            assert address == (tmp_path / expected["path"]).as_uri()
            assert found.code == expected["code"]
            assert found.message.startswith(expected["message"])
            assert found.message.endswith(f"\nhelp: {expected['help']}")
            assert (found.range.start.line, found.range.start.character) == (
                expected["line"] - 1,
                expected["column"] - 1,
            )

    run(session())


WITHOUT_PYGLS = """import importlib.util as util
find = util.find_spec
util.find_spec = lambda name, package=None: None if name == "pygls" else find(name, package)
from nequip_lint.cli import main
main(["server"])
"""


def test_text_that_is_not_saved_has_its_own_encoding(tmp_path: Path) -> None:
    path = write(tmp_path, FILES) / "pkg" / "mod.py"
    text = "# coding: latin-1\nname = 'é'; import triton\n"

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(path, text)
            _, found = await client.diagnostics()
            (one,) = (item for item in found if item.code == "NQ101")
            line = text.split("\n")[1]
            assert line[one.range.start.character : one.range.end.character] == "import triton"

    run(session())


def test_without_the_library_one_line_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PYGLS], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nequip-lint: error: the language server needs pygls; run `pip install ")


def test_a_fix_is_a_code_action(tmp_path: Path) -> None:
    eager = "import triton\n\n\ndef f():\n    return triton.x\n"
    path = write(tmp_path, {**FILES, "pkg/mod.py": "x = 1\n"}) / "pkg" / "mod.py"

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(path, eager)
            _, (found,) = await client.diagnostics()
            action, *_ = await client.actions(path, found.range)
            assert (action.title, action.kind) == ("Fix NQ101", types.CodeActionKind.QuickFix)
            assert action.is_preferred
            assert [item.code for item in action.diagnostics or []] == ["NQ101"]
            assert action.edit is not None and action.edit.changes is not None
            ((address, edits),) = action.edit.changes.items()
            assert address == path.as_uri()
            fixed = applied(eager, edits)
            assert fixed == "def f():\n    import triton\n\n    return triton.x\n"
            client.change(path, fixed)
            assert await client.diagnostics() == (path.as_uri(), [])
            assert await client.actions(path, found.range) == []
            below = types.Range(types.Position(4, 0), types.Position(4, 1))
            client.change(path, eager)
            await client.diagnostics()
            assert await client.actions(path, below) == []

    run(session())
    assert path.read_text() == "x = 1\n"

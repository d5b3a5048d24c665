"""What an editor is offered beside fixes: the edits leave what the commands would have written."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write
from page import read_page

pytest.importorskip("pygls", reason="the extra `server` is not installed")

from editor_client import applied, editor, run
from lsprotocol import types

if TYPE_CHECKING:
    from editor_client import Editor

RULES = Path(__file__).parents[2] / "rules"
SUPPRESS = "Suppress {} with a reason"
MAKES_FILES = types.ClientCapabilities(
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(
            document_changes=True, resource_operations=[types.ResourceOperationKind.Create]
        )
    )
)


async def offered(client: Editor, path: Path, code: str) -> dict[str, types.WorkspaceEdit]:
    """The edits by title that are offered for a finding of an open file."""
    address, found = await client.diagnostics()
    while address != path.as_uri():
        address, found = await client.diagnostics()
    (one,) = (item for item in found if item.code == code)
    asked = await client.actions(path, one.range)
    listed = [item for item in asked if [of.code for of in item.diagnostics or ()] == [code]]
    return {item.title: item.edit for item in listed if item.edit is not None}


def apply(edit: types.WorkspaceEdit, texts: dict[Path, str]) -> None:
    """Carry out an edit on texts and, where a file has none, on files; new files first have to be made."""
    made: set[str] = set()
    pairs = [(uri, list(edits)) for uri, edits in (edit.changes or {}).items()]
    for change in edit.document_changes or ():
        if isinstance(change, types.CreateFile):
            made.add(change.uri)
        else:
            assert isinstance(change, types.TextDocumentEdit)
            edits = [item for item in change.edits if isinstance(item, types.TextEdit)]
            pairs.append((change.text_document.uri, edits))
    for uri, edits in pairs:
        path = Path(uri.removeprefix("file://"))
        assert not made or (uri in made) == (not path.exists())
        old = texts.get(path) if path in texts else path.read_text() if path.exists() else ""
        assert old is not None
        path.write_text(applied(old, edits))


SUPPRESSED = {
    "at the end": (
        "import triton\nx = triton.x\n",
        "import triton  # nequip-lint: ignore[NQ101] TODO: say why\nx = triton.x\n",
    ),
    "beside a comment": (
        "import triton  # kernels\nx = triton.x\n",
        "import triton  # kernels  # nequip-lint: ignore[NQ101] TODO: say why\nx = triton.x\n",
    ),
    "into a suppression": (
        "import triton  # nequip-lint: ignore[NQ204] known\nx = triton.x\n",
        "import triton  # nequip-lint: ignore[NQ204, NQ101] known\nx = triton.x\n",
    ),
    "on a joined line": (
        "import \\\n    triton\nx = triton.x\n",
        "import \\\n    triton  # nequip-lint: ignore[NQ101] TODO: say why\nx = triton.x\n",
    ),
    "without a line end": (
        "import triton",
        "import triton  # nequip-lint: ignore[NQ101] TODO: say why",
    ),
}
PROJECT = {
    "pyproject.toml": '[tool.nequip-lint]\nroots = ["pkg.mod"]\ninternal-packages = ["pkg"]\n'
    'extern-modules = ["triton"]\n',
    "pkg/__init__.py": "",
    "pkg/mod.py": "x = 1\n",
}


@pytest.mark.parametrize("kind", SUPPRESSED)
def test_suppressing_with_a_reason(kind: str, tmp_path: Path) -> None:
    before, after = SUPPRESSED[kind]
    path = write(tmp_path, PROJECT) / "pkg" / "mod.py"

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(path, before)
            offers = await offered(client, path, "NQ101")
            apply(offers[SUPPRESS.format("NQ101")], {path: before})
            assert path.read_text() == after
            client.change(path, after)
            _, left = await client.diagnostics()
            assert [item.code for item in left if item.code == "NQ101"] == []

    run(session())


def test_what_no_comment_suppresses_is_not_offered(tmp_path: Path) -> None:
    path = write(tmp_path, PROJECT) / "pkg" / "mod.py"

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(path, "x = [\n")
            assert await offered(client, path, "NQ001") == {}
            client.change(path, "x = 1  # noqa: NQ101\n")
            assert SUPPRESS.format("NQ002") not in await offered(client, path, "NQ002")

    run(session())


CALL = """
from nequip.scripts._package_utils import register_libraries_as_external_for_packaging

register_libraries_as_external_for_packaging(extern_modules=["torch"])
"""


def project(folder: Path, *, has_call: bool) -> Path:
    """The bad example of NQ201, with a registration of something else or without one; its model."""
    read_page(RULES / "NQ201.md").bad.write(folder)
    if has_call:
        entry = folder / "mypkg" / "__init__.py"
        entry.write_text(entry.read_text() + CALL)
    return folder / "mypkg" / "model.py"


def snapshot(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.suffix in (".py", ".toml"))
    return {str(path.relative_to(folder)): path.read_text() for path in files}


@pytest.mark.parametrize("capabilities", [None, MAKES_FILES], ids=["plain", "makes files"])
@pytest.mark.parametrize("has_call", [True, False], ids=["into a call", "into a new file"])
def test_registering_writes_what_the_command_writes(
    has_call: bool, capabilities: types.ClientCapabilities | None, tmp_path: Path
) -> None:
    folder, written = tmp_path / "edited", tmp_path / "written"
    folder.mkdir()
    model = project(folder, has_call=has_call)
    shutil.copytree(folder, written)
    done = nequip_lint("registrations", "--write", cwd=written)
    assert done.returncode == 0, done.stdout + done.stderr

    async def session() -> None:
        async with editor(folder, capabilities) as client:
            client.open(model)
            offers = await offered(client, model, "NQ201")
            (edit,) = (edit for title, edit in offers.items() if title.startswith("Register "))
            is_made = any(isinstance(item, types.CreateFile) for item in edit.document_changes or ())
            assert is_made == (capabilities is not None and not has_call)
            apply(edit, {})

    run(session())
    assert snapshot(folder) == snapshot(written)


def test_a_setting_is_registered_without_nequip(tmp_path: Path) -> None:
    files = {**PROJECT, "pkg/mod.py": "import numba\n\nx = numba.x\n"}
    path = write(tmp_path, files) / "pkg" / "mod.py"

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(path)
            apply((await offered(client, path, "NQ201"))["Register numba as mock"], {})
            client.save(tmp_path / "pyproject.toml")
            _, left = await client.diagnostics()
            assert [item.code for item in left if item.code == "NQ201"] == []

    run(session())
    assert 'mock-modules = ["numba"]' in (tmp_path / "pyproject.toml").read_text()


def test_the_text_that_is_not_saved_is_what_is_edited(tmp_path: Path) -> None:
    path = write(tmp_path, {**PROJECT, "pkg/mod.py": "import numba\n\nx = numba.x\n"}) / "pkg" / "mod.py"
    settings = tmp_path / "pyproject.toml"
    unsaved = "# mine\n" + PROJECT["pyproject.toml"]

    async def session() -> None:
        async with editor(tmp_path) as client:
            client.open(settings, unsaved)
            client.open(path)
            offers = await offered(client, path, "NQ201")
            apply(offers["Register numba as mock"], {settings: unsaved})

    run(session())
    assert settings.read_text().startswith("# mine\n")
    assert 'mock-modules = ["numba"]' in settings.read_text()

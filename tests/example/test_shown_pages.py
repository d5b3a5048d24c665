"""What the documentation tells to type works, and prints what it shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from shown_pages import ROOT, Block, Shown, pages
from softcore_support import declare_installed

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [page for page in pages() if page.is_run]
GIVEN = {"model.nequip.zip": "ours", "run/best.ckpt": "checkpoint"}
"""Which fixture makes what a page is given."""


def matches(shown: str, printed: str) -> bool:
    """Whether the output is as shown, where ``...`` stands for anything."""
    parts = [re.escape(part) for part in re.split(r"\n?\.\.\.", shown.strip())]
    return re.fullmatch(r"(?s:.*)".join(parts), printed.strip()) is not None


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """The environment of a reader who has installed everything, with an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120  not resolved
    return {**os.environ, "PATH": path, "HOME": str(home), "MPLCONFIGDIR": str(home), "COLUMNS": "200"}


def work_in(page: Shown, folder: Path) -> None:
    """Copy what the page starts from, and install it as pip would."""
    if page.folder:
        shutil.copytree(ROOT / page.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
        if page.folder == "docs/example":
            declare_installed(folder)
    else:
        folder.mkdir()


def run(block: Block, folder: Path, variables: dict[str, str]) -> None:
    """Run a block; it must end and print as shown."""
    if block.kind == "python":
        done = _call([sys.executable, "-c", block.text], folder, variables)
        assert done.returncode == 0, done.stdout
        return
    commands = block.commands
    assert commands, f"a block without a command:\n{block.text}"
    for number, (command, shown) in enumerate(commands, start=1):
        done = _call(["bash", "-c", command], folder, variables)
        code = block.code if number == len(commands) else 0
        assert done.returncode == code, f"$ {command}\n{done.stdout}"
        assert matches(shown, done.stdout), f"$ {command}\nshown:\n{shown}\nprinted:\n{done.stdout}"


def _call(words: list[str], folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {**variables, "PYTHONPATH": str(folder)}
    both = subprocess.STDOUT
    return subprocess.run(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=both, text=True, check=False
    )


@pytest.mark.real
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_shown(
    page: Shown, tmp_path: Path, variables: dict[str, str], request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "work"
    work_in(page, folder)
    for name in page.given:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(request.getfixturevalue(GIVEN[name]).read_bytes())
    for command in page.prepare:
        assert _call(["bash", "-c", command], folder, variables).returncode == 0
    for block in page.blocks:
        if not block.reason:
            run(block, folder, variables)


def test_every_output_can_be_wrong() -> None:
    shown = [(page.name, *each) for page in pages() for block in page.blocks for each in block.commands]
    assert [(name, command) for name, command, output in shown if output.strip() == "..."] == []
    assert matches("clean: 6 files...", "clean: 6 files, with nothing\n")
    assert matches("...\nlast\n...", "first\nlast\nafter\n")
    assert not matches("clean: 6 files...", "1 error\nclean: 6 files\n")
    assert not matches("...\nlast", "last\nafter\n")


def test_why_blocks_are_not_run() -> None:
    left = [(page.name, block.reason) for page in pages() for block in page.blocks if block.reason]
    assert all(len(reason.split()) > 2 for _, reason in left), left


def test_commands_stand_in_blocks() -> None:
    """What is indented instead is read by no test."""
    texts = (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "rules").glob("*.md"))
    typed = re.compile(r"^    (?:sh|python|pip|git|sphinx-build|nequip-\w+|\.venv\S*) ", re.MULTILINE)
    assert [path.name for path in texts if typed.search(path.read_text(encoding="utf-8"))] == []

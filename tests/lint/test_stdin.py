"""`nequip-lint check - --stdin-filename FILE`: a text judged in place of a file, in its project."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """[project]
name = "ext"
dependencies = ["nequip>=0.19.1", "torch"]
[project.entry-points."nequip.extension"]
init_always = "ext"
"""
MODEL = """import torch
from nequip.nn import GraphModuleMixin
from .helper import double


class Layer(GraphModuleMixin, torch.nn.Module): ...
"""
HELPER = "def double(x):\n    return 2 * x\n"
FILES = {"pyproject.toml": PYPROJECT, "ext/__init__.py": "", "ext/model.py": MODEL, "ext/helper.py": HELPER}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


def _stdin(
    text: str | bytes, *arguments: str | Path, cwd: Path, path: str = "ext/helper.py"
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "nequip_lint", "check", "-", "--stdin-filename", path, *arguments]
    data = text.encode() if isinstance(text, str) else text
    return subprocess.run(command, cwd=cwd, input=data, capture_output=True, check=False, timeout=120)


def _concise(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    assert done.stderr == b""
    return [" ".join(line.split()[:3]) for line in done.stdout.decode().splitlines()[:-1]]


def test_the_text_is_judged_and_not_the_file(project: Path) -> None:
    done = _stdin(f"import triton\n{HELPER}", "--format", "concise", cwd=project)
    assert (done.returncode, _concise(done)) == (1, ["ext/helper.py:1:1: error NQ101"])
    write(project, {"ext/helper.py": f"import triton\n{HELPER}"})
    clean = _stdin(HELPER, cwd=project)
    assert (clean.returncode, clean.stderr) == (0, b"")
    assert clean.stdout.startswith(b"clean: 1 file, 1 model class in 1 module, with")


def test_its_place_in_the_project_counts(project: Path) -> None:
    """`helper.py` is part of a model because `model.py` imports it; linted alone it is not."""
    write(project, {"ext/helper.py": f"import triton\n{HELPER}"})
    assert nequip_lint("ext/helper.py", cwd=project).returncode == 0
    assert _stdin(f"import triton\n{HELPER}", cwd=project).returncode == 1
    write(project, {"ext/model.py": MODEL.replace("from .helper import double\n", "")})
    assert _stdin(f"import triton\n{HELPER}", cwd=project).returncode == 0


def test_findings_of_other_files_are_not_told(project: Path) -> None:
    write(project, {"ext/model.py": f"import cupy\n{MODEL}"})
    assert _stdin(HELPER, cwd=project).returncode == 0
    write(project, {"pyproject.toml": PYPROJECT.partition("[project.entry")[0]})
    assert _stdin(HELPER, cwd=project).returncode == 0


def test_the_frame_shows_the_text(project: Path) -> None:
    done = _stdin(f"# unsaved\nimport triton  # é\n{HELPER}", cwd=project)
    assert "import triton  # é\n".encode() in done.stdout
    document = json.loads(_stdin(f"import triton\n{HELPER}", "--format", "json", cwd=project).stdout)
    assert [(item["path"], item["line"]) for item in document["findings"]] == [("ext/helper.py", 1)]
    assert document["summary"]["files"] == 1


def test_a_file_that_is_not_saved_yet(project: Path) -> None:
    write(project, {"ext/model.py": MODEL.replace(".helper", ".fresh")})
    done = _stdin(f"import triton\n{HELPER}", "--format", "concise", cwd=project, path="ext/fresh.py")
    assert (done.returncode, _concise(done)) == (1, ["ext/fresh.py:1:1: error NQ101"])
    assert not (project / "ext/fresh.py").exists()


@pytest.mark.parametrize("place", ["absolute", "from below", "through a link"])
def test_where_the_name_starts(project: Path, place: str) -> None:
    path, cwd = {
        "absolute": (str(project / "ext/helper.py"), project.parent),
        "from below": ("helper.py", project / "ext"),
        "through a link": ("link/helper.py", project.parent),
    }[place]
    if place == "through a link":
        (project.parent / "link").symlink_to(project / "ext", target_is_directory=True)
    done = _stdin(f"import triton\n{HELPER}", "--format", "concise", cwd=cwd, path=path)
    assert done.returncode == 1
    assert b"helper.py:1:1: error NQ101" in done.stdout


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = (\n", ["ext/helper.py:1:5: error NQ001"]),
        (b"x = '\xff'\n", ["ext/helper.py:1:1: error NQ001"]),
        (b"\xef\xbb\xbfimport triton\r\n", ["ext/helper.py:1:1: error NQ101"]),
        ("import triton  # noqa: NQ101\n", []),
        ("import os  # noqa: NQ101\n", ["ext/helper.py:1:12: warning NQ002"]),
        ("", []),
    ],
)
def test_text(project: Path, text: str | bytes, found: list[str]) -> None:
    assert _concise(_stdin(text, "--format", "concise", cwd=project)) == found


def test_excluded_and_ignored_files(project: Path) -> None:
    bad = f"import triton\n{HELPER}"
    write(project, {"pyproject.toml": f"{PYPROJECT}[tool.nequip-lint]\nexclude = ['ext/helper.py']\n"})
    done = _stdin(bad, cwd=project)
    assert (done.returncode, done.stdout) == (0, b"nothing checked: `exclude` leaves no file\n")
    ignores = "[tool.nequip-lint]\nper-file-ignores = {'ext/helper.py' = ['NQ101']}\n"
    write(project, {"pyproject.toml": f"{PYPROJECT}{ignores}"})
    assert _stdin(bad, cwd=project).returncode == 0


def test_the_baseline_holds_for_it(project: Path) -> None:
    write(project, {"ext/helper.py": f"import triton\n{HELPER}", "ext/model.py": f"import cupy\n{MODEL}"})
    assert nequip_lint("--write-baseline", "--baseline", "known.json", cwd=project).returncode == 0
    done = _stdin(f"\n\nimport triton\n{HELPER}", "--baseline", "known.json", cwd=project)
    assert done.returncode == 0
    assert done.stdout.endswith(b"; 1 finding in the baseline\n")
    assert _stdin(f"import triton, cupy\n{HELPER}", "--baseline", "known.json", cwd=project).returncode == 1


def test_without_a_project(tmp_path: Path) -> None:
    write(
        tmp_path, {"alone/a.py": "", "pkg/__init__.py": "", "pkg/sub/__init__.py": "", "other.py": "x = (\n"}
    )
    for path in ("alone/b.py", "pkg/sub/c.py", "new.py"):
        done = _stdin("import os\n", cwd=tmp_path, path=path)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.startswith(b"nothing judged: no class in 1 file is known")


MISTAKES = [
    (["-"], "--stdin-filename FILE"),
    (["--stdin-filename", "ext/helper.py"], "goes with -"),
    (["-", "ext", "--stdin-filename", "ext/helper.py"], "only path"),
    (["-", "--stdin-filename", "gone/helper.py"], "there is no folder gone"),
    (["-", "--stdin-filename", "ext"], "end the name in .py"),
    (["-", "--stdin-filename", "ext/helper.py", "--add-noqa"], "--add-noqa changes files"),
    (
        ["-", "--stdin-filename", "ext/helper.py", "--baseline", "b", "--write-baseline"],
        "--write-baseline changes",
    ),
]


@pytest.mark.parametrize(("arguments", "part"), MISTAKES, ids=[row[1] for row in MISTAKES])
def test_mistake(project: Path, arguments: list[str], part: str) -> None:
    done = nequip_lint(*arguments, cwd=project)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert part in done.stderr

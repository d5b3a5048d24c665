"""A clean answer is told again while nothing that it rests on has changed, and never otherwise."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY, write

from nequip_lint import disk

if TYPE_CHECKING:
    from collections.abc import Callable

PROBE = """
import json, os, sys
sys.argv = ["nequip-lint", *sys.argv[1:]]
def tell(code):
    sys.stdout.flush()
    sys.stderr.write(json.dumps([code, sorted(sys.modules)]))
    sys.stderr.flush()
    end(code)
end, os._exit = os._exit, tell
from nequip_lint.cli import run
run()
"""
FILES = {
    "pyproject.toml": '[project]\nname = "pkg"\nversion = "1"\ndependencies = ["torch", "lib"]\n'
    '[tool.nequip-lint]\nroots = ["pkg.mod"]\ninternal-packages = ["pkg"]\nextern-modules = ["lib"]\n',
    "pkg/__init__.py": "",
    "pkg/mod.py": "import lib\nfrom pkg import low\n",
    "pkg/low.py": "x = 1\n",
    "site/lib/__init__.py": "",
    "site/lib-1.dist-info/METADATA": "Name: lib\nVersion: 1\n\n",
    "site/lib-1.dist-info/RECORD": "lib/__init__.py,,\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clean project, and an empty cache beside it."""
    return write(tmp_path / "project", FILES)


def lint(folder: Path, *arguments: str, variables: dict[str, str] | None = None) -> tuple[int, str, bool]:
    """The exit code and the text of a run, and whether it judged anything itself."""
    command = [sys.executable, "-c", PROBE, "--environment", "site", *arguments]
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache"), **(variables or {})}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    code, modules = json.loads(done.stderr)
    assert done.returncode == code
    return code, done.stdout, "nequip_lint.engine.run" in modules


def test_a_second_run_judges_nothing_and_says_the_same(project: Path) -> None:
    first, second = lint(project), lint(project)
    assert (first[0], first[2], second[2]) == (0, True, False)
    assert "clean" in first[1]
    assert first[:2] == second[:2]


def test_a_run_that_tells_again_imports_little(project: Path) -> None:
    lint(project)
    command = [sys.executable, "-c", PROBE, "--environment", "site"]
    environment = {**os.environ, "XDG_CACHE_HOME": str(project.parent / "cache")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=project, env=environment, check=False)
    modules = set(json.loads(done.stderr)[1])
    own = {name for name in modules if name.startswith("nequip_lint")}
    assert len(own) <= 11, sorted(own)
    assert not modules & {"ast", "argparse", "pickle", "tomllib", "nequip_lint.facts.values"}


CHANGES: dict[str, Callable[[Path], object]] = {
    "a linted file": lambda at: (at / "pkg/low.py").write_text("import os\nos.environ['A']\n"),
    "the same size and date": lambda at: rewritten(at / "pkg/low.py", "y = 1\n"),
    "a new file": lambda at: (at / "pkg/more.py").write_text(""),
    "a file less": lambda at: (at / "pkg/low.py").unlink(),
    "the settings": lambda at: (at / "pyproject.toml").write_text(FILES["pyproject.toml"] + "ignore = []\n"),
    "another metadata file": lambda at: (at / "setup.cfg").write_text(""),
    "an installed file": lambda at: (at / "site/lib-1.dist-info/METADATA").write_text("Name: lib\n\n"),
    "another distribution": lambda at: write(at, {"site/more-1.dist-info/METADATA": "Name: more\n\n"}),
    "an environment beside it": lambda at: write(at, {"site/x.pth": "../other\n", "other/new.py": ""}),
}


def rewritten(path: Path, text: str) -> None:
    """Give a file another content of the same size and date."""
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_after_a_change_it_is_judged_anew(change: Callable[[Path], object], project: Path) -> None:
    lint(project)
    change(project)
    code, text, is_judged = lint(project)
    assert is_judged
    assert (code, text) == lint(project, "--no-cache")[:2]


def test_other_arguments_folders_and_variables_have_answers_of_their_own(project: Path) -> None:
    lint(project)
    assert lint(project, "--strict")[2]
    assert lint(project, "--format", "json")[1].startswith("{")
    assert lint(project, variables={"FORCE_COLOR": "1"})[2]
    assert not lint(project, "--strict")[2]


def test_findings_are_judged_each_time(project: Path) -> None:
    (project / "pkg/low.py").write_text("import os\nos.environ['A']\n")
    first, second = lint(project), lint(project)
    assert (first[0], second[2]) == (1, True)
    assert first == second


def test_without_a_cache_nothing_is_kept_or_told(project: Path) -> None:
    lint(project, "--no-cache")
    assert not (project.parent / "cache").exists()
    lint(project)
    assert lint(project, "--no-cache")[2]


def test_a_damaged_answer_is_none(project: Path) -> None:
    right = lint(project)
    (file,) = (project.parent / "cache").glob("nequip-lint/*answers*/*.facts")
    whole = file.read_bytes()
    for place in range(60, len(whole), len(whole) // 12):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert lint(project) == right


def test_answers_of_one_folder_are_few(project: Path) -> None:
    for number in range(6):
        lint(project, "--ignore", f"NQ10{number + 1}")
    assert lint(project, "--ignore", "NQ101")[2]
    assert not lint(project, "--ignore", "NQ106")[2]


# Whatever decides what is found is asked through `nequip_lint/disk.py`


DOORS = {"disk.py", "tables.py", "pages.py", "plugins.py", "summarize.py", "__main__.py"}
"""The door, and what reads our own files or runs before a lint."""
OTHERS = {"cache", "server", "edits", "fixes", "gate", "snapshot", "cli", "registering", "summaries"}
"""Caches, our own tables, and what no answer that is kept comes from."""
KNOWN = {
    "machine/libraries.py",  # our own summaries
    "machine/standard_library.py",  # Python's own files
    "contents.py",  # the date of a file that is shown
    "install.py",  # our own installation, for advice with a finding or an error
    "declared/wheels.py",  # asked by `registrations` alone
    "reports/source.py",  # members of packages
    "engine/baseline.py",
    "engine/changed_file.py",
    "engine/changes.py",
    "engine/planning.py",
    "engine/project_files.py",
    "engine/run.py",  # makes a path absolute
    "reports/paths.py",  # the working directory
}
DISK = {"is_file", "is_dir", "exists", "glob", "rglob", "iterdir", "scandir", "listdir", "read_text", "lstat"}
DISK |= {"stat", "is_symlink", "resolve", "realpath", "environ", "getenv", "getcwd", "cwd", "walk", "isfile"}
DISK |= {"isdir", "readlink", "open"}


def asks(tree: ast.AST) -> set[str]:
    """What a file asks of the machine itself."""
    chains = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_asking(node)}
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return chains | {node.id for node in calls if isinstance(node, ast.Name) and node.id == "open"}


def is_asking(node: ast.Attribute) -> bool:
    """Whether an attribute is one of paths or of `os`; several of our own objects have such names."""
    owner = ast.unparse(node.value)
    return node.attr in DISK and owner not in ("disk", "ast", "self", "world", "context", "names")


def test_nothing_asks_the_machine_past_the_door() -> None:
    home = REPOSITORY / "nequip_lint"
    found = {}
    for path in sorted(home.rglob("*.py")):
        name = path.relative_to(home).as_posix()
        if name not in DOORS | KNOWN and name.partition("/")[0] not in OTHERS:
            found[name] = asks(ast.parse(path.read_text(encoding="utf-8")))
    assert {name: what for name, what in found.items() if what} == {}


def test_a_question_past_the_door_is_seen() -> None:
    for text in ("path.is_file()", "os.environ.get('A')", "open(path)", "os.path.isdir(x)", "Path.cwd()"):
        assert asks(ast.parse(text)), text


def test_refusals_are_answers_too(tmp_path: Path) -> None:
    asked: dict[disk.Question, bytes] = {}
    with disk.noted(asked), pytest.raises(OSError, match="No such file"):
        disk.read(tmp_path / "missing")
    (question,) = asked
    assert disk.answer(question) == asked[question]
    (tmp_path / "missing").write_bytes(b"")
    assert disk.answer(question) != asked[question]

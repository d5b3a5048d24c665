"""`nequip-lint registrations --write` for real: what torch.package refused then builds, loads and runs."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from page import Tree, read_page
from reproduce import Machines, Outcome, reproduce
from uses import USES, model_with

RULES = Path(__file__).parents[2] / "rules"
FASTOPS = "def multiply(x, factor):\n    return x * factor\n"
EVERYWHERE = Machines(nequip=True, build=("fastops",), load=("fastops",), standins={"fastops": FASTOPS})
AT_BUILD = Machines(nequip=True, build=("fastops",), load=(), standins={"fastops": FASTOPS})
REFUSED = "Module did not match against any action pattern"


def _bad(code: str) -> Tree:
    return read_page(RULES / f"{code}.md").bad


def _not_at_work() -> Tree:
    """The good example of NQ208, in which only `compare` uses the library, without its registration."""
    files = read_page(RULES / "NQ208.md").good.files
    return Tree(
        {path: text for path, text in files.items() if "_extern" not in path} | {"mypkg/__init__.py": ""}
    )


def _crowded() -> Tree:
    """The bad example of NQ201 with a registration of something else, in the layout of a formatter."""
    call = (
        "from nequip.scripts._package_utils import register_libraries_as_external_for_packaging\n\n"
        "register_libraries_as_external_for_packaging(\n"
        "    extern_modules=[\n        'others',  # kept\n    ],\n)\n"
    )
    return Tree({**_bad("NQ201").files, "mypkg/__init__.py": "from . import names\n", "mypkg/names.py": call})


# tree, machines, lines that `git diff` adds; no line is ever removed
CASES = {
    "a new module": (_bad("NQ201"), EVERYWHERE, {"mypkg/__init__.py": 2, "mypkg/_extern.py": 5}),
    "a list in lines": (_crowded(), EVERYWHERE, {"mypkg/names.py": 1}),
    "a call that did not run": (_bad("NQ207"), EVERYWHERE, {"mypkg/__init__.py": 2}),
    "a call with a bare string": (_bad("NQ206"), EVERYWHERE, {"mypkg/_extern.py": 2}),
    "a mock": (_not_at_work(), AT_BUILD, {"mypkg/__init__.py": 1, "mypkg/_extern.py": 5}),
}


def _git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def _written(tree: Tree, folder: Path) -> tuple[Tree, dict[str, tuple[int, int]]]:
    """The tree after `registrations --write`, and the lines that it added and removed, by file."""
    tree.write(folder)
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "before")
    command = [sys.executable, "-m", "nequip_lint", "registrations", "--write"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    _git(folder, "add", "-A")
    rows = (line.split("\t") for line in _git(folder, "diff", "--cached", "--numstat").splitlines())
    changed = {path: (int(added), int(removed)) for added, removed, path in rows}
    files = {path: (folder / path).read_text() for path in _git(folder, "ls-files").splitlines()}
    return Tree(files), changed


@pytest.mark.real
@pytest.mark.parametrize("name", CASES)
def test_refused_before_and_whole_after(name: str, tmp_path: Path) -> None:
    tree, machines, added = CASES[name]
    before = reproduce(tree, machines, tmp_path / "before")
    assert before.stage == "build"
    assert REFUSED in before.error
    assert "fastops" in before.error
    registered, changed = _written(tree, tmp_path / "project")
    assert changed == {path: (lines, 0) for path, lines in added.items()}
    after = reproduce(registered, machines, tmp_path / "after")
    assert after == Outcome(members=frozenset({"mypkg/model.py"}))


# Each proposal is right for its use: what is proposed works, and a mock in its place does not

SEED, SAMPLED = 1, 2
LIB = """class E(Exception): ...


class F: ...


class sub:
    @staticmethod
    def f(x=None): ...


def f(x=None): ...


def check(): ...
"""
PYPROJECT = """[project]
name = "mypkg"
version = "0.1.0"
dependencies = ["nequip>=0.19.1"]
[project.entry-points."nequip.extension"]
init_always = "mypkg"
"""
MOCK = (
    "from nequip.scripts._package_utils import register_libraries_as_external_for_packaging\n\n"
    'register_libraries_as_external_for_packaging(mock_modules=["lib"])\n'
)
CAUTIOUS = ("except ImportError",)
"""Uses that a mock happens to pass: a flag that nothing asks."""
DECIDED = [(str(parts), parts, action) for parts, action, _ in USES if action != "unknown"]


def _proposal_is_right(parts: dict[str, str], action: str, folder: Path) -> None:
    model = f"{model_with(**parts)}\n\ndef make():\n    return M()\n"
    tree = Tree({"pyproject.toml": PYPROJECT, "mypkg/__init__.py": "", "mypkg/model.py": model})
    modifier = "modify" if "modifier" in parts else None
    everywhere = Machines(nequip=True, build=("lib",), load=("lib",), standins={"lib": LIB})
    only_at_build = Machines(nequip=True, build=("lib",), load=(), standins={"lib": LIB})
    registered, _ = _written(tree, folder / "project")
    assert f'{action}_modules=["lib"]' in registered.files["mypkg/_extern.py"]
    machines = everywhere if action == "extern" else only_at_build
    whole = Outcome(members=frozenset({"mypkg/model.py"}))
    assert reproduce(registered, machines, folder / "as proposed", modifier) == whole
    if action == "extern" and not any(words in str(parts) for words in CAUTIOUS):
        mocked = Tree({**registered.files, "mypkg/_extern.py": MOCK})
        assert reproduce(mocked, only_at_build, folder / "as a mock", modifier).stage is not None


@pytest.mark.real
def test_a_sample_of_proposals_is_right(tmp_path: Path) -> None:
    for number, (name, parts, action) in enumerate(random.Random(SEED).sample(DECIDED, SAMPLED)):
        print(f"seed {SEED}: {name}")
        _proposal_is_right(parts, action, tmp_path / str(number))


@pytest.mark.matrix
@pytest.mark.parametrize(("parts", "action"), [row[1:] for row in DECIDED], ids=[row[0] for row in DECIDED])
def test_every_proposal_is_right(parts: dict[str, str], action: str, tmp_path: Path) -> None:
    _proposal_is_right(parts, action, tmp_path)

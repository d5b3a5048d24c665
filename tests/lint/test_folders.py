"""Folders that a package adds to its `__path__`: as Python has them, and as torch.package follows them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lint_support import write
from test_refused_for_real import EVERY, MODEL

from nequip_lint.cache.entries import Cache
from nequip_lint.closure.packaged import packaged_set
from nequip_lint.closure.world import World
from nequip_lint.declared.files import python_files
from nequip_lint.machine.target import Patterns, Target
from nequip_lint.project.sources import Sources

OS = "import os\n"
PATHLIB = "from pathlib import Path\n"
KNOWN = [
    f"{OS}__path__.append(os.path.join(os.path.dirname(__path__[0]), 'extra'))",
    f"{OS}__path__.insert(0, os.path.join(__path__[0], 'a/../b'))",
    "from os.path import dirname, join\n"
    "here = dirname(__file__)\n__path__.extend([join(here, 'a'), join(here, 'b')])",
    f"{PATHLIB}__path__.append(str(Path(__file__).parent.parent / 'extra'))",
    f"{PATHLIB}here = Path(__file__).resolve().parent\n__path__ = [*__path__, str(here.joinpath('a', 'b'))]",
    f"{OS}__path__ = __path__ + [os.path.abspath(os.path.join(__path__[0], '..', 'extra'))]",
    f"{OS}here = os.path.dirname(__file__)\nhere = os.path.join(here, 'a')\n__path__ += (here,)",
]
NOT_KNOWN = [
    f"{OS}__path__.append(os.environ.get('EXTRA', '/x'))",
    "here = '/x'\n__path__.append(here)",
    f"{OS}here = os.path.dirname(__file__)\nhere = os.getcwd()\n__path__.append(here)",
    f"{OS}if len(__path__) > 9:\n    __path__.append(os.path.join(__path__[0], 'extra'))",
    "__path__.append('/absolute')",
    f"{OS}__path__.append(os.path.join(__path__[0], *['a']))",
    "size = len(__path__)",
]
PATHS = """\
import importlib, json, os, sys
sys.path.insert(0, sys.argv[1])
names = sorted(os.listdir(sys.argv[1]))
found = {name: importlib.import_module(name) for name in names}
relative = lambda one: [os.path.relpath(path, os.path.dirname(one.__file__)) for path in one.__path__]
print(json.dumps({name: relative(one) for name, one in found.items()}))
"""
TREE = {
    "extra/more.py": "import torch\nfrom .near import w\nv = 1\n",
    "extra/sub/__init__.py": "",
    "extra/sub/deep.py": "from mypkg import near\n",
    "mypkg/near.py": "w = 2\n",
    "mypkg/model.py": f"from mypkg.more import v\nfrom mypkg.sub import deep\n{MODEL.format('')}",
}


def _folders(text: str) -> tuple[str, ...]:
    facts = Cache(None).facts(text.encode(), "pkg", "pkg/__init__.py", True)
    assert facts.problem == ""
    return facts.folders


def test_known_folders_are_those_that_python_has(tmp_path: Path) -> None:
    write(tmp_path, {f"p{number:02}/__init__.py": f"{text}\n" for number, text in enumerate(KNOWN)})
    done = subprocess.run(
        [sys.executable, "-c", PATHS, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    real = json.loads(done.stdout)
    for number, text in enumerate(KNOWN):
        added = [path for path in real[f"p{number:02}"] if path != "."]
        assert added
        assert list(_folders(text)) == added, text


@pytest.mark.parametrize("text", NOT_KNOWN)
def test_others_are_left_out(text: str) -> None:
    assert _folders(text) == ()


@pytest.mark.real
@pytest.mark.parametrize("text", [KNOWN[0], KNOWN[3], KNOWN[5]])
def test_the_closure_is_the_built_one(tmp_path: Path, text: str) -> None:
    pytest.importorskip("torch")
    folder = write(tmp_path / "built" / "tree", {**TREE, "mypkg/__init__.py": f"{text}\n"})
    command = [sys.executable, "-c", EVERY, str(tmp_path / "built")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    built = {name for name in json.loads(done.stdout)["tree"] if name.startswith("mypkg")}
    sources = Sources([folder], tops=frozenset({"mypkg"}))
    patterns = Patterns(frozenset({"mypkg"}), frozenset({"sys", "io"}), frozenset())
    modules = packaged_set(["mypkg.model"], World(sources, patterns, Target())).modules
    predicted = {name for name, found in modules.items() if name.startswith("mypkg")}
    assert predicted == built
    assert {"mypkg.more", "mypkg.sub.deep", "mypkg.near"} <= built


def test_folders_600_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python 3.11's own walk calls itself for each."""
    monkeypatch.chdir(tmp_path)
    for _ in range(600):
        Path("a").mkdir()
        os.chdir("a")
        Path("__init__.py").touch()
    os.chdir(tmp_path)
    assert len(python_files([Path()])) == 600

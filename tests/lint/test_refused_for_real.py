"""Modules that torch.package refuses for what code does, not for what is registered: predicted and real."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.closure.packaged import packaged_set
from nequip_lint.closure.world import World
from nequip_lint.machine.target import Patterns, Target
from nequip_lint.project.sources import Sources
from nequip_lint.summaries.codec import decode_facts, encode_facts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real
OWN = ("mypkg", "mocklib", "made")
EVERY = """\
import importlib, json, linecache, sys
from pathlib import Path
from torch.package import PackageExporter
from torch.package.package_exporter import PackagingError


def build(folder):
    for name in [name for name in sys.modules if name.startswith(("mypkg", "mocklib", "made"))]:
        del sys.modules[name]
    importlib.invalidate_caches()
    linecache.clearcache()
    sys.path.insert(0, str(folder))
    try:
        model = importlib.import_module("mypkg.model").make()
        exporter = PackageExporter(str(folder / "model.zip"))
        exporter.mock("mocklib.**")
        exporter.extern(["sys", "io"])
        exporter.intern("mypkg.**")
        exporter.save_pickle("model", "model.pkl", model)
        exporter.close()
    except PackagingError:
        pass
    finally:
        sys.path.remove(str(folder))
    nodes = exporter.dependency_graph.nodes
    return {name: "refused" if "error" in node else str(node["action"]) for name, node in nodes.items()}


print(json.dumps({folder.name: build(folder) for folder in sorted(Path(sys.argv[1]).iterdir())}))
"""
MODEL = """
import torch


class Model(torch.nn.Module):
    def __init__(self, flag=False):
        super().__init__()
        self.size = 1
        {}


def make():
    return Model()
"""
GEN = "import sys, types\ngen = types.ModuleType('mypkg.gen')\ngen.v = 1\n"
PUT = "sys.modules['mypkg.gen'] = gen\n"
FROM_SYS = "from sys import modules\nfrom types import ModuleType\n"
FROM = "from mypkg.gen import v\n"
# text of mypkg/model.py, and of mypkg/__init__.py
MADE = [
    (f"{GEN}{PUT}{FROM}", ""),
    (f"{GEN}{PUT}from mypkg import gen\n", ""),
    (f"{GEN}{PUT}import mypkg.gen\n", ""),
    (f"{GEN}{PUT}def f():\n    from mypkg.gen import v\n", ""),
    (f"{GEN}sys.modules.setdefault('mypkg.gen', gen)\n{FROM}", ""),
    (f"{GEN}sys.modules['mypkg.gen'] = again = gen\n{FROM}", ""),
    (f"{FROM_SYS}modules['mypkg.gen'] = ModuleType('g')\nimport mypkg.gen\n", ""),
    (f"{GEN}if True:\n    {PUT}{FROM}", ""),
    (f"{GEN}if False:\n    {PUT}def f():\n    {FROM}", ""),
    (f"{GEN}def put():\n    {PUT}def f():\n    {FROM}", ""),
    (f"{GEN}{PUT}del sys.modules['mypkg.gen']\ndef f():\n    {FROM}", ""),
    (f"{GEN}{PUT}", ""),
    (FROM, f"{GEN}{PUT}"),
    ("def f():\n    from mypkg.gen import v\n", f"{GEN}{PUT}"),
    (f"{GEN}sys.modules['made_elsewhere'] = gen\nimport made_elsewhere\n", ""),
    (f"{GEN}sys.modules['mocklib.gen'] = gen\nimport mocklib.gen\n", ""),
    (f"{GEN}gen = mypkg_other = None\ndef f():\n    from mypkg.gen import v\n", ""),
]
# imports of mypkg/model.py, and what `Model.__init__` does
KEPT = [
    ("import mocklib", "self.t = mocklib.T()"),
    ("import mocklib as m", "self.t = m.T()"),
    ("from mocklib import T", "self.t = T()"),
    ("from mocklib import T as Other", "self.t = Other()"),
    ("from mocklib import T", "self.t = T"),
    ("import mocklib", "self.deep = mocklib.Deep()"),
    ("import mocklib.core as core", "self.deep = core.Deep()"),
    ("from mocklib.core import Deep", "self.deep = Deep()"),
    ("import mocklib", "t = mocklib.T()"),
    ("import mocklib", "self.size = mocklib.scale(2)"),
    ("import mocklib", "self.size = mocklib.SIZE"),
    ("import mocklib", "self.t = mocklib.T()\n        self.t = None"),
    ("import mocklib", "self.t = mocklib.T()\n        del self.t"),
    ("import mocklib", "if flag:\n            self.t = mocklib.T()"),
    ("import mocklib", "self.t = None\n    def other(self):\n        self.t = mocklib.T()"),
    ("import mocklib", "self.t = mocklib.T()\n    def __getstate__(self):\n        return {}"),
    ("import mocklib", "self.t = mocklib.Plain()"),
    ("import mocklib", "pass\n\nclass Other:\n    def __init__(self):\n        self.t = mocklib.T()"),
]
TREES = [
    *({"mypkg/__init__.py": init, "mypkg/model.py": text + MODEL.format("")} for text, init in MADE),
    *({"mypkg/__init__.py": "", "mypkg/model.py": f"{text}\n{MODEL.format(body)}"} for text, body in KEPT),
]
LIBRARY = {
    "mocklib/__init__.py": """\
from .core import Deep
SIZE = 2
class T: ...
class Plain:
    def __reduce__(self): return (int, ())
def scale(x): return x
""",
    "mocklib/core.py": "class Deep: ...\n",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """What torch.package does with the modules of each tree, by name."""
    pytest.importorskip("torch")
    top = tmp_path_factory.mktemp("built")
    for number, files in enumerate(TREES):
        write(top / f"{number:03}", {**LIBRARY, **files})
    done = subprocess.run(
        [sys.executable, "-c", EVERY, str(top)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    return [_shown(answers[f"{number:03}"]) for number in range(len(TREES))]


def _shown(actions: dict[str, str]) -> dict[str, str]:
    """The modules that are neither pickles nor certain to come from pickles alone."""
    words = {"_ModuleProviderAction.INTERN": "intern", "_ModuleProviderAction.EXTERN": "extern"}
    words |= {"_ModuleProviderAction.MOCK": "mock", "refused": "refused"}
    return {name: words[action] for name, action in actions.items() if name.startswith(OWN)}


def _predicted(folder: Path, files: dict[str, str], *, is_kept: bool) -> dict[str, str]:
    """What is predicted of the same tree, from source or from the facts that a summary keeps."""
    write(folder, {**LIBRARY, **files})
    tops = frozenset({"mypkg"})
    patterns = Patterns(frozenset({"mypkg"}), frozenset({"sys", "io"}), frozenset({"mocklib"}))
    sources = Sources([folder], tops=tops)
    if is_kept:
        read = {name: sources.facts(name) for name in ("mypkg", "mypkg.model")}
        again = {name: decode_facts(name, encode_facts(one, "x.py")) for name, one in read.items() if one}
        sources = Sources([folder], prepared=again, tops=tops)
    modules = packaged_set(["mypkg.model"], World(sources, patterns, Target())).modules
    return {name: v.action for name, v in modules.items() if name.startswith(OWN)}


@pytest.mark.parametrize("number", range(len(TREES)))
def test_prediction(tmp_path: Path, built: list[dict[str, str]], number: int) -> None:
    assert _predicted(tmp_path, TREES[number], is_kept=False) == built[number]


@pytest.mark.parametrize("number", range(len(MADE)))
def test_prediction_with_summaries(tmp_path: Path, built: list[dict[str, str]], number: int) -> None:
    """Of made modules only: a summary does not say what `__init__` keeps."""
    assert _predicted(tmp_path, TREES[number], is_kept=True) == built[number]


def test_a_file_with_two_classes_is_not_certain(tmp_path: Path) -> None:
    """The closure does not say which of them the model is made of; NQ208 reports both."""
    other = "\n\nclass Other(torch.nn.Module):\n    def forward(self): ...\n"
    text = f"import mocklib\n{MODEL.format('self.t = mocklib.T()')}"
    files = {"mypkg/__init__.py": "", "mypkg/model.py": text}
    assert _predicted(tmp_path, files, is_kept=False)["mocklib"] == "refused"
    again = {**files, "mypkg/model.py": text + other}
    assert _predicted(tmp_path, again, is_kept=False)["mocklib"] == "mock"


def test_a_module_with_a_file_is_not_said_to_have_none(tmp_path: Path) -> None:
    text = f"{GEN}gen.__file__ = __file__\n{PUT}{FROM}"
    files = {"mypkg/__init__.py": "", "mypkg/model.py": text + MODEL.format("")}
    assert "mypkg.gen" not in _predicted(tmp_path, files, is_kept=False)

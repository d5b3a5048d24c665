"""Modules that torch.package refuses for what code does, not for what is registered: predicted and real."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.facts.codec import decode_facts, encode_facts
from nequip_lint.project.closure import packaged_set
from nequip_lint.project.sources import Sources
from nequip_lint.project.target import Patterns, Target
from nequip_lint.project.world import World

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

class Model:
    def __init__(self, flag=False):
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
TREES = [{"mypkg/__init__.py": init, "mypkg/model.py": text + MODEL.format("")} for text, init in MADE]
LIBRARY = {"mocklib/__init__.py": "", "mocklib/core.py": "class Deep: ...\n"}


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
@pytest.mark.parametrize("is_kept", [False, True])
def test_prediction(tmp_path: Path, built: list[dict[str, str]], number: int, is_kept: bool) -> None:
    assert _predicted(tmp_path, TREES[number], is_kept=is_kept) == built[number]

"""The table of what raises on a mock, against torch.package itself: one real archive for each line."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from lint_support import write
from test_import_time_rules import AT_WORK, NOT_AT_WORK

pytestmark = pytest.mark.real

LIBRARY = """\
class T: ...
class Base: ...
def wrap(function): return function if callable(function) else wrap
def make(): return 1
def scale(x): return x
draw = count = make
VERSION, NAMES, TABLE, FLAG, CONST = "1", ["a"], {}, True, 1
"""
EVERY = """\
import importlib, json, linecache, sys
from pathlib import Path
from torch.package import PackageExporter, PackageImporter


def build(folder):
    for name in [name for name in sys.modules if name.startswith(("mypkg", "mocklib"))]:
        del sys.modules[name]
    importlib.invalidate_caches()
    linecache.clearcache()
    sys.path.insert(0, str(folder))
    try:
        model = importlib.import_module("mypkg.model")
    finally:
        sys.path.remove(str(folder))
    with PackageExporter(str(folder / "model.zip")) as exporter:
        exporter.mock("mocklib.**")
        exporter.intern("mypkg.**")
        exporter.save_module("mypkg.model")
        if hasattr(model, "M"):
            exporter.save_pickle("model", "model.pkl", model.M())


def load(folder):
    importer = PackageImporter(str(folder / "model.zip"))
    module = importer.import_module("mypkg.model")
    if hasattr(module, "M"):
        model = importer.load_pickle("model", "model.pkl")
        if hasattr(model, "forward"):
            model.debug = False
            model.forward(1)


said = {}
for folder in sorted(Path(sys.argv[1]).iterdir()):
    try:
        stage = "build"
        build(folder)
        stage = "load"
        load(folder)
        said[folder.name] = ""
    except Exception as error:
        said[folder.name] = f"{stage}: {type(error).__name__}: {error}"
print(json.dumps(said))
"""
HAS_ALL = "assert not hasattr(mocklib, 'nothing')\n"
TEXTS = [*(text for text, _ in AT_WORK), *NOT_AT_WORK, HAS_ALL]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What build, import from the archive and forward pass say of each text: '' when all is well."""
    pytest.importorskip("torch")
    top = tmp_path_factory.mktemp("mocks")
    for number, text in enumerate(TEXTS):
        more = "from . import core\n" if "mocklib.core" in text else ""
        files = {"mypkg/__init__.py": "", "mypkg/model.py": f"import mocklib\n{text}"}
        files |= {"mocklib/__init__.py": LIBRARY + more, "mocklib/core.py": "class T: ...\n"}
        write(top / f"{number:03}", files)
    command = [sys.executable, "-c", EVERY, str(top)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answers = json.loads(done.stdout)
    return {text: answers[f"{number:03}"] for number, text in enumerate(TEXTS)}


@pytest.mark.parametrize("text", [text for text, _ in AT_WORK if "hasattr" not in text])
def test_what_is_reported_fails(text: str, said: dict[str, str]) -> None:
    assert "was mocked out during packaging" in said[text] or "Module was mocked out" in said[text]


def test_a_mock_has_every_attribute(said: dict[str, str]) -> None:
    assert said[HAS_ALL] == "load: AssertionError: "


@pytest.mark.parametrize("text", NOT_AT_WORK)
def test_what_is_not_reported_works(text: str, said: dict[str, str]) -> None:
    assert said[text] == ""

"""Packages by a second name, `mypkg.__init__`: what the linter says, and what torch.package does."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import PLAIN, write

from nequip_lint.closure.packaged import packaged_set
from nequip_lint.closure.world import World
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.machine.target import Patterns, Target
from nequip_lint.project.assemble import Request
from nequip_lint.project.sources import Sources

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_lint.values import Finding

BASE = {"mypkg/__init__.py": "UNIT = 1.0\n", "mypkg/part/__init__.py": "SIZE = 2\n"}
MODEL = """
import torch


class Model(torch.nn.Module):
    def forward(self, data):
        return data
"""
LATER = "def find():\n    from mypkg.__init__ import UNIT\n"
CAUGHT = "try:\n    from .__init__ import UNIT\nexcept ImportError:\n    UNIT = 1.0\n"
# text of mypkg/model.py; whether a package is refused, fails to load or loads; what to write instead
FORMS = [
    ("from mypkg.__init__ import UNIT\nimport mypkg", "refused", "from mypkg import UNIT"),
    ("from mypkg import UNIT\nfrom .__init__ import UNIT as U", "refused", "from . import UNIT as U"),
    ("import mypkg.__init__ as m\nfrom . import UNIT", "refused", "import mypkg as m"),
    ("from . import UNIT\nfrom . import __init__ as m", "refused", "import mypkg as m"),
    ("__import__('mypkg.__init__')", "refused", "__import__('mypkg')"),
    ("import mypkg.part\nfrom .part.__init__ import SIZE", "refused", "from .part import SIZE"),
    (f"{LATER}    from mypkg import UNIT", "refused", "from mypkg import UNIT"),
    (f"{CAUGHT}import mypkg", "refused", "from . import UNIT"),
    ("from mypkg.__init__ import UNIT", "fails", "from mypkg import UNIT"),
    ("from .__init__ import *", "fails", "from . import *"),
    ("import mypkg.__init__", "fails", "import mypkg"),
    ("from .part.__init__ import SIZE", "fails", "from .part import SIZE"),
    ("from . import __init__ as m", "loads", ""),
    (CAUGHT, "loads", ""),
    (LATER, "loads", ""),
    ("import mypkg\nfrom .part import SIZE", "loads", ""),
]
BUILD = """\
import importlib, json, sys
from pathlib import Path
from torch.package import PackageExporter, PackageImporter


def outcome(folder):
    for name in [name for name in sys.modules if name.startswith("mypkg")]:
        del sys.modules[name]
    importlib.invalidate_caches()
    sys.path.insert(0, str(folder))
    try:
        model = importlib.import_module("mypkg.model").Model()
        with PackageExporter(str(folder / "model.zip")) as exporter:
            exporter.extern("torch.**")
            exporter.intern("mypkg.**")
            exporter.save_pickle("model", "model.pkl", model)
    except AssertionError as error:
        return "refused" if "already exists" in str(error) else str(error)
    finally:
        sys.path.remove(str(folder))
    try:
        PackageImporter(str(folder / "model.zip")).load_pickle("model", "model.pkl")
    except ModuleNotFoundError:
        return "fails"
    return "loads"


print(json.dumps([outcome(folder) for folder in sorted(Path(sys.argv[1]).iterdir())]))
"""


def _files(text: str) -> dict[str, str]:
    return {"pyproject.toml": PLAIN, **BASE, "mypkg/model.py": f"{text}\n{MODEL}"}


def _findings(folder: Path, files: dict[str, str]) -> tuple[Finding, ...]:
    return tuple(check(Request((write(folder, files),)), Selection()).findings)


@pytest.mark.parametrize(("text", "outcome", "written"), FORMS, ids=[row[0] for row in FORMS])
def test_what_is_said(tmp_path: Path, text: str, outcome: str, written: str) -> None:
    found = _findings(tmp_path, _files(text))
    helps = [finding.help for finding in found if finding.code == "NQ209"]
    assert len(found) == len(helps) == (outcome != "loads")
    assert all(f"`{written}`" in help for help in helps)
    assert all(("build" in finding.message) == (outcome == "refused") for finding in found)


@pytest.mark.parametrize(("text", "outcome", "written"), FORMS, ids=[row[0] for row in FORMS])
def test_the_closure(tmp_path: Path, text: str, outcome: str, written: str) -> None:
    patterns = Patterns(frozenset({"mypkg"}), frozenset(), frozenset())
    sources = Sources([write(tmp_path, _files(text))], tops=frozenset({"mypkg"}))
    closure = packaged_set(["mypkg.model"], World(sources, patterns, Target()))
    assert bool(closure.of("refused")) == (outcome == "refused")


def test_a_function_that_a_model_runs(tmp_path: Path) -> None:
    text = MODEL.replace("        return", "        from .__init__ import UNIT\n        return")
    (finding,) = _findings(tmp_path, _files(text))
    assert finding.code == "NQ209"
    assert "calling the function around it raises ModuleNotFoundError" in finding.message


def test_names_in_different_files(tmp_path: Path) -> None:
    """Of two ways into one package neither file alone has both."""
    files = _files("from .a import UNIT\nimport mypkg\n")
    files["mypkg/a.py"] = "from mypkg.__init__ import UNIT\n"
    (finding,) = _findings(tmp_path, files)
    assert (finding.code, finding.path.endswith("a.py")) == ("NQ209", True)


@pytest.mark.real
def test_what_torch_package_does(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    for number, (text, *_) in enumerate(FORMS):
        write(tmp_path / f"{number:03}", _files(text))
    command = [sys.executable, "-c", BUILD, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [outcome for _, outcome, _ in FORMS]

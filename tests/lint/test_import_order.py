"""Which imports of an extension end `import nequip`, which loads it while nequip is half imported."""

from __future__ import annotations

from pathlib import Path

import pytest
from lint_support import write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

_SETTINGS = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["torch", "nequip==0.19.1"]

[project.entry-points."nequip.extension"]
init_always = "mypkg"
"""
_FAILS = {
    "of a name": "from nequip.model import model_builder",
    "of a module": "import nequip.model.nequip_models as models",
    "through a module": "from . import inner",
    "of a command": "import nequip.scripts.train",
    "of the calculator": "import nequip.ase",
    "where another exception is caught": "try:\n    import nequip.model\nexcept AttributeError:\n    pass",
    "under a test that holds": "import sys\n\nif sys.version_info >= (3, 8):\n    import nequip.model",
}
_WORKS = {
    "of fields": "from nequip.data import register_fields",
    "of layers": "import nequip.nn\nfrom nequip.nn import GraphModuleMixin",
    "of registrations": "import nequip.scripts._package_utils as packaging",
    "for training": "from nequip.train import NequIPLightningModule",
    "in a function": "def make():\n    import nequip.model",
    "for types": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import nequip.model",
    "that is caught": "try:\n    import nequip.model\nexcept ImportError:\n    pass",
    "that may not run": "import os\n\nif os.environ.get('A') == '1':\n    import nequip.model",
}
_INNER = "from nequip.model import model_builder\n"


@pytest.mark.parametrize("text", _FAILS.values(), ids=_FAILS.keys())
def test_found(text: str, tmp_path: Path) -> None:
    assert _codes(tmp_path, text) == ["NQ212"]


@pytest.mark.parametrize("text", _WORKS.values(), ids=_WORKS.keys())
def test_silent(text: str, tmp_path: Path) -> None:
    assert _codes(tmp_path, text) == []


def test_stands_where_own_code_ends(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": _SETTINGS, "mypkg/__init__.py": _FAILS["through a module"]})
    write(tmp_path, {"mypkg/inner.py": _INNER})
    (found,) = check(Request((tmp_path,), cache=False, is_isolated=True), Selection(("NQ212",))).findings
    assert Path(found.path).name == "inner.py"
    assert [step.module for step in found.chain] == [
        "mypkg",
        "mypkg.inner",
        "nequip.model",
        "nequip.model.utils",
    ]
    assert "nequip.utils is half imported" in found.message


def _codes(folder: Path, text: str) -> list[str]:
    files = {"pyproject.toml": _SETTINGS, "mypkg/__init__.py": text, "mypkg/inner.py": _INNER}
    write(folder, files)
    report = check(Request((folder,), cache=False, is_isolated=True), Selection(("NQ212",)))
    return [item.code for item in report.findings]

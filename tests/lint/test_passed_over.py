"""Imports that a `try` passes over, and the names that are then not there in the functions of a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lint_support import model_findings

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSED = "try:\n    import optlib\nexcept ImportError:\n    pass\n"
CLASS = """\
import torch


class Model(torch.nn.Module):
    def forward(self, x):
        {first}
        return optlib.scale(x)
"""
MODEL = CLASS.format(first='"""Scale."""')


def found(folder: Path, model: str, more: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    findings = model_findings(folder, model, more)
    lines = [
        Path(item.path).read_text(encoding="utf-8").splitlines()[item.span.line - 1] for item in findings
    ]
    return [(item.code, line.strip()) for item, line in zip(findings, lines, strict=True)]


SILENT = [
    PASSED,
    "try:\n    import optlib\nexcept (ImportError, OSError):\n    pass\n",
    "try:\n    import optlib\nexcept ModuleNotFoundError:\n    pass\n",
    "try:\n    import optlib\nexcept:\n    ...\n",
    "try:\n    import optlib\nexcept Exception as error:\n    print('optional things are missing', error)\n",
    "import warnings\ntry:\n    import optlib\nexcept ImportError:\n    warnings.warn('slow')\n",
    "try:\n    import otherlib as optlib\nexcept ImportError:\n    pass\n",
    "try:\n    from otherlib import thing as optlib\nexcept ImportError:\n    pass\n",
    "try:\n    import optlib, numpy\nexcept ImportError:\n    pass\n",
    "import contextlib\nwith contextlib.suppress(ImportError):\n    import optlib\n",
    f"# globals() and exec() say nothing here, nor NameError\n{PASSED}",
    f'"""optlib may be missing: NameError."""\n{PASSED}',
    f"{PASSED}try:\n    import otherlib as optlib\nexcept ImportError:\n    pass\n",
]


@pytest.mark.parametrize("text", SILENT)
def test_a_name_is_not_bound_where_the_import_fails(text: str, tmp_path: Path) -> None:
    said = [item for item in found(tmp_path, text + MODEL) if item[0] != "NQ108"]
    assert said == [("NQ104", "return optlib.scale(x)")]


LOUD = [
    "import optlib\n",
    "optlib = None\n" + PASSED,
    PASSED.replace("pass", "optlib = None"),
    PASSED.replace("pass", "import otherlib as optlib"),
    PASSED.replace("pass", "raise"),
    PASSED.replace("pass", "raise ImportError('no')"),
    PASSED.replace("pass", "sys.exit(1)"),
    PASSED.replace("pass", "_MISSING = True"),
    PASSED + "else:\n    HAS = True\n",
    PASSED.replace("import optlib", "import optlib\n    HAS = True"),
    PASSED.replace("ImportError", "ValueError"),
    PASSED + "from importlib.util import find_spec\nHAS = find_spec('optlib') is not None\n",
    PASSED + "import sys\nHAS = 'optlib' in sys.modules\n",
    PASSED + "HAS = 'optlib' in globals()\n",
    PASSED + "try:\n    optlib\nexcept NameError:\n    optlib = None\n",
    PASSED + "def need():\n    import optlib\n",
    PASSED + "from .names import *\n",
    PASSED + "def set():\n    global optlib\n    optlib = 1\n",
    PASSED.replace("optlib", "numpy as optlib"),
    PASSED.replace("optlib", "json as optlib"),
    PASSED.replace("optlib", "mocklib as optlib"),
    PASSED.replace("import optlib", "from . import names as optlib"),
    PASSED.replace("import optlib", "from .names import optlib"),
]


@pytest.mark.parametrize("text", LOUD)
def test_nothing_is_said_where_something_else_answers(text: str, tmp_path: Path) -> None:
    more = {"mypkg/names.py": "optlib = 1\n"}
    assert {"NQ001", "NQ104"}.isdisjoint(code for code, _ in found(tmp_path, text + MODEL, more))


GUARDED = [
    "if not self.fast: return x",
    "if self.fast: return optlib.scale(x)\n        return x",
    "assert self.fast",
    "optlib = self.library",
    "import optlib",
    "for optlib in self.libraries: pass",
    "try: return optlib.scale(x)\n        except Exception: return x",
]


@pytest.mark.parametrize("first", GUARDED)
def test_nothing_is_said_where_the_function_may_have_asked(first: str, tmp_path: Path) -> None:
    text = CLASS.format(first=first)
    if "return x" in first and "if not" not in first:
        text = text.removesuffix("        return optlib.scale(x)\n")
    assert {"NQ001", "NQ104"}.isdisjoint(code for code, _ in found(tmp_path, PASSED + text))


ELSEWHERE = [
    MODEL.replace("def forward", "def __init__"),
    MODEL.replace("def forward", "@classmethod\n    def make"),
    MODEL.replace("    def forward", "    @needs_optlib\n    def forward"),
    MODEL.replace("class Model", "@needs_optlib\nclass Model"),
    MODEL + "\n    def __init__(self):\n        self.scale = optlib.Scale()\n",
    "def plot(x):\n    return optlib.plot(x)\n",
]


@pytest.mark.parametrize("model", ELSEWHERE)
def test_nothing_is_said_of_functions_that_a_loaded_model_may_not_come_to(model: str, tmp_path: Path) -> None:
    assert {"NQ001", "NQ104"}.isdisjoint(code for code, _ in found(tmp_path, PASSED + model))


@pytest.mark.parametrize(
    ("guard", "expected"),
    [("if True:\n    ", 1), ("from importlib.util import find_spec\nif find_spec('optlib'):\n    ", 0)],
)
def test_a_file_that_is_imported_with_the_library_only(guard: str, expected: int, tmp_path: Path) -> None:
    more = {"mypkg/fast.py": PASSED + MODEL}
    codes = [code for code, _ in found(tmp_path, f"{guard}from . import fast\n", more)]
    assert codes == ["NQ104"] * expected


def test_one_name_is_one_finding(tmp_path: Path) -> None:
    more = "\n    def other(self, x):\n        return optlib.other(x)\n"
    assert len(found(tmp_path, PASSED + MODEL + more)) == 1


def test_what_fails_at_import_is_said_once(tmp_path: Path) -> None:
    assert [code for code, _ in found(tmp_path, f"{PASSED}X = optlib.make()\n{MODEL}")] == ["NQ105"]

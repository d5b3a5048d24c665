"""What was met in practice with objects, guards and imports of C code: the right verdict for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PLAIN = """\
[project]
name = "mypkg"
version = "0.1"
dependencies = ["torch", "numpy"]

[tool.nequip-lint]
roots = ["mypkg.model"]
internal-packages = ["mypkg"]
extern-modules = ["numpy"]
"""
MODULE = """\
import torch
{top}


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.line = torch.nn.Linear(4, 3)
        {init}

    def forward(self, x):
        {forward}
        return self.line(x)


def build():
    model = Model()
    {build}
    return model
"""


def model(top: str = "", init: str = "pass", forward: str = "pass", build: str = "pass") -> str:
    return MODULE.format(top=top, init=init, forward=forward, build=build)


def found(folder: Path, files: Mapping[str, str], project: str = PLAIN) -> list[tuple[str, str]]:
    """The findings in a project, each with the code and the file."""
    write(folder, {"pyproject.toml": project, "mypkg/__init__.py": "", **files})
    findings = check(Request((folder,), cache=False), Selection()).findings
    return [(item.code, item.path.rpartition("/")[2]) for item in findings]


LOCK = """\
import threading


class Cache:
    def __init__(self):
        self.lock = threading.Lock()
"""
BASE = """\
import threading


class _Locked:
    def __init__(self):
        self.lock = threading.RLock()


class Cache(_Locked):
    pass
"""
FACTORY = """\
import threading
from dataclasses import dataclass, field


@dataclass
class Cache:
    lock: object = field(default_factory=threading.Lock)
"""
GENERATOR = "def Cache():\n    yield 1\n"
IMPORT = "from .cache import Cache"


@pytest.mark.parametrize("text", [LOCK, BASE, FACTORY, GENERATOR])
def test_what_a_helper_keeps_is_kept_by_the_model(tmp_path: Path, text: str) -> None:
    files = {"mypkg/cache.py": text, "mypkg/model.py": model(IMPORT, "self.cache = Cache()")}
    assert [code for code, _ in found(tmp_path, files)] == ["NQ402"]


def test_a_helper_that_decides_what_is_pickled_is_left_alone(tmp_path: Path) -> None:
    cache = f"{LOCK}\n    def __reduce__(self):\n        return Cache, ()\n"
    files = {"mypkg/cache.py": cache, "mypkg/model.py": model(IMPORT, "self.cache = Cache()")}
    assert found(tmp_path, files) == []


def test_a_helper_that_no_model_holds_is_left_alone(tmp_path: Path) -> None:
    files = {"mypkg/cache.py": LOCK, "mypkg/model.py": model(IMPORT, "Cache()")}
    assert found(tmp_path, files) == []


WATCH = """\
def watch(module):
    def hook(*args):
        pass

    module.register_forward_hook(hook)
"""
HOOKS = [
    {"init": "self.handle = self.register_forward_hook(lambda module, args, output: output)"},
    {"init": "self.line.register_forward_pre_hook(lambda module, args: None)"},
    {"build": "model.register_forward_hook(lambda module, args, output: output)"},
    {"init": "watch(self.line)", "top": WATCH},
]


@pytest.mark.parametrize("parts", HOOKS)
def test_hooks_however_they_are_put(tmp_path: Path, parts: dict[str, str]) -> None:
    assert found(tmp_path, {"mypkg/model.py": model(**parts)}) == [("NQ401", "model.py")]


def test_a_hook_that_is_removed_is_left_alone(tmp_path: Path) -> None:
    init = "handle = self.register_forward_hook(lambda *args: None)\n        handle.remove()"
    assert found(tmp_path, {"mypkg/model.py": model(init=init)}) == []


@pytest.mark.parametrize(
    ("norm", "codes"), [("weight_norm", ["NQ403"]), ("spectral_norm", []), ("orthogonal", [])]
)
def test_what_removing_a_parametrization_leaves(tmp_path: Path, norm: str, codes: list[str]) -> None:
    text = model(
        "from torch.nn.utils import parametrizations, parametrize",
        f"parametrizations.{norm}(self.line)",
        build="parametrize.remove_parametrizations(model.line, 'weight')",
    )
    assert [code for code, _ in found(tmp_path, {"mypkg/model.py": text})] == codes


GUARDED = """\
try:
    import cuequivariance as cue

    _AVAILABLE = True

    class _Group(cue.O3):
        pass

except ImportError:
    _AVAILABLE = False


def _need():
    if not _AVAILABLE:
        raise ImportError("cuequivariance is not installed")


def needed(function):
    def wrapper(*args, **kwargs):
        {guard}
        return function(*args, **kwargs)

    return wrapper


{decorator}
def irreps_of(text):
    {check}
    return cue.Irreps(_Group, text)
"""
GUARDS = [
    ("if not _AVAILABLE: raise ImportError", "@needed", "pass", []),
    ("_need()", "@needed", "_need()", []),
    ("pass", "", "_need()", []),
    ("pass", "", "if not _AVAILABLE: return None", []),
    ("pass", "", "assert _AVAILABLE", []),
    ("pass", "", "match _AVAILABLE:\n        case False:\n            return None", []),
    ("pass", "@needed", "pass", ["NQ104"]),
    ("pass", "", "pass", ["NQ104"]),
]


@pytest.mark.parametrize(("guard", "decorator", "check", "codes"), GUARDS)
def test_guards_in_their_forms(
    tmp_path: Path, guard: str, decorator: str, check: str, codes: list[str]
) -> None:
    text = GUARDED.format(guard=guard, decorator=decorator, check=check) + model(forward="irreps_of('1o')")
    assert [code for code, _ in found(tmp_path, {"mypkg/model.py": text}) if code == "NQ104"] == codes


CALLS = [
    ("datetime.datetime(2024, 5, 6).strftime('%H')", "time"),
    ("datetime.datetime.strptime('13', '%H')", "_strptime"),
    ("f'{datetime.date(2024, 5, 6):%A}'", "time"),
    ("datetime.date.today()", "time"),
    ("x.numpy().mean()", "numpy"),
]
"""A call, and what C code imports for it."""


@pytest.mark.parametrize(("call", "imported"), CALLS)
def test_imports_of_c_code(tmp_path: Path, call: str, imported: str) -> None:
    late = f"if x.shape[0] > 100:\n            print({call})"
    files = {"mypkg/model.py": model("import datetime", forward=late)}
    assert found(tmp_path, files) == [("NQ325", "model.py")]
    named = {"mypkg/model.py": model(f"import datetime\nimport {imported}", forward=late)}
    assert found(tmp_path, named) == []


def test_a_mock_below_an_external_module(tmp_path: Path) -> None:
    project = PLAIN + 'mock-modules = ["numpy.linalg"]\n'
    text = model("import numpy\nimport numpy.linalg", "self.table = numpy.ones(3).tolist()")
    assert found(tmp_path, {"mypkg/model.py": text}, project) == [("NQ205", "pyproject.toml")]

"""Registration calls in every shape that extensions use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import facts, write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.project.registrations import FUNCTION, registrations_in

if TYPE_CHECKING:
    from pathlib import Path

A, AB = ("a",), ("a", "b")
# text with @ for the function's name, extern, mock; None where the argument is computed
SHAPES = [
    ("@(extern_modules=['a', 'b'])", AB, ()),
    ("@(mock_modules=['a', 'b'])", (), AB),
    ("@(extern_modules=['a'], mock_modules=['b'])", A, ("b",)),
    ("@(['a'], ['b'])", A, ("b",)),
    ("@(['a'], mock_modules=['b'])", A, ("b",)),
    ("@()", (), ()),
    ("@(extern_modules=None)", (), ()),
    ("@(extern_modules=('a', 'b'))", AB, ()),
    ("@(extern_modules={'b', 'a'})", AB, ()),
    ("@(extern_modules=set())", (), ()),
    ("@(extern_modules=set(['a']))", A, ()),
    ("@(extern_modules=list(('a', 'b')))", AB, ()),
    ("@(extern_modules=frozenset({'a'}))", A, ()),
    ("@(extern_modules='ab')", AB, ()),
    ("LIBS = ['a', 'b']\n@(extern_modules=LIBS)", AB, ()),
    ("LIBS = ('a',)\nMORE = LIBS\n@(LIBS)", A, ()),
    ("LIBS = ['a']\n@(extern_modules=[*LIBS, 'b'])", AB, ()),
    ("LIBS = ['a']\n@(extern_modules=LIBS + ['b'])", AB, ()),
    ("@(extern_modules=compute())", None, ()),
    ("@(extern_modules=[name for name in x])", None, ()),
    ("@(extern_modules=['a', name])", None, ()),
    ("@(**options)", None, None),
    ("@(*arguments)", None, None),
    ("import nequip.scripts._package_utils as u\nu.@(extern_modules=['a'])", A, ()),
    ("try:\n    @(extern_modules=['a'])\nexcept ImportError:\n    pass", A, ()),
    ("if x:\n    @(extern_modules=['a'])", A, ()),
    ("with x:\n    @(extern_modules=['a'])", A, ()),
    ("from nequip.scripts._package_utils import @ as register\nregister(extern_modules=['a'])", A, ()),
    ("def f():\n    @(extern_modules=['a'])\nf()", A, ()),
]


@pytest.mark.parametrize(("text", "extern", "mock"), SHAPES, ids=[row[0] for row in SHAPES])
def test_shape(text: str, extern: tuple[str, ...] | None, mock: tuple[str, ...] | None) -> None:
    (found,) = registrations_in([facts(text.replace("@", FUNCTION))])
    assert (found.extern, found.mock) == (extern, mock)


@pytest.mark.parametrize(
    "text", ["def f():\n    @(extern_modules=['a'])", "@", "other(extern_modules=['a'])"]
)
def test_no_registration(text: str) -> None:
    assert not list(registrations_in([facts(text.replace("@", FUNCTION))]))


MODEL = """import torch
import somelib
from nequip.nn import GraphModuleMixin
class M(GraphModuleMixin, torch.nn.Module): ...
"""
PYPROJECT = """[project]
name = "ext"
dependencies = ["nequip>=0.19.1", "somelib"]
[project.entry-points."nequip.extension"]
x = "ext"
"""


def _codes(folder: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    write(folder, {"pyproject.toml": PYPROJECT, "ext/model.py": MODEL, **files})
    found = check(Request((folder,)), Selection(("NQ004", "NQ201", "NQ207"))).findings
    return [(finding.code, str(finding.path).removeprefix(f"{folder}/")) for finding in found]


IMPORT = f"from nequip.scripts._package_utils import {FUNCTION}\n"
REACHED = {
    "in the entry point": {"ext/__init__.py": f"{IMPORT}{FUNCTION}(extern_modules=['somelib'])\n"},
    "in a module it imports": {
        "ext/__init__.py": "from . import _extern\n",
        "ext/_extern.py": f"{IMPORT}{FUNCTION}(['somelib'])\n",
    },
    "as a mock": {"ext/__init__.py": f"{IMPORT}{FUNCTION}(mock_modules=('somelib',))\n"},
}


@pytest.mark.parametrize("name", REACHED)
def test_reached_registration_counts(tmp_path: Path, name: str) -> None:
    assert _codes(tmp_path, REACHED[name]) == []


UNREACHED = {
    "in a module that nothing imports": {
        "ext/__init__.py": "",
        "ext/_extern.py": f"{IMPORT}{FUNCTION}(extern_modules=['somelib'])\n",
    },
    "in a function": {"ext/__init__.py": f"{IMPORT}def f():\n    {FUNCTION}(extern_modules=['somelib'])\n"},
}


@pytest.mark.parametrize("name", UNREACHED)
def test_unreached_registration_does_not(tmp_path: Path, name: str) -> None:
    ((code, path),) = _codes(tmp_path, UNREACHED[name])
    assert (code, FUNCTION in UNREACHED[name][path]) == ("NQ207", True)


def test_no_registration_at_all(tmp_path: Path) -> None:
    assert _codes(tmp_path, {"ext/__init__.py": ""}) == [("NQ201", "ext/model.py")]


def test_computed_registration_is_said_not_guessed(tmp_path: Path) -> None:
    files = {
        "ext/__init__.py": f"{IMPORT}OPTIONS = dict(extern_modules=['somelib'])\n{FUNCTION}(**OPTIONS)\n"
    }
    assert _codes(tmp_path, files) == [("NQ004", "ext/__init__.py")]


def test_defaults_come_from_the_summary_of_nequip(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": PYPROJECT, "ext/model.py": MODEL, "ext/__init__.py": ""})
    (assembled,) = assemble(Request((tmp_path,)))
    patterns = assembled.project.patterns
    assert {"io", "sys", "triton", "numpy"} <= patterns.extern
    assert patterns.mock == {"matplotlib"}
    assert patterns.intern == {"nequip", "e3nn", "ext"}


PLAIN = {
    "pyproject.toml": """[project]
name = "ext"
dependencies = ["torch", "somelib", "nequip-pack"]
[tool.nequip-lint]
roots = ["ext.model"]
""",
    "ext/model.py": "import torch\nimport somelib\nclass M(torch.nn.Module): ...\n",
}


@pytest.mark.parametrize(
    ("init", "found"),
    [
        (f"from nequip_pack import {FUNCTION}\n{FUNCTION}(extern_modules=['somelib'])\n", []),
        (f"import nequip_pack\nnequip_pack.{FUNCTION}(mock_modules=['somelib'])\n", []),
        ("", [("NQ201", "ext/model.py")]),
    ],
)
def test_code_without_nequip_registers_through_nequip_pack(
    tmp_path: Path, init: str, found: list[tuple[str, str]]
) -> None:
    """What a plain checkpoint is built of: importing its code runs the call, as it does for a build."""
    assert _codes(tmp_path, {**PLAIN, "ext/__init__.py": init}) == found

"""Selection of rules and the table [tool.nequip-lint]."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY, write

from nequip_lint.declared.config import KEYS
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection, validated
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from pathlib import Path

ENABLED = [
    ((), (), "NQ101", True),
    (("NQ1",), (), "NQ101", True),
    (("NQ1",), (), "NQ201", False),
    (("NQ",), ("NQ1",), "NQ101", False),
    (("NQ101",), ("NQ1",), "NQ101", True),
    (("NQ101",), ("NQ101",), "NQ101", False),
    ((), ("NQ",), "NQ101", False),
    (("NQ1",), ("NQ101",), "NQ102", True),
    (("NQ2", "NQ101"), (), "NQ101", True),
]


@pytest.mark.parametrize(("select", "ignore", "code", "expected"), ENABLED)
def test_enabled(select: tuple[str, ...], ignore: tuple[str, ...], code: str, expected: bool) -> None:
    assert Selection(select, ignore).enabled(code) is expected


def test_codes_are_normalised() -> None:
    assert validated([" nq101 ", "Nq2"], "--select") == ("NQ101", "NQ2")


UNKNOWN = [("NQ999", ""), ("NQ2O1", "NQ201"), ("E501", ""), ("", ""), ("101", "NQ101"), ("NQ101x", "NQ101")]


@pytest.mark.parametrize(("code", "near"), UNKNOWN)
def test_unknown_code(code: str, near: str) -> None:
    with pytest.raises(LintError) as caught:
        validated([code], "--select")
    message = str(caught.value)
    assert message.startswith(f"--select: unknown code {code!r}; ")
    assert (f"did you mean {near}?" if near else message) in message


SOURCE = {"pkg/__init__.py": "import triton\n", "pkg/b.py": "import triton\n", "pkg/c.py": "import triton\n"}
BASE = """[tool.nequip-lint]
roots = ["pkg", "pkg.b", "pkg.c"]
internal-packages = ["pkg"]
extern-modules = ["triton"]
"""
SETTINGS = [
    ("", ["__init__", "b", "c"]),
    ("ignore = ['NQ101']", []),
    ("select = ['NQ2']", []),
    ("select = ['NQ1']", ["__init__", "b", "c"]),
    ("select = ['nq1']", ["__init__", "b", "c"]),
    ("exclude = ['pkg/b.py']", ["__init__", "c"]),
    ("exclude = ['pkg']", []),
    ("exclude = ['pkg/']", []),
    ("exclude = ['*/[bc].py']", ["__init__"]),
    ("per-file-ignores = {'pkg/b.py' = ['NQ101']}", ["__init__", "c"]),
    ("per-file-ignores = {'pkg' = ['NQ1']}", []),
    ("per-file-ignores = {'pkg/[bc].py' = ['nq101']}", ["__init__"]),
    ("per-file-ignores = {'pkg/b.py' = ['NQ201']}", ["__init__", "b", "c"]),
]


@pytest.mark.parametrize(("setting", "expected"), SETTINGS, ids=[row[0] for row in SETTINGS])
def test_setting(tmp_path: Path, setting: str, expected: list[str]) -> None:
    write(tmp_path, {**SOURCE, "pyproject.toml": f"{BASE}{setting}\n"})
    found = check(Request((tmp_path,)), Selection()).findings
    assert [finding.path.removesuffix(".py").rpartition("/")[2] for finding in found] == expected
    explicit = tuple(sorted((tmp_path / "pkg").glob("*.py")))
    assert check(Request(explicit), Selection()).findings == found


MISTAKES = [
    ("selct = []", ["unknown key 'selct', did you mean 'select'?"]),
    ("per-file-ignore = {}", ["unknown key 'per-file-ignore', did you mean 'per-file-ignores'?"]),
    ("zzz = 1", ["unknown key 'zzz', the keys are"]),
    ("select = 'NQ101'", ["select must be a list of strings"]),
    ("roots = [1]", ["roots must be a list of strings"]),
    ("per-file-ignores = []", ["per-file-ignores must map"]),
    ("per-file-ignores = {a = 'NQ101'}", ["per-file-ignores must map"]),
    ("environment = 1", ["environment must be a path"]),
    ("baseline = []", ["baseline must be a path"]),
    ("target-python = 'three'", ["target-python must look like"]),
    ("target-python = 3.10", ["target-python must look like"]),
    ("selct = []\nzzz = 1\nignore = 1", ["'selct'", "'zzz'", "ignore must be"]),
    ("select = ['NQ999']", ["unknown code 'NQ999'"]),
    ("ignore = ['NQ1O1']", ["unknown code 'NQ1O1'", "did you mean NQ101"]),
    ("per-file-ignores = {'a.py' = ['NQ1O1']}", ["unknown code 'NQ1O1'", "did you mean NQ101"]),
    ("ignore = ['NQ']", ["no rule is left to check"]),
    ("environment = 'no/such/folder'", ["no/such/folder"]),
    ("roots = ['pkg.gone']", ["pkg.gone"]),
]  # fmt: skip


@pytest.mark.parametrize(("setting", "parts"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_mistake(tmp_path: Path, setting: str, parts: list[str]) -> None:
    path = tmp_path / "pyproject.toml"
    write(tmp_path, {"pkg/__init__.py": "", "pyproject.toml": f"[tool.nequip-lint]\n{setting}\n"})
    with pytest.raises(LintError) as caught:
        check(Request((tmp_path,)), Selection())
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    assert all(part in message for part in parts)


def test_another_file_of_settings(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": BASE,
        "bare.toml": 'ignore = ["NQ101"]\n',
        "table.toml": '[tool.nequip-lint]\nignore = ["NQ1"]\n',
    }
    write(tmp_path, {**SOURCE, **files})
    assert check(Request((tmp_path,)), Selection()).findings
    for name in ("bare.toml", "table.toml"):
        assert not check(Request((tmp_path,), config=tmp_path / name), Selection()).findings


@pytest.mark.parametrize(("setting", "parts"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_mistake_in_another_file(tmp_path: Path, setting: str, parts: list[str]) -> None:
    files = {"pkg/__init__.py": "", "pyproject.toml": "", "other.toml": f"{setting}\n"}
    with pytest.raises(LintError) as caught:
        check(Request((write(tmp_path, files),), config=tmp_path / "other.toml"), Selection())
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "other.toml"))
    assert all(part in message for part in parts)


def test_the_page_of_settings_has_every_key() -> None:
    page = (REPOSITORY / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")} == set(KEYS)

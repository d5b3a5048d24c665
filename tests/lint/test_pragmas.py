"""Suppression comments: how they are read, what they silence, and when they are reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import facts, write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from pathlib import Path

COMMENTS = [
    ("import a  # noqa: NQ101", [("NQ101",)]),
    ("import a  #noqa:NQ101", [("NQ101",)]),
    ("import a  # NOQA : nq101", [("NQ101",)]),
    ("import a  # noqa: NQ101, NQ201", [("NQ101", "NQ201")]),
    ("import a  # noqa: E501 NQ201", [("NQ201",)]),
    ("import a  # noqa: NQ101 because it is needed", [("NQ101",)]),
    ("import a  # nequip-lint: ignore[NQ101]", [("NQ101",)]),
    ("import a  # nequip-lint: ignore[NQ101, NQ102] why", [("NQ101", "NQ102")]),
    ("import a  # nequip-lint: ignore", [()]),
    ("import a  # nequip-lint: ignore[]", [()]),
    ("import a  # type: ignore  # noqa: NQ101", [("NQ101",)]),
    ("import a  # noqa", []),
    ("import a  # noqa: E501", []),
    ("import a  # noqa: ABC123 (not NQ101)", []),
    ("x = '# noqa: NQ101'", []),
    ('"""\n# noqa: NQ101\n"""', []),
]


@pytest.mark.parametrize(("text", "codes"), COMMENTS, ids=[row[0] for row in COMMENTS])
def test_comment(text: str, codes: list[tuple[str, ...]]) -> None:
    assert [pragma.codes for pragma in facts(text).pragmas] == codes


def test_place_of_a_comment() -> None:
    (pragma,) = facts("x = 1\nimport a  # noqa: NQ101 why\n").pragmas
    assert pragma.span == (2, 11, 2, 24)


# text of the file, (code, line) of what is reported
SUPPRESSED = [
    ("import triton\n", [("NQ101", 1)]),
    ("import triton  # noqa: NQ101\n", []),
    ("import triton  # nequip-lint: ignore[NQ101] only built with a GPU\n", []),
    ("import triton  # noqa: NQ102\n", [("NQ002", 1), ("NQ101", 1)]),
    ("import triton  # noqa: NQ101, NQ102\n", [("NQ002", 1)]),
    ("import triton  # noqa\n", [("NQ101", 1)]),
    ("import triton  # nequip-lint: ignore\n", [("NQ002", 1), ("NQ101", 1)]),
    ("import os  # noqa: NQ101\n", [("NQ002", 1)]),
    ("import os  # noqa: NQ999\n", [("NQ002", 1)]),
    ("# noqa: NQ101\nimport triton\n", [("NQ002", 1), ("NQ101", 2)]),
    ("from triton import (\n    a,\n    b,\n)  # noqa: NQ101\n", []),
    ("from triton import (  # noqa: NQ101\n    a,\n)\n", []),
    ("from triton import (\n    a,  # noqa: NQ101\n)\n", []),
    ("from triton import \\\n    a  # noqa: NQ101\n", []),
    ("import triton, os  # noqa: NQ101\nimport apex\n", [("NQ101", 2)]),
    ("import triton; x = \\\n    1  # noqa: NQ101\n", []),
    ("import triton; x = 1 + \\\n    2 + \\\n    3  # noqa: NQ101\n", []),
    ('import triton; x = """\n\n"""  # noqa: NQ101\n', []),
    ('import triton; x = f"""\n{1}\n"""  # noqa: NQ101\n', []),
    ("import triton; x = (\n    1)  # noqa: NQ101\n", [("NQ002", 2), ("NQ101", 1)]),
    ("x = \\\n    1\nimport triton  # noqa: NQ101\n", []),
    ("import triton\nx = \\\n    1  # noqa: NQ101\n", [("NQ002", 3), ("NQ101", 1)]),
    ("import triton\n\n\nx = 1  # noqa: NQ101\n", [("NQ002", 4), ("NQ101", 1)]),
]


SETTINGS = """[tool.nequip-lint]
roots = ["pkg"]
internal-packages = ["pkg"]
extern-modules = ["triton", "apex"]
"""


def _found(folder: Path, text: str, selection: Selection | None = None) -> list[tuple[str, int]]:
    write(folder, {"pyproject.toml": SETTINGS, "pkg/__init__.py": text})
    report = check(Request((folder,)), selection or Selection())
    return sorted((finding.code, finding.span.line) for finding in report.findings)


@pytest.mark.parametrize(("text", "expected"), SUPPRESSED, ids=[row[0] for row in SUPPRESSED])
def test_suppression(tmp_path: Path, text: str, expected: list[tuple[str, int]]) -> None:
    assert _found(tmp_path, text) == expected


def test_a_suppression_of_a_rule_that_is_switched_off_is_not_unused(tmp_path: Path) -> None:
    assert _found(tmp_path, "import triton  # noqa: NQ101\n", Selection(ignore=("NQ101",))) == []


def test_unused_suppressions_can_be_left_out(tmp_path: Path) -> None:
    assert _found(tmp_path, "import os  # noqa: NQ101\n", Selection(ignore=("NQ002",))) == []


def test_a_file_alone_that_no_model_is_made_of_puts_no_code_to_the_test(tmp_path: Path) -> None:
    """Another file makes it part of a model; linted alone, nothing tells whether the comment is needed."""
    write(tmp_path, {"pyproject.toml": SETTINGS, "pkg/__init__.py": "from . import b\n"})
    write(tmp_path, {"pkg/b.py": "import triton  # noqa: NQ101\nimport os  # noqa: NQ999\n"})
    whole = check(Request((tmp_path,)), Selection()).findings
    assert [finding.code for finding in whole] == ["NQ002"]
    write(tmp_path, {"pyproject.toml": SETTINGS.replace('roots = ["pkg"]\n', "")})
    alone = check(Request((tmp_path / "pkg/b.py",)), Selection(ignore=("NQ005",))).findings
    assert [(finding.code, finding.span.line) for finding in alone] == [("NQ002", 2)]

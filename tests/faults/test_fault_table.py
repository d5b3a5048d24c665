"""Every row of the fault table is shown by a test that is there, or says why not."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from fault_table import OUT_OF_REACH, SHOWN

TESTS = Path(__file__).parents[1]
REFERENCE = TESTS.parents[1] / "shared" / "reference" / "artefacts.md"


def test_every_row_is_there() -> None:
    if not REFERENCE.is_file():
        pytest.skip("the design's reference is not beside this repository")
    rows = re.findall(r"^\| ([RW]\d+) \|", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(set(rows)) > 40
    assert SHOWN.keys().isdisjoint(OUT_OF_REACH)
    assert {*rows} == {*SHOWN, *OUT_OF_REACH}


@cache
def _source(file: str) -> tuple[frozenset[str], str]:
    """The tests that a file defines, and its text."""
    text = (TESTS / file).read_text(encoding="utf-8")
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    return frozenset(function.name for function in functions), text


@pytest.mark.parametrize("row", SHOWN)
def test_its_tests_exist(row: str) -> None:
    for name in SHOWN[row]:
        match = re.fullmatch(r"([\w/.]+)::(test_\w+)(?:\[(.+)\])?", name)
        assert match, name
        functions, text = _source(match[1])
        assert match[2] in functions, name
        assert not match[3] or f'"{match[3]}"' in text, name

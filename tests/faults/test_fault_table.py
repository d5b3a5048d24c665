"""Every row of the fault table is shown by a test that is there, or says why not."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import fault_kinds
import fault_table
import pytest

TESTS = Path(__file__).parents[1]
ROWS = {**fault_table.ROWS, **fault_kinds.ROWS}


def test_the_rows_are_numbered_without_gaps() -> None:
    assert fault_table.ROWS.keys().isdisjoint(fault_kinds.ROWS)
    for letter in {key[0] for key in ROWS}:
        numbers = sorted(int(key[1:]) for key in ROWS if key[0] == letter)
        assert numbers == list(range(1, len(numbers) + 1)), letter


@cache
def _source(file: str) -> tuple[frozenset[str], str]:
    """The tests that a file defines, and its text."""
    text = (TESTS / file).read_text(encoding="utf-8")
    functions = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef))
    return frozenset(function.name for function in functions), text


@pytest.mark.parametrize("key", ROWS)
def test_its_tests_exist(key: str) -> None:
    row = ROWS[key]
    assert row.kind
    assert bool(row.tests) != bool(row.why_not)
    for name in row.tests:
        match = re.fullmatch(r"([\w/.]+)::(test_\w+)(?:\[(.+)\])?", name)
        assert match, name
        functions, text = _source(match[1])
        assert match[2] in functions, name
        assert not match[3] or f'"{match[3]}"' in text, name

"""The table of other versions of torch and Python says of each what ran, and why the rest did not."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "portability.md"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    _, _, text = PAGE.read_text(encoding="utf-8").partition(f"## {heading}\n")
    section = text.partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_each_environment_ran_or_says_why_not() -> None:
    found = rows("Environments")
    assert [row[0] for row in found] == ["3.10", "3.11", "3.12", "3.13"]
    assert all(re.fullmatch(r"ran here|did not run: .+", cell) for row in found for cell in row[1:])


def test_packages_went_both_ways() -> None:
    pairs = {(row[1], row[2]) for row in rows("Loads")}
    assert len(pairs) >= 4
    assert pairs == {(loader, builder) for builder, loader in pairs}


def test_what_needs_no_torch_is_tried_on_each_python() -> None:
    assert [row[0] for row in rows("Without torch")] == ["3.10", "3.11", "3.12", "3.13"]

"""The whole terminal output of each rule, compared with the snapshots in the repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from snapshots import FOLDER, PAGES, terminal_output

if TYPE_CHECKING:
    from pathlib import Path

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def test_each_rule_has_its_snapshot_and_no_other_is_there() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{code}.txt" for code in PAGES}


@pytest.mark.parametrize("code", PAGES)
def test_terminal_output(code: str, tmp_path: Path) -> None:
    kept = (FOLDER / f"{code}.txt").read_text(encoding="utf-8")
    assert terminal_output(code, tmp_path, {}) == kept, f"python tests/reports/snapshots.py {code} shows why"
    assert f" {code} [" in kept
    assert re.search(r"\n  (help|fix|unsafe fix): ", kept)
    assert kept.endswith("exit 1\n")


@pytest.mark.parametrize("code", ["NQ004", "NQ203", "NQ503"])
def test_colours_add_nothing_but_colour(code: str, tmp_path: Path) -> None:
    kept = (FOLDER / f"{code}.txt").read_text(encoding="utf-8")
    coloured = terminal_output(code, tmp_path / "coloured", {"FORCE_COLOR": "1"})
    assert coloured != kept
    assert ANSI.sub("", coloured) == kept
    assert terminal_output(code, tmp_path / "plain", {"FORCE_COLOR": "1", "NO_COLOR": "1"}) == kept

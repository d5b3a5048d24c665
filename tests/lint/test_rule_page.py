"""`nequip-lint rule` in a terminal: rendered and paged; a pipe gets the page as it is written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from terminal import in_terminal

from nequip_lint.pages import Page, codes, page
from nequip_lint.reports.colour import coloured, plain
from nequip_lint.reports.rule_page import page_lines

if TYPE_CHECKING:
    from pathlib import Path

ALL = [page(code) for code in codes()]
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def words_of(text: str) -> list[str]:
    """All but the signs of titles, comments and names of files."""
    return [word for word in text.split() if word.strip("#")]


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.code)
def test_nothing_of_a_page_is_lost(one: Page) -> None:
    """Without colours the words are those of the page; one line is added, for the front matter."""
    shown = list(page_lines(one, 80, plain))
    front = shown.pop(1)
    assert front.startswith(f"{one.severity.value}; ")
    written = re.sub(r"^```(?:\w+ file=)?", "", one.body, flags=re.MULTILINE)
    assert words_of("\n".join(shown)) == words_of(written)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.code)
def test_prose_fits_and_code_is_not_touched(one: Page) -> None:
    shown = [COLOUR.sub("", line) for line in page_lines(one, 60, coloured)]
    assert len(shown.pop(1)) <= 80
    assert not [
        line for line in shown if len(line) > 60 and not line.startswith("    ") and " " in line.strip()[2:]
    ]
    code = [
        line
        for block in re.findall(r"^```\w.*\n((?s:.*?))^```$", one.body, re.MULTILINE)
        for line in block.splitlines()
    ]
    assert [line for line in code if f"    {line}".rstrip() not in shown] == []
    assert not [line for line in shown if "`" in line and not line.startswith("    ")]


def test_a_terminal_gets_it_rendered(tmp_path: Path) -> None:
    for name in ("NQ203", "heavy-import-root"):
        shown = in_terminal("nequip_lint", "rule", name, cwd=tmp_path, PAGER="cat")
        assert shown.startswith(
            "\x1b[1;4mheavy-import-root (NQ203)\x1b[0m\n\x1b[1;31merror\x1b[0m; fails when it is"
        )
        assert "\x1b[36me3nn.o3\x1b[0m" in shown
    bare = in_terminal("nequip_lint", "rule", "NQ203", cwd=tmp_path, NO_COLOR="1", PAGER="cat")
    assert "\x1b" not in bare
    assert "`e3nn.o3`" in bare


def test_it_goes_through_the_pager(tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho paged $1 $LESS\ncat >got\n")
    pager.chmod(0o755)
    assert in_terminal("nequip_lint", "rule", "NQ203", cwd=tmp_path, PAGER=f"{pager} -x") == "paged -x FRX\n"
    assert "heavy-import-root" in (tmp_path / "got").read_text()
    assert in_terminal("nequip_lint", "rule", cwd=tmp_path, PAGER=str(pager), LESS="i") == "paged i\n"
    assert "NQ203  error    heavy-import-root\n" in (tmp_path / "got").read_text()
    for none in ("no-such-pager", "", "less '"):
        assert "NQ203  error" in in_terminal("nequip_lint", "rule", cwd=tmp_path, PAGER=none)
    assert in_terminal("nequip_lint", "rule", "--format", "md", cwd=tmp_path, PAGER=str(pager)).startswith(
        "| NQ001 |"
    )


@pytest.mark.parametrize(
    ("variables", "start"),
    [
        ({"FORCE_COLOR": "1"}, "nequip-lint: \x1b[1;31merror:\x1b[0m there is no rule"),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "nequip-lint: error: there is no rule"),
    ],
)
def test_errors_have_colours_where_they_are_wanted(
    tmp_path: Path, variables: dict[str, str], start: str
) -> None:
    command = [sys.executable, "-m", "nequip_lint", "rule", "NQ999"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(start)

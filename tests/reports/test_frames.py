"""Frames: their parts in order, marks below what is meant, and colours where someone sees them."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import write
from test_formats import FILES

from nequip_lint.reports.frame import frame
from nequip_lint.text import in_columns
from nequip_lint.values import Finding, Severity, Span, Step

if TYPE_CHECKING:
    from pathlib import Path


def finding(path: Path, span: Span) -> Finding:
    chain = (Step("a", "a.py", 3, "import b"), Step("b", "b.py", 4, "import c"))
    return Finding("NQ201", "some-name", Severity.ERROR, "it fails", "do that", str(path), span, "b", chain)


def test_parts_stand_in_order(tmp_path: Path) -> None:
    path = tmp_path / "b.py"
    path.write_text("\tx = 'é'; y = 2\n", encoding="utf-8")
    assert frame(finding(path, Span(1, 12, 1, 17))).split("\n") == [
        f"{path}:1:11: error NQ201 [some-name]",
        "  it fails",
        "      1 | \tx = 'é'; y = 2",
        "        | \t         ^^^^^",
        "  reached by a.py:3: import b",
        "        then b.py:4: import c",
        "  help: do that",
    ]


@pytest.mark.parametrize("column", [1, 90, 5_000, 59_990])
def test_a_long_line_is_shown_around_the_finding(tmp_path: Path, column: int) -> None:
    path = tmp_path / "b.py"
    path.write_text("".join(f"{number:05} " for number in range(10_000)) + "\n", encoding="utf-8")
    chain = (Step("a", "a.py", 3, "import " + "b, " * 50_000),)
    found = finding(path, Span(1, column, 1, column + 5))._replace(chain=chain)
    lines = frame(found).split("\n")
    _, _, shown, marks, *_ = lines
    assert max(map(len, lines)) < 500
    start = marks.index("^")
    assert shown[start : marks.rindex("^") + 1] == path.read_text(encoding="utf-8")[column - 1 : column + 4]


def test_the_answer_to_many_findings_on_one_line_grows_with_the_file(tmp_path: Path) -> None:
    sizes = []
    for count in (200, 800):
        (tmp_path / "m.py").write_text(f"x = 1  # noqa: {'NQ203 ' * count}\n", encoding="utf-8")
        command = [sys.executable, "-m", "nequip_lint", str(tmp_path), "--no-cache"]
        sizes.append(len(subprocess.run(command, capture_output=True, check=False).stdout))
    assert sizes[1] < 5 * sizes[0]


def test_a_long_region_shows_its_first_lines(tmp_path: Path) -> None:
    path = tmp_path / "b.py"
    path.write_text("f(\n" + "    1,\n" * 8 + ")\n")
    lines = frame(finding(path, Span(1, 1, 10, 2))).split("\n")
    assert lines[2:7] == ["      1 | f(", *(f"      {n} |     1," for n in (2, 3, 4)), "        | ..."]
    assert "^" not in "".join(lines)


@pytest.mark.parametrize("content", [b"caf\xe9 = 1\n", b"# coding: latin-1\ncaf\xe9 = 1\n", None, b""])
def test_any_file_has_a_frame(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "b.py"
    if content is not None:
        path.write_bytes(content)
    text = frame(finding(path, Span(2, 1, 2, 5)))
    assert ("café" in text) == (content is not None and content.startswith(b"#"))


def test_source_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "b.py"
    path.write_text("x = '\x1b[2J\x07'\n")
    shown = frame(finding(path, Span(1, 1, 1, 2)))
    assert "\x1b" not in shown
    assert "x = '\ufffd[2J\ufffd'" in shown
    assert in_columns("é\t1") == "é\t1"


# Terminals and pipes


def in_terminal(folder: Path, variables: dict[str, str]) -> str:
    """What the command writes to a real terminal."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "nequip_lint"]
    with subprocess.Popen(command, cwd=folder, env={**kept, **variables}, stdout=theirs) as process:
        os.close(theirs)
        pieces = []
        try:
            while piece := os.read(ours, 4096):
                pieces.append(piece)
        except OSError:  # Linux says so when the other end is closed
            pass
        os.close(ours)
    assert process.returncode == 1
    return b"".join(pieces).decode()


WHERE = [
    ({"TERM": "xterm"}, True),
    ({"TERM": "xterm", "NO_COLOR": "1"}, False),
    ({"TERM": "xterm", "NO_COLOR": ""}, True),
    ({"TERM": "dumb"}, False),
    ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ({"TERM": "xterm", "FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
]


@pytest.mark.parametrize(("variables", "coloured"), WHERE, ids=[str(row[0]) for row in WHERE])
def test_colours_in_a_terminal(tmp_path: Path, variables: dict[str, str], coloured: bool) -> None:
    text = in_terminal(write(tmp_path, FILES), variables)
    assert "NQ203" in text
    assert ("\x1b[" in text) == coloured

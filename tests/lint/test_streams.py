"""Closed, full and broken streams of every command, and text that would do something to a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from lint_support import write

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = """[tool.nequip-lint]
roots = ["pkg.mod"]
internal-packages = ["pkg"]
extern-modules = ["triton"]
"""
EAGER = "import triton\n\n\ndef f():\n    return triton.x\n"
FILES = {"pyproject.toml": PROJECT, "pkg/__init__.py": "", "pkg/mod.py": EAGER}
COMMANDS: dict[tuple[str, ...], int] = {
    ("check",): 1,
    ("check", "--exit-zero"): 0,
    ("check", "--format", "concise", "--statistics"): 1,
    ("check", "--format", "json"): 1,
    ("check", "--format", "sarif"): 1,
    ("check", "--format", "github"): 1,
    ("check", "--format", "junit"): 1,
    ("check", "--fix"): 0,
    ("check", "--fix", "--format", "json"): 0,
    ("check", "--diff"): 1,
    ("check", "--add-noqa"): 0,
    ("check", "--write-baseline", "--baseline", "b.json"): 0,
    ("closure",): 0,
    ("closure", "--json"): 0,
    ("closure", "--format", "tree"): 0,
    ("closure", "--format", "mermaid"): 0,
    ("check", "--show-settings"): 0,
    ("why", "triton"): 0,
    ("registrations",): 0,
    ("registrations", "--format", "json"): 0,
    ("registrations", "--write"): 0,
    ("rule",): 0,
    ("rule", "NQ101"): 0,
    ("rule", "--format", "json"): 0,
    ("--help",): 0,
    ("check", "--help"): 0,
    ("--version",): 0,
    ("completion", "bash"): 0,
    ("check", "nowhere"): 2,
    ("check", "--nothing"): 2,
    ("check", "--format"): 2,
}
IDS = [" ".join(command) for command in COMMANDS]
RUN = "from nequip_lint.cli import run; run()"


def shell(arguments: tuple[str, ...], redirection: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command with redirected streams."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    return subprocess.run(
        ["bash", "-c", f'"$@" {redirection}', "bash", sys.executable, "-c", RUN, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, FILES)


@pytest.mark.parametrize("arguments", COMMANDS, ids=IDS)
def test_a_reader_that_has_gone(arguments: tuple[str, ...], folder: Path) -> None:
    """As after `| head`: what SIGPIPE would have made of the process."""
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    command = [sys.executable, "-c", RUN, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    expected = 2 if COMMANDS[arguments] == 2 else 141
    assert done.returncode == expected, done.stderr
    assert "internal error" not in done.stderr
    assert "Traceback" not in done.stderr


EACH_WAY = [(command, ">&-") for command in COMMANDS] + [
    (command, ">/dev/full") for command in list(COMMANDS)[::4]
]


@pytest.mark.parametrize(("arguments", "redirection"), EACH_WAY, ids=str)
def test_an_answer_that_is_lost(arguments: tuple[str, ...], redirection: str, folder: Path) -> None:
    if redirection == ">/dev/full" and not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = shell(arguments, redirection, folder)
    assert done.returncode == 2, done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("nequip-lint: error: ")]
    assert len(errors) == 1
    if COMMANDS[arguments] != 2:
        assert errors[0].startswith("nequip-lint: error: standard output does not take the answer: ")


NOT_NEEDED = [(command, "2>&- <&-") for command in COMMANDS]
NOT_NEEDED += [(command, "2>/dev/full") for command in list(COMMANDS)[1::4]]


@pytest.mark.parametrize(("arguments", "redirection"), NOT_NEEDED, ids=str)
def test_a_stream_that_is_not_needed(arguments: tuple[str, ...], redirection: str, folder: Path) -> None:
    done = shell(arguments, redirection, folder)
    assert done.returncode == COMMANDS[arguments], done.stderr
    assert (done.stdout == "") == (COMMANDS[arguments] == 2)


def test_fixes_are_written_before_the_answer_is_lost(folder: Path) -> None:
    assert shell(("check", "--fix"), ">&-", folder).returncode == 2
    assert (folder / "pkg" / "mod.py").read_text() == "def f():\n    import triton\n\n    return triton.x\n"


def test_a_standard_input_that_is_closed(folder: Path) -> None:
    done = shell(("check", "-", "--stdin-filename", "pkg/mod.py"), "<&-", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nequip-lint: error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "<&- >&-"])
def test_a_server_without_anybody_to_speak_with(redirection: str, folder: Path) -> None:
    pytest.importorskip("pygls")
    done = shell(("server",), redirection, folder)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_an_encoding_that_lacks_characters(folder: Path) -> None:
    (folder / "pkg" / "mod.py").write_text("import triton  # é\n", encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "XDG_CACHE_HOME": str(folder / "cache")}
    command = [sys.executable, "-c", RUN]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"# \\xe9" in done.stdout


# What a terminal would obey

EVIL = "a\x1b]0;x\x07\u202e\x9b2J\r"
"""An escape, a bell, a mark that turns the direction, one that clears the screen, and a return."""


DANGEROUS = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _is_harmless(text: str) -> bool:
    return not {unicodedata.category(character) for character in text.replace("\n", "")} & DANGEROUS


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A project whose names and texts are full of what terminals obey; file names are not even UTF-8."""
    name = os.fsencode(EVIL) + b"\xff"
    top = os.fsdecode(name)
    write(tmp_path / "evil", {
        "pyproject.toml": '[tool.nequip-lint]\nroots = ["pkg.mod"]\ninternal-packages = ["pkg"]\n',
        "pkg/__init__.py": "",
        "pkg/mod.py": f"from pkg import low\nimport triton  # {EVIL}\nimport tritón\n",
        "pkg/low.py": f"import triton; x = '{EVIL[:-1]}'\nopen('{EVIL[:-1]}')\n",
        f"pkg/{top}.py": "x = (\n",
        f"{top}/mod.py": "x = (\n",
    })  # fmt: skip
    return tmp_path / "evil"


SAYING = [
    ("check",),
    ("check", "--format", "concise"),
    ("check", "--format", "github"),
    ("check", "--format", "junit"),
    ("check", "--format", "json"),
    ("check", "--format", "sarif"),
    ("check", "--diff"),
    ("check", "--add-noqa"),
    ("check", "--write-baseline", "--baseline", f"{EVIL}.json"),
    ("closure",),
    ("closure", "--root", EVIL),
    ("closure", "--format", "dot"),
    ("check", "--show-settings"),
    ("closure", "--absent", EVIL),
    ("why", "triton"),
    ("why", EVIL),
    ("registrations",),
    ("registrations", "--write"),
    ("rule", EVIL),
    ("check", EVIL),
    ("check", f"{EVIL}.nequip.zip"),
    ("check", "--config", EVIL),
    ("check", "--select", EVIL),
    (f"--{EVIL}",),
    ("check", "--format", EVIL),
]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("arguments", SAYING, ids=ascii)
def test_nothing_reaches_a_terminal_as_it_is(arguments: tuple[str, ...], evil: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(evil.parent / "cache"), "NO_COLOR": "1"}
    command = [sys.executable, "-c", RUN, *arguments]
    done = subprocess.run(command, cwd=evil, env=environment, capture_output=True, check=False)
    text = (done.stdout + done.stderr).decode()
    assert _is_harmless(text), ascii(text)
    assert done.returncode in (0, 1, 2)
    assert "internal error" not in text, text


def _on_a_terminal(folder: Path, *arguments: str) -> str:
    """What a command writes where standard output is a terminal."""
    own, its = pty.openpty()
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache"), "NO_COLOR": "1"}
    command = [sys.executable, "-c", RUN, *arguments]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=its, stderr=its) as process:
        os.close(its)
        text = b"".join(_all_of(own))
        process.wait()
    os.close(own)
    return text.replace(b"\r\n", b"\n").decode()


def _all_of(handle: int) -> Iterator[bytes]:
    try:
        while block := os.read(handle, 4096):
            yield block
    except OSError:  # Linux tells the end of a terminal so
        return


def test_a_diff_is_escaped_for_a_terminal_and_exact_elsewhere(folder: Path) -> None:
    (folder / "pkg" / "mod.py").write_text(f"# {EVIL[:-1]}\n{EAGER}", encoding="utf-8", newline="")
    assert "\\x1b]0;x" in (shown := _on_a_terminal(folder, "check", "--diff"))
    assert _is_harmless(shown)
    command = [sys.executable, "-c", RUN, "check", "--diff"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert EVIL[:-1].encode() in done.stdout
    patched = subprocess.run(["git", "apply"], cwd=folder, input=done.stdout, capture_output=True)
    assert patched.returncode == 0, patched.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("name", [b"bad\xff.py", b'tab\t"quote\\\n.py', "é.py".encode()], ids=ascii)
def test_git_takes_the_names_in_a_diff(name: bytes, folder: Path) -> None:
    path = folder / "pkg" / os.fsdecode(name)
    path.write_text(EAGER)
    command = [sys.executable, "-c", RUN, "check", "--diff", "--root", f"pkg.{path.stem}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    patched = subprocess.run(["git", "apply"], cwd=folder, input=done.stdout, capture_output=True)
    assert patched.returncode == 0, patched.stderr
    assert path.read_text() != EAGER


# Machines read paths that are no text

DOCUMENTS = {"json": json.loads, "sarif": json.loads, "junit": ElementTree.fromstring}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("style", DOCUMENTS)
def test_documents_are_utf_8_whatever_the_names(style: str, tmp_path: Path) -> None:
    """In JSON the byte FF of a name is written as Python would, in SARIF as any address has it."""
    write(tmp_path, {"pyproject.toml": "", f"p/{os.fsdecode(b'bad' + bytes([255]))}.py": "x = (\n"})
    command = [sys.executable, "-c", RUN, "check", "--format", style, "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    found: Any = DOCUMENTS[style](done.stdout.decode("utf-8"))
    if style == "json":
        assert found["findings"][0]["path"] == "p/bad\\udcff.py"
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    elif style == "sarif":
        (location,) = found["runs"][0]["results"][0]["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "p/bad%FF.py"
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    else:
        assert found.find(".//testcase").attrib["classname"] == "p/bad\\udcff.py"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_baseline_takes_names_that_are_no_text(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", f"p/{os.fsdecode(b'bad' + bytes([255]))}.py": "x = (\n"})
    for arguments, code in ((("--write-baseline",), 0), ((), 0)):
        command = [sys.executable, "-c", RUN, "check", "--baseline", "b.json", "--no-cache", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr

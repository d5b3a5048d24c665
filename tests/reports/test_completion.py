"""Completion of both commands, typed into the shells that are installed."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lint_support import nequip_lint, write

from nequip_lint.cli.completion import offered
from nequip_lint.cli.main import parser_of

SHELLS = ("bash", "zsh", "fish")
TYPED = {
    "nequip-lint cl": "closure",
    "nequip-lint ext": "extension.py",
    "nequip-lint --sel": "--select",
    "nequip-lint --format js": "json",
    "nequip-lint extension.py --stat": "--statistics",
    "nequip-lint extension.py oth": "other.py",
    "nequip-lint check ext": "extension.py",
    "nequip-lint closure --pack": "--packager",
    "nequip-lint why torch ext": "extension.py",
    "nequip-lint rule NQ20": "NQ209",
    "nequip-lint rule heavy": "heavy-import-root",
    "nequip-pack mig": "migrate",
    "nequip-pack verify --phy": "--physics",
    "nequip-pack info mod": "model.nequip.zip",
    "nequip-pack build last": "last.ckpt",
}
"""What is typed before the tabulator key, and what its last word becomes, or is among what is shown."""
FILES = dict.fromkeys(("extension.py", "other.py", "model.nequip.zip", "last.ckpt"), "")
LIMIT = 30


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files to complete, and the scripts of both commands for each shell."""
    folder = write(tmp_path_factory.mktemp("completion"), FILES)
    for shell in SHELLS:
        done = nequip_lint("completion", shell, cwd=folder)
        assert (done.returncode, done.stderr) == (0, "")
        (folder / f"lint.{shell}").write_text(done.stdout)
        asked = {**os.environ, "_NEQUIP_PACK_COMPLETE": f"{shell}_source"}
        command = [sys.executable, "-m", "nequip_pack"]
        source = subprocess.run(command, env=asked, capture_output=True, text=True, check=True).stdout
        (folder / f"pack.{shell}").write_text(source)
    return folder


def variables() -> dict[str, str]:
    """With the commands on the path, and a terminal that can do nothing."""
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120  not resolved
    return {**os.environ, "PATH": path, "TERM": "dumb", "LC_ALL": "C.UTF-8"}


def in_bash(folder: Path, typed: str, word: str) -> str:
    """What an interactive bash shows; it is waited for until the word stands there."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        ["bash", "--norc", "--noprofile", "-i"],
        cwd=folder, env={**variables(), "PS1": ""},
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    try:
        os.write(
            master, b"source lint.bash; source pack.bash; bind 'set show-all-if-ambiguous on'; echo re''ady\n"
        )
        read(master, "ready\r\n")
        os.write(master, f"{typed}\t".encode())
        return read(master, word)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def read(terminal: int, word: str) -> str:
    """What a terminal shows until a word is there, or for as long as we wait."""
    shown, end = "", time.monotonic() + LIMIT
    while word not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 4096).decode(errors="replace")
    return shown


ZSH = """zmodload zsh/zpty
cp lint.zsh _nequip-lint; cp pack.zsh _nequip-pack
zpty shell zsh -f -i
zpty -w shell 'fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=0; print re""ady'
zpty -r shell output '*ready*'
zpty -w -n shell "$1"$'\\t'
zpty -r shell output "*$2*"
print -r -- "$output"
"""
"""Types into an interactive shell and waits for a word."""


def in_zsh(folder: Path, typed: str, word: str) -> str:
    return output_of(["zsh", "-f", "-c", ZSH, "zsh", typed, word], folder)


def in_fish(folder: Path, typed: str, word: str) -> str:
    program = "source lint.fish; source pack.fish; complete -C $argv[1]"
    return output_of(["fish", "--no-config", "-c", program, typed], folder)


def output_of(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        command, cwd=folder, env=variables(), capture_output=True, text=True, check=False, timeout=LIMIT
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("typed", TYPED)
@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes(shell: str, typed: str, scripts: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    shown = {"bash": in_bash, "zsh": in_zsh, "fish": in_fish}[shell](scripts, typed, TYPED[typed])
    assert TYPED[typed] in shown


def words(*typed: str) -> list[str]:
    *before, last = typed
    return [item.value for item in offered(parser_of(), before, last) if item.type == "plain"]


def kinds(*typed: str) -> list[str]:
    *before, last = typed
    return [item.type for item in offered(parser_of(), before, last)]


def test_what_is_offered() -> None:
    assert words("clo") == ["closure"]
    assert words("check", "cl") == []
    assert words("--no-") == words("check", "--no-") == ["--no-cache", "--no-gpu"]
    assert words("--ver") == ["--version"]
    assert words("check", "--ver") == []
    assert words("registrations", "--format", "") == ["text", "json"]
    assert words("registrations", "--format", "=", "j") == ["json"]
    assert words("registrations", "--format=j") == ["--format=json"]
    assert words("completion", "") == ["bash", "zsh", "fish"]
    assert words("--select", "NQ20") == words("rule", "NQ20")
    assert words("server", "x") == words("rule", "NQ201", "NQ2") == words("why", "tor") == []


def test_where_files_are_offered() -> None:
    assert kinds("xyz") == kinds("a.py", "") == kinds("a.py", "b.py", "c") == ["file"]
    assert kinds("--gpu", "") == kinds("--baseline", "") == kinds("why", "torch", "") == ["file"]
    assert kinds("--environment", "") == ["dir"]
    assert kinds("why", "") == kinds("--reason", "") == kinds("rule", "NQ201", "") == []
    assert kinds("cl")[0] == "file", "bash forgets what was told before it"


def test_an_unknown_shell_is_one_line(tmp_path: Path) -> None:
    done = nequip_lint("completion", "csh", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "fish" in done.stderr


@pytest.mark.parametrize("instruction", ["", "bash", "bash_complete", "csh_complete", "bash_source"])
def test_who_asks_wrongly_is_told(instruction: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nequip_lint"]
    asked = {**variables(), "_NEQUIP_LINT_COMPLETE": instruction}
    done = subprocess.run(command, cwd=tmp_path, env=asked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "internal error" not in done.stderr

"""Completion scripts, run in the shells that they are for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lint_support import nequip_lint, write

pytest.importorskip("shtab", reason="the extra `completion` is not installed")

# What is typed, and what must and must not be offered for its last word.
TYPED = [
    ("nequip-lint cl", {"closure"}, {"check"}),
    ("nequip-lint rule NQ20", {"NQ201", "NQ209"}, {"NQ101"}),
    ("nequip-lint check --format s", {"sarif"}, {"json"}),
    ("nequip-lint check --no-", {"--no-cache", "--no-gpu"}, {"--gpu"}),
    ("nequip-lint closure --pack", {"--packager"}, {"--python"}),
]
BASH = """source "$1"
COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_shtab_nequip_lint
printf '%s\\n' "${COMPREPLY[@]}"
"""
FISH = "source $argv[1]; complete -C $argv[2]"
ZSH = """zmodload zsh/zpty
cp "$1" _nequip-lint
zpty shell zsh -f -i
zpty -w shell 'fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=0; print re""ady'
zpty -r shell output '*ready*'
zpty -w -n shell "$2"$'\\t'
zpty -r shell output "*$3*"
print found
"""
"""Types into an interactive shell and waits for a word."""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script of each shell, and a file to be completed."""
    folder = write(tmp_path_factory.mktemp("completion"), {"extension.py": ""})
    for shell in ("bash", "zsh", "fish"):
        done = nequip_lint("completion", shell, cwd=folder)
        assert (done.returncode, done.stderr) == (0, "")
        (folder / f"script.{shell}").write_text(done.stdout)
    return folder


def run(shell: str, program: str, scripts: Path, *arguments: str) -> str:
    """The output of a program of a shell; skips where the shell is not installed."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    named = [] if shell == "fish" else [shell]  # `$0`, which fish does not have
    command = [shell, "-c", program, *named, f"script.{shell}", *arguments]
    done = subprocess.run(command, cwd=scripts, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def offered(shell: str, scripts: Path, typed: str) -> set[str]:
    """The words that a shell offers."""
    lines = run(shell, BASH if shell == "bash" else FISH, scripts, typed).splitlines()
    return {line.split("\t")[0].strip() for line in lines}


@pytest.mark.parametrize("shell", ["bash", "fish"])
@pytest.mark.parametrize(("typed", "there", "not_there"), TYPED, ids=[row[0] for row in TYPED])
def test_words(shell: str, scripts: Path, typed: str, there: set[str], not_there: set[str]) -> None:
    words = offered(shell, scripts, typed)
    assert there <= words
    assert not words & not_there


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_paths(shell: str, scripts: Path) -> None:
    assert "extension.py" in offered(shell, scripts, "nequip-lint check ext")


@pytest.mark.parametrize(
    ("typed", "word"), [("nequip-lint rule NQ20", "NQ209"), ("nequip-lint cl", "closure")]
)
def test_zsh_offers_words(scripts: Path, typed: str, word: str) -> None:
    assert run("zsh", ZSH, scripts, typed, word) == "found\n"


def test_an_unknown_shell_is_one_line(tmp_path: Path) -> None:
    done = nequip_lint("completion", "csh", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "fish" in done.stderr


def test_nequip_pack_has_the_completion_of_click(tmp_path: Path) -> None:
    variables = {"_NEQUIP_PACK_COMPLETE": "bash_complete", "COMP_WORDS": "nequip-pack ver", "COMP_CWORD": "1"}
    command = [sys.executable, "-m", "nequip_pack"]
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.stdout == "plain,verify\n"

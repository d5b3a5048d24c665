"""Our commands in front of a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_DECIDE = ("PAGER", "LESS", "NO_COLOR", "FORCE_COLOR")


def in_terminal(module: str, *words: str, cwd: Path, **variables: str) -> str:
    """What a terminal of 60 columns gets of a command, from both of its streams.

    Args:
        module: of the command.
        words: its arguments.
        cwd: the working directory.
        variables: of the environment.
    """
    pty = pytest.importorskip("pty", reason="needs a terminal, which Python makes on Unix")
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in _DECIDE}
    environment = {**kept, "COLUMNS": "60", "TERM": "xterm", **variables}
    command = [sys.executable, "-m", module, *words]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, cwd=cwd, env=environment):
        os.close(theirs)
        got = b""
        while piece := _read(ours):
            got += piece
    os.close(ours)
    return got.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:  # the other end is closed
        return b""

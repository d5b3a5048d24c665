"""A package's process: bounded in time and memory, and gone with the one that asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from nequip_pack.survey.isolated import ask, stop_all
from nequip_pack.survey.lines import CRASH, TIME

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "answering"
START = """
import json, os, subprocess, sys, time
from nequip_pack.survey import child

def main():
    request = json.loads(sys.argv[-1])
    print(json.dumps({"first": 1}), flush=True)
    print(json.dumps({"torn": 1})[:-1], end="", flush=True)
"""
SLEEPER = 'subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", request["mark"]], stdout=2)'


@pytest.fixture
def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which such processes look for their module."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def write(folder: Path, *statements: str) -> dict[str, str]:
    """The module with these statements at its end; returns a request with a mark to be found by."""
    text = START + "".join(f"    {statement}\n" for statement in statements)
    (folder / f"{MODULE}.py").write_text(text)
    return {"mark": folder.name}


def running(mark: str) -> list[str]:
    """The command lines of processes with a mark."""
    listed = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if mark in line]


def left(mark: str) -> list[str]:
    """Those that are still there when they should have ended, which takes a moment."""
    deadline = time.monotonic() + 30
    while (found := running(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_what_ends_by_itself(answering: Path) -> None:
    ended = ask(MODULE, write(answering, 'print("}")'), 60)
    assert (ended.answers, ended.by) == (({"first": 1}, {"torn": 1}), "")


def test_a_hang_with_what_it_started(answering: Path) -> None:
    request = write(answering, SLEEPER, "time.sleep(60)")
    ended = ask(MODULE, request, 2)
    assert (ended.answers, ended.by, ended.why) == (({"first": 1},), TIME, "it took more than 2 seconds")
    assert left(request["mark"]) == []


def test_a_crash_with_what_it_started(answering: Path) -> None:
    request = write(answering, SLEEPER, "os.kill(os.getpid(), 11)")
    ended = ask(MODULE, request, 60)
    assert (ended.answers, ended.by, ended.why) == (({"first": 1},), CRASH, "signal 11 ended it")
    assert left(request["mark"]) == []


ASKING = """
import sys
from nequip_pack.survey.isolated import ask
ask(sys.argv[1], {"mark": sys.argv[2]}, 60)
"""


def test_it_ends_when_nobody_waits_for_it(answering: Path) -> None:
    """The one that asked was killed, so that it could end nothing."""
    watch = "import threading; threading.Thread(target=child._end_with_parent, daemon=True).start()"
    request = write(answering, watch, SLEEPER, "time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", ASKING, MODULE, request["mark"]]) as process:
        while len(running(request["mark"])) < 3:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert left(request["mark"]) == []


def test_all_can_be_stopped(answering: Path) -> None:
    request = write(answering, f'open({str(answering / "begun")!r}, "w")', "time.sleep(60)")
    pid = os.fork()
    if pid == 0:
        from threading import Thread

        Thread(target=ask, args=(MODULE, request, 60), daemon=True).start()
        while not (answering / "begun").exists():
            time.sleep(0.01)
        stop_all()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert left(request["mark"]) == []

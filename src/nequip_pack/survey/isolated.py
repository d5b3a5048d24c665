"""One package in a process of its own, which is ended with all that it started when its time is over."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nequip_lint.api import command
from nequip_pack.survey.lines import CRASH, TIME

if TYPE_CHECKING:
    from collections.abc import Mapping

_RUNNING: set[int] = set()
"""The processes of this one, for whoever has to stop them."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    Attributes:
        answers: what it had said by then.
        by: what ended it, if it did not end itself.
        why: the same for people.
    """

    answers: tuple[Mapping[str, Any], ...]
    by: str = ""
    why: str = ""


def ask(module: str, request: Mapping[str, Any], seconds: float) -> Ended:
    """Run the ``main`` of a module, which answers in JSON values, a line each.

    Args:
        module: its dotted name.
        request: plain data.
        seconds: after which it is ended.
    """
    held, alive = os.pipe()  # it reads the end of one when this process has gone
    try:
        process = subprocess.Popen(
            [*command(module), json.dumps(request)],
            stdin=held,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    finally:
        os.close(held)
    _RUNNING.add(process.pid)
    try:
        output, by, why = _communicate(process, seconds)
    finally:
        _RUNNING.discard(process.pid)
        os.close(alive)
    *whole, _ = output.split(b"\n")
    return Ended(tuple(map(json.loads, whole)), by, why)


def stop_all() -> None:
    """End every process that :func:`ask` waits for."""
    for number in tuple(_RUNNING):
        _kill(number)


def _communicate(process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, str, str]:
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _kill(process.pid)
        return process.communicate()[0], TIME, f"it took more than {seconds:g} seconds"
    if process.returncode == 0:
        return output, "", ""
    _kill(process.pid)  # what it has left behind
    return output, CRASH, _end(process.returncode)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _end(status: int) -> str:
    return f"signal {-status} ended it" if status < 0 else f"it ended with status {status}"

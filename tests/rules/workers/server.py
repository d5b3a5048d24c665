"""Import the slow libraries once, then do each job in a fork of this still clean process.

Called as ``server.py START.json``. The start names ``worker`` (the module whose ``run`` does the jobs),
``preload`` (modules to import, as far as they are installed) and ``hidden`` (what must not be found
meanwhile). Then each line on the standard input is the path of a job; the exit status of its process goes
to the standard output. A job names at least ``path`` (folders to put first on ``sys.path``), ``hidden``, and
the files ``log`` and ``result``.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hiding import hide

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_JOB_S = 300


def main(start: dict[str, Any]) -> None:
    hide(start["hidden"])
    for name in start["preload"]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    run = importlib.import_module(start["worker"]).run
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _do(run, json.loads(Path(line.strip()).read_text(encoding="utf-8")))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _do(run: Callable[[dict[str, Any]], dict[str, Any]], job: dict[str, Any]) -> None:
    """Do one job, with what it prints in its log, and end this process."""
    status = 1
    try:
        signal.alarm(LONGEST_JOB_S)
        log = os.open(job["log"], os.O_WRONLY | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.path[:0] = job["path"]
        hide(job["hidden"])
        Path(job["result"]).write_text(json.dumps(run(job)), encoding="utf-8")
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))

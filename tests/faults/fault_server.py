"""One real command up to the moment before it writes, forked there once for every fault.

Run as ``python fault_server.py REQUEST``. Everything from the output's draft on (export, manifest, proof,
rename, and the command's exit code) runs for real in each fork, with one thing going wrong.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

OLD = b"a package that took days"
Action = Callable[[], None]


def _raise() -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


ACTIONS: dict[str, Action] = {
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "SIGTERM": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "SIGINT": lambda: os.kill(os.getpid(), signal.SIGINT),
    "exception": _raise,
    "nothing": lambda: None,
}


class Countdown:
    """Acts when it is called for the ``step``-th time; counts on."""

    def __init__(self, step: int, action: Action) -> None:
        self.calls, self._step, self._action = 0, step, action

    def __call__(self) -> None:
        self.calls += 1
        if self.calls == self._step:
            self._action()


class CountedFile(io.FileIO):
    """A file whose writes, each a system call, are counted."""

    def __init__(self, descriptor: int, before_write: Countdown) -> None:
        super().__init__(descriptor, "r+")
        self._before_write = before_write

    def write(self, data: Any) -> int:
        self._before_write()
        return super().write(data)


def install(job: dict[str, Any], draft: Any) -> Countdown:
    """Prepare the fault of a job in this process, which writes to ``draft``."""
    fault = Countdown(job["step"], ACTIONS[job["action"]])
    if job["place"] == "write":
        descriptor = os.dup(draft.stream.fileno())
        draft.stream.close()
        draft.stream = io.BufferedRandom(CountedFile(descriptor, fault))
    elif job["place"] == "proof":
        _soon_after(subprocess.Popen, fault)
    elif job["place"] == "size":
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["step"], job["step"]))
    else:
        owner, name = {"fsync": (os, "fsync"), "replace": (Path, "replace")}[job["place"]]
        original = getattr(owner, name)

        def before(*arguments: Any) -> Any:
            fault()
            return original(*arguments)

        setattr(owner, name, before)
    return fault


def _soon_after(popen: Any, fault: Countdown) -> None:
    """Let a fault come while a process that was started is at work."""
    start = popen.__init__

    def init(*arguments: Any, **options: Any) -> None:
        start(*arguments, **options)
        threading.Timer(0.2, fault).start()

    popen.__init__ = init


def reset(output: Path) -> None:
    """The folder as before a build: the old output and nothing else."""
    for path in output.parent.iterdir():
        path.unlink()
    output.write_bytes(OLD)


def found(output: Path) -> dict[str, Any]:
    """What is in the folder: the digest of the output, and what else there is, temporary folders as well."""
    others = sorted(path.name for path in output.parent.iterdir() if path != output)
    others += sorted(path.name for path in Path(tempfile.gettempdir()).glob("nequip-pack-*"))
    digest = hashlib.sha256(output.read_bytes()).hexdigest() if output.exists() else None
    return {"digest": digest, "others": others}


def serve(request: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
    """Do all jobs, each in a fork; returns only there, with the job and where its count of calls goes."""
    output = Path(request["output"])
    answers = []
    for number, job in enumerate(request["jobs"]):
        reset(output)
        log = Path(request["logs"]) / f"{number}.log"
        processes = []
        for _ in range(job.get("at_once", 1)):
            if (process := os.fork()) == 0:
                descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                os.dup2(descriptor, 1)
                os.dup2(descriptor, 2)
                return log.with_suffix(".calls"), job
            processes.append(process)
            time.sleep(job.get("stagger", 0))
        codes = [os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes]
        calls = log.with_suffix(".calls")
        count = int(calls.read_text()) if calls.exists() else 0
        said = log.read_text().splitlines()
        answers.append({**job, **found(output), "codes": codes, "calls": count, "said": said[-1:]})
    Path(request["answers"]).write_text(json.dumps(answers))
    os._exit(0)


def main(request: dict[str, Any]) -> None:
    """Run the command; it forks where it makes its second draft, the first having tried the folder."""
    from nequip_pack.cli import main as command
    from nequip_pack.writing.draft import Draft

    state: dict[str, Any] = {"drafts": 0}
    make = Draft.__init__

    def init(draft: Draft, target: Path) -> None:
        state["drafts"] += 1
        if state["drafts"] != 2:
            make(draft, target)
            return
        calls, job = serve(request)
        make(draft, target)
        state.update(calls=calls, job=job, fault=install(job, draft))

    setattr(Draft, "__init__", init)  # noqa: B010
    try:
        command(request["command"])
    finally:
        if "job" in state and state["job"]["place"] != "size":
            state["calls"].write_text(str(state["fault"].calls))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main(json.loads(Path(sys.argv[1]).read_text()))

"""Commands with faults: forks of one command, what each must leave behind, and tables of many."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warm import warm_python

if TYPE_CHECKING:
    from collections.abc import Sequence

SERVER = Path(__file__).with_name("fault_server.py")
OLD_CONTENT = b"a package that took days"
OLD = hashlib.sha256(OLD_CONTENT).hexdigest()
SIGNALS = ("SIGKILL", "SIGTERM", "exception")
CODES = {"SIGKILL": -9, "SIGTERM": 143, "SIGINT": 130, "exception": 7, "nothing": 0}
NOTHING = {"place": "write", "step": 0, "action": "nothing"}
Job = dict[str, Any]


class Faults:
    """Runs jobs in forks of one command.

    Args:
        folder: for its files; what it writes is ``output`` in there.
        command: words of ``nequip-pack``, in which ``OUTPUT`` stands for the output.
    """

    def __init__(self, folder: Path, *command: object) -> None:
        self.folder, self.output = folder, folder / "out" / "m.nequip.zip"
        self.command = [str(self.output if word == "OUTPUT" else word) for word in command]
        (folder / "logs").mkdir()
        (folder / "temporary").mkdir()
        self.output.parent.mkdir()
        self._runs = 0

    def run(self, jobs: Sequence[Job]) -> list[Job]:
        """Do jobs one after another; each comes back with what it left in the folder."""
        self._runs += 1
        logs = self.folder / "logs" / str(self._runs)
        logs.mkdir()
        request = {"command": self.command, "output": self.output, "logs": logs, "jobs": jobs}
        answers, file = logs / "answers.json", logs / "request.json"
        file.write_text(json.dumps({**request, "answers": answers}, default=str))
        environment = {**os.environ, "TMPDIR": str(self.folder / "temporary")}
        done = warm_python(str(SERVER), str(file), cwd=self.folder, env=environment)
        assert answers.exists(), done.stderr
        found: list[Job] = json.loads(answers.read_text())
        return found

    def whole(self) -> tuple[str, int]:
        """The digest of the output where nothing goes wrong, and how many writes that takes."""
        (job,) = self.run([NOTHING])
        assert (job["codes"], job["others"]) == ([0], []), job
        assert job["digest"] != OLD
        return job["digest"], job["calls"]


def write_jobs(writes: int, share: float, seed: int) -> list[Job]:
    """Every fault at every write; or a share of these, with all at the first and at the last write."""
    every = [
        {"place": "write", "step": step, "action": action}
        for step in range(1, writes + 1)
        for action in SIGNALS
    ]
    ends = [job for job in every if job["step"] in (1, writes)] if share < 1 else []
    return ends + random.Random(seed).sample(every, round(len(every) * share))


def commit_jobs() -> list[Job]:
    """The moments round the rename: fsync of the file, the rename, fsync of the folder."""
    places = (("fsync", 1), ("replace", 1), ("fsync", 2))
    return [{"place": place, "step": step, "action": act} for place, step in places for act in SIGNALS]


PROOF_JOBS: tuple[Job, ...] = tuple(
    {"place": "proof", "step": 1, "action": action} for action in ("SIGTERM", "SIGINT")
)
"""Signals while the fresh process is at work."""


def expected(job: Job, new: str) -> tuple[str, int]:
    """The digest of the output and the exit code after a fault."""
    committing = job["place"] == "replace" or (job["place"], job["step"]) == ("fsync", 2)
    if job["action"] == "SIGTERM" and committing:
        return new, 0
    if (job["place"], job["step"]) == ("fsync", 2):
        return new, CODES["SIGKILL"] if job["action"] == "SIGKILL" else 0
    return OLD, CODES[job["action"]]


def check(job: Job, new: str) -> None:
    """The output is what it must be after the fault, and only SIGKILL leaves a partial file."""
    digest, code = expected(job, new)
    assert job["digest"] == digest, job
    assert job["codes"] == [code], job
    partial = [name for name in job["others"] if re.fullmatch(r"\.m\.nequip\.zip\.\d+-\w+\.partial", name)]
    assert job["others"] == partial, job
    assert len(partial) <= (job["action"] == "SIGKILL"), job


def table(jobs: Sequence[Job], new: str) -> dict[str, Counter[str]]:
    """Check finished jobs, and count them."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for job in jobs:
        check(job, new)
        row = rows[f"{job['action']} at {job['place']}"]
        row["faults"] += 1
        row["old" if job["digest"] == OLD else "new" if job["digest"] == new else "broken"] += 1
        row["partial file"] += len(job["others"])
    return rows

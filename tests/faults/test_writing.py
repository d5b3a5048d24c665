"""Builds that are killed, stopped, fail or run out of room: the output is the old or the new one, whole."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Show = Callable[[str, Mapping[str, Mapping[str, int]]], None]

pytestmark = pytest.mark.real

SERVER = Path(__file__).with_name("build_server.py")
OLD_CONTENT = b"a package that took days"
OLD = hashlib.sha256(OLD_CONTENT).hexdigest()
SIGNALS = ("SIGKILL", "SIGTERM", "exception")
CODES = {"SIGKILL": -9, "SIGTERM": 143, "exception": 7, "nothing": 0}
Job = dict[str, Any]


@pytest.fixture(scope="session")
def new(package: Path) -> str:
    """The digest of the package that every build here makes if nothing goes wrong."""
    return hashlib.sha256(package.read_bytes()).hexdigest()


class Builds:
    """Runs jobs in forks of one build."""

    def __init__(self, checkpoint: Path, folder: Path) -> None:
        self.checkpoint, self.folder = checkpoint, folder
        self.output = folder / "out" / "m.nequip.zip"
        (folder / "logs").mkdir()
        self.output.parent.mkdir()
        self._runs = 0

    def run(self, jobs: Sequence[Job]) -> list[Job]:
        """Do jobs one after another; each comes back with what it left in the folder."""
        self._runs += 1
        logs = self.folder / "logs" / str(self._runs)
        logs.mkdir()
        request = {"checkpoint": self.checkpoint, "output": self.output, "logs": logs, "jobs": jobs}
        answers, file = logs / "answers.json", logs / "request.json"
        file.write_text(json.dumps({**request, "answers": answers}, default=str))
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, str(SERVER), str(file)]
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert answers.exists(), done.stderr
        found: list[Job] = json.loads(answers.read_text())
        return found


@pytest.fixture
def builds(nequip_checkpoint: Path, tmp_path: Path) -> Builds:
    return Builds(nequip_checkpoint, tmp_path)


def _write_jobs(writes: int, share: float, seed: int) -> list[Job]:
    every = [
        {"place": "write", "step": step, "action": action}
        for step in range(1, writes + 1)
        for action in SIGNALS
    ]
    ends = [job for job in every if job["step"] in (1, writes)] if share < 1 else []
    return ends + random.Random(seed).sample(every, round(len(every) * share))


def _commit_jobs() -> list[Job]:
    """The moments round the rename: fsync of the file, the rename, fsync of the folder."""
    places = (("fsync", 1), ("replace", 1), ("fsync", 2))
    return [{"place": place, "step": step, "action": act} for place, step in places for act in SIGNALS]


def _expected(job: Job, new: str) -> tuple[str, int]:
    """The digest of the output and the exit code after a fault."""
    committing = job["place"] == "replace" or (job["place"], job["step"]) == ("fsync", 2)
    if job["action"] == "SIGTERM" and committing:
        return new, 0
    if (job["place"], job["step"]) == ("fsync", 2):
        return new, CODES["SIGKILL"] if job["action"] == "SIGKILL" else 0
    return OLD, CODES[job["action"]]


def _check(job: Job, new: str) -> None:
    digest, code = _expected(job, new)
    assert job["digest"] == digest, job
    assert job["codes"] == [code], job
    partial = [name for name in job["others"] if re.fullmatch(r"\.m\.nequip\.zip\.\d+-\w+\.partial", name)]
    assert job["others"] == partial, job
    assert len(partial) <= (job["action"] == "SIGKILL"), job


def _kills(builds: Builds, new: str, share: float, seed: int) -> dict[str, Counter[str]]:
    (whole,) = builds.run([{"place": "write", "step": 0, "action": "nothing"}])
    assert (whole["digest"], whole["codes"], whole["others"]) == (new, [0], [])
    assert whole["calls"] > 50
    table: dict[str, Counter[str]] = defaultdict(Counter)
    commits = _commit_jobs() if share == 1 else random.Random(seed).sample(_commit_jobs(), 3)
    for job in builds.run([*_write_jobs(whole["calls"], share, seed), *commits]):
        _check(job, new)
        row = table[f"{job['action']} at {job['place']}"]
        row["faults"] += 1
        row["old" if job["digest"] == OLD else "new" if job["digest"] == new else "broken"] += 1
        row["partial file"] += len(job["others"])
    return table


def test_a_tenth_of_the_kills(builds: Builds, new: str, seed: int, show: Show) -> None:
    show("Builds stopped at a write, fsync or rename", _kills(builds, new, 0.1, seed))


@pytest.mark.matrix
def test_every_kill(builds: Builds, new: str, seed: int, show: Show) -> None:
    show("Builds stopped at every write, fsync and rename", _kills(builds, new, 1, seed))


def test_no_room(builds: Builds, package: Path, seed: int, show: Show) -> None:
    """A limit on the size of files stands for a full disk; the needed size is told."""
    size = package.stat().st_size
    limits = [size - 1, *random.Random(seed).sample(range(20_000, size), 9)]
    jobs = builds.run([{"place": "size", "step": limit, "action": "nothing"} for limit in limits])
    told = []
    for job in jobs:
        assert (job["digest"], job["codes"], job["others"]) == (OLD, [7], []), job
        match = re.search(r"File too large\); at least (\d+) bytes are needed", job["said"][0])
        assert match, job
        told.append(int(match.group(1)))
    assert all(0.9 * size < number <= size for number in told), told
    show("Builds without room", {"file size limited": {"faults": len(jobs), "old": len(jobs)}})


@pytest.fixture
def small_disk(package: Path, tmp_path: Path) -> Iterator[Path]:
    """A file system of its own in memory, on which an older output and most of a package fit."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size = len(OLD_CONTENT) + package.stat().st_size * 9 // 10
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command")
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk(nequip_checkpoint: Path, package: Path, small_disk: Path) -> None:
    output = small_disk / "m.nequip.zip"
    output.write_bytes(OLD_CONTENT)
    free = os.statvfs(small_disk)
    assert free.f_bavail * free.f_frsize < package.stat().st_size
    arguments = ["build", str(nequip_checkpoint), str(output), "--no-lint"]
    command = [sys.executable, "-m", "nequip_pack", *arguments]
    done = subprocess.run(command, cwd=small_disk, capture_output=True, text=True, check=False)
    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr
    told = re.search(r"No space left on device\); at least (\d+) bytes are needed", done.stderr)
    assert told, done.stderr
    assert 0.9 * package.stat().st_size < int(told.group(1)) <= package.stat().st_size
    assert output.read_bytes() == OLD_CONTENT
    assert [path.name for path in small_disk.iterdir()] == ["m.nequip.zip"]


def test_two_builds_into_one_path(builds: Builds, new: str, show: Show) -> None:
    nothing = {"place": "write", "step": 0, "action": "nothing", "at_once": 2}
    jobs = builds.run([{**nothing, "stagger": seconds} for seconds in (0, 0.3)])
    for job in jobs:
        assert (job["digest"], job["codes"], job["others"]) == (new, [0, 0], []), job
    show("Two builds into one path", {"at once, staggered": {"pairs": len(jobs), "new": len(jobs)}})


def test_the_next_build_removes_what_a_killed_one_left(
    builds: Builds, nequip_checkpoint: Path, new: str
) -> None:
    (killed,) = builds.run([{"place": "write", "step": 30, "action": "SIGKILL"}])
    assert len(killed["others"]) == 1
    assert killed["digest"] == OLD
    arguments = ["build", str(nequip_checkpoint), str(builds.output), "--no-lint"]
    command = [sys.executable, "-m", "nequip_pack", *arguments]
    done = subprocess.run(command, cwd=builds.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in builds.output.parent.iterdir()] == ["m.nequip.zip"]
    assert hashlib.sha256(builds.output.read_bytes()).hexdigest() == new

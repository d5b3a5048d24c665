"""Builds that are killed, stopped, fail or run out of room: the output is the old or the new one, whole."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fault_support import NOTHING, OLD, OLD_CONTENT, PROOF_JOBS, Faults, commit_jobs, table, write_jobs
from warm import warm_python

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Show = Callable[[str, Mapping[str, Mapping[str, int]]], None]

pytestmark = pytest.mark.real


@pytest.fixture(scope="session")
def new(package: Path) -> str:
    """The digest of the package that every build here makes if nothing goes wrong."""
    return hashlib.sha256(package.read_bytes()).hexdigest()


@pytest.fixture
def builds(nequip_checkpoint: Path, tmp_path: Path) -> Faults:
    return Faults(tmp_path, "build", nequip_checkpoint, "OUTPUT")


def _kills(builds: Faults, new: str, share: float, seed: int) -> dict[str, Counter[str]]:
    digest, writes = builds.whole()
    assert digest == new
    assert writes > 50
    commits = commit_jobs() if share == 1 else random.Random(seed).sample(commit_jobs(), 3)
    return table(builds.run([*write_jobs(writes, share, seed), *commits, *PROOF_JOBS]), new)


def test_a_tenth_of_the_kills(builds: Faults, new: str, seed: int, show: Show) -> None:
    show("Builds stopped at a write, fsync or rename", _kills(builds, new, 0.1, seed))


@pytest.mark.matrix
def test_every_kill(builds: Faults, new: str, seed: int, show: Show) -> None:
    show("Builds stopped at every write, fsync and rename", _kills(builds, new, 1, seed))


def test_no_room(builds: Faults, package: Path, seed: int, show: Show) -> None:
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


def test_a_full_disk(nequip_checkpoint: Path, package: Path, disk: Callable[[int], Path]) -> None:
    """An older output and most of a package fit on it."""
    small_disk = disk(len(OLD_CONTENT) + package.stat().st_size * 9 // 10)
    output = small_disk / "m.nequip.zip"
    output.write_bytes(OLD_CONTENT)
    free = os.statvfs(small_disk)
    assert free.f_bavail * free.f_frsize < package.stat().st_size
    words = ("-m", "nequip_pack", "build", str(nequip_checkpoint), str(output), "--no-lint")
    done = warm_python(*words, cwd=small_disk)
    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr
    told = re.search(r"No space left on device\); at least (\d+) bytes are needed", done.stderr)
    assert told, done.stderr
    assert 0.9 * package.stat().st_size < int(told.group(1)) <= package.stat().st_size
    assert output.read_bytes() == OLD_CONTENT
    assert [path.name for path in small_disk.iterdir()] == ["m.nequip.zip"]


def test_two_builds_into_one_path(builds: Faults, new: str, show: Show) -> None:
    jobs = builds.run([{**NOTHING, "at_once": 2, "stagger": seconds} for seconds in (0, 0.3)])
    for job in jobs:
        assert (job["digest"], job["codes"], job["others"]) == (new, [0, 0], []), job
    show("Two builds into one path", {"at once, staggered": {"pairs": len(jobs), "new": len(jobs)}})


def test_the_next_build_removes_what_a_killed_one_left(
    builds: Faults, nequip_checkpoint: Path, new: str
) -> None:
    (killed,) = builds.run([{"place": "write", "step": 30, "action": "SIGKILL"}])
    assert len(killed["others"]) == 1
    assert killed["digest"] == OLD
    words = ("-m", "nequip_pack", "build", str(nequip_checkpoint), str(builds.output))
    done = warm_python(*words, cwd=builds.folder)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in builds.output.parent.iterdir()] == ["m.nequip.zip"]
    assert hashlib.sha256(builds.output.read_bytes()).hexdigest() == new


STAGES = """
import json, os, signal, sys
from nequip_pack.cli import build, main

found = []

def at_stage(stage):
    if stage.startswith("writing"):
        print(json.dumps(found), flush=True)
        os._exit(0)
    for number in (signal.SIGTERM, signal.SIGINT):
        if (child := os.fork()) == 0:
            os.dup2(2, 1)
            os.kill(os.getpid(), number)
            return
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        found.append([stage, code, sorted(os.listdir("out"))])

build.show_stage = at_stage
main(["build", sys.argv[1], "out/m.nequip.zip", "--no-lint"])
"""


def test_a_signal_at_each_stage_before_anything_is_written(nequip_checkpoint: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "m.nequip.zip"
    output.parent.mkdir()
    output.write_bytes(OLD_CONTENT)
    command = [sys.executable, "-c", STAGES, str(nequip_checkpoint)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    stages = ("judging what a load imports", "loading the models", "judging what will be packaged")
    expected = [[stage, code, ["m.nequip.zip"]] for stage in stages for code in (143, 130)]
    assert json.loads(done.stdout.splitlines()[-1]) == expected
    assert output.read_bytes() == OLD_CONTENT

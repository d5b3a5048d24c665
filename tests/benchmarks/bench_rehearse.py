"""A rehearsal beside what it saves: one epoch of training and a build. CPU time, wall time and memory.

    python tests/benchmarks/bench_rehearse.py [RUNS]

The model is that of docs/example, whose training is a few seconds long; the figures hold the whole process
and all that it starts. The import of nequip, of which every one of these takes at least one, is shown apart.
Asserts nothing; machines differ.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

EXAMPLE = Path(__file__).parents[2] / "docs" / "example"
CONFIG = ("-cp", str(EXAMPLE), "-cn", "train", "hydra.run.dir=run")
TRAINING = "one epoch of nequip-train"
BUILD = "nequip-package build of nequip"
COMMANDS = {
    "import of nequip": ("-c", "import nequip.scripts.package"),
    "rehearse": ("-m", "nequip_pack", "rehearse", *CONFIG),
    TRAINING: ("-m", "nequip.scripts.train", *CONFIG, "++trainer.max_epochs=1"),
    BUILD: ("-m", "nequip.scripts.package", "build", "run/best.ckpt", "theirs.nequip.zip"),
    "nequip-pack build": ("-m", "nequip_pack", "build", "run/best.ckpt", "ours.nequip.zip"),
}


class Cost(NamedTuple):
    """Seconds of CPU and of wall time, and the largest process in MB."""

    cpu: float
    wall: float
    memory: float


def measure(words: tuple[str, ...], folder: Path) -> Cost:
    """The cost of a command and of all that it starts."""
    begun = time.monotonic()
    with (folder / "said.txt").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen([sys.executable, *words], cwd=folder, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        assert process.returncode == 0, said.read()
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def main(runs: int) -> None:
    """Install the example into a folder of its own, and compare."""
    with tempfile.TemporaryDirectory() as site:
        pip = ("-m", "pip", "install", "--quiet", "--no-deps", "--target", site)
        subprocess.run([sys.executable, *pip, EXAMPLE], check=True)
        os.environ |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": site}
        show(runs)


def show(runs: int) -> None:
    """A table of medians."""
    found: dict[str, list[Cost]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            for name, words in COMMANDS.items():
                found[name].append(measure(words, Path(folder)))
    costs = {name: Cost(*map(statistics.median, zip(*rows, strict=True))) for name, rows in found.items()}
    learnt = costs[TRAINING].cpu + costs[BUILD].cpu
    print(f"{'':32}{'CPU':>8}{'wall':>9}{'peak MB':>9}{'of training and build':>24}")
    for name, cost in costs.items():
        print(f"{name:32}{cost.cpu:>6.1f} s{cost.wall:>7.1f} s{cost.memory:>9.0f}{cost.cpu / learnt:>24.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)

"""Builds against nequip's own command, in turn, for a small and a large model: CPU time, memory, size.

    python tests/benchmarks/bench_build.py [RUNS]

CPU time is that of the process itself, beyond what `import nequip.scripts.package` takes in the same run.
The proof in a fresh process, which nequip's command does not have, is shown apart. Asserts nothing; machines
differ. The large model is trained once, for one epoch, under `.cache/bench`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "bench" / "checkpoints"
LARGE = {"radial_mlp_depth": 2, "radial_mlp_width": 2048}

COST = """
import resource, sys
def cost():
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print("COST", *(one.ru_utime + one.ru_stime for one in usage), *(one.ru_maxrss for one in usage))
"""
OURS = """
from nequip_pack import build_package
build_package(sys.argv[1], sys.argv[2])
cost()
"""
NOT_LINTED = OURS.replace("argv[2])", "argv[2], lint=False)")
THEIRS = """
from nequip.scripts.package import main
main(["build", sys.argv[1], sys.argv[2]])
cost()
"""
IMPORT = "import nequip.scripts.package\ncost()\n"
COMMANDS = {"import": IMPORT, "nequip": THEIRS, "ours": OURS, "ours, --no-lint": NOT_LINTED}


def checkpoint(name: str) -> Path:
    """A checkpoint that nequip-train wrote."""
    sys.path.insert(0, str(ROOT / "tests"))
    import conftest

    model = {**conftest.NEQUIP, **(LARGE if name == "large" else {})}
    return conftest.train(conftest.config(model), CACHE)


def measure(script: str, model: Path, folder: Path) -> tuple[float, float, float, int]:
    """CPU seconds of the process and of its children, peak memory in MB, bytes of the output."""
    output = folder / "m.nequip.zip"
    output.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", COST + script, str(model), str(output)],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("COST"))
    own, children, memory, _ = map(float, line.split()[1:])
    return own, children, memory / 1024, output.stat().st_size if output.exists() else 0


def compare(name: str, runs: int) -> None:
    """One table."""
    model = checkpoint(name)
    print(f"\n{name} model: checkpoint of {model.stat().st_size} bytes, medians of {runs} runs")
    found: dict[str, list[tuple[float, float, float, int]]] = {command: [] for command in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(runs):
            for command, script in COMMANDS.items():
                found[command].append(measure(script, model, Path(folder)))
    middle = {
        command: [statistics.median(column) for column in zip(*rows, strict=True)]
        for command, rows in found.items()
    }
    start, theirs = middle["import"][0], middle["nequip"]
    print(f"{'':18}{'beyond import':>14}{'ratio':>7}{'proof':>8}{'peak MB':>9}{'bytes':>12}{'ratio':>7}")
    for command in ("nequip", "ours", "ours, --no-lint"):
        own, children, memory, size = middle[command]
        beyond = own - start
        print(
            f"{command:18}{beyond:>12.2f} s{beyond / (theirs[0] - start):>7.2f}{children:>6.2f} s"
            f"{memory:>9.0f}{size:>12.0f}{size / theirs[3]:>7.2f}"
        )


if __name__ == "__main__":
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for kind in ("small", "large"):
        compare(kind, repeats)

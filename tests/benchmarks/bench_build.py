"""Builds and loads against nequip's own, in turn, for a small and a large model: CPU time, memory, size.

    python tests/benchmarks/bench_build.py [RUNS]

CPU time is that of the process itself, beyond what `import nequip.scripts.package` takes in the same run.
The proof in a fresh process, which nequip's command does not have, is shown apart. "first build" has no facts
of installed source from earlier builds. A load takes the whole process, up to the first prediction. Asserts
nothing; machines differ. The large model is trained once, for one epoch, under `.cache/bench`.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "bench" / "checkpoints"
LARGE = {"radial_mlp_depth": 2, "radial_mlp_width": 4096}

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
FIRST = f"import os, tempfile\nos.environ['XDG_CACHE_HOME'] = tempfile.mkdtemp(dir='.')\n{OURS}"
COMMANDS = {
    "import": IMPORT,
    "nequip": THEIRS,
    "ours": OURS,
    "ours, --no-lint": NOT_LINTED,
    "ours, first build": FIRST,
}
LOAD_OURS = """
import nequip_pack
model, data = nequip_pack.ModelFromPackage(sys.argv[2])["sole_model"], nequip_pack.example_data(sys.argv[2])
model.eval()(data)
cost()
"""
LOAD_THEIRS = """
from nequip.model.saved_models import load_saved_model
from nequip.utils.global_state import set_global_state
set_global_state()
model, data = load_saved_model(sys.argv[2], return_data_dict=True)
model.eval()(data)
cost()
"""
LOADS = {"nequip": LOAD_THEIRS, "ours": LOAD_OURS}
START = """
import os, subprocess, sys
words = sys.argv[3:]
subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
cost()
"""
PACK = ("-m", "nequip_pack")
STARTS = {
    "python -c pass": ("-c", "pass"),
    "--help": (*PACK, "--help"),
    "info": (*PACK, "info", "m.nequip.zip"),
    "list": (*PACK, "list", "m.nequip.zip"),
    "check": (*PACK, "check", "m.nequip.zip"),
    "diff, a member": (*PACK, "diff", "m.nequip.zip", "archive/nequip/nn/mlp.py"),
    "diff, packages": (*PACK, "diff", "m.nequip.zip", "o.nequip.zip"),
}
Cost = tuple[float, float, float, float, int]


def checkpoint(name: str) -> Path:
    """A checkpoint that nequip-train wrote."""
    sys.path.insert(0, str(ROOT / "tests"))
    import conftest
    import trainings

    model = {**trainings.NEQUIP, **(LARGE if name == "large" else {})}
    return conftest.train(trainings.config(model), CACHE)


def measure(script: str, model: Path, folder: Path, *words: str) -> Cost:
    """CPU seconds of the process and of its children, peak memory of both in MB, bytes of the output."""
    output = folder / "m.nequip.zip"
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "XDG_CACHE_HOME": str(CACHE.parent / "facts"),
        "MPLCONFIGDIR": str(CACHE.parent / "matplotlib"),  # its list of fonts is no part of a first build
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed tool has its bytecode
    done = subprocess.run(
        [sys.executable, "-c", COST + script, str(model), str(output), *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("COST"))
    own, children, memory, others = map(float, line.split()[1:])
    return own, children, memory / 1024, others / 1024, output.stat().st_size if output.exists() else 0


def middle(rows: list[Cost]) -> list[float]:
    """The median of each column."""
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def compare(name: str, runs: int) -> None:
    """Two tables, of builds and of loads."""
    model = checkpoint(name)
    print(f"\n{name} model: checkpoint of {model.stat().st_size} bytes, medians of {runs} runs", flush=True)
    builds: dict[str, list[Cost]] = {command: [] for command in COMMANDS}
    loads: dict[str, list[Cost]] = {command: [] for command in LOADS}
    with tempfile.TemporaryDirectory() as folder:
        measure(OURS, model, Path(folder))
        for _ in range(runs):
            for command, script in COMMANDS.items():
                (Path(folder) / "m.nequip.zip").unlink(missing_ok=True)
                builds[command].append(measure(script, model, Path(folder)))
                if command in LOADS:
                    loads[command].append(measure(LOADS[command], model, Path(folder)))
    show_builds({command: middle(rows) for command, rows in builds.items()})
    show_loads({command: middle(rows) for command, rows in loads.items()})


def show_builds(found: dict[str, list[float]]) -> None:
    """CPU time beyond the import of nequip, and what a build takes besides."""
    start, theirs = found.pop("import")[0], found["nequip"]
    print(f"{'build':18}{'beyond import':>14}{'ratio':>7}{'proof':>8}{'peak MB':>9}{'bytes':>12}{'ratio':>7}")
    for command, (own, children, memory, _, size) in found.items():
        beyond = own - start
        print(
            f"{command:18}{beyond:>12.2f} s{beyond / (theirs[0] - start):>7.2f}{children:>6.2f} s"
            f"{memory:>9.0f}{size:>12.0f}{size / theirs[4]:>7.2f}"
        )


def show_loads(found: dict[str, list[float]]) -> None:
    """CPU time and memory of a process that loads its own package and predicts once."""
    print(f"{'load and predict':18}{'whole process':>14}{'ratio':>7}{'':8}{'peak MB':>9}")
    for command, (own, _, memory, _, _) in found.items():
        print(f"{command:18}{own:>12.2f} s{own / found['nequip'][0]:>7.2f}{'':8}{memory:>9.0f}")


def starts(runs: int) -> None:
    """Commands that load nothing, on a small package."""
    model = checkpoint("small")
    print(f"\ncommands, medians of {runs} runs\n{'':18}{'CPU':>10}{'peak MB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        measure(OURS, model, Path(folder))
        shutil.copy(Path(folder) / "m.nequip.zip", Path(folder) / "o.nequip.zip")
        for name, words in STARTS.items():
            rows = [measure(START, model, Path(folder), *words) for _ in range(runs)]
            _, children, _, memory, _ = middle(rows)
            print(f"{name:18}{children * 1000:>7.0f} ms{memory:>9.0f}", flush=True)


if __name__ == "__main__":
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for kind in ("small", "large"):
        compare(kind, repeats)
    starts(repeats)

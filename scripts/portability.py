"""Build packages with several versions of torch and Python, load each with all of them, and write the table.

usage: portability.py [--default-build PYTHON:TORCH]...

Environments are made in `.cache/portability` and kept there. Of torch the CPU build is installed where pip's
indexes have one. Its default build brings gigabytes of CUDA and is installed where --default-build asks for
it, as in `--default-build 3.11:2.14`. What could not be had did not run, and the table says so.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
HOME = ROOT / ".cache" / "portability"
OUTPUT = ROOT / "docs" / "evidence" / "portability.md"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
TORCHES = {"2.6": "2.6.0", "2.9": "2.9.1", "2.13": "2.13.0", "2.14": "2.14.1"}
HEAD = """\
# Packages on other versions of torch and Python

Written by `python scripts/portability.py{arguments}`; do not edit.
Run of {date} on {system}, CPU, nequip-pack {version}.

Two packages are built in each environment: the plain e3nn model of `docs/e3nn-example`, and a rehearsal
of the NequIP model with a pair term of `docs/example`. Each is then loaded in each environment by
`nequip-pack verify`, which runs it in a fresh process and compares every output with the reference that
the build stored.
"""


class Machine(NamedTuple):
    """A Python and a torch."""

    python: str
    torch: str

    @property
    def folder(self) -> Path:
        return HOME / f"python-{self.python}-torch-{self.torch or 'none'}"

    def run(self, command: str, *words: str | Path, cwd: Path = HOME) -> subprocess.CompletedProcess[str]:
        """Run a script of the environment, or its Python."""
        path = os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]])
        places = {"PATH": path, "PYTHONPATH": str(cwd) if cwd != HOME else "", "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            [str(self.folder / "bin" / command), *map(str, words)],
            cwd=cwd, env={**os.environ, **places}, capture_output=True, text=True, check=False,
        )  # fmt: skip


def main() -> None:
    """Make the environments, build, load, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--default-build", action="append", default=[], metavar="PYTHON:TORCH")
    asked = parser.parse_args().default_build
    HOME.mkdir(parents=True, exist_ok=True)
    machines = [Machine(*pair) for pair in itertools.product(PYTHONS, TORCHES)]
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda item: environment(item, f"{item.python}:{item.torch}" in asked), machines)
        reasons = dict(zip(machines, made, strict=True))
    ran = [item for item in machines if not reasons[item]]
    packages = {item: built(item) for item in ran}
    paths = {machine: _paths(made) for machine, made in packages.items()}
    bare = {python: Machine(python, "") for python in PYTHONS}
    reasons |= {item: environment(item, False) for item in bare.values()}
    page = [
        HEAD.format(
            arguments="".join(f" --default-build {item}" for item in asked),
            date=datetime.date.today(),
            system=f"{platform.system()} {platform.machine()}",
            version=ran[0].run("nequip-pack", "--version").stdout.split()[1],
        ),
        *environments(machines, reasons),
        *builds(packages),
        *loads(ran, paths),
        *without_torch(bare, reasons, paths),
    ]
    OUTPUT.write_text("\n".join(page) + "\n", encoding="utf-8")
    print(OUTPUT.read_text(encoding="utf-8"))


def environment(machine: Machine, is_default_allowed: bool) -> str:
    """Make the environment of a machine; why it cannot be made, '' where it is there."""
    if (machine.folder / "complete").exists():
        return ""
    python = interpreter(machine.python)
    if python is None:
        return f"there is no Python {machine.python} here"
    build = f"torch=={TORCHES[machine.torch]}" if machine.torch else ""
    if machine.torch and is_offered(python, f"{build}+cpu"):
        build += "+cpu"
    elif machine.torch and not is_default_allowed:
        return "no CPU build in the indexes here"
    shutil.rmtree(machine.folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", machine.folder], check=True)
    (machine.folder / "constraints.txt").write_text(
        "".join(
            f"{line}\n"
            for line in (ROOT / "constraints.txt").read_text().splitlines()
            if "torch==" not in line
        )
    )
    what = [build, f"{ROOT}[nequip]"] if machine.torch else [str(ROOT)]
    done = pip(machine, "--constraint", machine.folder / "constraints.txt", *what)
    if done.returncode:
        return f"pip: {done.stderr.strip().splitlines()[-1]}"
    (machine.folder / "complete").touch()
    return ""


def is_offered(python: str, requirement: str) -> bool:
    """Whether pip's indexes have a wheel for a Python."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder, requirement]
        return subprocess.run([python, "-m", "pip", *words], capture_output=True, check=False).returncode == 0


def pip(machine: Machine, *words: str | Path) -> subprocess.CompletedProcess[str]:
    return machine.run("python", "-m", "pip", "install", "--quiet", "--no-compile", *words)


def interpreter(version: str) -> str | None:
    """A Python of a version that starts, from pyenv or the path."""
    inside = Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for path in [*map(str, inside), shutil.which(f"python{version}")]:
        if (
            path is not None
            and subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0
        ):
            return path
    return None


class Built(NamedTuple):
    """A package, and why it was not built; '' where it was."""

    path: Path
    problem: str


def built(machine: Machine) -> dict[str, Built]:
    """The packages that a machine builds, by the model."""
    plain, extension = ROOT / "docs" / "e3nn-example", ROOT / "docs" / "example"
    checkpoint, first = machine.folder / "plain.ckpt", machine.folder / "plain.nequip.zip"
    machine.run("python", "train.py", checkpoint, cwd=plain).check_returncode()
    pip(machine, "--no-deps", extension).check_returncode()
    second = machine.folder / "nequip.rehearsed.nequip.zip"
    return {
        "plain e3nn": Built(first, _problem(machine, "build", checkpoint, first, cwd=plain)),
        "NequIP": Built(
            second, _problem(machine, "rehearse", "-cp", extension, "-cn", "train", "--keep", second)
        ),
    }


def _problem(machine: Machine, *words: str | Path, cwd: Path = HOME) -> str:
    done = machine.run("nequip-pack", *words, cwd=cwd)
    last = done.stderr.strip().splitlines()[-1:]
    return f"exit {done.returncode}: {''.join(last)}" if done.returncode else ""


def builds(packages: dict[Machine, dict[str, Built]]) -> Iterator[str]:
    """The table of what was built."""
    yield "## Builds\n"
    yield "| model | built with | |"
    yield "|---|---|---|"
    for machine, made in packages.items():
        for name, item in made.items():
            yield f"| {name} | {_named(machine)} | {f'**{item.problem}**' if item.problem else 'built'} |"
    yield ""


def _paths(made: dict[str, Built]) -> dict[str, Path]:
    return {name: item.path for name, item in made.items() if not item.problem}


def environments(machines: Sequence[Machine], reasons: dict[Machine, str]) -> Iterator[str]:
    """The table of what was there to run with."""
    yield "## Environments\n"
    yield f"| Python | {' | '.join(f'torch {name}' for name in TORCHES)} |"
    yield f"|---|{'---|' * len(TORCHES)}"
    for python in PYTHONS:
        cells = [_told(reasons[item]) for item in machines if item.python == python]
        yield f"| {python} | {' | '.join(cells)} |"
    yield ""


def _told(reason: str) -> str:
    return f"did not run: {reason}" if reason else "ran here"


def loads(ran: Sequence[Machine], packages: dict[Machine, dict[str, Path]]) -> Iterator[str]:
    """The table of every package loaded by every machine."""
    yield "## Loads\n"
    yield "| model | built with | loaded with | `check` | `verify` |"
    yield "|---|---|---|---|---|"
    cases = [
        (name, path, builder, loader)
        for builder, loader in itertools.product(ran, ran)
        for name, path in packages[builder].items()
    ]
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(lambda case: _loaded(*case), cases)
    yield ""


def _loaded(name: str, path: Path, builder: Machine, loader: Machine) -> str:
    check = loader.run("nequip-pack", "check", path).returncode
    checked = "loads" if check == 0 else f"exit {check}"
    verdict = _verdict(loader.run("nequip-pack", "verify", "--json", path))
    return f"| {name} | {_named(builder)} | {_named(loader)} | {checked} | {verdict} |"


def _named(machine: Machine) -> str:
    return f"torch {TORCHES[machine.torch]}, Python {machine.python}"


def _verdict(done: subprocess.CompletedProcess[str]) -> str:
    if not done.stdout:
        return f"**exit {done.returncode}**: {done.stderr.strip().splitlines()[-1]}"
    said: dict[str, Any] = json.loads(done.stdout)
    if not said["verified"]:
        failed = next(item for item in said["checks"] if item["status"] == "failed")
        return f"**failed**: {failed['name']}: {failed['detail']}"
    largest = max(item["absolute"] for item in said["outputs"])
    return f"{len(said['outputs'])} outputs, {'bitwise equal' if largest == 0 else f'within {largest:.1e}'}"


COMMANDS = {
    "info": ("nequip-pack", "info", "--json"),
    "list": ("nequip-pack", "list"),
    "audit": ("nequip-pack", "audit", "--json"),
    "nequip-lint": ("nequip-lint", "--format", "json"),
}


def without_torch(
    bare: dict[str, Machine], reasons: dict[Machine, str], packages: dict[Machine, dict[str, Path]]
) -> Iterator[str]:
    """The table of what needs no torch, on each Python: exit codes, and whether all say the same."""
    paths = [path for made in packages.values() for path in made.values()]
    yield "## Without torch\n"
    yield f"What each command says of all {len(paths)} packages where torch is not installed.\n"
    yield f"| Python | {' | '.join(f'`{name}`' for name in COMMANDS)} |"
    yield f"|---|{'---|' * len(COMMANDS)}"
    first: dict[tuple[str, Path], str] = {}
    for python, machine in bare.items():
        if reasons[machine]:
            yield f"| {python} | {' | '.join([_told(reasons[machine])] * len(COMMANDS))} |"
            continue
        with ThreadPoolExecutor(2) as pool:
            cells = list(pool.map(lambda name, on=machine: _same(name, paths, on, first), COMMANDS))
        yield f"| {python} | {' | '.join(cells)} |"


def _same(name: str, paths: Iterable[Path], machine: Machine, first: dict[tuple[str, Path], str]) -> str:
    """The exit codes of a command for all packages, and whether it says what it said on the first Python."""
    codes, is_same = set(), True
    for path in paths:
        done = machine.run(*COMMANDS[name], path)
        codes.add(done.returncode)
        is_same &= first.setdefault((name, path), done.stdout) == done.stdout
    told = ", ".join(map(str, sorted(codes)))
    return f"exit {told}, {'as on the first' if is_same else '**not as on the first**'}"


if __name__ == "__main__":
    main()

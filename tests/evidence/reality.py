"""What really happens to a source tree, and a store of it.

The same tree on the same machines need not be built twice.
"""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree

from archives import Archive, read
from page import Tree
from pythons import interpreter
from reproduce import Machines, Outcome, reproduce

ROOT = Path(__file__).parents[2]
STORE = ROOT / ".cache" / "evidence"
DISTRIBUTIONS = ("torch", "nequip", "nequip-allegro", "e3nn")
_WITHOUT_ARCHIVE = ("import", "build")
STEPS = 64
"""How far the numbers of a loaded model may be off, in steps of its type: a model does not add up its sums,
of some dozens of parts each, in the same order every time."""


@dataclass(frozen=True)
class Trial:
    """A source tree and what is done with it.

    `later` are modules that are imported from the package in the end. The other Python `python` parses the
    file `parsed` and runs the files `run`.
    """

    tree: Tree
    machines: Machines
    loads: int = 1
    later: tuple[str, ...] = ()
    python: str = ""
    parsed: str = ""
    run: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A hash of everything that the outcome depends on."""
        rest = (
            self.machines,
            self.loads,
            self.later,
            self.python,
            self.parsed,
            self.run,
            STEPS,
            versions(),
            _harness(),
        )
        text = json.dumps([sorted(self.tree.files.items()), repr(rest)])
        return sha256(text.encode()).hexdigest()[:20]


@dataclass(frozen=True)
class Real:
    """`stage` and `error` as in `Outcome`, '' for none; `archive` is None where there is none to load."""

    stage: str
    error: str
    archive: Archive | None


def versions() -> str:
    """The versions that a trial depends on."""
    found = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in DISTRIBUTIONS)]
    return ", ".join(found)


@cache
def _harness() -> str:
    """A hash of the code that builds and loads."""
    files = sorted((ROOT / "tests" / "rules").rglob("*.py"))
    return sha256(
        b"".join(file.read_bytes() for file in files if not file.name.startswith("test_"))
    ).hexdigest()


def perform(trial: Trial, folder: Path) -> Real:
    """Build and load a tree; what is written below `folder` is removed afterwards."""
    outcome = reproduce(trial.tree, trial.machines, folder, loads=trial.loads, later=trial.later, steps=STEPS)
    if trial.python and outcome.stage is None:
        outcome = _elsewhere(trial, folder / "source")
    package = folder / "model.zip"
    is_built = package.exists() and outcome.stage not in _WITHOUT_ARCHIVE
    archive = read(package) if is_built else None
    rmtree(folder)
    return Real(outcome.stage or "", outcome.error, archive)


def _elsewhere(trial: Trial, source: Path) -> Outcome:
    """Parse the changed module and run the added ones, which need no library, on another Python."""
    major, minor = map(int, trial.python.split("."))
    parse = "import ast, sys; ast.parse(open(sys.argv[1], encoding='utf-8').read())"
    commands = [["-c", parse, str(source / trial.parsed)], *([str(source / path)] for path in trial.run)]
    for command in commands:
        full = [interpreter(major, minor), *command]
        done = subprocess.run(full, capture_output=True, text=True, check=False)
        if done.returncode:
            return Outcome("load", done.stderr.strip().splitlines()[-1])
    return Outcome()


class Store:
    """Outcomes by the key of their trial, in a file that grows by a line at a time.

    Args:
        file: where they are kept; None keeps nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lines = self._read()

    def _read(self) -> dict[str, str]:
        file = self._file
        lines = file.read_text(encoding="utf-8").splitlines() if file is not None and file.is_file() else []
        return {line[:20]: line[21:] for line in lines}

    def has(self, trial: Trial) -> bool:
        """Whether the outcome is known, also from a run beside this one."""
        if trial.key not in self._lines:
            self._lines |= self._read()
        return trial.key in self._lines

    def outcome(self, trial: Trial, folder: Path) -> Real:
        """The outcome of a trial, which is performed below `folder` if it is not known."""
        if not self.has(trial):
            self._keep(trial.key, perform(trial, folder))
        return _real(self._lines[trial.key])

    def _keep(self, key: str, real: Real) -> None:
        data = asdict(real)
        if real.archive is not None:
            data["archive"] = [real.archive.actions, sorted(real.archive.names)]
        self._lines[key] = json.dumps(data)
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("a", encoding="utf-8") as opened:
                opened.write(f"{key} {self._lines[key]}\n")


def _real(line: str) -> Real:
    data = json.loads(line)
    archive = data["archive"]
    if archive is not None:
        pairs: Sequence[Sequence[str]] = archive[1]
        archive = Archive(archive[0], frozenset((module, name) for module, name in pairs))
    return Real(data["stage"], data["error"], archive)

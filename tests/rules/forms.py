"""Many ways in which people write the same kinds of hazards, with what came of them.

They stand in `tests/data/forms.json`.

Each is a small package with a model. Its `outcome` is what a build, loads, forward passes and a deepcopy gave
with Python 3.11 and torch; `missed` marks hazards that the linter does not find.

usage: python tests/rules/forms.py NAME FOLDER (to build or load one with the hash seed of the environment)
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request
from nequip_lint.values import Finding

_FILE = Path(__file__).parents[1] / "data" / "forms.json"
WORKS = "works"
ELSEWHERE = "another machine"
"""The outcome of what needs another machine, or a compiled file, and is not measured."""
UNPACKAGED = "unpackaged"
"""How the outcome of what does not even run as it is begins: this machine lacks what it needs."""
_SEEDS = ("1", "11")
"""Hash seeds with which small sets of symbols of elements have different orders."""


@dataclass(frozen=True)
class Form:
    """One way.

    `codes` are those that are found, where they are known. `absent` says that the libraries are not where the
    package is loaded, `rehashed` that Python hashes texts otherwise there. `requires` names real libraries.
    """

    name: str
    outcome: str
    files: dict[str, str]
    libs: dict[str, str] = field(default_factory=dict)
    mock: tuple[str, ...] = ()
    extern: tuple[str, ...] = ()
    absent: bool = False
    missed: bool = False
    codes: tuple[str, ...] | None = None
    rehashed: bool = False
    requires: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Write the package and a pyproject.toml that registers what it needs."""
        _write(folder, {"mypkg/__init__.py": "", **self.files})
        required = [
            "torch",
            "numpy",
            *self.requires,
            *({name.partition("/")[0] for name in self.libs} if not self.absent else ()),
        ]
        lint = {
            "roots": ["mypkg.model:make"],
            "internal-packages": ["mypkg"],
            "extern-modules": self.extern,
            "mock-modules": self.mock,
        }
        settings = f'[project]\nname = "mypkg"\nversion = "1"\ndependencies = {json.dumps(required)}\n'
        settings += "[tool.nequip-lint]\n" + "".join(f"{key} = {json.dumps(lint[key])}\n" for key in lint)
        _write(folder, {"pyproject.toml": settings})

    def findings(self, folder: Path) -> list[Finding]:
        """What the linter finds in it."""
        self.write(folder)
        return list(check(Request((folder,), cache=False), Selection()).findings)

    def measured(self, folder: Path) -> str:
        """What comes of a build, loads and forward passes, each in a process of its own."""
        self.write(folder / "source")
        _write(folder / "libs", self.libs)
        if self.rehashed:
            return str([self._seeded(folder, seed) for seed in _SEEDS][-1])
        return str(self.continued(folder, self.continued(folder, None)))

    def continued(self, folder: Path, built: Any) -> Any:
        """What comes of a build, or of loads after one; what ended it, where a build did not succeed.

        Args:
            folder: in which it is written.
            built: what the built model predicts; None where it is not built yet.
        """
        if built is None:
            return _forked(lambda: self._build(folder))
        return built if isinstance(built, str) else _forked(lambda: self._load(folder, built))

    def _seeded(self, folder: Path, seed: str) -> Any:
        """The same with a hash seed, in a Python of its own; the file `built` tells what was built."""
        command = [sys.executable, __file__, self.name, str(folder)]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run(command, env=environment, check=True)
        return json.loads((folder / "built").read_text())

    def _build(self, folder: Path) -> Any:
        from torch.package import PackageExporter

        sys.path[:0] = [str(folder / "source"), str(folder / "libs")]
        try:
            model = __import__("mypkg.model").model.make()
            expected = _predicted(model)
        except (Exception, SystemExit) as error:
            return f"{UNPACKAGED} {type(error).__name__}"
        with PackageExporter(str(folder / "model.pt")) as exporter:
            exporter.mock([each for name in self.mock for each in (name, f"{name}.**")])
            exporter.extern([each for name in self.extern for each in (name, f"{name}.**")])
            exporter.extern(["torch", "torch.**", "numpy.**", "numpy", "sys", "io"])
            exporter.intern("mypkg.**")
            exporter.save_pickle("model", "model.pkl", model)
        return expected

    def _load(self, folder: Path, expected: list[float]) -> Any:
        from torch.package import PackageImporter

        sys.path[:0] = [] if self.absent else [str(folder / "libs")]
        models = [PackageImporter(str(folder / "model.pt")).load_pickle("model", "model.pkl") for _ in "ab"]
        found = [_predicted(model) for model in (*models, copy.deepcopy(models[0]))]
        is_same = all(abs(a - b) < 1e-5 for one in found for a, b in zip(one, expected, strict=True))
        return WORKS if is_same else "WRONG"


@cache
def forms() -> tuple[Form, ...]:
    """All of them."""
    return tuple(Form(name, **item) for name, item in json.loads(_FILE.read_text(encoding="utf-8")).items())


def _predicted(model: Any) -> list[float]:
    import torch

    torch.manual_seed(0)
    values: list[float] = model(torch.linspace(0.1, 0.6, 6)).detach().double().flatten().tolist()
    return values


def _forked(run: Callable[[], Any]) -> Any:
    """The result of a function in a fork, or the name of the exception that ends it."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            result = run()
        except BaseException as error:
            result = type(error).__name__
        os.write(write, json.dumps(result).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        result = stream.read()
    os.waitpid(child, 0)
    return json.loads(result)


def _write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    form = next(form for form in forms() if form.name == sys.argv[1])
    told = Path(sys.argv[2], "built")
    known = json.loads(told.read_text()) if told.exists() else None
    told.write_text(json.dumps(form.continued(Path(sys.argv[2]), known)))

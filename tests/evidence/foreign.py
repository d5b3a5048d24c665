"""Real models of other libraries as plain checkpoints: the linter's word beforehand, the build, the archive.

Every library has an environment of its own, where it stands beside the torch of the tests. A small project, a
module with one class around the library's untrained model, declares the library internal. It is linted, its
closure predicted, and its checkpoint built; that project is all that is not installed. What the gate refuses
is built without it, since it asks the linter: so the linter's word meets what torch.package and a load do.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from archives import Archive, read
from reality import ROOT, STORE

from nequip_lint.declared.installed import distributions, followed
from nequip_lint.declared.locate import site_folders
from nequip_lint.hazards.refusals import GENERATED
from nequip_lint.toml import read_toml

LIBRARIES = Path(__file__).with_name("foreign")
ENVIRONMENTS = STORE / "environments"
BARE, PROPOSED, EXTERNAL = "internal-packages alone", "as the linter proposes", "the library external"
_PACKAGE = "potential"
_OURS = ("libcst", "click", "packaging", "PyYAML", "opt_einsum_fx", "opt_einsum", "numpy")
"""What nequip-pack needs in an environment besides torch."""
_LACKING = ("absent", "dropped")
_REFUSED = "the gate refuses this build"
_ROUNDS = 4
"""How often proposals are taken: what is registered may show more."""
_SAVE = """\
import sys

import torch

import nequip_pack
from potential.model import Potential

torch.manual_seed(1)
pos = 2 * torch.rand(4, 3)
edges = torch.tensor([[i, j] for i in range(4) for j in range(4) if i != j]).T
{data}
nequip_pack.save_checkpoint(Potential(), sys.argv[1], example_data=data, type_names={types})
"""


@dataclass(frozen=True)
class Settings:
    """What a project declares, by its names in `[tool.nequip-lint]` without their last parts."""

    internal: tuple[str, ...]
    extern: tuple[str, ...] = ()
    mock: tuple[str, ...] = ()

    def lines(self) -> str:
        """The table of a pyproject.toml."""
        return (
            f'[tool.nequip-lint]\nroots = ["{_PACKAGE}.model"]\n'
            f"internal-packages = {json.dumps(self.internal)}\n"
            f"extern-modules = {json.dumps(self.extern)}\nmock-modules = {json.dumps(self.mock)}\n"
        )


@dataclass(frozen=True)
class Trial:
    """A library's model, packaged with some settings.

    Attributes:
        library: its name and version.
        how: who chose the settings.
        expected: the linter's errors by code.
        refused: the rules for which the gate refuses the build.
        error: of save or build without the gate, the last line; '' for none.
        predicted: modules by action, from the source alone.
        exact: the same, from the checkpoint.
        pickled: what pickles name and no import does, externals and what torch.fx generates.
        archive: what was built without the gate, if anything was.
    """

    library: str
    how: str
    settings: Settings
    expected: Mapping[str, int]
    refused: tuple[str, ...]
    error: str
    predicted: Mapping[str, str]
    exact: Mapping[str, str]
    pickled: frozenset[str]
    archive: Archive | None

    @property
    def agrees(self) -> bool:
        """Whether there is a package exactly where the linter, and with it the gate, is silent."""
        return (self.archive is not None) == (not self.expected) == (not self.refused)

    @property
    def unequal(self) -> tuple[str, ...]:
        """The modules whose actions differ between the exact closure and the archive, with both."""
        return self._differences(self.exact, frozenset())

    @property
    def unpredicted(self) -> tuple[str, ...]:
        """The same for the prediction from source, which knows no pickles."""
        return self._differences(self.predicted, self.pickled - self.predicted.keys())

    def _differences(self, closure: Mapping[str, str], beyond: frozenset[str]) -> tuple[str, ...]:
        if self.archive is None:
            return ()
        real = {name: action for name, action in self.archive.actions.items() if name not in beyond}
        expected = {name: action for name, action in closure.items() if action not in _LACKING}
        return tuple(
            f"{module} {expected.get(module, 'not')} predicted, {real.get(module, 'not in it')}"
            for module in sorted(real.keys() | expected.keys())
            if real.get(module) != expected.get(module)
        )


def libraries() -> tuple[str, ...]:
    """The libraries of which there are models."""
    return tuple(sorted(file.stem for file in LIBRARIES.glob("*.toml")))


def trials(name: str, folder: Path) -> Iterator[Trial]:
    """Lint and build the model of a library with all settings, below a folder."""
    data = read_toml(LIBRARIES / f"{name}.toml")
    python = environment(name, data["requires"])
    internal = tuple(data["internal"])
    yield _tried(data, BARE, Settings(internal), python, folder / "bare")
    for how, start in ((PROPOSED, Settings(internal)), (EXTERNAL, Settings((), internal))):
        yield _tried(data, how, _proposed(data, start, python, folder / how), python, folder / how)
    for how, chosen in data.get("settings", {}).items():
        settings = Settings(**{key: tuple(value) for key, value in chosen.items()})
        yield _tried(data, how, settings, python, folder / how)


def environment(name: str, requires: Sequence[str]) -> Path:
    """The Python of an environment with some distributions, made where an earlier run did not."""
    folder = ENVIRONMENTS / name
    wanted = [f"torch=={version('torch')}", *requires, *_OURS]
    stamp = folder / "complete"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != repr(wanted):
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, wanted[0], "setuptools"], check=True)
        subprocess.run([*pip, "--no-deps", *wanted[1:]], check=True)
        if absent := lacking(folder):
            raise ValueError(f"{name}: add to what it requires: {', '.join(absent)}")
        stamp.write_text(repr(wanted), encoding="utf-8")
    return folder / "bin" / "python"


def lacking(environment: Path) -> tuple[str, ...]:
    """What distributions of an environment require and it has not: such a one is not what pip makes."""
    known = distributions(site_folders(environment))
    wanted = {name for item in known.values() for name in followed(item.requirements, lambda _: ())}
    return tuple(sorted(wanted - known.keys()))


def write_project(data: Mapping[str, Any], settings: Settings, folder: Path) -> None:
    """The project around a library's model, and the program that saves its checkpoint."""
    package = folder / "project" / _PACKAGE
    package.mkdir(parents=True, exist_ok=True)
    needs = json.dumps(["torch", *data["requires"][:1]])
    head = (
        f'[project]\nname = "{_PACKAGE}"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = {needs}\n'
    )
    (package.parent / "pyproject.toml").write_text(f"{head}\n{settings.lines()}", encoding="utf-8")
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "model.py").write_text(data["model"].lstrip(), encoding="utf-8")
    (folder / "save.py").write_text(_SAVE.format(**data), encoding="utf-8")


def _proposed(data: Mapping[str, Any], settings: Settings, python: Path, folder: Path) -> Settings:
    """The settings to which the linter's proposals lead from some."""
    for _ in range(_ROUNDS):
        write_project(data, settings, folder)
        listed = _linted("registrations", folder, python)["libraries"]
        found = [(item["registers"], item["library"]) for item in listed if item["status"] == "unregistered"]
        extern = tuple(name for action, name in found if action == "extern")
        mock = tuple(name for action, name in found if action == "mock")
        if not extern + mock:
            break
        settings = Settings(settings.internal, settings.extern + extern, settings.mock + mock)
    return settings


def _tried(data: Mapping[str, Any], how: str, settings: Settings, python: Path, folder: Path) -> Trial:
    write_project(data, settings, folder)
    findings = _linted("check", folder, python)["findings"]
    errors = [item["code"] for item in findings if item["severity"] == "error"]
    modules = _linted("closure", folder, python)["modules"]
    gate, said = _built(folder, python)
    (folder / "said.txt").write_text(gate + said, encoding="utf-8")
    package = folder / "model.nequip.zip"
    is_built = package.exists()
    exact = _exact(folder, python) if is_built else {}
    return Trial(
        data["requires"][0].replace("==", " "),
        how,
        settings,
        {code: errors.count(code) for code in sorted(set(errors))},
        tuple(sorted(set(re.findall(r"error (NQ\d+)", gate)))),
        said.strip().splitlines()[-1] if said else "",
        {name: entry["action"] for name, entry in modules.items()},
        {name: entry["action"] for name, entry in exact.items()},
        frozenset(name for name, entry in exact.items() if _is_pickled(entry)),
        read(package) if is_built else None,
    )


def _built(folder: Path, python: Path) -> tuple[str, str]:
    """What the gate says to a build that it refuses, and save or build when they fail without it."""
    said = _run(python, folder, folder / "save.py", "model.ckpt")
    if said:
        return "", said
    build = ("-m", "nequip_pack", "build", "model.ckpt", "model.nequip.zip")
    said = _run(python, folder, *build)
    if _REFUSED not in said:
        return "", said
    return said, _run(python, folder, *build, "--no-lint")


def _is_pickled(entry: Mapping[str, Any]) -> bool:
    """Whether no import leads to a module of an exact closure that is external or made by pickling."""
    return not entry["chain"] and (entry["action"] == "extern" or entry["reason"] == GENERATED.sentence)


def _linted(command: str, folder: Path, python: Path) -> Any:
    """The JSON answer of a command of the linter about the project."""
    style = ["--json"] if command == "closure" else ["--format", "json"]
    place = [str(folder / "project"), "--environment", str(python.parents[1]), "--no-cache"]
    line = [sys.executable, "-m", "nequip_lint", command, *place, *style]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return json.loads(done.stdout)


def _exact(folder: Path, python: Path) -> Any:
    """The modules of `closure --checkpoint`, as JSON."""
    done = _ran(python, folder, "-m", "nequip_lint", "closure", "--checkpoint", "model.ckpt", "--json")
    return json.loads(done.stdout)["modules"]


def _run(python: Path, folder: Path, *arguments: object) -> str:
    """What a program of the environment says when it fails; '' where it succeeds."""
    done = _ran(python, folder, *arguments)
    return (done.stdout + done.stderr) if done.returncode else ""


def _ran(python: Path, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, (ROOT / "src", ROOT, folder / "project")))
    line = [str(python), "-W", "ignore", *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, check=False)

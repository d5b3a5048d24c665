"""Old releases of nequip, installed beside the libraries of this environment, and packages that they make.

Both are kept in the user's cache folder: libraries by release, a package by everything that it is made of.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pack_support import checked
from warm import new_python, warm_python

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pack_support import BareEnvironment

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nequip-pack-tests" / "old-nequip"
E3NN = "0.5.9"
"""The newest that all of these releases accept."""
PACKAGE = "old.nequip.zip"
OUTPUTS = "own.pt"

OWN = """
import sys, torch
from nequip.model import ModelFromPackage
from nequip.utils.global_state import set_global_state
torch.set_num_threads(1)
set_global_state()
model = ModelFromPackage(sys.argv[1], "eager")["sole_model"].eval()
out = model(torch.package.PackageImporter(sys.argv[1]).load_pickle("model", "example_data.pkl"))
torch.save({k: out[k].detach() for k in ("total_energy", "forces", "stress")}, sys.argv[2])
"""
"""Energy, forces and stress of a package, as the installed nequip gives them."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release, with the words of its configuration and of its packaging command.

    Attributes:
        version: of nequip.
        format: of the packages that it makes.
        types: the argument that gives ``ChemicalSpeciesToAtomTypeMapper`` the atom types.
        build: the arguments of ``nequip-package``.
    """

    version: str
    format: int
    types: str
    build: tuple[str, ...] = ("build", "run/best.ckpt", PACKAGE)


RELEASES = (
    Release("0.7.1", 0, "chemical_symbols", ("--ckpt-path", "run/best.ckpt", "--output-path", PACKAGE)),
    Release("0.9.1", 1, "chemical_symbols"),
    Release("0.10.0", 2, "chemical_symbols"),
    Release("0.12.1", 2, "chemical_symbols"),
    Release("0.16.2", 2, "model_type_names"),
)


@dataclass(frozen=True, slots=True)
class Made:
    """A package, and a file with what the nequip that made it computes for its example data."""

    package: Path
    outputs: Path


@dataclass(frozen=True, slots=True)
class OldNequip:
    """A release with its own e3nn, before what a load needs; nothing of this environment's nequip."""

    release: Release
    libraries: Path
    bare: BareEnvironment

    def python(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run Python with this release."""
        paths = os.pathsep.join([str(self.libraries), str(self.bare.folder)])
        environment = {**os.environ, "PYTHONPATH": paths, "PYTHONNOUSERSITE": "1"}
        return warm_python(*arguments, cwd=cwd, env=environment, site=self.bare.folder)

    def train(self, folder: Path, config: Mapping[str, Any]) -> None:
        """Train a model in ``folder``."""
        (folder / "config.yaml").write_text(yaml.safe_dump(dict(config)))
        train = ("-m", "nequip.scripts.train", "-cp", str(folder), "-cn", "config", "hydra.run.dir=run")
        checked(self.python(*train, cwd=folder))

    def make(self, folder: Path, config: Mapping[str, Any]) -> None:
        """Train, package and run a model in ``folder``, each in a process of its own."""
        self.train(folder, config)
        checked(self.python("-m", "nequip.scripts.package", *self.release.build, cwd=folder))
        checked(self.python("-c", OWN, PACKAGE, OUTPUTS, cwd=folder))
        shutil.rmtree(folder / "run")


def installed_release(release: Release, bare: BareEnvironment) -> OldNequip:
    """A release of the package index; the test is skipped if that is out of reach."""
    libraries = CACHE / "libraries" / f"nequip-{release.version}-e3nn-{E3NN}"
    wanted = (f"nequip=={release.version}", f"e3nn=={E3NN}")

    def install(folder: Path) -> None:
        done = new_python(
            "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), *wanted, cwd=folder
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            pytest.skip(f"{' and '.join(wanted)} cannot be installed: {last}")

    return OldNequip(release, _kept(libraries, install), bare)


def old_package(release: Release, bare: BareEnvironment, config: Mapping[str, Any]) -> Made:
    """A package that a release made of the test model, and what it computes.

    Args:
        release: of nequip.
        bare: what this environment has without nequip and e3nn.
        config: for the installed nequip; its words are turned into those of the release.
    """
    settings = _config(release, config)
    made = _kept(
        _home("packages", release, settings),
        lambda partial: installed_release(release, bare).make(partial, settings),
    )
    return Made(made / PACKAGE, made / OUTPUTS)


def old_checkpoint(release: Release, bare: BareEnvironment, config: Mapping[str, Any]) -> Path:
    """A checkpoint that a release trained of the test model; the arguments are those of `old_package`."""
    settings = _config(release, config)
    made = _kept(
        _home("checkpoints", release, settings),
        lambda partial: installed_release(release, bare).train(partial, settings),
    )
    return made / "run" / "best.ckpt"


def _home(kind: str, release: Release, settings: Mapping[str, Any]) -> Path:
    """Where what a release makes of settings is kept."""
    names = ("torch", "numpy", "ase", "matscipy", "lightning")
    versions = {name: importlib.metadata.version(name) for name in names}
    machine = (platform.machine(), platform.python_version(), E3NN)
    recipe = repr((versions, machine, yaml.safe_dump(settings), OWN, release))
    digest = hashlib.sha256(recipe.encode()).hexdigest()[:16]
    return CACHE / kind / f"{release.version}-{digest}"


def _config(release: Release, config: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = yaml.safe_load(yaml.safe_dump(dict(config)))
    settings["global_options"] = {"allow_tf32": False}
    settings["data"]["val_dataloader"] = settings["data"]["train_dataloader"]
    settings["training_module"]["model"].pop("per_type_energy_shifts")
    mapper = settings["data"]["split_dataset"]["dataset"]["transforms"][0]
    mapper[release.types] = mapper.pop("model_type_names")
    return settings


def _kept(folder: Path, fill: Callable[[Path], None]) -> Path:
    """A folder of the cache, filled beside its place and moved there when it is whole."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".partial-") as partial:
            content = Path(partial) / "content"
            content.mkdir()
            fill(content)
            if not folder.is_dir():
                content.rename(folder)
    return folder

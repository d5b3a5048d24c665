"""Real inputs for tests: models trained by ``nequip-train``, and packages of them.

All of them are made once, also where several processes run the tests.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from needs import installed
from once import made_once
from trainings import ALLEGRO, DEEP_ALLEGRO, NEQUIP, TWO_TYPES, config
from warm import warm_python

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from once import Once

NEEDED = ("torch", "nequip", "e3nn")
CACHE = "nequip-pack-checkpoints"
PACKAGE = "m.nequip.zip"
SEED = "NEQUIP_PACK_FAULT_SEED"


def pytest_configure() -> None:
    """Choose the seed of samples for all processes that run the tests, and forget the active environment.

    The linter reads that where none is named, and it may be any.
    """
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        os.environ.pop(name, None)
    os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**6)))


def pytest_report_header() -> str:
    """What repeats the samples."""
    return f"{SEED}={os.environ[SEED]}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests made, in whatever process."""
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for name, text in report.user_properties if report.when == "call" else ():
            if name == "table":
                terminalreporter.write_line(f"\n{text}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs real libraries where they are not installed."""
    missing = [package for package in NEEDED if not installed(package)]
    for item in items:
        if missing and item.get_closest_marker("real"):
            item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(missing)}"))


def train(settings: Mapping[str, Any], cache: Path) -> Path:
    """Train with ``nequip-train``, unless the cache has the same configuration and versions."""
    versions = {name: importlib.metadata.version(name) for name in NEEDED}
    text = yaml.safe_dump({"versions": versions, **settings})

    def fill(folder: Path) -> None:
        (folder / "config.yaml").write_text(yaml.safe_dump(dict(settings)))
        words = ["nequip.scripts.train", "-cp", str(folder), "-cn", "config", "hydra.run.dir=run"]
        done = warm_python("-m", *words, cwd=folder)
        assert done.returncode == 0, done.stdout + done.stderr
        (folder / "run" / "best.ckpt").replace(folder / "best.ckpt")

    return made_once(cache / hashlib.sha256(text.encode()).hexdigest()[:16], fill) / "best.ckpt"


@pytest.fixture(scope="session")
def seed() -> int:
    """Of the samples: given in the environment, or a new one every time. The head of a run names it."""
    return int(os.environ[SEED])


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """From a name, and from what fills a folder, to the folder that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    base = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return lambda name, fill: made_once(base / "once" / name, fill)


@pytest.fixture(scope="session")
def checkpoints(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """A function from a model's name, ``"nequip"`` for example, to a checkpoint trained for real.

    It trains on the CPU, or on the accelerator that it is given.
    """
    cache = request.config.cache.mkdir(CACHE)
    models = {"nequip": NEQUIP, "two types": TWO_TYPES, "allegro": ALLEGRO, "deep allegro": DEEP_ALLEGRO}
    return lambda name, accelerator="cpu": train(config(models[name], accelerator), cache)


@pytest.fixture(scope="session")
def nequip_checkpoint(checkpoints: Callable[..., Path]) -> Path:
    """A tiny NequIP model with averaged weights."""
    return checkpoints("nequip")


@pytest.fixture(scope="session")
def allegro_checkpoint(checkpoints: Callable[..., Path]) -> Path:
    """A tiny Allegro model with averaged weights."""
    if not installed("allegro"):
        pytest.skip("needs nequip-allegro")
    return checkpoints("allegro")


@pytest.fixture(scope="session")
def package(nequip_checkpoint: Path, once: Once) -> Path:
    """A package that ``nequip-pack build`` made of the NequIP checkpoint."""
    return once("package", lambda folder: build(nequip_checkpoint, folder / PACKAGE)) / PACKAGE


@pytest.fixture(scope="session")
def two_types_package(checkpoints: Callable[..., Path], once: Once) -> Path:
    """A package of double precision, with a cutoff for each pair of types."""
    return once("two types", lambda folder: build(checkpoints("two types"), folder / PACKAGE)) / PACKAGE


@pytest.fixture(scope="session")
def allegro_package(allegro_checkpoint: Path, once: Once) -> Path:
    """Its package, built where triton is missing, with the loss that this brings."""
    if installed("triton"):
        pytest.skip("triton is installed in this environment")
    loss = ("--allow", "NQ101:allegro.nn._strided._flashallegro")
    return once("allegro", lambda folder: build(allegro_checkpoint, folder / PACKAGE, *loss)) / PACKAGE


def build(checkpoint: Path, package: Path, *options: str) -> None:
    """Build with ``nequip-pack``, as users do."""
    done = warm_python(
        "-m", "nequip_pack", "build", str(checkpoint), str(package), *options, cwd=package.parent
    )
    assert done.returncode == 0, done.stderr

"""The closure that `nequip-lint closure` predicts against real archives: every module, every action."""

from __future__ import annotations

import importlib.util
import json
import os
import pickletools
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from wheels import Unreachable, fetch_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.real
_SPEC = importlib.util.find_spec("nequip")
SITE = Path(_SPEC.origin).parents[1] if _SPEC is not None and _SPEC.origin else Path()
FLASH = "allegro.nn._strided._flashallegro"
REGISTERED = ("cuequivariance", "openequivariance", "triton")
LEXSORT = "allegro.nn._strided._lexsort"


def run(*arguments: object, cwd: Path, with_folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a module of this Python in a fresh process, one more folder on its path if given."""
    more = {} if with_folder is None else {"PYTHONPATH": str(with_folder)}
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **more}, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def triton() -> Path:
    """A folder with the real triton, which needs no GPU to be imported in this version."""
    try:
        return fetch_wheel("triton==3.5.1")
    except Unreachable as error:
        pytest.skip(str(error))


def written(package: Path) -> dict[str, str]:
    """What an archive really holds: source files, mock stubs and externals, by module."""
    actions: dict[str, str] = {}
    with zipfile.ZipFile(package) as archive:
        names = {name.partition("/")[2]: name for name in archive.namelist()}
        for short, name in names.items():
            if short.endswith(".py"):
                module = re.sub(r"/__init__$", "", short[:-3]).replace("/", ".")
                is_mock = b"from _mock import MockedObject" in archive.read(name)
                actions[module] = "mock" if is_mock else "intern"
        externs = archive.read(names[".data/extern_modules"]).decode().split()
    return {**actions, **dict.fromkeys(externs, "extern")}


def roots(package: Path) -> list[str]:
    """Every module that a pickle of the archive names."""
    found: set[str] = set()
    with zipfile.ZipFile(package) as archive:
        for name in archive.namelist():
            if name.endswith(".pkl"):
                for opcode, argument, _ in pickletools.genops(archive.read(name)):
                    if opcode.name == "GLOBAL":
                        found.add(str(argument).split(" ")[0])
    return sorted(found)


def predicted(package: Path, folder: Path, with_folder: Path | None) -> dict[str, str]:
    """The closure of the archive's roots, from installed source alone; nothing of it is imported."""
    environment = folder / "environment"
    environment.mkdir(exist_ok=True)
    links = [SITE, with_folder] if with_folder else [SITE]
    for place in links:
        for entry in place.iterdir():
            if not (environment / entry.name).exists():
                (environment / entry.name).symlink_to(entry)
    options = [option for root in roots(package) for option in ("--root", root)]
    command = ["nequip_lint", "closure", "--json", "--no-cache", "--environment", environment, *options]
    done = run(*command, SITE / "nequip", cwd=folder)
    assert done.returncode == 0, done.stderr
    modules: Mapping[str, Mapping[str, str]] = json.loads(done.stdout)["modules"]
    return {name: entry["action"] for name, entry in modules.items()}


def build(checkpoint: Path, folder: Path, *options: str, triton: Path | None = None) -> Path:
    """Build for real; returns the archive."""
    package = folder / "model.nequip.zip"
    done = run("nequip_pack", "build", checkpoint, package, *options, cwd=folder, with_folder=triton)
    assert done.returncode == 0, done.stdout + done.stderr
    return package


def check_equal(package: Path, folder: Path, triton: Path | None = None) -> dict[str, str]:
    """Prediction and archive agree; absent externals, which our packager records, aside."""
    real, expected = written(package), predicted(package, folder, triton)
    absent = {name for name, action in expected.items() if action == "absent"}
    dropped = {name: "dropped" for name, action in expected.items() if action == "dropped"}
    recorded = {name for name in absent if name.startswith(REGISTERED)}
    assert recorded <= {name for name, action in real.items() if action == "extern"}
    kept = {name: action for name, action in expected.items() if action in ("intern", "extern", "mock")}
    own = {"_mock"}
    assert {name: real[name] for name in real.keys() - absent - own} == kept
    return dropped


def test_nequip_model(nequip_checkpoint: Path, tmp_path: Path) -> None:
    package = build(nequip_checkpoint, tmp_path)
    assert check_equal(package, tmp_path) == {}
    assert {"cuequivariance", "openequivariance"} <= set(written(package)), "lost in nequip's issue 557"


def test_allegro_without_triton_is_refused_and_builds_when_allowed(
    allegro_checkpoint: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if (SITE / "triton").exists():
        pytest.skip("triton is installed in this environment")
    output = tmp_path / "model.nequip.zip"
    output.write_bytes(b"precious")
    refused = run("nequip_pack", "build", allegro_checkpoint, output, cwd=tmp_path)
    assert refused.returncode == 1
    assert FLASH in refused.stderr and LEXSORT in refused.stderr and "triton" in refused.stderr
    assert output.read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == [output.name]

    package: Path = request.getfixturevalue("allegro_package")
    assert check_equal(package, tmp_path) == {FLASH: "dropped"}
    assert {FLASH, LEXSORT}.isdisjoint(written(package))
    info = run("nequip_pack", "info", package, cwd=tmp_path)
    assert FLASH in info.stdout and LEXSORT in info.stdout


def test_allegro_with_triton_is_whole_and_warned_about(
    allegro_checkpoint: Path, triton: Path, tmp_path: Path
) -> None:
    package = tmp_path / "model.nequip.zip"
    done = run("nequip_pack", "build", allegro_checkpoint, package, cwd=tmp_path, with_folder=triton)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning NQ101" in done.stderr and FLASH in done.stderr
    assert check_equal(package, tmp_path, triton) == {}
    assert {FLASH, LEXSORT, "triton"} <= set(written(package))

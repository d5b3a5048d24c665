"""What an archive holds, and what `nequip-lint closure` says that it must hold."""

from __future__ import annotations

import json
import os
import pickletools
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REGISTERED = ("cuequivariance", "openequivariance", "triton")


def run(*arguments: object, cwd: Path, with_folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a module of this Python in a fresh process, one more folder on its path if given."""
    more = {} if with_folder is None else {"PYTHONPATH": str(with_folder)}
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **more}, capture_output=True, text=True, check=False
    )


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


def installed_folders() -> list[Path]:
    """Where this Python's libraries are installed."""
    return [path for path in map(Path, sys.path) if path.name in ("site-packages", "dist-packages")]


def predicted(
    package: Path, folder: Path, with_folder: Path | None, machine: Sequence[str]
) -> dict[str, str]:
    """The closure of the archive's roots, from installed source alone; nothing of it is imported."""
    environment = folder / "environment"
    environment.mkdir(exist_ok=True)
    for place in [*installed_folders(), *([with_folder] if with_folder else [])]:
        for entry in place.iterdir():
            if not (environment / entry.name).exists():
                (environment / entry.name).symlink_to(entry)
    options = [option for root in roots(package) for option in ("--root", root)]
    command = ["nequip_lint", "closure", "--json", "--no-cache", "--environment", environment, *options]
    done = run(*command, *machine, environment / "nequip", cwd=folder)
    assert done.returncode == 0, done.stderr
    modules: Mapping[str, Mapping[str, str]] = json.loads(done.stdout)["modules"]
    return {name: entry["action"] for name, entry in modules.items()}


def check_equal(
    package: Path,
    folder: Path,
    with_folder: Path | None = None,
    machine: Sequence[str] = (),
    *,
    ours: bool = True,
) -> dict[str, str]:
    """Prediction and archive agree; absent externals, which only our packager records, aside.

    Args:
        package: the archive.
        folder: for links to what is installed.
        with_folder: one more folder that was on the path of the build.
        machine: options of ``nequip-lint closure`` that say what it was built on.
        ours: whether our packager wrote it.

    Returns:
        What the archive lacks and should have.
    """
    real, expected = written(package), predicted(package, folder, with_folder, machine)
    absent = {name for name, action in expected.items() if action == "absent"}
    dropped = {name: "dropped" for name, action in expected.items() if action == "dropped"}
    recorded = {name for name in absent if name.startswith(REGISTERED)}
    assert not ours or recorded <= {name for name, action in real.items() if action == "extern"}
    kept = {name: action for name, action in expected.items() if action in ("intern", "extern", "mock")}
    own = {"_mock"}
    assert {name: real[name] for name in real.keys() - absent - own} == kept
    return dropped


def of_configuration(file: Path, code: Path, cwd: Path) -> dict[str, str]:
    """The closure that the linter tells of a training configuration, by module; nothing is imported.

    Args:
        file: the configuration.
        code: the project whose files are linted.
        cwd: the working directory.
    """
    which = ("--config-path", file.parent, "--config-name", file.stem)
    options = ("--json", "--no-cache", "--environment", installed_folders()[0], *which)
    done = run("nequip_lint", "closure", *options, code, cwd=cwd)
    assert done.returncode == 0, done.stderr
    modules: Mapping[str, Mapping[str, str]] = json.loads(done.stdout)["modules"]
    return {module: entry["action"] for module, entry in modules.items()}


def check_told(package: Path, expected: Mapping[str, str]) -> None:
    """An archive holds what was predicted; only what pickles name of torch and Python stands apart."""
    real = written(package)
    apart = set(roots(package)) - expected.keys()
    assert {real[module] for module in apart if module in real} <= {"extern"}
    assert {module.partition(".")[0] for module in apart} <= {"torch", "builtins", "collections"}
    kept = {module: action for module, action in expected.items() if action in ("intern", "extern", "mock")}
    assert {module: action for module, action in real.items() if module not in {*apart, "_mock"}} == kept

"""Started in a folder with a file named like each module that they import, the commands run none of these.

With `-m`, Python itself imports some modules from that folder before our first statement; what those are is
asked of this Python and left out, as `nequip_lint/__main__.py` says.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY, write
from raw_server import RawServer

if TYPE_CHECKING:
    from collections.abc import Iterable

OURS = {"nequip_lint", "nequip_pack"}
LISTED = """
import atexit, json, os, sys
def tell():
    names = sorted(name for name in sys.modules if "." not in name)
    with open(os.environ["NAMES"], "a") as told:
        told.write(json.dumps(names) + "\\n")
if os.environ.get("NAMES"):
    end, os._exit = os._exit, lambda code: (tell(), end(code))
    atexit.register(tell)
"""
"""A `sitecustomize` that tells the modules of each process at its end."""
TRAP = "with open({marker!r}, 'a') as told:\n    told.write(__name__ + '\\n')\nraise ImportError(__name__)\n"
PROJECT = {
    "pyproject.toml": """[tool.nequip-lint]
roots = ["pkg.mod"]
internal-packages = ["pkg"]
extern-modules = ["triton"]
""",
    "pkg/__init__.py": "",
    "pkg/mod.py": "import triton\n\n\ndef f():\n    return triton.x\n",
    "setup.py": "from setuptools import setup\nsetup(name='pkg')\n",
    "setup.cfg": "[metadata]\nname = pkg\n",
}
LINT: list[tuple[str, ...]] = [
    ("check", "pkg"),
    ("check", "pkg", "--format", "json"),
    ("check", "pkg", "--format", "sarif"),
    ("check", "pkg", "--format", "github"),
    ("check", "pkg", "--format", "junit"),
    ("check", "pkg", "--diff", "--unsafe-fixes"),
    ("check", "pkg", "--write-baseline", "--baseline", "base.json"),
    ("check", "pkg", "--environment", "env"),
    ("check", "m.nequip.zip"),
    ("closure", "pkg"),
    ("closure", "pkg", "--json"),
    ("closure", "pkg", "--format", "tree"),
    ("check", "pkg", "--show-settings"),
    ("why", "triton", "pkg"),
    ("registrations", "pkg"),
    ("registrations", "pkg", "--diff"),
    ("rule",),
    ("rule", "NQ101", "--format", "json"),
    ("rule", "NQ999"),
    ("completion", "bash"),
    ("server",),
    ("--help",),
]
PACK: list[tuple[str, ...]] = [
    ("info", "m.nequip.zip"),
    ("info", "--json", "m.nequip.zip"),
    ("list", "m.nequip.zip"),
    ("check", "m.nequip.zip"),
    ("diff", "m.nequip.zip", "m.nequip.zip"),
    ("diff", "m.nequip.zip", "member.py"),
    ("--help",),
    ("--version",),
]
WITH_M = [("check", "pkg"), ("server",), ("info", "m.nequip.zip"), ("check", "m.nequip.zip"), ("--help",)]
"""What is tried with `-m` as well, where the first statement does for all."""
COMMANDS = [("nequip_lint", words, "script") for words in LINT]
COMMANDS += [("nequip_pack", words, "script") for words in PACK]
COMMANDS += [(module, words, "-m") for module, words, _ in COMMANDS if words in WITH_M]
IDS = [" ".join((module.replace("nequip_", ""), *words, way)) for module, words, way in COMMANDS]
SCRIPTS = {"nequip_lint": ("nequip_lint.cli", "run"), "nequip_pack": ("nequip_pack.cli", "main")}


def project(folder: Path) -> Path:
    """A project with findings, an environment and something that looks like a package."""
    write(folder, PROJECT)
    site = folder / "env" / "lib" / f"python3.{sys.version_info[1]}" / "site-packages"
    write(site, {"triton/__init__.py": "x = 1\n"})
    with zipfile.ZipFile(folder / "m.nequip.zip", "w") as archive:
        archive.writestr("m/.data/extern_modules", "torch\n")
        archive.writestr("m/pkg/__init__.py", "")
    return folder


def script(folder: Path, module: str) -> Path:
    """The console script of a package, as installers write it."""
    home, function = SCRIPTS[module]
    path = folder / module.replace("_", "-")
    path.write_text(f"import sys\nfrom {home} import {function}\nsys.exit({function}())\n", encoding="utf-8")
    return path


def session(command: list[str], folder: Path, environment: dict[str, str]) -> int:
    """Open a file, wait for its diagnostics, point at them, ask for fixes, and end."""
    with RawServer(command, folder, environment) as server:
        address = (folder / "pkg" / "mod.py").as_uri()
        server.open(address, PROJECT["pkg/mod.py"])
        assert any(item["code"] == "NQ101" for item in server.diagnostics())
        assert "NQ101" in str(server.hover(address)["result"])
        assert server.actions(address)["result"]
    return server.process.returncode


def run(start: list[str], words: tuple[str, ...], folder: Path, variables: dict[str, str]) -> int:
    """Run a command in a folder, a whole session where it is the server; the exit code."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache"), **variables}
    command = [sys.executable, *start, *words]
    if words == ("server",):
        return session(command, folder, environment)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    return done.returncode


def modules_of(start: list[str], words: tuple[str, ...], folder: Path, helpers: Path) -> set[str]:
    """The top-level modules that a command and the processes that it starts import."""
    write(helpers, {"sitecustomize.py": LISTED})
    told = folder.parent / "names"
    run(start, words, folder, {"PYTHONPATH": str(helpers), "NAMES": str(told)})
    lines = told.read_text(encoding="utf-8").splitlines()
    assert len(lines) >= (2 if words == ("server",) else 1)
    return {name for line in lines for name in json.loads(line)}


def before_us(folder: Path) -> set[str]:
    """The modules that this Python has imported at the first statement of a package that `-m` runs."""
    told = "import sys\nprint(*(name for name in sys.modules if '.' not in name))\n"
    write(folder, {"bare/__init__.py": "", "bare/__main__.py": told})
    command = [sys.executable, "-m", "bare"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def trapped(folder: Path, names: Iterable[str]) -> Path:
    """Put a file that tells on itself into a folder for each name; returns where it tells."""
    marker = folder.parent / "ran"
    for name in names:
        (folder / f"{name}.py").write_text(TRAP.format(marker=str(marker)), encoding="utf-8")
    return marker


@pytest.mark.parametrize(("module", "words", "way"), COMMANDS, ids=IDS)
def test_no_command_runs_a_file_of_its_folder(
    module: str, words: tuple[str, ...], way: str, tmp_path: Path
) -> None:
    if "server" in words:
        pytest.importorskip("pygls")
    folder = project(tmp_path / "project")
    (tmp_path / "bin").mkdir()
    start = ["-m", module] if way == "-m" else [str(script(tmp_path / "bin", module))]
    names = modules_of(start, words, folder, tmp_path / "helpers")
    names -= {"__main__", "sitecustomize", "pkg", "setup"} | (OURS if way == "-m" else set())
    if way == "-m":
        names -= before_us(tmp_path / "other")
    assert {"json", "typing"} <= names or words in [("rule",), ("--help",)]
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    marker = trapped(folder, names)
    code = run(start, words, folder, {})
    assert not marker.exists(), marker.read_text(encoding="utf-8")
    assert code in (0, 1) or words[0] in ("rule",) or "m.nequip.zip" in words


def test_a_folder_that_pythonpath_names_stays_on_the_path(tmp_path: Path) -> None:
    """The same folder, named twice, comes off once."""
    told = "import sys\nprint(sys.path[0])\n"
    write(tmp_path, {"click.py": told, "argparse.py": told})
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    for module in OURS:
        command = [sys.executable, "-m", module, "--help"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.stdout.splitlines()[0] == str(tmp_path)


@pytest.mark.parametrize("module", sorted(OURS))
def test_a_working_directory_that_was_deleted(module: str, tmp_path: Path) -> None:
    """It is not on the path, so that nothing else may come off in its place."""
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        f"import os, subprocess, sys\nos.chdir({str(gone)!r})\nos.rmdir({str(gone)!r})\n"
        f"sys.exit(subprocess.run([sys.executable, '-m', {module!r}, '--help']).returncode)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(REPOSITORY), str(REPOSITORY / "src")))}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

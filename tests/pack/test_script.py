"""`nequip-pack command` with real pip: nequip and nequip-pack install one script name, in both orders."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEQUIP = f"nequip=={version('nequip')}"


class Environment:
    """A virtual environment whose commands see, if asked, what is installed here, behind its own."""

    def __init__(self, folder: Path, *, sees_libraries: bool = True) -> None:
        self.sees_libraries = sees_libraries
        self.bin = folder / "bin"
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        (site,) = folder.glob("lib/python*/site-packages")
        self.libraries = site / "libraries.pth"

    def pip(self, *words: str) -> None:
        """Run pip, which knows of this environment alone."""
        self.libraries.unlink(missing_ok=True)
        command = [str(self.bin / "python"), "-I", "-m", "pip", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run nequip-pack here."""
        if self.sees_libraries:
            self.libraries.write_text(sysconfig.get_path("purelib") + "\n")
        command = [str(self.bin / "python"), str(self.bin / "nequip-pack"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def owner(self) -> str:
        """The module that the script imports; '' where there is none."""
        script = self.bin / "nequip-package"
        if not script.exists():
            return ""
        (line,) = [line for line in script.read_text().splitlines() if line.startswith("from ")]
        return line.split()[1].partition(".")[0]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Our wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "-q", "-w", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    (found,) = folder.glob("*.whl")
    return str(found)


def install(environment: Environment, *requirements: str) -> None:
    for requirement in requirements:
        environment.pip("install", "-q", "--no-deps", requirement)


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_both_orders(first: str, wheel: str, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "env")
    order = (wheel, NEQUIP) if first == "ours" else (NEQUIP, wheel)
    install(environment, *order)
    assert environment.owner() == ("nequip" if first == "ours" else "nequip_pack")

    done = environment.run("command", "ours")
    assert (done.returncode, environment.owner()) == (0, "nequip_pack"), done.stderr
    assert str(environment.bin / "nequip-package") in done.stdout
    done = environment.run("command", "nequip")
    assert (done.returncode, environment.owner()) == (0, "nequip"), done.stderr
    environment.pip("uninstall", "-q", "-y", "nequip-pack")
    assert environment.owner() == "nequip", "uninstalling nequip-pack leaves nequip's script"
    assert not (environment.bin / "nequip-pack").exists()


@pytest.mark.real
@pytest.mark.slow
def test_what_is_ours_goes_with_us(wheel: str, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "env")
    install(environment, NEQUIP, wheel)
    for owner in ("nequip", "ours"):
        assert environment.run("command", owner).returncode == 0
    environment.pip("uninstall", "-q", "-y", "nequip-pack")
    assert environment.owner() == ""


@pytest.mark.real
@pytest.mark.slow
def test_without_nequip(wheel: str, tmp_path: Path) -> None:
    environment = Environment(tmp_path / "env", sees_libraries=False)
    install(environment, wheel, "click", "installer", "packaging", "pyyaml")
    before = (environment.bin / "nequip-package").read_bytes()
    done = environment.run("command", "nequip")
    assert (done.returncode, environment.owner()) == (6, "nequip_pack")
    assert "nequip is not installed here" in done.stderr
    assert (environment.bin / "nequip-package").read_bytes() == before
    assert environment.run("command").returncode == 0

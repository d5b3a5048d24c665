"""Our ``nequip-package`` where scripts call nequip's: what nequip's own tests of that command expect of it.

They are in its repository, ``tests/integration/test_package_commands.py``, and in none of its releases on
the package index. Each test here is one of their expectations in our own words.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

MODIFIER = "disable_ForceStressOutput"


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment whose ``nequip-package`` is ours, and the package that it built there."""

    variables: dict[str, str]
    package: Path

    def command(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run ``nequip-package``, as the path finds it."""
        return _command(self.variables, self.package.parent, *words)


def _command(variables: dict[str, str], cwd: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = ["nequip-package", *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(nequip_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A folder with the script that pip makes of our entry point, before all else on the path."""
    folder = tmp_path_factory.mktemp("installed")
    script = folder / "bin" / "nequip-package"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\nimport sys\nfrom nequip_pack.cli import main\nsys.exit(main())\n")
    script.chmod(0o755)
    variables = {**os.environ, "PATH": os.pathsep.join([str(script.parent), os.environ["PATH"]])}
    told = _command(variables, folder, "--version")
    assert f"{script} belongs to nequip-pack" in told.stdout
    done = _command(variables, folder, "build", nequip_checkpoint, "model.nequip.zip")
    assert done.returncode == 0, done.stderr
    assert "belongs to another distribution" not in done.stderr
    return Installed(variables, folder / "model.nequip.zip")


def test_list_names_each_member_after_its_size(installed: Installed) -> None:
    """Sizes are digits, weights are left out, and the paths are those of the archive."""
    done = installed.command("list", installed.package)
    assert (done.returncode, done.stderr) == (0, "")
    sizes = {path: size for size, path in (line.split() for line in done.stdout.splitlines())}
    assert all(size.isdigit() for size in sizes.values())
    assert ".storage" not in done.stdout
    for name in ("config.yaml", "package_metadata.txt", "example_data.pkl"):
        assert any(path.endswith(f"model/{name}") for path in sizes)


def test_diff_takes_a_path_as_listed(installed: Installed, tmp_path: Path) -> None:
    """Also one with the archive's own folder in front, which zip tools show."""
    listed = installed.command("list", installed.package).stdout.split()
    with zipfile.ZipFile(installed.package) as archive:
        (stored,) = (name for name in archive.namelist() if name.endswith("model/config.yaml"))
        (tmp_path / "local.yaml").write_bytes(archive.read(stored))
    for path in (next(word for word in listed if word.endswith("model/config.yaml")), stored):
        done = installed.command("diff", installed.package, path, tmp_path / "local.yaml")
        assert (done.returncode, done.stdout) == (0, "(no differences)\n")


def test_modify_writes_another_package(installed: Installed, tmp_path: Path) -> None:
    """With the models in it, and without touching the first."""
    before = installed.package.stat()
    output = tmp_path / "modified.nequip.zip"
    done = installed.command("modify", installed.package, output, "--modifier", MODIFIER)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(output) as archive:
        assert any("model.pkl" in name for name in archive.namelist())
    after = installed.package.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_modify_refuses_its_input_as_output(installed: Installed) -> None:
    content = installed.package.read_bytes()
    assert installed.command(
        "modify", installed.package, installed.package, "--modifier", MODIFIER
    ).returncode
    assert installed.package.read_bytes() == content


def test_modify_refuses_what_is_no_modifier(installed: Installed, tmp_path: Path) -> None:
    output = tmp_path / "out.nequip.zip"
    assert installed.command("modify", installed.package, output, "--modifier", "there_is_none").returncode
    assert list(tmp_path.iterdir()) == []

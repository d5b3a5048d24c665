"""``modify``, ``update`` and ``migrate`` onto their own input: refused by every name, unless asked for."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING

import pytest
from pack_support import checked, error_line, pack, without

from nequip_pack.format import open_archive, read_metadata
from nequip_pack.format.manifest import check_content

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

MODIFIER = "disable_ForceStressOutput"
COMMANDS = {
    "modify": ("--modifier", MODIFIER),
    "update": ("--replace", "nequip/extra.py", "extra.py"),
    "migrate": (),
}
ADVICE = "give another output, or --in-place instead of one"
NAMES = {
    "the same name": "m.nequip.zip",
    "another spelling": "folder/../m.nequip.zip",
    "an absolute path": "{folder}/m.nequip.zip",
    "a link": "link.nequip.zip",
    "a link to its folder": "linked/m.nequip.zip",
    "a second name of the file": "hard.nequip.zip",
}


@pytest.fixture
def folder(package: Path, tmp_path: Path) -> Path:
    """A package without our records under several names, a file for it, and what a killed run left."""
    records = ("model/manifest.json", "model/references.json", "model/closure.json")
    place = without(package, tmp_path / "m.nequip.zip", *records)
    (tmp_path / "link.nequip.zip").symlink_to("m.nequip.zip")
    (tmp_path / "hard.nequip.zip").hardlink_to(place)
    (tmp_path / "linked").symlink_to(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / ".m.nequip.zip.12-0123abcd.partial").write_text("left by a killed run")
    (tmp_path / "extra.py").write_text("VALUE = 1\n")
    return tmp_path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("command", COMMANDS)
def test_refused_before_anything_runs(command: str, folder: Path) -> None:
    package = folder / "m.nequip.zip"
    before, stat = digest(package), package.stat()
    names = sorted(path.name for path in folder.iterdir())
    for name in NAMES.values():
        output = name.format(folder=folder)
        done = pack(command, package, output, *COMMANDS[command], cwd=folder)
        line = error_line(done, 2)
        assert line == f"{output}: the output is the package itself; {ADVICE}"
        assert done.stderr.count("\n") == 1
    assert (digest(package), package.stat().st_mtime_ns) == (before, stat.st_mtime_ns)
    assert names == sorted(path.name for path in folder.iterdir())


def test_a_name_in_other_case_where_the_file_system_folds(package: Path, tmp_path: Path) -> None:
    shutil.copy(package, tmp_path / "m.nequip.zip")
    if not (tmp_path / "M.nequip.zip").exists():
        pytest.skip("this file system tells cases apart")
    done = pack("migrate", "m.nequip.zip", "M.nequip.zip", cwd=tmp_path)
    assert "the output is the package itself" in error_line(done, 2)


@pytest.mark.parametrize("command", COMMANDS)
def test_both_or_neither(command: str, folder: Path) -> None:
    words = COMMANDS[command]
    line = error_line(pack(command, "m.nequip.zip", "o.nequip.zip", "--in-place", *words, cwd=folder), 2)
    assert "--in-place and the output 'o.nequip.zip' exclude each other" in line
    assert "Missing argument 'OUT'" in error_line(pack(command, "m.nequip.zip", *words, cwd=folder), 2)


@pytest.mark.parametrize("command", COMMANDS)
def test_in_place(command: str, folder: Path) -> None:
    """The package is replaced, a link to it stays one, what was left goes; the option may stand last."""
    before = digest(folder / "m.nequip.zip")
    done = checked(pack(command, "link.nequip.zip", *COMMANDS[command], "--in-place", cwd=folder))
    assert done.stdout.splitlines()[-1].startswith("link.nequip.zip: ")
    assert (folder / "link.nequip.zip").is_symlink()
    assert digest(folder / "hard.nequip.zip") == before != digest(folder / "m.nequip.zip")
    new = open_archive(folder / "m.nequip.zip")
    check_content(new)
    assert read_metadata(new).available_models == ("eager", "compile")
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_what_fails_in_place_leaves_the_package(folder: Path) -> None:
    package = folder / "m.nequip.zip"
    before = package.read_bytes()
    (folder / "extra.py").write_text("raise ValueError('here')\n")
    words = ("--replace", "nequip/nn/mlp.py", "extra.py")
    assert "ValueError: here" in error_line(pack("update", package, "--in-place", *words, cwd=folder), 8)
    assert "no public modifier no_such" in error_line(
        pack("modify", package, "--in-place", "--modifier", "no_such", cwd=folder), 2
    )
    assert package.read_bytes() == before

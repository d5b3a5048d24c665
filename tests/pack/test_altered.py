"""``diff`` of a real package and its altered twins, through the real process."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from altered import REFUSED, TOLD, altered
from pack_support import checked, error_line, pack

from nequip_pack.format import open_archive
from nequip_pack.format.manifest import add_manifest

pytestmark = pytest.mark.real


@pytest.mark.parametrize("kind", TOLD)
def test_an_alteration_is_told(kind: str, package: Path, tmp_path: Path) -> None:
    """By ``diff``, unless a stricter reader refuses the package before."""
    alteration, expected = TOLD[kind]
    twin = altered(package, tmp_path / "m.nequip.zip", alteration(open_archive(package)))
    done = pack("diff", package, twin, "--exit-code", cwd=tmp_path)
    if done.returncode == 4:
        error_line(done, 4)
        return
    assert done.returncode == 1, done.stdout + done.stderr
    assert expected in done.stdout, done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", REFUSED)
def test_a_damaged_pickle_is_refused(kind: str, package: Path, tmp_path: Path) -> None:
    twin = altered(package, tmp_path / "m.nequip.zip", REFUSED[kind](open_archive(package)))
    error_line(pack("diff", package, twin, cwd=tmp_path), 4)


NAMES = {
    "a name twice, the other last": ("model/eager_model.pkl", False),
    "a name twice, the other first": ("model/eager_model.pkl", True),
    "names that differ by case": ("Model/Eager_Model.pkl", True),
    "a way out": ("../../../../evil.py", False),
    "a path from the root": ("/evil.py", False),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", NAMES)
def test_ambiguous_names_are_refused(kind: str, package: Path, tmp_path: Path) -> None:
    name, goes_first = NAMES[kind]
    twin = tmp_path / "m.nequip.zip"
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(twin, "w") as copy:
        if goes_first:
            copy.writestr(f"archive/{name}", b"N.")
        for member in source.namelist():
            copy.writestr(member, source.read(member))
        if not goes_first:
            copy.writestr(f"archive/{name}", b"N.")
    error_line(pack("diff", package, twin, cwd=tmp_path), 4)


def test_what_is_no_difference(package: Path, tmp_path: Path) -> None:
    """The folder, the order of the members, how they are packed."""
    twin = tmp_path / "m.nequip.zip"
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(twin, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in reversed(source.namelist()):
            if member.endswith("manifest.json"):
                continue
            copy.writestr(member.replace("archive/", "other/", 1), source.read(member))
    with twin.open("r+b") as stream:
        add_manifest(stream)
    done = checked(pack("diff", package, twin, "--exit-code", cwd=tmp_path))
    assert done.stdout == "(no differences)\n"


def test_two_builds_of_one_checkpoint(nequip_checkpoint: Path, package: Path, tmp_path: Path) -> None:
    checked(pack("build", nequip_checkpoint, "again.nequip.zip", cwd=tmp_path))
    done = checked(pack("diff", package, "again.nequip.zip", "--exit-code", cwd=tmp_path))
    assert done.stdout == "(no differences)\n"

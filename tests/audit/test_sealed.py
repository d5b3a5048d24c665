"""What is loaded is what was audited, whatever happens to the file in between."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from pack_support import checked, error_line, pack, python
from small import small

from nequip_pack.errors import DamagedError
from nequip_pack.format.sealed import open_sealed

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_that_is_replaced_is_still_the_first(tmp_path: Path) -> None:
    path = small(tmp_path / "m.nequip.zip")
    archive = open_sealed(path)
    small(tmp_path / "n.nequip.zip", {"mine/net.py": b"import os\n"})
    (tmp_path / "n.nequip.zip").replace(path)
    assert b"class Net" in archive.read("mine/net.py")


def test_a_file_that_is_changed_in_place_is_refused(tmp_path: Path) -> None:
    path = small(tmp_path / "m.nequip.zip", {"mine/data.bin": os.urandom(3 << 20)})
    archive = open_sealed(path)
    with path.open("r+b") as stream:
        stream.seek(archive.members["mine/data.bin"].entry.start + (2 << 20))
        stream.write(b"changed")
    with pytest.raises(DamagedError, match="changed while it was read"):
        archive.read("mine/data.bin")


def test_reads_are_those_of_the_file(tmp_path: Path) -> None:
    path = small(tmp_path / "m.nequip.zip", {"mine/data.bin": os.urandom((2 << 20) + 7)})
    whole = path.read_bytes()
    with open_sealed(path).open() as stream:
        assert stream.read() == whole
        for place, size in ((0, 4), ((1 << 20) - 3, 9), (len(whole) - 5, 99), (len(whole) + 5, 1)):
            stream.seek(place)
            assert stream.read(size) == whole[place : place + size]


SCRIPT = """
import os, shutil, sys
import nequip_pack.audit.run as run
import nequip_pack.format.sealed as sealed
from nequip_pack import ModelFromPackage, load_package
from nequip_pack.errors import DamagedError, Refused

path, evil, how = sys.argv[1:]
passes = run.must_pass
sealed._BLOCK = 1 << 14  # of many blocks, as larger packages are

def meanwhile(found, where):
    passes(found, where)
    if how == "replaced":
        shutil.copy(evil, "other"); os.replace("other", path)
    elif how == "changed":
        with open(path, "r+b") as stream:
            stream.write(open(evil, "rb").read())

run.must_pass = meanwhile
try:
    loaded = load_package(path, audit=True)
except (DamagedError, Refused) as error:
    print(type(error).__name__)
else:
    print("loaded", len(list(loaded.models.parameters())) > 0)
print(os.path.exists("ran"))
os.environ["NEQUIP_PACK_AUDIT"] = "1"
run.must_pass = passes
try:
    ModelFromPackage(evil)
except Refused as error:
    print("refused" if "os.system" in str(error) else error, os.path.exists("ran"))
"""


@pytest.mark.real
def test_loads_that_are_audited(package: Path, tmp_path: Path) -> None:
    from altered import altered
    from attacks import ATTACKS

    from nequip_pack.format import open_archive

    attack = ATTACKS["call in the eager model"].alter(open_archive(package))
    evil = altered(package, tmp_path / "evil.nequip.zip", attack)
    said = {}
    for how in ("replaced", "changed"):
        folder = tmp_path / how
        folder.mkdir()
        shutil.copy(package, folder / "m.nequip.zip")
        words = ("-c", SCRIPT, "m.nequip.zip", str(evil), how)
        said[how] = checked(python(*words, cwd=folder)).stdout.splitlines()
    assert said["replaced"] == ["loaded True", "False", "refused False"]
    assert said["changed"] == ["DamagedError", "False", "refused False"]


@pytest.mark.real
def test_verify_runs_nothing_that_is_refused(package: Path, tmp_path: Path) -> None:
    from altered import altered
    from attacks import ATTACKS

    from nequip_pack.format import open_archive

    attack = ATTACKS["call in the eager model"].alter(open_archive(package))
    altered(package, tmp_path / "m.nequip.zip", attack)
    line = error_line(pack("verify", "m.nequip.zip", cwd=tmp_path), 1)
    assert (
        "the audit refuses this package: model/eager_model.pkl: loading this file would run os.system" in line
    )
    assert not (tmp_path / "ran").exists()
    done = pack("verify", "m.nequip.zip", "--run-refused", cwd=tmp_path)
    assert "audit" in done.stdout
    assert "not checked" in done.stdout

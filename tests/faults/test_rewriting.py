"""``modify``, ``update`` and ``migrate`` with the faults of builds: the old output or the new one, whole."""

from __future__ import annotations

import os
import random
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest
from fault_support import OLD_CONTENT, PROOF_JOBS, Faults, commit_jobs, table, write_jobs
from warm import warm_python

if TYPE_CHECKING:
    import subprocess
    from collections import Counter
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Show = Callable[[str, Mapping[str, Mapping[str, int]]], None]

pytestmark = pytest.mark.real

SHIFT = ("--modifier", "modify_PerTypeScaleShift", "shifts={Cu: 1.0}")
COMMANDS = {
    "modify": ("modify", "IN", "OUTPUT", *SHIFT),
    "update": ("update", "IN", "OUTPUT", "--replace", "nequip/extra.py", "EXTRA"),
    "migrate": ("migrate", "OLDER", "OUTPUT"),
    "migrate what is current": ("migrate", "IN", "OUTPUT"),
}


RECORDS = ("/manifest.json", "/references.json", "/closure.json")
"""What a package lacks that another tool wrote anew."""


def words(package: Path, folder: Path, command: str) -> list[object]:
    """The words of a command, with its inputs made in ``folder``."""
    older, extra = folder / "older.nequip.zip", folder / "extra.py"
    extra.write_text("VALUE = 1\n")
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(older, "w") as copy:
        for name in source.namelist():
            if not name.endswith(RECORDS):
                copy.writestr(name, source.read(name))
    files: dict[str, object] = {"IN": package, "OLDER": older, "EXTRA": extra}
    return [files.get(word, word) for word in COMMANDS[command]]


def _kills(command: str, faults: Faults, share: float, commits: int, seed: int) -> dict[str, Counter[str]]:
    new, writes = faults.whole()
    chance = random.Random(seed)
    at_write = write_jobs(writes, share, seed) if share else chance.sample(write_jobs(writes, 1, seed), 5)
    proof = () if "current" in command else PROOF_JOBS
    return table(faults.run([*at_write, *chance.sample(commit_jobs(), commits), *proof]), new)


@pytest.mark.parametrize("command", COMMANDS)
def test_some_of_the_kills(command: str, package: Path, tmp_path: Path, seed: int, show: Show) -> None:
    faults = Faults(tmp_path, *words(package, tmp_path, command))
    show(f"{command}, stopped at a write, fsync or rename", _kills(command, faults, 0, 2, seed))


@pytest.mark.matrix
@pytest.mark.parametrize("command", COMMANDS)
def test_every_kill(command: str, package: Path, tmp_path: Path, seed: int, show: Show) -> None:
    faults = Faults(tmp_path, *words(package, tmp_path, command))
    show(f"{command}, stopped at every write, fsync and rename", _kills(command, faults, 1, 9, seed))


@pytest.mark.parametrize("command", ["modify", "update"])
def test_a_full_disk_that_is_not_the_temporary_one(
    command: str, package: Path, tmp_path: Path, disk: Callable[[int], Path]
) -> None:
    """An older output and most of a package fit on it; nothing of either is lost, nothing is left."""
    place = disk(len(OLD_CONTENT) + package.stat().st_size * 9 // 10)
    output = place / "m.nequip.zip"
    output.write_bytes(OLD_CONTENT)
    done = _run(*words(package, tmp_path, command), output=output, cwd=tmp_path)
    assert done.returncode == 7, done.stderr
    assert "No space left on device" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert output.read_bytes() == OLD_CONTENT
    assert [path.name for path in place.iterdir()] == ["m.nequip.zip"]


@pytest.mark.parametrize("command", ["modify", "update"])
def test_a_temporary_folder_without_room(
    command: str, package: Path, tmp_path: Path, disk: Callable[[int], Path]
) -> None:
    """Only the folder of the output needs room; the result can be read by whom the umask lets."""
    place = disk(os.sysconf("SC_PAGE_SIZE"))
    output = tmp_path / "out.nequip.zip"
    arguments = words(package, tmp_path, command)
    before = sorted(path.name for path in tmp_path.iterdir())
    mask = os.umask(0o022)
    done = _run(*arguments, output=output, cwd=tmp_path, TMPDIR=str(place))
    os.umask(mask)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(output.stat().st_mode) == 0o644
    assert not [path for path in place.rglob("*") if path.is_file()]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, output.name])


def _run(*words: object, output: Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    arguments = [str(output if word == "OUTPUT" else word) for word in words]
    return warm_python("-m", "nequip_pack", *arguments, cwd=cwd, env={**os.environ, **variables})

"""Hidden partial files beside an output: whose they are, and who removes them. No torch is needed here."""

from __future__ import annotations

import errno
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nequip_pack.writing.draft import Draft, check_output, failed

if TYPE_CHECKING:
    from pathlib import Path

KILLED = """
import os, signal, sys
from pathlib import Path
from nequip_pack.writing.draft import Draft
draft = Draft(Path(sys.argv[1]))
draft.stream.write(b"half")
draft.stream.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_a_killed_build_left_goes_with_the_next(tmp_path: Path) -> None:
    target = tmp_path / "m.nequip.zip"
    target.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert done.returncode == -9
    assert len(_names(tmp_path)) == 2
    check_output(target)
    assert _names(tmp_path) == ["m.nequip.zip"]
    assert target.read_bytes() == b"old"


def test_a_build_at_work_keeps_its_file(tmp_path: Path) -> None:
    target = tmp_path / "m.nequip.zip"
    with Draft(target) as draft:
        check_output(target)
        draft.stream.write(b"new")
        draft.finish()
        draft.commit()
    assert target.read_bytes() == b"new"
    assert _names(tmp_path) == ["m.nequip.zip"]


@pytest.mark.parametrize(
    "name",
    [
        ".other.nequip.zip.1-0123abcd.partial",
        ".m.nequip.zip.1-a.partial",
        ".m.nequip.zip.partial",
        "m.nequip.zip.1.partial",
    ],
)
def test_files_of_other_names_stay(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")
    check_output(tmp_path / "m.nequip.zip")
    assert _names(tmp_path) == [name]


def test_a_name_with_brackets_is_no_pattern(tmp_path: Path) -> None:
    (tmp_path / ".ma.nequip.zip.1-0123abcd.partial").write_bytes(b"mine")
    (tmp_path / ".m[a].nequip.zip.1-0123abcd.partial").write_bytes(b"abandoned")
    check_output(tmp_path / "m[a].nequip.zip")
    assert _names(tmp_path) == [".ma.nequip.zip.1-0123abcd.partial"]


def test_the_needed_size_is_told_where_room_is_what_is_missing(tmp_path: Path) -> None:
    target = tmp_path / "m.nequip.zip"
    assert "1234 bytes are needed" in str(failed(target, OSError(errno.ENOSPC, "full"), 1234))
    assert "bytes are needed" not in str(failed(target, OSError(errno.EIO, "broken"), 1234))

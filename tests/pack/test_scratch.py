"""Temporary folders: what a killed run leaves goes with the next run, and nothing else does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from pack_support import checked, pack

from nequip_pack.errors import OutputError, Terminated
from nequip_pack.locks import abandoned
from nequip_pack.scratch import LOCK, PREFIX, Scratch
from nequip_pack.writing.draft import Draft, check_output, remove_abandoned

HOLDER = (
    "import sys; from nequip_pack.scratch import Scratch; s = Scratch(); print(s.path, flush=True); input()"
)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary directory of this process and of those that it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def holder() -> tuple[subprocess.Popen[str], Path]:
    """A process with a scratch folder in which it has written something."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    path = Path(process.stdout.readline().strip())
    (path / "below").mkdir()
    (path / "below" / "file").write_text("content")
    return process, path


def ended(process: subprocess.Popen[str], number: int) -> None:
    process.send_signal(number)
    process.communicate()


def test_an_empty_folder_that_goes_away(temporary: Path) -> None:
    with Scratch() as path:
        assert list(path.iterdir()) == []
        (path / "x").write_text("content")
    scratch = Scratch()
    assert len(list(temporary.iterdir())) == 1
    del scratch
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_killed_run_goes_and_that_of_one_at_work_stays(temporary: Path) -> None:
    (killed, left), (working, held) = holder(), holder()
    ended(killed, signal.SIGKILL)
    assert left.exists()
    with Scratch() as own:
        assert not left.parent.exists()
        assert (held / "below" / "file").read_text() == "content"
        assert own.exists()
    said = working.communicate("\n")
    assert said == ("", None)
    assert list(temporary.iterdir()) == []


def test_what_is_not_ours_stays(temporary: Path, tmp_path: Path) -> None:
    """Folders without the mark, links, files, and folders of another user."""
    elsewhere = tmp_path / f"{PREFIX}elsewhere"
    unmarked, other = temporary / f"{PREFIX}mine", temporary / f"{PREFIX}other"
    for folder in (unmarked, elsewhere, other):
        (folder / "work").mkdir(parents=True)
        (folder / "work" / "file").write_text("content")
    (elsewhere / LOCK).touch()
    (temporary / f"{PREFIX}link").symlink_to(elsewhere)
    (temporary / f"{PREFIX}file").touch()
    (temporary / "foreign").mkdir()
    (temporary / "foreign" / LOCK).touch()
    linked = temporary / f"{PREFIX}linked"
    linked.mkdir()
    (linked / LOCK).symlink_to(elsewhere / LOCK)
    if os.getuid() == 0:
        (other / LOCK).touch()
        os.chown(other, 12345, 12345)
    before = sorted(temporary.rglob("*"))
    with Scratch():
        pass
    assert sorted(temporary.rglob("*")) == before
    assert (elsewhere / "work" / "file").read_text() == "content"


def test_a_link_inside_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("content")
    process, left = holder()
    (left / "link").symlink_to(precious)
    ended(process, signal.SIGKILL)
    with Scratch():
        assert not left.parent.exists()
    assert (precious / "file").read_text() == "content"
    assert list(temporary.iterdir()) == []


def test_what_somebody_put_beside_the_work_stays(temporary: Path) -> None:
    process, left = holder()
    (left.parent / "note").write_text("content")
    ended(process, signal.SIGKILL)
    with Scratch():
        pass
    assert sorted(path.name for path in left.parent.iterdir()) == [LOCK, "note"]


def test_no_place_for_one(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / "missing"))
    with pytest.raises(OutputError, match=r"a temporary folder could not be made \(No such file"):
        Scratch()


@pytest.mark.real
def test_the_next_command_removes_what_a_killed_one_left(
    package: Path, temporary: Path, tmp_path: Path
) -> None:
    """Killed while its fresh process is at work; a command of another kind comes next."""
    (tmp_path / "extra.py").write_text("VALUE = 1\n")
    words = ("update", str(package), "m.nequip.zip", "--replace", "nequip/extra.py", "extra.py")
    process = subprocess.Popen([sys.executable, "-m", "nequip_pack", *words], cwd=tmp_path)
    while not list(temporary.glob(f"{PREFIX}*/work")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    (left,) = temporary.glob(f"{PREFIX}*")
    checked(pack("verify", package, cwd=tmp_path))
    assert not left.exists()
    assert list(temporary.glob(f"{PREFIX}*")) == []


class TestDrafts:
    """Hidden files beside an output."""

    def test_only_drafts_that_nobody_holds_are_removed(self, tmp_path: Path) -> None:
        target = tmp_path / "m.nequip.zip"
        names = (
            ".m.nequip.zip.old.partial",
            ".m.nequip.zip.12-0123abcd.partial.bak",
            ".m.nequip.zip.partial",
        )
        for name in names:
            (tmp_path / name).write_text("precious")
        left = tmp_path / ".m.nequip.zip.12-0123abcd.partial"
        left.write_text("half a package")
        with Draft(target) as draft:
            remove_abandoned(target)
            assert not left.exists()
            assert draft.path.exists()
            draft.finish()
            remove_abandoned(target)  # as another build of the same output does while this one is verified
            assert draft.path.exists()
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)

    def test_a_link_in_the_place_of_a_draft(self, tmp_path: Path) -> None:
        precious = tmp_path / "precious"
        precious.write_text("content")
        (tmp_path / ".m.nequip.zip.12-0123abcd.partial").symlink_to(precious)
        check_output(tmp_path / "m.nequip.zip")
        assert precious.read_text() == "content"

    def test_a_lock_is_known_to_other_openings(self, tmp_path: Path) -> None:
        with Draft(tmp_path / "m.nequip.zip") as draft, abandoned(draft.path) as free:
            assert not free


def test_a_signal_while_it_is_made_leaves_nothing(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(descriptor: int) -> bool:
        raise Terminated(15)

    monkeypatch.setattr("nequip_pack.locks._lock", stop)
    with pytest.raises(Terminated):
        Scratch()
    assert list(temporary.iterdir()) == []

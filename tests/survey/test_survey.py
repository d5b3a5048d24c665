"""Surveys of packages here: results, resumption, limits, tables."""

from __future__ import annotations

import csv
import json
import os
import pty
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from needs import needs
from pack_support import error_line, new_python, pack, rewrite
from survey_support import BROKEN, MANIFEST, NET, NUMBER, OUTPUT, command, found, lines, raw, survey

from nequip_lint.install import install_command
from nequip_pack.format import open_archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.real

CODES = {
    "checkpoint": 3,
    "cut": 4,
    "empty": 3,
    "flipped": 4,
    "headless": 4,
    "longer": 4,
    "pipe": 3,
    "text": 3,
    "unreadable": 4,
    "zeros": 3,
}


def test_one_worker_two_workers_and_what_they_find(folder: Path, surveyed: Path, tmp_path: Path) -> None:
    known = lines(surveyed)
    assert len(raw(surveyed)) == len(known) == NUMBER
    assert {name.partition(".")[0]: line.steps["info"].code for name, line in known.items()} == {
        **{f"m{number:03}": 0 for number in range(NUMBER - BROKEN)},
        **CODES,
    }
    line = known["m000.nequip.zip"]
    assert line.short == []
    assert line.steps["info"].content["atom_types"] == []
    assert line.steps["check"].content["loads"] is True
    assert line.steps["lint"].content == {"errors": 0, "files": 2, "findings": []}
    done = survey(folder, "--workers", 2, "--strict", cwd=tmp_path, code=1)
    assert done.stdout == f"{OUTPUT}: {NUMBER} packages, {BROKEN} with failures\n"
    assert done.stderr == ""
    assert found(tmp_path) == found(surveyed)


def test_killed_in_the_middle_and_resumed(folder: Path, surveyed: Path, tmp_path: Path) -> None:
    before = _started(folder, tmp_path, signal.SIGKILL)
    _no_process_is_left(folder)
    with (tmp_path / OUTPUT).open("ab") as stream:
        stream.write(json.dumps(raw(tmp_path)[0]).encode()[:-40])
    survey(folder, cwd=tmp_path)
    after = raw(tmp_path)
    assert after[: len(before)] == before
    unread = {line["path"] for line in before if line["sha256"] is None}  # by now it may be another
    assert len(after) == NUMBER + len(unread)
    assert found(tmp_path) == found(surveyed)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_stopped_by_a_signal(folder: Path, tmp_path: Path, number: signal.Signals, code: int) -> None:
    before = _started(folder, tmp_path, number, code)
    assert 2 <= len(before) < NUMBER
    _no_process_is_left(folder)


def _started(folder: Path, cwd: Path, number: signal.Signals, code: int | None = None) -> list[object]:
    """The lines that a survey had written when it was stopped."""
    with subprocess.Popen(command(folder), cwd=cwd, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not (_size(cwd / OUTPUT) and len(raw(cwd)) >= 2):
            time.sleep(0.01)
        assert process.poll() is None, "it ended before the signal"
        process.send_signal(number)
        said = process.communicate()[1]
    assert said.endswith("has what was done until then; run it again to go on\n") == (code is not None)
    assert process.returncode == (-number if code is None else code)
    return raw(cwd)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _no_process_is_left(folder: Path) -> None:
    """None that names the folder; those of a killed survey end when they see that it is gone."""
    deadline = time.monotonic() + 30
    while str(folder) in (text := _command_lines()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert str(folder) not in text


def _command_lines() -> str:
    return subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout


def test_only_what_has_changed_is_done_again(small: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "b.nequip.zip").write_bytes((folder / "m003.nequip.zip").read_bytes())
    (tmp_path / "a.nequip.zip").write_bytes(small.read_bytes())
    survey(".", cwd=tmp_path)
    assert [line["path"] for line in raw(tmp_path)] != []
    (tmp_path / "a.nequip.zip").touch()
    assert "2 packages, 0 with" in survey(".", cwd=tmp_path).stdout
    assert len(raw(tmp_path)) == 2
    (tmp_path / "a.nequip.zip").write_bytes(b"changed")
    assert "2 packages, 1 with" in survey(".", cwd=tmp_path).stdout
    assert [line["path"].rpartition("/")[2] for line in raw(tmp_path)[2:]] == ["a.nequip.zip"]
    text = (tmp_path / OUTPUT).read_text()
    (tmp_path / OUTPUT).write_text(text.replace('"lint": {"version": "0', '"lint": {"version": "older 0'))
    survey(".", cwd=tmp_path)
    assert len(raw(tmp_path)) == 5


HANGS = "torch.futures.Future().wait()\n"
HUNGRY = "held = bytearray(6 << 30)\n"


def test_a_hanging_and_a_hungry_package_stop_nothing(small: Path, tmp_path: Path) -> None:
    """They are what they are when their code runs, which only ``verify`` does."""
    shutil.copy(small, tmp_path / "good.nequip.zip")
    for name, text in {"hangs": HANGS, "hungry": HUNGRY}.items():
        changed = open_archive(small).read(NET) + text.encode()
        rewrite(small, tmp_path / f"{name}.nequip.zip", {NET: changed, MANIFEST: None})
    words = (".", "--verify", "--timeout", 40, "--memory", 4)
    assert "3 packages, 2 with failures" in survey(*words, cwd=tmp_path).stdout
    hangs, good, hungry = (
        lines(tmp_path)[f"{name}.nequip.zip"].steps for name in ("hangs", "good", "hungry")
    )
    assert "it took more than 40 seconds" in [outcome.error for outcome in hangs.values()]
    assert "time" in [outcome.in_a_word for outcome in hangs.values()]
    assert {outcome.in_a_word for outcome in good.values()} == {"ok"}
    assert [outcome.in_a_word for outcome in hungry.values()] == ["ok", "ok", "ok", "ok", "exit 8"]
    assert "MemoryError" in hungry["verify"].error


def test_words_and_tables(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    listed = f"{folder / 'm000.nequip.zip'}\n\n{folder}/c*.nequip.zip\n"
    words = (
        folder / "deep" / "deeper" / "m001.nequip.zip",
        "-",
        folder / "m000.nequip.zip",
        "nothing",
        "gone.zip",
    )
    done = survey(*words, "--format", "csv", cwd=tmp_path, input=listed)
    assert done.stderr == "nequip-pack: warning: nothing: there is no package\n"
    assert done.stdout.splitlines()[-1] == "survey.csv: a row for each"
    with (tmp_path / "survey.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = [row["path"].rpartition("/")[2] for row in rows]
    packages = ["m001.nequip.zip", "m000.nequip.zip", "checkpoint.nequip.zip", "cut.nequip.zip", "gone.zip"]
    assert names == packages
    assert [row["check"] for row in rows] == ["ok", "ok", "exit 3", "exit 4", "exit 3"]
    assert rows[0]["available_models"] == "eager"
    assert rows[4]["info_error"] == "the package cannot be read (No such file or directory)"
    assert "no package to survey" in error_line(pack("survey", "nothing", cwd=tmp_path), 3)


@needs("pyarrow")
def test_parquet(folder: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    survey(folder / "m000.nequip.zip", folder / "cut.nequip.zip", "--format", "parquet", cwd=tmp_path)
    rows = parquet.read_table(tmp_path / "survey.parquet").to_pylist()
    assert [row["check"] for row in rows] == ["ok", "exit 4"]
    assert [row["size"] for row in rows] == [line["size"] for line in sorted(raw(tmp_path), key=_is_cut)]
    script = "import sys; sys.modules['pyarrow'] = None; from nequip_pack.cli import main; main(sys.argv[1:])"
    words = ("survey", str(folder), "--format", "parquet", "-o", "none.jsonl")
    assert install_command("survey") in error_line(new_python("-c", script, *words, cwd=tmp_path), 6)
    assert not (tmp_path / "none.jsonl").exists()


def _is_cut(line: dict[str, str]) -> bool:
    return "cut" in line["path"]


def test_on_a_terminal(folder: Path, tmp_path: Path) -> None:
    """A bar on the way, and a table at the end."""
    ours, theirs = pty.openpty()
    words = command(folder / "m000.nequip.zip", folder / "text.nequip.zip")
    with subprocess.Popen(words, cwd=tmp_path, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
    assert process.returncode == 0
    text = shown.decode()
    assert "packages  [####" in text
    assert "info   1   1" in text
    assert "text.nequip.zip: info: exit 3 (this is a text file, not a package)" in text


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux tells so that the other end is closed
        return b""


def test_an_output_of_something_else_stays(folder: Path, tmp_path: Path) -> None:
    words = ("survey", folder, "-o", "all.csv", "--format", "csv")
    assert "take the place of the lines" in error_line(pack(*words, cwd=tmp_path), 2)
    error_line(pack("survey", folder, "-o", "none/all.jsonl", cwd=tmp_path), 7)
    for content in ("notes\n", "notes", '{"version": 2}\n'):
        (tmp_path / OUTPUT).write_text(content)
        line = error_line(pack("survey", folder, cwd=tmp_path), 3)
        assert line.endswith("give another --output")
        assert (tmp_path / OUTPUT).read_text() == content


@pytest.mark.matrix
def test_three_hundred(
    crowd: Callable[[int], Path], tmp_path: Path, record_property: Callable[..., None]
) -> None:
    """One worker and two, with equal results; the times are printed."""
    folder, took = crowd(300), {}
    for workers in (1, 2):
        start = time.monotonic()
        survey(folder, "--workers", workers, "-o", f"{workers}.jsonl", cwd=tmp_path)
        took[workers] = time.monotonic() - start
    assert len(raw(tmp_path, "1.jsonl")) == 300
    assert found(tmp_path, "1.jsonl") == found(tmp_path, "2.jsonl")
    start = time.monotonic()
    survey(folder, "-o", "1.jsonl", cwd=tmp_path)
    again = time.monotonic() - start
    rows = f"one worker {took[1]:.1f} s, two {took[2]:.1f} s, again {again:.1f} s"
    record_property("table", f"survey of 300 packages: {rows}")

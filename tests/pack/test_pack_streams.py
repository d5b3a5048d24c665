"""Standard streams that are closed, full or broken: the exit code is the documented one, and never 70."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from pack_support import PREFIX, checked, pack
from test_static import archive

if TYPE_CHECKING:
    from pathlib import Path

MLP = "nequip/nn/mlp.py"
CLOSED = ">&-"
FULL = ">/dev/full"
READING = ["info PKG", "info PKG --json", "info PKG --yaml", "list PKG"]
READING += ["--help", "--version", "info --help", ""]


def shell(command: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run ``nequip-pack`` with redirections as a shell makes them, and options of Python."""
    start = shlex.join([sys.executable, *options, "-m", "nequip_pack"])
    return subprocess.run(
        ["/bin/sh", "-c", f"{start} {command}"], cwd=folder, capture_output=True, text=True, check=False
    )


def broken(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run it with a pipe as standard output that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        line = [sys.executable, "-m", "nequip_pack", *shlex.split(command)]
        return subprocess.run(
            line, cwd=folder, stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    archive(tmp_path / "m.nequip.zip")
    return tmp_path


@pytest.mark.parametrize("command", READING)
def test_an_answer_that_cannot_be_written(place: Path, command: str) -> None:
    command = command.replace("PKG", "m.nequip.zip")
    for stream, why in ((CLOSED, "Bad file descriptor"), (FULL, "No space left on device")):
        done = shell(f"{command} {stream}", place)
        expected = f"{PREFIX}standard output: the answer could not be written ({why})"
        assert (done.returncode, done.stderr.splitlines()[-1]) == (7, expected)
        assert "Traceback" not in done.stderr
        assert shell(f"{command} {stream} 2>&-", place).returncode == 7
    done = broken(command, place)
    assert (done.returncode, "error" in done.stderr) == (141, False)


@pytest.mark.parametrize("options", [(), ("-u",)])
def test_what_is_wrong_anyway_keeps_its_code(place: Path, options: tuple[str, ...]) -> None:
    for command, code in (("info absent", 3), ("bild", 2), ("build x", 2), ("diff m.nequip.zip absent", 2)):
        for streams in ("", CLOSED, FULL, "2>&-", "2>/dev/full", "0<&-", "0<&- >&- 2>&-"):
            done = shell(f"{command} {streams}", place, *options)
            assert done.returncode == code, (command, streams, done.stderr)


def test_a_closed_error_stream_changes_nothing(place: Path) -> None:
    whole = shell("info m.nequip.zip", place)
    for stream in ("2>&-", "2>/dev/full", "0<&-"):
        done = shell(f"info m.nequip.zip {stream}", place)
        assert (done.returncode, done.stdout) == (0, whole.stdout)


def test_no_file_gets_the_descriptor_of_a_closed_stream(place: Path) -> None:
    """Neither here nor in a process that this one starts."""
    script = (
        "import os, subprocess, sys\n"
        "from nequip_pack.cli.streams import guard\n"
        "guard()\n"
        'child = \'import os; file = open("two", "wb"); os.write(1, b"x"); os.write(2, b"x")\'\n'
        "with open('one', 'wb') as file:\n"
        "    os.write(1, b'x'), os.write(2, b'x')\n"
        "subprocess.run([sys.executable, '-c', child], check=True)\n"
    )
    line = f"{shlex.join([sys.executable, '-c', script])} 0<&- >&- 2>&-"
    checked(subprocess.run(["/bin/sh", "-c", line], cwd=place, capture_output=True, text=True, check=False))
    assert [(place / name).read_bytes() for name in ("one", "two")] == [b"", b""]


def test_without_a_command_the_help_is_shown(place: Path) -> None:
    assert checked(pack(cwd=place)).stdout == checked(pack("--help", cwd=place)).stdout
    assert "Commands:" in checked(pack("--debug", cwd=place)).stdout


def test_text_that_the_stream_has_no_letters_for(place: Path) -> None:
    """Nor has any for bytes in a file's name that are no text."""
    for encoding in ("ascii", "latin-1", "utf-8"):
        environment = {**os.environ, "PYTHONIOENCODING": encoding}
        for name in (b"\xcf\x80.nequip.zip", b"\xff.nequip.zip"):
            shutil.copy(place / "m.nequip.zip", place / os.fsdecode(name))
            command = [sys.executable.encode(), b"-m", b"nequip_pack", b"info", name]
            done = subprocess.run(command, cwd=place, env=environment, capture_output=True, check=False)
            assert done.returncode == 0, done.stderr
            assert b".nequip.zip: format 2" in done.stdout


def test_a_stream_that_others_made_non_blocking(place: Path) -> None:
    """More than a pipe holds, read late."""
    script = (
        "import os, sys\n"
        "from nequip_pack.cli.streams import guard\n"
        "os.set_blocking(1, False)\n"
        "streams = guard()\n"
        "print('x' * 300_000)\n"
        "sys.exit(0 if streams.problem() is None else 7)\n"
    )
    done = subprocess.run(
        ["/bin/sh", "-c", f"({shlex.join([sys.executable, '-c', script])}; echo $? >&2) | (sleep 1; wc -c)"],
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr.strip()) == ("300001", "0")


def test_nobody_says_who_called(place: Path) -> None:
    """nequip's script of the other name is on the path here; only ``--version`` tells whose it is."""
    (place / "nequip-package").write_text("#!/bin/sh\n")
    (place / "nequip-package").chmod(0o755)
    environment = {**os.environ, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
    done = checked(pack("info", "m.nequip.zip", cwd=place, env=environment))
    assert done.stderr == ""
    version = checked(pack("--version", cwd=place, env=environment))
    assert "belongs to another distribution" in version.stdout


@pytest.mark.real
class TestInPlace:
    """A command that was asked for a file has done its work once the file is there."""

    @pytest.mark.parametrize("streams", [CLOSED, FULL, "0<&- >&- 2>&-", ">&- 2>/dev/full"])
    def test_a_copy(self, package: Path, tmp_path: Path, streams: str) -> None:
        done = shell(f"migrate {shlex.quote(str(package))} m.nequip.zip {streams}", tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "m.nequip.zip").read_bytes() == package.read_bytes()
        if "2>" not in streams:
            assert "m.nequip.zip is in its place; the rest could not be told" in done.stderr
        assert "error" not in done.stderr

    def test_a_broken_pipe(self, package: Path, tmp_path: Path) -> None:
        done = broken(f"migrate {shlex.quote(str(package))} m.nequip.zip", tmp_path)
        assert done.returncode == 141
        assert (tmp_path / "m.nequip.zip").read_bytes() == package.read_bytes()
        assert "m.nequip.zip is in its place" in done.stderr

    def test_a_build_without_any_stream(self, nequip_checkpoint: Path, package: Path, tmp_path: Path) -> None:
        """Nothing that is printed goes into the package, which would get a closed descriptor."""
        command = f"build {shlex.quote(str(nequip_checkpoint))} m.nequip.zip"
        assert shell(f"{command} 0<&- >&- 2>&-", tmp_path).returncode == 0
        assert (tmp_path / "m.nequip.zip").read_bytes() == package.read_bytes()

    def test_modify_and_update(self, package: Path, tmp_path: Path) -> None:
        path = shlex.quote(str(package))
        for command in (
            f"modify {path} m.nequip.zip --modifier enable_ForceStressOutput",
            f"update {path} u.nequip.zip --replace {MLP}",
        ):
            done = shell(f"{command} {FULL}", tmp_path)
            assert done.returncode == 0, done.stderr
            assert "nequip.zip is in its place" in done.stderr
        for name in ("m.nequip.zip", "u.nequip.zip"):
            checked(pack("check", name, cwd=tmp_path))

    def test_what_reads_a_real_package(self, package: Path, nequip_checkpoint: Path, tmp_path: Path) -> None:
        checkpoint = shlex.quote(str(nequip_checkpoint))
        path = shlex.quote(str(package))
        for command in (f"check {path}", f"diff {path} {path}", f"build --dry-run {checkpoint}", "modes"):
            assert shell(f"{command} {FULL}", tmp_path).returncode == 7
        assert broken(f"verify {path}", tmp_path).returncode == 141

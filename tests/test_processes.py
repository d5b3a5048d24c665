"""What the tests themselves stand on: forks that are like new processes, and folders that are made once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from once import made_once
from warm import new_python, warm_python

TELL = "import os, sys; print(sys.argv, sys.path, os.getcwd(), __name__, __spec__ and __spec__.name)"
PROGRAMS = {
    "words": ("-c", TELL, "a", "-b"),
    "a script": ("folder/script.py", "a"),
    "a module": ("-m", "package.module", "a"),
    "a status": ("-c", "raise SystemExit(3)"),
    "a message": ("-c", "raise SystemExit('no')"),
    "at the end": ("-c", "import atexit; atexit.register(print, 'end')"),
    "a signal": ("-c", "import os; os.kill(os.getpid(), 9)"),
}


@pytest.mark.real
@pytest.mark.parametrize("kind", PROGRAMS)
def test_a_fork_is_as_a_new_process(kind: str, tmp_path: Path) -> None:
    for path in ("folder/script.py", "package/module.py"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(TELL)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "named")}
    new, fork = (run(*PROGRAMS[kind], cwd=tmp_path, env=environment) for run in (new_python, warm_python))
    assert (fork.returncode, fork.stdout, fork.stderr) == (new.returncode, new.stdout, new.stderr)


@pytest.mark.real
def test_a_traceback_shows_the_program_alone(tmp_path: Path) -> None:
    done = warm_python("-c", "1/0", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("  File ")) == (1, 1)
    assert done.stderr.splitlines()[-1] == "ZeroDivisionError: division by zero"


FIRST = """
import os, sys, tempfile
tops = {name.partition(".")[0] for name in sys.modules}
print(tops & {"nequip", "e3nn", "allegro", "nequip_pack", "nequip_lint", "libcst"})
from nequip_pack import start
print(dict(start.IMPORTED.environment) == dict(os.environ), os.environ["OWN"], tempfile.gettempdir())
"""


@pytest.mark.real
def test_a_fork_has_its_own_first_environment_and_nothing_that_is_packaged(tmp_path: Path) -> None:
    environment = {**os.environ, "OWN": "é", "TMPDIR": str(tmp_path)}
    done = warm_python("-c", FIRST, cwd=tmp_path, env=environment)
    assert (done.stdout.splitlines(), done.stderr) == (["set()", f"True é {tmp_path}"], "")


@pytest.mark.real
def test_what_python_reads_at_its_start_makes_a_new_process(tmp_path: Path) -> None:
    script = "import sys; print(hash('a'), 'torch' in sys.modules)"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    new, other = (run("-c", script, cwd=tmp_path, env=environment) for run in (new_python, warm_python))
    assert new.stdout == other.stdout
    assert other.stdout.endswith(" False\n")


HANGS = """
import os, signal, sys, time
os.kill(int(sys.argv[1]), signal.SIGUSR1)
time.sleep(600)
"""


@pytest.mark.real
def test_a_fork_that_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGUSR1, give_up)
    try:
        with pytest.raises(TimeoutError):
            warm_python("-c", HANGS, str(os.getpid()), cwd=tmp_path)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert warm_python("-c", "print(1)", cwd=tmp_path).stdout == "1\n"


MAKE = """
import sys, time
from pathlib import Path
from once import made_once

def fill(folder):
    time.sleep(0.3)
    with Path(sys.argv[2]).open("a") as told:
        told.write("made\\n")
    (folder / "content").write_text("whole")

print((made_once(Path(sys.argv[1]), fill) / "content").read_text())
"""


def test_two_processes_make_one_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", MAKE, str(tmp_path / "made"), str(tmp_path / "told")]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [process.communicate()[0] for process in started] == ["whole\n"] * 3
    assert (tmp_path / "told").read_text() == "made\n"


def test_a_folder_that_was_not_filled_is_made_anew(tmp_path: Path) -> None:
    def fails(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        made_once(tmp_path / "made", fails)
    folder = made_once(tmp_path / "made", lambda folder: (folder / "whole").touch())
    assert [path.name for path in folder.iterdir()] == ["whole"]

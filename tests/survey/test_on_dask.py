"""Surveys on a Dask cluster whose scheduler and workers are processes of their own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from needs import needs
from pack_support import error_line, new_python, pack
from survey_support import NUMBER, OUTPUT, command, found, raw, survey

from nequip_lint.install import install_command
from nequip_pack.errors import EnvironmentLacksError, InputError
from nequip_pack.survey import pools
from nequip_pack.survey.run import bytes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.real, needs("dask", "distributed")]

SCHEDULER = "scheduler.json"
HOST = ("--host", "127.0.0.1", "--no-dashboard")


class Cluster(NamedTuple):
    """Processes."""

    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


def start(folder: Path, module: str, *words: str) -> subprocess.Popen[bytes]:
    """A process of Dask; what it says goes to a file, for whoever has to find out why a test fails."""
    with (folder / f"{module}.log").open("ab") as log:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *HOST, *words]
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)


@contextlib.contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A scheduler, whose file is in the folder, and workers for one package at a time."""
    with contextlib.ExitStack() as stack:
        scheduler = start(folder, "dask_scheduler", "--port", "0", "--scheduler-file", SCHEDULER)
        stack.callback(_end, scheduler)
        while not (folder / SCHEDULER).exists():
            assert scheduler.poll() is None, (folder / "dask_scheduler.log").read_text()
            time.sleep(0.05)
        words = ("--scheduler-file", SCHEDULER, "--nthreads", "1", "--no-nanny")
        found = [start(folder, "dask_worker", *words, "--name", str(number)) for number in range(workers)]
        for worker in found:
            stack.callback(_end, worker)
        yield Cluster(scheduler, found)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def test_a_worker_that_dies_while_it_works(folder: Path, surveyed: Path, tmp_path: Path) -> None:
    """The other does its work, too; bytes that are sent give the same, and are not sent again."""
    with cluster(tmp_path, 2) as processes:
        words = command(folder, "--dask-config", SCHEDULER)
        with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
            while not ((tmp_path / OUTPUT).exists() and len(raw(tmp_path)) >= 2):
                assert process.poll() is None
                time.sleep(0.02)
            processes.workers[0].kill()
            said = process.communicate()[0]
        assert process.returncode == 0
        assert said.startswith(f"{OUTPUT}: {NUMBER} packages")
        assert found(tmp_path) == found(surveyed)
        address = json.loads((tmp_path / SCHEDULER).read_text())["address"]
        shipped = ("--dask", address, "--ship", "-o", "shipped.jsonl", *some(folder))
        survey(*shipped, cwd=tmp_path)
        known = found(surveyed)
        assert found(tmp_path, "shipped.jsonl") == {path.name: known[path.name] for path in some(folder)}
        survey(*shipped, cwd=tmp_path)
        assert len(raw(tmp_path, "shipped.jsonl")) == len(some(folder))


def test_a_scheduler_that_dies(folder: Path, tmp_path: Path) -> None:
    """What was done is in its place, and the survey ends."""
    with cluster(tmp_path, 1) as processes:
        words = command(folder, "--dask-config", SCHEDULER)
        with subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
            while not ((tmp_path / OUTPUT).exists() and len(raw(tmp_path)) >= 2):
                assert process.poll() is None
                time.sleep(0.02)
            processes.workers[0].kill()
            processes.scheduler.kill()
            said = process.communicate(timeout=120)[1]
    assert process.returncode == 6, said
    assert said.splitlines()[-1].endswith("the Dask cluster is gone; run it again: it goes on from here")
    assert 2 <= len(raw(tmp_path)) < NUMBER


def some(folder: Path) -> list[Path]:
    """Three of them that can be read."""
    return [folder / f"{name}.nequip.zip" for name in ("m000", "cut", "text")]


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="needs a file that nobody can read, as in /proc"
)
def test_what_cannot_be_read_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "m.nequip.zip").symlink_to("/proc/self/mem")
    (tmp_path / "m.nequip.zip.sig").write_bytes(b"sig")
    assert bytes_of(tmp_path / "m.nequip.zip") == {"m.nequip.zip.sig": b"sig"}


def test_a_cluster_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "_PATIENCE", "1s")
    with (
        pytest.raises(EnvironmentLacksError, match="does not answer"),
        pools.cluster("tcp://127.0.0.1:9", None),
    ):
        pass
    for text in ("- a", "a: b", "{"):
        (tmp_path / "dask.yaml").write_text(text)
        with pytest.raises(InputError), pools.cluster(None, tmp_path / "dask.yaml"):
            pass
    with pytest.raises(InputError), pools.cluster(None, tmp_path / "none.yaml"):
        pass


def test_a_worker_that_cannot_do_it(folder: Path, tmp_path: Path) -> None:
    """It has no nequip-pack; settings of Dask name the scheduler."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "nequip_pack.py").write_text("raise ImportError('it is not here')\n")
    script = f"import sys; sys.path.insert(0, {str(hidden)!r})\n"
    script += "from distributed.cli.dask_worker import main; main()"
    with cluster(tmp_path, 0):
        address = json.loads((tmp_path / SCHEDULER).read_text())["address"]
        (tmp_path / "dask.yaml").write_text(f"scheduler-address: {address}\n")
        words = [sys.executable, "-c", script, address, "--nthreads", "1", "--no-nanny", *HOST]
        with (tmp_path / "other.log").open("wb") as log:
            worker = subprocess.Popen(words, cwd=tmp_path, stdout=log, stderr=log)
        try:
            while b"Registered to" not in (tmp_path / "other.log").read_bytes():
                assert worker.poll() is None
                time.sleep(0.05)
            line = error_line(pack("survey", folder, "--dask-config", "dask.yaml", cwd=tmp_path), 6)
        finally:
            _end(worker)
    assert "a worker cannot do this" in line
    assert not (tmp_path / OUTPUT).exists()


def test_usage_and_what_is_missing(folder: Path, tmp_path: Path) -> None:
    for words in (
        ("--ship",),
        ("--dask", "a", "--dask-config", "b"),
        ("--dask", "a", "--workers", "2"),
        ("--workers", "0"),
        ("--format", "xml"),
    ):
        error_line(pack("survey", folder, *words, cwd=tmp_path), 2)
    script = "import sys; sys.modules['dask'] = None; from nequip_pack.cli import main; main(sys.argv[1:])"
    line = error_line(new_python("-c", script, "survey", str(folder), "--dask", "a", cwd=tmp_path), 6)
    assert line.endswith(f"run `{install_command('survey')}`")


@pytest.mark.matrix
def test_three_hundred(
    crowd: Callable[[int], Path], tmp_path: Path, record_property: Callable[..., None]
) -> None:
    """Two workers, one of which is killed in the middle; as one process here would find it."""
    folder = crowd(300)
    survey(folder, "-o", "here.jsonl", cwd=tmp_path)
    with cluster(tmp_path, 2) as processes:
        begin = time.monotonic()
        survey(folder, "--dask-config", SCHEDULER, "-o", "both.jsonl", cwd=tmp_path)
        took = time.monotonic() - begin
        process = subprocess.Popen(command(folder, "--dask-config", SCHEDULER), cwd=tmp_path)
        while not ((tmp_path / OUTPUT).exists() and len(raw(tmp_path)) >= 100):
            time.sleep(0.1)
        processes.workers[0].kill()
        assert process.wait() == 0
    for name in ("both.jsonl", OUTPUT):
        assert found(tmp_path, name) == found(tmp_path, "here.jsonl")
        assert len(raw(tmp_path, name)) == 300
    record_property("table", f"survey of 300 packages by two Dask workers: {took:.1f} s")

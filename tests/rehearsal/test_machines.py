"""Rehearsals on machines that lack something, and the table of them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from machines_support import importing, install, install_lab
from warm import warm_python

from nequip_pack import scratch
from nequip_pack.absent import Absent
from nequip_pack.format import open_archive
from nequip_pack.format.closure import read_closure
from nequip_pack.machines import Outcome, Tried
from nequip_pack.machines.choice import OptionalLibrary, optional_libraries

if TYPE_CHECKING:
    from once import Once


CONFIGURATION = Path(__file__).parents[2] / "docs" / "example" / "train.yaml"
MODEL = "training_module.model"
WORDS = ("-cp", str(CONFIGURATION.parent), "-cn", CONFIGURATION.stem, f"~{MODEL}.softcore")
WORDS += (f"{MODEL}._target_=nequip_lab.model.Lab", f"{MODEL}.num_layers=1")


@pytest.fixture(scope="session")
def lab(once: Once) -> Path:
    """A folder with the extension for machines that differ."""
    return once("lab", install_lab)


def rehearse(lab: Path, *options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a rehearsal of its model."""
    words = ("-m", "nequip_pack", "rehearse", *options, *WORDS)
    return warm_python(*words, cwd=cwd, env=importing(lab))


@pytest.mark.real
def test_without_a_library(lab: Path, tmp_path: Path) -> None:
    """Import, gate and proof are those of a machine without it, where the builder makes another model."""
    package = tmp_path / "o.rehearsed.nequip.zip"
    options = ("--absent", "lab-kernels", "--absent", "openequivariance", "--keep", str(package))
    done = rehearse(lab, *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    already = "openequivariance is not installed here, so that this machine is one without it"
    assert done.stdout.splitlines()[0] == already
    assert "\nas on a machine without labkernels\n" in done.stdout
    closure = read_closure(open_archive(package))
    assert "nequip_lab.layer" in closure
    assert not {"nequip_lab.fast", "labkernels"} & closure.keys()
    told = warm_python("-m", "nequip_pack", "info", "--json", str(package), cwd=tmp_path)
    assert json.loads(told.stdout)["lint"]["target"]["absent"] == ["labkernels"]


@pytest.mark.real
def test_every_machine(lab: Path, tmp_path: Path) -> None:
    """One that the registrations promise to serve fails: the file that imports the library would be lost."""
    done = rehearse(lab, "--all-machines", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert list(tmp_path.iterdir()) == []
    required = "nequip-lab requires it, so that nothing is built there"
    heading = "machine             built there  built here, loaded there  lost there"
    assert done.stdout.split("\n\n")[1].splitlines()[:5] == [
        heading,
        "this machine        passed       passed                    nothing",
        "without labextra    failed       passed                    the package",
        "without labkernels  passed       passed                    nequip_lab.fast",
        f"without labneeded   not tried    needs it                  {required}",
    ]
    needed, optional = (line.partition(": ")[2] for line in done.stdout.splitlines()[3:5])
    assert "labneeded 1.0" in needed.split(", ")
    assert {"labextra", "labkernels"} <= set(optional.split(", "))
    lacked = "it cannot be loaded here: labneeded; install the library that provides `labneeded`, version 1.0"
    assert f"without labneeded, built here, loaded there: {lacked}\n" in done.stdout
    for name in ("openequivariance", "lababsent"):
        assert f"not tried: with {name} ({name} is not installed here)" in done.stdout
    assert "without labextra, build:" in done.stderr
    assert "the package would lack nequip_lab.extra" in done.stderr
    line = done.stderr.splitlines()[-1]
    promise = "the registrations promise to serve machines that fail: without labextra (build)"
    assert line.startswith(f"nequip-pack: error: {CONFIGURATION}: {promise}; ")


@pytest.mark.real
@pytest.mark.parametrize("name", ["torch", "hydra-core", "nosuchlibrary"])
def test_what_cannot_be_hidden_is_a_usage_error(name: str, lab: Path, tmp_path: Path) -> None:
    done = rehearse(lab, "--absent", name, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nequip-pack: error: --absent: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.real
def test_a_stopped_rehearsal_leaves_nothing(lab: Path, tmp_path: Path) -> None:
    """Whoever waits for the command sees one process."""
    words = ("rehearse", "--absent", "lab-kernels", *WORDS)
    command = [sys.executable, "-m", "nequip_pack", *words]
    variables = {**importing(lab), "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, cwd=lab, env=variables, stderr=subprocess.PIPE, text=True)
    while not list(tmp_path.glob(f"{scratch.PREFIX}*/*/*")):
        assert process.poll() is None
        time.sleep(0.02)
    process.terminate()
    _, error = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert error == "nequip-pack: error: stopped by SIGTERM; nothing was written\n"
    assert not list(tmp_path.glob(f"{scratch.PREFIX}*"))


PASSED, FAILED, LACKED = Outcome(0), Outcome(8), Outcome(6)
BROKEN = {
    "all well": (Tried("", "extern", PASSED, PASSED), []),
    "an external is needed": (Tried("", "extern", LACKED, PASSED), []),
    "an external stops the build": (Tried("", "extern", PASSED, FAILED), ["build"]),
    "an extension requires it": (Tried("", "extern", LACKED, None, "nequip-lab"), []),
    "a mock is needed": (Tried("", "mock", FAILED, PASSED), ["load"]),
    "a GPU is needed": (Tried("", "", FAILED, FAILED), ["build", "load"]),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_registrations_promise(case: str) -> None:
    tried, broken = BROKEN[case]
    assert [word for word, _ in tried.broken()] == broken


def test_which_libraries_a_machine_may_lack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are reached, registered, installed, and that nothing requires."""
    install_lab(tmp_path)
    install(tmp_path, "lab-plots", {"labplots.py": ""})
    monkeypatch.syspath_prepend(tmp_path)
    closure = {"labplots.axes": "mock", "labneeded": "extern", "labelsewhere.a": "extern", "json": "extern"}
    closure |= {"click": "extern", "labkernels": "intern", "numpy.linalg": "extern"}
    plots = Absent(frozenset({"labplots"}), frozenset({"lab-plots"}))
    needed = Absent(frozenset({"labneeded"}), frozenset({"lab-needed"}))
    found = [item for item in optional_libraries(closure) if item.name != "numpy"]
    assert found == [
        OptionalLibrary("labneeded", "extern", needed, "nequip-lab"),
        OptionalLibrary("labplots", "mock", plots, ""),
    ]


WORKER = """
import pathlib, signal, sys, time

def main():
    def stop(number, frame):
        pathlib.Path("stopped").touch()
        sys.exit(1)
    signal.signal(signal.SIGTERM, stop)
    pathlib.Path("started").touch()
    time.sleep(60)
"""
ASKING = """
import pathlib
from nequip_pack.cli.app import cli, main
from nequip_pack.fresh import ask
from nequip_pack.writing.signals import StopSignals

@cli.command("wait")
def wait():
    with StopSignals():
        ask("worker", frozenset(), {}, folder=pathlib.Path.cwd())

main(["wait"])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_lets_its_process_clean_up(number: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "worker.py").write_text(WORKER)
    command = [sys.executable, "-c", ASKING]
    process = subprocess.Popen(command, cwd=tmp_path, env=importing(tmp_path), stderr=subprocess.PIPE)
    while not (tmp_path / "started").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    process.communicate()
    assert (tmp_path / "stopped").exists()
    assert process.returncode == 128 + number

"""``verify`` through the real process: whole packages, and ones whose bytes are whole and which are wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from pack_support import checked, error_line, pack, rewrite

from nequip_pack.format import open_archive
from nequip_pack.format.references import MEMBER, Reference, references_text
from nequip_pack.verify.child import _compared
from nequip_pack.verify.run import internal_packages

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

MANIFEST = "model/manifest.json"
MLP = "nequip/nn/mlp.py"
GRADIENT = "nequip/nn/grad_output.py"
PHYSICS = ("rotation", "translation", "permutation", "inversion", "forces against the energy")


def answer(path: Path, folder: Path, *options: str, code: int = 0) -> dict[str, dict[str, str]]:
    """The checks that ``verify --json`` reports, by name."""
    done = pack("verify", path, "--json", *options, cwd=folder)
    assert done.returncode == code, done.stdout + done.stderr
    content = json.loads(done.stdout)
    assert content["verified"] is (code == 0)
    return {check["name"]: check for check in content["checks"]}


def predictions(path: Path) -> dict[str, Reference]:
    """Energy and forces of a package, as a build stores them."""
    import torch

    from nequip_pack import load_package
    from nequip_pack.load.outputs import outputs

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    loaded = load_package(path)
    found = outputs(loaded.models, loaded.example_data)
    torch.set_num_threads(threads)
    return {
        name: Reference(str(value.dtype).removeprefix("torch."), tuple(value.shape), value.tolist())
        for name, value in found.items()
        if name.endswith(("total_energy", "forces"))
    }


def altered(package: Path, target: Path, name: str, old: bytes, new: bytes) -> Path:
    """A package with other code and no manifest."""
    source = open_archive(package).read(name)
    assert old in source
    return rewrite(package, target, {name: source.replace(old, new, 1), MANIFEST: None})


def test_a_package_of_nequips_own_command(upstream_package: Path, tmp_path: Path) -> None:
    """It has no references: what can be checked is, and what cannot is said."""
    found = answer(upstream_package, tmp_path, "--physics")
    assert found["predictions"]["status"] == "not checked"
    assert "no reference predictions" in found["predictions"]["detail"]
    passed = ("content", "storages", "eager model loads", "compile model loads", "forward", *PHYSICS)
    assert {found[name]["status"] for name in passed} == {"passed"}
    assert "in float64" in found["rotation"]["detail"]


def test_predictions_are_compared(upstream_package: Path, tmp_path: Path) -> None:
    known = predictions(upstream_package)
    text = references_text(known).encode()
    path = rewrite(upstream_package, tmp_path / "m.nequip.zip", {MEMBER: text})
    done = checked(pack("verify", path, cwd=tmp_path))
    rows = [line for line in done.stdout.splitlines() if line.startswith("sole_model.")]
    assert len(rows) == 2
    assert all(row.endswith("passed       bitwise equal to the reference") for row in rows)
    assert done.stdout.splitlines()[-1] == f"{path}: verified, 1 not checked"

    energy = known["sole_model.total_energy"]
    wrong = {**known, "sole_model.total_energy": Reference(energy.dtype, energy.shape, [[1e6]])}
    path = rewrite(upstream_package, tmp_path / "w.nequip.zip", {MEMBER: references_text(wrong).encode()})
    assert "the package failed: sole_model.total_energy" in error_line(pack("verify", path, cwd=tmp_path), 1)


def test_classes_of_differences() -> None:
    import torch

    expected = torch.tensor([2.0, -4.0], dtype=torch.float64)
    cases: list[tuple[float, str, str, str]] = [
        (0.0, "float64", "passed", "bitwise equal"),
        (1e-12, "float64", "passed", "'same architecture'"),
        (1e-10, "float64", "passed", "'other device'"),
        (1e-7, "float64", "failed", "off by"),
        (1e-6, "float32", "passed", "'same architecture'"),
        (1e-4, "float32", "passed", "'other device'"),
        (1e-1, "float32", "failed", "off by"),
        (float("nan"), "float32", "failed", "off by inf"),
    ]
    for gap, dtype, status, words in cases:
        found = _compared("energy", expected, expected + gap, dtype)
        assert (found.status, words in found.detail) == (status, True), (gap, dtype, found)
    assert _compared("energy", expected, None, "float32").status == "failed"


def test_forces_that_are_not_those_of_the_energy(package: Path, tmp_path: Path) -> None:
    """A few percent on the forces: the archive is whole, and only physics or a reference can tell."""
    source = open_archive(package).read(GRADIENT).decode()
    line = next(text for text in source.splitlines() if "forces" in text.lower() and "torch.neg(" in text)
    path = altered(package, tmp_path / "m.nequip.zip", GRADIENT, line.encode(), f"{line} * 1.03".encode())
    members: dict[str, Any] = {MEMBER: None, MANIFEST: None}
    path = rewrite(path, tmp_path / "n.nequip.zip", members)
    found = answer(path, tmp_path, "--physics", code=1)
    assert found["forces against the energy"]["status"] == "failed"
    assert found["rotation"]["status"] == "passed"


def test_code_that_comes_from_the_environment(package: Path, tmp_path: Path) -> None:
    """The environment has nequip; a package that fetches it there would not load elsewhere."""
    assert internal_packages(open_archive(package)) >= {"nequip", "e3nn"}
    assert not internal_packages(open_archive(package)) & {"torch", "matplotlib", "numpy"}
    old = b"import torch\n"
    path = altered(
        package,
        tmp_path / "m.nequip.zip",
        MLP,
        old,
        old + b"import importlib\nimportlib.import_module('nequip')\n",
    )
    line = error_line(pack("verify", path, cwd=tmp_path), 8)
    assert "must come from the package, not from this environment" in line


def test_what_stops_before_a_load(package: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.nequip.zip"
    path.write_bytes(package.read_bytes()[:-100])
    assert "the file is truncated" in error_line(pack("verify", path, cwd=tmp_path), 4)
    rewrite(package, path, {"nequip/nn/mlp.py": None, MANIFEST: None})
    assert "lacks 1 members that it refers to: nequip/nn/mlp.py" in error_line(
        pack("verify", path, cwd=tmp_path), 4
    )
    listed = open_archive(package).read(".data/extern_modules") + b"no_such_library\n"
    source = b"import no_such_library\n" + open_archive(package).read(MLP)
    rewrite(package, path, {".data/extern_modules": listed, MLP: source, MANIFEST: None})
    line = error_line(pack("verify", path, cwd=tmp_path), 6)
    assert line.endswith("install the library that provides `no_such_library`")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_leaves_no_temporary_folder(
    package: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """It comes while the fresh process is at work, whose working directory is that folder."""
    command = [sys.executable, "-m", "nequip_pack", "verify", str(package)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not any(tmp_path.iterdir()):
            time.sleep(0.01)
        assert process.poll() is None, "it ended before the signal"
        process.send_signal(number)
        lines = process.communicate(timeout=60)[1].splitlines()
    assert process.returncode == code, lines
    assert list(tmp_path.iterdir()) == []

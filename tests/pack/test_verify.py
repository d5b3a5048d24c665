"""``verify`` through the real process: whole packages, and ones whose bytes are whole and which are wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pack_support import checked, error_line, pack, rewrite, without

from nequip_pack.format import open_archive
from nequip_pack.format.references import MEMBER, Reference, read_references, references_text
from nequip_pack.scratch import PREFIX
from nequip_pack.verify.run import internal_packages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.real

CLOSURE = "model/closure.json"
MANIFEST = "model/manifest.json"
MLP = "nequip/nn/mlp.py"
GRADIENT = "nequip/nn/grad_output.py"
PHYSICS = ("rotation", "translation", "permutation", "inversion", "forces against the energy")


def answer(
    path: Path, folder: Path, *options: str, code: int = 0, verified: bool = False
) -> dict[str, dict[str, str]]:
    """The checks that ``verify --json`` reports, by name."""
    done = pack("verify", path, "--json", *options, cwd=folder)
    assert done.returncode == code, done.stdout + done.stderr
    content = json.loads(done.stdout)
    assert content["verified"] is verified
    return {check["name"]: check for check in content["checks"]}


def predictions(path: Path) -> dict[str, Reference]:
    """All outputs of a package, as a build stores them."""
    import torch

    from nequip_pack import load_package
    from nequip_pack.export.references import references
    from nequip_pack.load.outputs import outputs

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    loaded = load_package(path)
    found = outputs(loaded.models, loaded.example_data)
    torch.set_num_threads(threads)
    return references(found)


def as_version_1(known: Mapping[str, Reference]) -> bytes:
    """Energy, forces, stress and virial as nequip-pack 0.1 wrote them."""
    import torch

    names = ("total_energy", "forces", "stress", "virial")
    outputs = {
        name: {
            "dtype": item.dtype,
            "shape": list(item.shape),
            "values": torch.tensor(item.values, dtype=torch.float64).reshape(item.shape).tolist(),
        }
        for name, item in known.items()
        if name.rpartition(".")[2] in names
    }
    assert len(outputs) == len(names)
    return json.dumps({"version": 1, "threads": 1, "outputs": outputs}).encode()


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
    last = checked(pack("verify", upstream_package, cwd=tmp_path)).stdout.splitlines()[-1]
    assert "verified" not in last
    assert "0 of 7 outputs compared; not compared: sole_model.atomic_energy, " in last
    assert last.endswith("(the package holds no reference for it)")


def test_predictions_are_compared(upstream_package: Path, tmp_path: Path) -> None:
    known = predictions(upstream_package)
    text = references_text(known).encode()
    path = rewrite(upstream_package, tmp_path / "m.nequip.zip", {MEMBER: text})
    done = checked(pack("verify", path, cwd=tmp_path))
    rows = [line for line in done.stdout.splitlines() if line.startswith("sole_model.")]
    assert len(rows) == 14
    assert all("passed       bitwise equal to the reference" in row for row in rows)
    assert done.stdout.splitlines()[-1] == f"{path}: verified: 7 of 7 outputs"

    energy, inner = known["sole_model.total_energy"], known["sole_model.node_features"]
    assert inner.intermediate
    moved = replace(inner, values=(inner.values[0] + 1, *inner.values[1:]))
    other = references_text({**known, "sole_model.node_features": moved}).encode()
    path = rewrite(upstream_package, tmp_path / "i.nequip.zip", {MEMBER: other})
    last = checked(pack("verify", path, cwd=tmp_path)).stdout.splitlines()[-1]
    differ = "intermediates that differ: sole_model.node_features"
    assert last == f"{path}: verified: 7 of 7 outputs; {differ}"

    wrong = {**known, "sole_model.total_energy": replace(energy, values=(1e6,))}
    path = rewrite(upstream_package, tmp_path / "w.nequip.zip", {MEMBER: references_text(wrong).encode()})
    assert "the package failed: sole_model.total_energy" in error_line(pack("verify", path, cwd=tmp_path), 1)


def test_a_package_of_nequip_pack_0_1(package: Path, tmp_path: Path) -> None:
    """It holds references of some outputs: these are compared, and the last word tells of the others.

    A migration stores them all.
    """
    text = as_version_1(read_references(open_archive(package)))
    path = rewrite(package, tmp_path / "m.nequip.zip", {MEMBER: text, MANIFEST: None})
    found = answer(path, tmp_path)
    assert found["sole_model.forces"]["detail"] == "bitwise equal to the reference"
    last = checked(pack("verify", path, cwd=tmp_path)).stdout.splitlines()[-1]
    assert last.startswith(f"{path}: 4 of 7 outputs compared; not compared: sole_model.atomic_energy, ")
    assert "stored predictions:" in checked(pack("diff", package, path, cwd=tmp_path)).stdout
    checked(pack("migrate", path, "new.nequip.zip", cwd=tmp_path))
    last = checked(pack("verify", "new.nequip.zip", cwd=tmp_path)).stdout.splitlines()[-1]
    assert last == "new.nequip.zip: verified: 7 of 7 outputs"


CRYSTAL = '4\nLattice="3.6 0 0 0 3.6 0 0 0 3.6" Properties=species:S:1:pos:R:3 pbc="T T T"\n'
CRYSTAL += "Cu 0 0 0\nCu 0 1.8 1.8\nCu 1.8 0 1.8\nCu 1.8 1.8 0\n"


def test_forces_that_are_zero_by_symmetry(nequip_checkpoint: Path, tmp_path: Path) -> None:
    """In a perfect crystal they are rounding, and three times as much is no other prediction."""
    (tmp_path / "fcc.xyz").write_text(CRYSTAL)
    options = ("--example-data", "fcc.xyz")
    checked(pack("build", nequip_checkpoint, "m.nequip.zip", *options, cwd=tmp_path))
    forces = read_references(open_archive(tmp_path / "m.nequip.zip"))["sole_model.forces"]
    assert 0 < max(map(abs, forces.values)) < 1e-6
    line = b"forces = torch.neg(forces)"
    path = altered(tmp_path / "m.nequip.zip", tmp_path / "n.nequip.zip", GRADIENT, line, line + b" * -3")
    found = answer(path, tmp_path, "--run-refused", verified=True)
    assert "within the class 'same architecture'" in found["sole_model.forces"]["detail"]
    stress = open_archive(path).read(GRADIENT).replace(b"* -3", b"* -3 + 1e-4")
    path = rewrite(path, tmp_path / "o.nequip.zip", {GRADIENT: stress, MANIFEST: None})
    assert answer(path, tmp_path, "--run-refused", code=1)["sole_model.forces"]["status"] == "failed"


def test_forces_that_are_not_those_of_the_energy(package: Path, tmp_path: Path) -> None:
    """A few percent on the forces: the archive is whole, and only physics or a reference can tell."""
    source = open_archive(package).read(GRADIENT).decode()
    line = next(text for text in source.splitlines() if "forces" in text.lower() and "torch.neg(" in text)
    path = altered(package, tmp_path / "m.nequip.zip", GRADIENT, line.encode(), f"{line} * 1.03".encode())
    path = without(path, tmp_path / "n.nequip.zip", MEMBER, MANIFEST, CLOSURE)
    found = answer(path, tmp_path, "--physics", "--run-refused", code=1)
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
    line = error_line(pack("verify", path, "--run-refused", cwd=tmp_path), 8)
    assert "must come from the package, not from this environment" in line
    assert line.endswith(", at nequip/nn/mlp.py:5)")


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
        while process.poll() is None and not any(tmp_path.glob(f"{PREFIX}*")):  # Python tries a file first
            time.sleep(0.01)
        assert process.poll() is None, "it ended before the signal"
        process.send_signal(number)
        lines = process.communicate(timeout=60)[1].splitlines()
    assert process.returncode == code, lines
    assert list(tmp_path.iterdir()) == []

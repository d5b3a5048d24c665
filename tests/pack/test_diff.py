"""``diff`` and ``modes`` through the real process, on real packages."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from pack_support import BareEnvironment, checked, error_line, pack, python, rewrite
from warm import new_python

from nequip_pack.compare.pickled import Tensor, read_pickle, tensors
from nequip_pack.compare.values import Storages, difference, pair
from nequip_pack.format import closure, open_archive, references

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

MLP = "nequip/nn/mlp.py"
MANIFEST = "model/manifest.json"


def test_a_member_against_the_installed_file(package: Path, tmp_path: Path) -> None:
    same = checked(pack("diff", package, f"archive/{MLP}", cwd=tmp_path))
    assert same.stdout == "(no differences)\n"
    source = open_archive(package).read(MLP)
    changed = rewrite(package, tmp_path / "m.nequip.zip", {MLP: b"first = 1\n" + source, MANIFEST: None})
    for name in (f"archive/{MLP}", MLP):
        shown = checked(pack("diff", changed, name, cwd=tmp_path)).stdout.splitlines()
        assert shown[0] == f"--- archive/{MLP} (package)"
        assert shown[1].endswith(f"site-packages/{MLP}")
        assert [line for line in shown[3:] if line[0] in "+-"] == ["-first = 1"]
    assert pack("diff", changed, MLP, "--exit-code", cwd=tmp_path).returncode == 1
    assert pack("diff", package, MLP, "--exit-code", cwd=tmp_path).returncode == 0


def test_a_member_against_a_local_file(package: Path, tmp_path: Path) -> None:
    config = open_archive(package).read("model/config.yaml")
    (tmp_path / "config.yaml").write_bytes(config.replace(b"r_max: 4.0", b"r_max: 5.0"))
    shown = checked(pack("diff", package, "model/config.yaml", "config.yaml", cwd=tmp_path)).stdout
    assert "+        r_max: 5.0" in shown
    assert "\x1b" not in shown
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    shown = checked(pack("diff", package, "model/eager_model.pkl", "binary", cwd=tmp_path)).stdout
    assert shown.startswith("binary content differs: ")


def test_what_cannot_be_compared(package: Path, tmp_path: Path) -> None:
    line = error_line(pack("diff", package, "archive/nequip/nn/mpl.py", cwd=tmp_path), 2)
    assert "did you mean archive/nequip/nn/mlp.py?" in line
    line = error_line(pack("diff", package, "model/config.yaml", cwd=tmp_path), 2)
    assert "no installed package has the file model/config.yaml" in line
    line = error_line(pack("diff", package, MLP, "absent.py", cwd=tmp_path), 3)
    assert "there is no such local file" in line


def test_colours_on_a_terminal_only(package: Path, tmp_path: Path) -> None:
    (tmp_path / "mlp.py").write_text("changed = True\n")
    script = (
        "import pty, sys; "
        f"pty.spawn([sys.executable, '-m', 'nequip_pack', 'diff', {str(package)!r}, {MLP!r}, 'mlp.py'])"
    )
    shown = checked(python("-c", script, cwd=tmp_path)).stdout
    assert "\x1b[32m+changed = True\x1b[0m" in shown


def test_packages_against_each_other(package: Path, upstream_package: Path, tmp_path: Path) -> None:
    assert checked(pack("diff", package, package, cwd=tmp_path)).stdout == "(no differences)\n"
    name, tensor = next(
        (name, tensor)
        for name, tensor in tensors(
            read_pickle(open_archive(package), "model/eager_model.pkl").content
        ).items()
        if tensor.kind == "FloatStorage" and len(tensor.shape) == 2
    )
    archive = open_archive(package)
    values = bytearray(archive.read(tensor.storage))
    place = 4 * tensor.offset
    (first,) = struct.unpack_from("<f", values, place)
    struct.pack_into("<f", values, place, first + 0.5)
    actions = {**closure.read_closure(archive), "e3nn": "extern", "extra": "mock"}
    del actions["nequip.nn.mlp"]
    changed = rewrite(
        package,
        tmp_path / "m.nequip.zip",
        {
            tensor.storage: bytes(values),
            MLP: archive.read(MLP) + b"more = 1\n",
            "model/config.yaml": archive.read("model/config.yaml").replace(b"seed: 1", b"seed: 2"),
            closure.MEMBER: closure.closure_text(actions, {}).encode(),
            ".data/extern_modules": archive.read(".data/extern_modules") + b"scipy\n",
            MANIFEST: None,
        },
    )
    shown = checked(pack("diff", package, changed, cwd=tmp_path)).stdout
    assert f"code:\n  {MLP}: 1 line added, 0 removed\n" in shown
    assert "configuration:\n@@" in shown
    lines = (
        "e3nn: intern -> extern",
        "extra: only in the second (mock)",
        "nequip.nn.mlp: only in the first (intern)",
    )
    assert "closure:\n" + "".join(f"  {line}\n" for line in lines) + "weights:" in shown
    assert "externals:\n  scipy: only in the second\n" in shown
    assert f"  eager {name}: largest difference 0.5 (relative " in shown
    assert pack("diff", package, changed, "--exit-code", cwd=tmp_path).returncode == 1
    against = checked(pack("diff", package, upstream_package, cwd=tmp_path)).stdout
    assert "closure:\n  only the first tells what was done with each module\n" in against
    lacks = "only the first has any, so that they are not compared"
    assert against.endswith(f"stored predictions:\n  {lacks}\n")
    assert "example data:" not in against
    assert "code:" not in against
    assert "weights:" not in against


def test_stored_predictions_against_each_other(package: Path, tmp_path: Path) -> None:
    """Other energies and forces, an output that only one has, one of another type, and other example data."""
    archive = open_archive(package)
    stored = json.loads(archive.read(references.MEMBER))
    outputs = stored["outputs"]
    outputs["sole_model.total_energy"]["values"][0] += 0.25
    outputs["sole_model.forces"]["values"][10] = "nan"
    outputs["sole_model.virial"]["dtype"] = "float16"
    del outputs["sole_model.stress"]
    data = read_pickle(archive, "model/example_data.pkl").content
    positions = data["pos"]
    moved = bytearray(archive.read(positions.storage))
    width = len(moved) // (positions.shape[0] * 3)
    code = {4: "<f", 8: "<d"}[width]
    (first,) = struct.unpack_from(code, moved, width * positions.offset)
    struct.pack_into(code, moved, width * positions.offset, first + 2.0)
    files = {references.MEMBER: json.dumps(stored).encode(), positions.storage: bytes(moved), MANIFEST: None}
    changed = rewrite(package, tmp_path / "m.nequip.zip", files)
    shown = checked(pack("diff", package, changed, cwd=tmp_path)).stdout
    assert re.fullmatch(
        r"example data:\n"
        r"  pos: largest difference 2 \(relative \S+\)\n"
        r"stored predictions:\n"
        r"  sole_model\.forces: largest difference nan \(relative nan\)\n"
        r"  sole_model\.stress: only in the first\n"
        r"  sole_model\.total_energy: largest difference 0\.25 \(relative \S+\)\n"
        r"  sole_model\.virial: float\d\d \[1, 3, 3\] -> float16 \[1, 3, 3\]\n",
        shown,
    ), shown
    assert checked(pack("diff", changed, changed, cwd=tmp_path)).stdout == "(no differences)\n"


def test_tensors_are_those_of_torch(package: Path) -> None:
    """The static reader finds each parameter and buffer of the loaded model, with its values."""
    import torch

    from nequip_pack import ModelFromPackage

    archive = open_archive(package)
    found = tensors(read_pickle(archive, "model/eager_model.pkl").content)
    expected = {
        name: value
        for name, value in ModelFromPackage(package).state_dict().items()
        if isinstance(value, torch.Tensor)
    }
    assert expected.keys() <= found.keys()
    storages = Storages(archive)
    for name, value in expected.items():
        numbers = storages.numbers(found[name])
        assert numbers is not None
        assert list(numbers) == value.flatten().tolist()


def test_differences_of_numbers() -> None:
    assert difference([1.0, -4.0], [1.5, -4.0]).absolute == 0.5
    assert difference([1.0, -4.0], [1.5, -4.0]).relative == 0.125
    assert difference([0.0], [0.0]).relative == 0.0
    nan = float("nan")
    assert difference([nan], [nan]).absolute == 0.0
    assert difference([1.0, 2.0], [nan, 9.0]).absolute != difference([1.0], [1.0]).absolute


@pytest.mark.parametrize("kind", ["HalfStorage", "BFloat16Storage"])
def test_numbers_that_python_has_not(kind: str) -> None:
    """The archive is a stand-in, two storages in memory; their layout is torch's."""
    contents = {"a": bytes(range(12)), "b": bytes([*range(10), 77, 78])}
    archive: Any = SimpleNamespace(
        members={name: SimpleNamespace(size=len(data)) for name, data in contents.items()},
        read=lambda name, size: contents[name][:size],
    )
    a, b = (Tensor(name, kind, 0, (2, 3), (3, 1)) for name in contents)
    storages = Storages(archive)
    assert pair(storages, a, storages, a) is None
    assert pair(storages, a, storages, b) == "1 of 6 values differ"
    assert pair(storages, replace(a, shape=(1, 3)), storages, replace(b, shape=(1, 3))) is None


def test_diff_imports_no_torch(package: Path, upstream_package: Path, tmp_path: Path) -> None:
    script = """
import sys
from nequip_pack.cli import main
try:
    main(sys.argv[1:])
except SystemExit as stop:
    assert not stop.code, stop.code
heavy = {"torch", "numpy", "nequip", "e3nn", "libcst"} & sys.modules.keys()
assert not heavy, heavy
"""
    checked(new_python("-c", script, "diff", str(package), str(upstream_package), cwd=tmp_path))
    checked(new_python("-c", script, "diff", str(package), MLP, cwd=tmp_path))


def test_modes_without_nequip(bare_environment: BareEnvironment, tmp_path: Path) -> None:
    done = checked(bare_environment.python("-m", "nequip_pack", "modes", cwd=tmp_path))
    assert done.stdout.splitlines() == [
        "Available packaging modes for plain checkpoints, whose code may register more:",
        "  eager\t['eager']",
        "nequip is not installed, so that its checkpoints cannot be packaged here",
    ]


def test_modes(tmp_path: Path) -> None:
    shown = checked(pack("modes", cwd=tmp_path)).stdout.splitlines()
    assert shown[0] == "Available packaging modes:"
    assert "  nequip\t['eager', 'compile']" in shown

"""``modify`` and ``info --get-modifiers`` through the real process."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest
import yaml
from pack_support import checked, error_line, pack, python, rewrite, without

from nequip_pack.format import closure, open_archive, read_metadata, references

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

METADATA = "model/package_metadata.txt"
MANIFEST = "model/manifest.json"
SHIFT = "modify_PerTypeScaleShift"


@pytest.fixture(scope="module")
def modified(package: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The package with a shift of 1 for copper, and what the command said."""
    folder = tmp_path_factory.mktemp("modified")
    os.umask(0o022)
    done = checked(
        pack("modify", package, "m.nequip.zip", "--modifier", SHIFT, "shifts={Cu: 1.0}", cwd=folder)
    )
    assert [path.name for path in folder.iterdir()] == ["m.nequip.zip"]
    return folder / "m.nequip.zip", done.stdout


def test_predictions_are_shown_before_and_after(modified: tuple[Path, str]) -> None:
    rows = {line.split()[0]: line.split()[1:] for line in modified[1].splitlines()}
    before, after, gap = map(float, rows["sole_model.total_energy"])
    assert after - before == pytest.approx(gap, rel=1e-5)
    assert "sole_model.forces" not in rows
    assert modified[1].splitlines()[-1].endswith("verified in a fresh process")


def test_the_models_are_modified_and_the_rest_is_kept(package: Path, modified: tuple[Path, str]) -> None:
    """Shift 0.1 -> 1.0 for each of 32 atoms, in every compile mode."""
    from nequip_pack import ModelFromPackage

    for mode in ("eager", "compile"):
        states = [ModelFromPackage(path, mode).state_dict() for path in (package, modified[0])]
        differing = [name for name in states[0] if not bool((states[0][name] == states[1][name]).all())]
        assert [name.rpartition(".")[2] for name in differing] == ["shifts"]
        assert states[1][differing[0]].flatten().tolist() == [1.0]
    old, new = open_archive(package), open_archive(modified[0])
    for name in old.members:
        if name.endswith(".py") and name.startswith(("nequip/", "e3nn/")):
            assert old.read(name) == new.read(name)
    assert stat.S_IMODE(modified[0].stat().st_mode) == 0o644
    assert read_metadata(new).versions == read_metadata(old).versions


def test_what_was_recorded_before_is_kept(package: Path, tmp_path: Path) -> None:
    """An origin, an update and a migration, through ``modify`` and a second migration."""
    (tmp_path / "extra.py").write_text("VALUE = 1\n")
    checked(pack("update", package, "a.nequip.zip", "--replace", "nequip/x.py", "extra.py", cwd=tmp_path))
    raw = {**read_metadata(open_archive(tmp_path / "a.nequip.zip")).raw}
    told = {"origin": {"sha256": "0" * 64}, "migrated": {"from_format": 0, "python": "3.9"}}
    raw["nequip_pack"] = {**raw["nequip_pack"], **told}
    files = {METADATA: yaml.safe_dump(raw).encode(), MANIFEST: None}
    earlier = rewrite(tmp_path / "a.nequip.zip", tmp_path / "b.nequip.zip", files)
    checked(pack("modify", earlier, "c.nequip.zip", "--modifier", SHIFT, "shifts={Cu: 1.0}", cwd=tmp_path))
    bare = without(earlier, tmp_path / "e.nequip.zip", MANIFEST, references.MEMBER, closure.MEMBER)
    checked(pack("migrate", bare, "d.nequip.zip", cwd=tmp_path))
    modified, migrated = (read_metadata(open_archive(tmp_path / f"{n}.nequip.zip")).nequip_pack for n in "cd")
    assert modified is not None
    assert migrated is not None
    assert modified["updates"] == migrated["updates"] == raw["nequip_pack"]["updates"]
    assert modified["origin"] == migrated["origin"] == told["origin"]
    assert modified["migrated"] == migrated["migrated"]["earlier"] == told["migrated"]
    assert migrated["migrated"]["from_format"] == 2


def test_a_proof_that_fails_names_the_package(package: Path, tmp_path: Path) -> None:
    """Packaged code that does otherwise in a process that may not import nequip."""
    member = "nequip/nn/grad_output.py"
    source = open_archive(package).read(member)
    old = b"forces = torch.neg(forces)"
    assert old in source
    count = b"len([f for f in __import__('sys').meta_path if type(f).__name__ == 'Blocker'])"
    other = old + b" * (1 + " + count + b")"
    odd = rewrite(package, tmp_path / "odd.nequip.zip", {member: source.replace(old, other), MANIFEST: None})
    done = pack("modify", odd, "--in-place", "--modifier", SHIFT, "shifts={Cu: 1.0}", cwd=tmp_path)
    line = error_line(done, 1)
    assert "of its outputs differ from the package's models" in line
    assert "sole_model.forces: largest difference" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["odd.nequip.zip"]


def test_nequip_reads_the_result(modified: tuple[Path, str], tmp_path: Path) -> None:
    script = """
import sys, torch
from nequip.model.saved_models.package import ModelFromPackage, data_dict_from_package
model = ModelFromPackage(sys.argv[1], compile_mode="eager")["sole_model"]
print(model(data_dict_from_package(sys.argv[1]))["total_energy"].item())
"""
    told = float(checked(python("-c", script, str(modified[0]), cwd=tmp_path)).stdout.splitlines()[-1])
    line = next(line for line in modified[1].splitlines() if "total_energy" in line)
    assert told == pytest.approx(float(line.split()[2]), rel=1e-5)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("no_such",), "the model has no public modifier no_such (persistent: disable_ForceStressOutput, "),
        (("enable_OpenEquivariance",), "is not persistent, so it cannot be packaged"),
        ((SHIFT, "shift={Cu: 1.0}"), "does not take these arguments"),
        ((SHIFT, "shifts"), "'shifts' is not of the form KEY=VALUE"),
        ((), "An option that needs a value has none"),
    ],
)
def test_wrong_modifiers(package: Path, tmp_path: Path, words: tuple[str, ...], line: str) -> None:
    output = tmp_path / "m.nequip.zip"
    output.write_bytes(b"precious")
    assert line in error_line(pack("modify", package, output, "--modifier", *words, cwd=tmp_path), 2)
    assert output.read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["m.nequip.zip"]


def test_info_lists_modifiers(package: Path, tmp_path: Path) -> None:
    shown = checked(pack("info", package, "--get-modifiers", cwd=tmp_path)).stdout
    assert f"  {SHIFT} (persistent): Modify per-type scales and shifts of a model." in shown
    assert "  enable_OpenEquivariance (not persistent): " in shown
    told = json.loads(checked(pack("info", package, "--get-modifiers", "--json", cwd=tmp_path)).stdout)
    listed = yaml.safe_load(checked(pack("info", package, "--get-modifiers", "--yaml", cwd=tmp_path)).stdout)
    assert told["modifiers"] == listed["modifiers"]
    assert {item["name"] for item in told["modifiers"]} >= {SHIFT, "enable_ForceStressOutput"}

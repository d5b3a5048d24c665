"""Models that were fine-tuned from packages, over three generations, whoever loads and whoever builds."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pack_support import checked, error_line, pack, python, rewrite

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

OURS = "nequip_pack.ModelFromPackage"
THEIRS = "nequip.model.ModelFromPackage"
REFERENCE = """
import sys, torch
from nequip.model.saved_models import load_saved_model
from nequip.utils.global_state import set_global_state
set_global_state()
model, data = load_saved_model(sys.argv[1], return_data_dict=True)
out = model.eval()(data)
torch.save({k: out[k].detach() for k in ("total_energy", "forces", "stress")}, "reference.pt")
"""
COMPARE = """
import sys, torch, nequip_pack
for mode in ("eager", "compile"):
    model = nequip_pack.ModelFromPackage(sys.argv[1], mode)["sole_model"].eval()
    out = model(dict(nequip_pack.example_data(sys.argv[1])))
    for name, expected in torch.load("reference.pt").items():
        assert expected.abs().max() > 0 and torch.equal(out[name], expected), (mode, name)
assert "nequip" not in sys.modules
print(repr(float(out["total_energy"])))
"""
MARK = b"\n# this line is in the package only\n"


def fine_tune(base: Path, origin: Path, target: str, folder: Path) -> Path:
    """Train one more epoch from a package; returns the checkpoint."""
    folder.mkdir()
    config: dict[str, Any] = yaml.safe_load(base.read_text())
    config["training_module"]["model"] = {"_target_": target, "package_path": str(origin)}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    train = ("-m", "nequip.scripts.train", "-cp", str(folder), "-cn", "config", "hydra.run.dir=run")
    checked(python(*train, cwd=folder))
    return folder / "run" / "best.ckpt"


def energy_without_nequip(checkpoint: Path, package: Path, folder: Path) -> str:
    """The energy of a package that computes what nequip computes for the checkpoint, bit for bit."""
    checked(python("-c", REFERENCE, str(checkpoint), cwd=folder))
    return checked(python("-c", COMPARE, str(package), cwd=folder)).stdout.strip()


def sources(package: Path) -> dict[str, bytes]:
    """The interned Python source of a package."""
    with zipfile.ZipFile(package) as archive:
        names = {name.partition("/")[2]: name for name in archive.namelist()}
        return {
            short: archive.read(name)
            for short, name in names.items()
            if short.endswith(".py") and short.startswith(("nequip/", "e3nn/"))
        }


def metadata(package: Path) -> dict[str, Any]:
    """What a package says of itself."""
    with zipfile.ZipFile(package) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/package_metadata.txt"))
        content: dict[str, Any] = yaml.safe_load(archive.read(name))
    return content


@pytest.fixture
def marked(package: Path, tmp_path: Path) -> Path:
    """A package whose code differs from the environment's: a line more, and an import that only it has."""
    name = "nequip/nn/graph_model.py"
    changed = sources(package)[name] + MARK + b"def _late():\n    import colorsys\n"
    members = {name: changed, "model/manifest.json": None}
    return rewrite(package, tmp_path / "first.nequip.zip", members)


@pytest.mark.parametrize("target", [OURS, THEIRS])
def test_three_generations(nequip_checkpoint: Path, marked: Path, tmp_path: Path, target: str) -> None:
    """The package's code travels through every generation, is what the gate reads, and predicts the same."""
    base = nequip_checkpoint.parent / "config.yaml"
    origin, energies = marked, set()
    for generation in ("second", "third"):
        checkpoint = fine_tune(base, origin, target, tmp_path / generation)
        output = tmp_path / f"{generation}.nequip.zip"
        checked(pack("build", checkpoint, output, cwd=tmp_path))
        energies.add(energy_without_nequip(checkpoint, output, tmp_path))
        assert sources(output) == sources(marked)
        ours = metadata(output)["nequip_pack"]
        assert ours["closure"]["compared"] is True
        assert len(ours["origin"]["sha256"]) == 64
        origin = output
    assert len(energies) == 2
    assert MARK in sources(origin)["nequip/nn/graph_model.py"]


def test_nequips_own_build(nequip_checkpoint: Path, marked: Path, tmp_path: Path) -> None:
    """A checkpoint that was fine-tuned through our loader, packaged by nequip's command."""
    base = nequip_checkpoint.parent / "config.yaml"
    checkpoint = fine_tune(base, marked, OURS, tmp_path / "tuned")
    output = tmp_path / "theirs.nequip.zip"
    checked(python("-m", "nequip.scripts.package", "build", str(checkpoint), str(output), cwd=tmp_path))
    energy_without_nequip(checkpoint, output, tmp_path)
    assert sources(output) == sources(marked)


def test_an_origin_that_changed(nequip_checkpoint: Path, marked: Path, tmp_path: Path) -> None:
    """The checkpoint keeps the hash of its origin where our loader loaded it; known before torch is."""
    base = nequip_checkpoint.parent / "config.yaml"
    checkpoint = fine_tune(base, marked, OURS, tmp_path / "tuned")
    changed = sources(marked)["nequip/nn/graph_model.py"] + b"# and one more\n"
    rewrite(marked, tmp_path / "new", {"nequip/nn/graph_model.py": changed}).replace(marked)
    script = f"""
import sys
from nequip_pack.fresh import Blocker
sys.meta_path.insert(0, Blocker(["torch"]))
from nequip_pack.cli import main
main(["build", {str(checkpoint)!r}, "out.nequip.zip"])
"""
    line = error_line(python("-c", script, cwd=tmp_path), 3)
    assert line.startswith(f"{marked}: this package has changed since a model was fine-tuned from it")
    assert not (tmp_path / "out.nequip.zip").exists()
    done = python("-c", REFERENCE, str(checkpoint), cwd=tmp_path)
    assert done.returncode != 0
    assert "this package has changed" in done.stderr

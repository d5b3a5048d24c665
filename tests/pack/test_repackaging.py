"""Models that were fine-tuned from packages, over three generations, whoever loads and whoever builds."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pack_support import checked, error_line, pack, python, rewrite
from warm import new_python

from nequip_pack.checkpoint.header import Header
from nequip_pack.checkpoint.origins import check_origins, moved
from nequip_pack.errors import InputError
from nequip_pack.format.manifest import MEMBER as MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator

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
SAVE = 'torch.save(checkpoint, "bare.ckpt")'
WITHOUT_HASH = f"""
import sys, torch
checkpoint = torch.load(sys.argv[1], map_location="cpu", weights_only=False)
model = checkpoint["hyper_parameters"]["info_dict"]["training_module"]["model"]
del checkpoint["state_dict"]["model.nequip_pack_origin"]
{SAVE}
"""
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generations")


@pytest.fixture(scope="module")
def marked(package: Path, folder: Path) -> Path:
    """A package whose code differs from the environment's: a line more, and an import that only it has."""
    name = "nequip/nn/graph_model.py"
    changed = sources(package)[name] + MARK + b"def _late():\n    import colorsys\n"
    (folder / "origin").mkdir()
    members = {name: changed, "model/manifest.json": None}
    return rewrite(package, folder / "origin" / "first.nequip.zip", members)


@pytest.fixture(scope="module")
def tuned(nequip_checkpoint: Path, marked: Path, folder: Path) -> Path:
    """A checkpoint that was fine-tuned from the marked package through our loader."""
    return fine_tune(nequip_checkpoint.parent / "config.yaml", marked, OURS, folder / "tuned")


@pytest.fixture(scope="module")
def second(tuned: Path, folder: Path) -> Path:
    """Its package."""
    checked(pack("build", tuned, "second.nequip.zip", cwd=folder))
    return folder / "second.nequip.zip"


@pytest.fixture
def origin(marked: Path) -> Iterator[Path]:
    """The marked package, which is put back after a test that changes or moves it."""
    content = marked.read_bytes()
    yield marked
    for path in marked.parent.iterdir():
        path.unlink()
    marked.write_bytes(content)


def check_generation(checkpoint: Path, output: Path, marked: Path, cwd: Path) -> str:
    """The package's code travels and is what the gate read; returns the energy, which is nequip's."""
    energy = energy_without_nequip(checkpoint, output, cwd)
    assert sources(output) == sources(marked)
    assert MARK in sources(output)["nequip/nn/graph_model.py"]
    ours = metadata(output)["nequip_pack"]
    assert ours["closure"]["compared"] is True
    assert len(ours["origin"]["sha256"]) == 64
    return energy


def test_three_generations(
    nequip_checkpoint: Path, marked: Path, tuned: Path, second: Path, tmp_path: Path
) -> None:
    """The second one is trained through our loader, the third through nequip's; we build both."""
    checkpoint = fine_tune(nequip_checkpoint.parent / "config.yaml", second, THEIRS, tmp_path / "third")
    third = tmp_path / "third.nequip.zip"
    checked(pack("build", checkpoint, third, cwd=tmp_path))
    generations = ((tuned, second), (checkpoint, third))
    energies = {check_generation(*generation, marked, tmp_path) for generation in generations}
    assert len(energies) == 2


def test_nequips_own_build(marked: Path, tuned: Path, tmp_path: Path) -> None:
    """A checkpoint that was fine-tuned through our loader, packaged by nequip's command."""
    output = tmp_path / "theirs.nequip.zip"
    checked(python("-m", "nequip.scripts.package", "build", str(tuned), str(output), cwd=tmp_path))
    energy_without_nequip(tuned, output, tmp_path)
    assert sources(output) == sources(marked)


def test_onto_its_own_origin_and_the_same_bytes(
    origin: Path, tuned: Path, second: Path, tmp_path: Path
) -> None:
    """The origin is read before it is replaced. Another name, folder, checkpoint's place and hash seed."""
    (tmp_path / "moved.ckpt").write_bytes(tuned.read_bytes())
    environment = {**os.environ, "PYTHONHASHSEED": "4321"}
    checked(pack("build", "moved.ckpt", origin, cwd=tmp_path, env=environment))
    assert origin.read_bytes() == second.read_bytes()
    assert list(origin.parent.iterdir()) == [origin]


def _refused_before_torch(checkpoint: Path, folder: Path, *options: str) -> str:
    before = set(folder.iterdir())
    script = f"""
import sys
from nequip_pack.fresh import Blocker
sys.meta_path.insert(0, Blocker(["torch"]))
from nequip_pack.cli import main
main(["build", {str(checkpoint)!r}, "out.nequip.zip", *{options!r}])
"""
    line = error_line(new_python("-c", script, cwd=folder), 3)
    assert set(folder.iterdir()) == before
    return line


def test_an_origin_that_changed(origin: Path, tuned: Path, tmp_path: Path) -> None:
    """The checkpoint keeps the hash of its origin where our loader loaded it; known before torch is."""
    changed = sources(origin)["nequip/nn/graph_model.py"] + b"# and one more\n"
    new = rewrite(origin, origin.with_name("new"), {"nequip/nn/graph_model.py": changed, MANIFEST: None})
    new.replace(origin)
    line = _refused_before_torch(tuned, tmp_path)
    assert line.startswith(f"{origin}: this package has changed since a model was fine-tuned from it")
    done = python("-c", REFERENCE, str(tuned), cwd=tmp_path)
    assert done.returncode != 0
    assert "this package has changed" in done.stderr


def test_an_origin_that_is_gone(origin: Path, tuned: Path, tmp_path: Path) -> None:
    """Under another name it is found by its hash."""
    other = origin.rename(origin.with_name("renamed.nequip.zip"))
    line = _refused_before_torch(tuned, tmp_path)
    assert f"the model started from {origin}, which is not there" in line
    assert line.endswith(f"{other} is the same package: give --origin {other}")
    other.write_bytes(other.read_bytes()[:-1])
    line = _refused_before_torch(tuned, tmp_path)
    assert line.endswith("say with --origin FILE where it lies now, or put it back")


def test_an_origin_that_was_moved(origin: Path, tuned: Path, second: Path, tmp_path: Path) -> None:
    """The same build from the other place; a file that is not the same is refused before torch is known."""
    other = tmp_path / "elsewhere.nequip.zip"
    origin.rename(other)
    checked(pack("build", tuned, "out.nequip.zip", "--origin", other.name, cwd=tmp_path))
    assert (tmp_path / "out.nequip.zip").read_bytes() == second.read_bytes()
    (tmp_path / "out.nequip.zip").unlink()
    other.write_bytes(second.read_bytes())
    line = _refused_before_torch(tuned, tmp_path, "--origin", other.name)
    assert line.startswith(f"{other.name}: this package has changed since a model was fine-tuned from it")
    for name, content, words in (
        ("text", b"energy: 3", "this is a text file, but the model started from a package"),
        ("pointer", POINTER, "this is a Git LFS pointer in place of the package file"),
    ):
        other.with_name(name).write_bytes(content)
        assert words in _refused_before_torch(tuned, tmp_path, "--origin", name)


def test_an_origin_without_a_hash(
    nequip_checkpoint: Path, origin: Path, tuned: Path, second: Path, tmp_path: Path
) -> None:
    """A checkpoint that nequip's own loader trained keeps none: what cannot be checked is said."""
    checked(python("-c", WITHOUT_HASH, str(tuned), cwd=tmp_path))
    other = origin.rename(tmp_path / "elsewhere.nequip.zip")
    line = error_line(pack("build", "bare.ckpt", "out.nequip.zip", cwd=tmp_path), 3)
    assert line.endswith("say with --origin FILE where it lies now, or put it back")
    done = checked(pack("build", "--dry-run", "bare.ckpt", "--origin", other, cwd=tmp_path))
    assert f"warning: {other} is taken for the package that the model started from" in done.stderr
    line = error_line(pack("build", nequip_checkpoint, "out.nequip.zip", "--origin", other, cwd=tmp_path), 2)
    assert "the model started from no other file" in line


def test_an_origin_that_is_a_checkpoint(tuned: Path, tmp_path: Path) -> None:
    """The hash that a checkpoint keeps is that of the package, several generations ago."""
    model = {"_target_": "nequip.model.ModelFromCheckpoint", "checkpoint_path": "gone.ckpt"}
    header = Header(
        {"training_module": {"model": {"inner": [model]}}}, {"model.nequip_pack_origin": "a" * 64}
    )
    with pytest.raises(InputError, match=r"started from gone\.ckpt, which is not there"):
        check_origins(tmp_path / "x.ckpt", header, None)
    with pytest.warns(UserWarning, match="is taken for the checkpoint that the model started from"):
        check_origins(tmp_path / "x.ckpt", header, tuned)
    assert moved(header, tuned) == {"gone.ckpt": str(tuned)}
    with pytest.raises(InputError, match="this is a text file, but the model started from a checkpoint"):
        check_origins(tmp_path / "x.ckpt", header, Path(__file__))


def test_an_origin_of_nequip_net(tuned: Path, tmp_path: Path) -> None:
    change = "model['package_path'] = 'nequip.net:group/model:1'"
    checked(python("-c", f"{WITHOUT_HASH}\n{change}\n{SAVE}", str(tuned), cwd=tmp_path))
    line = error_line(pack("build", "bare.ckpt", "out.nequip.zip", cwd=tmp_path), 3)
    assert "nequip.net:group/model:1, which is the id of a model on nequip.net, not a file" in line
    assert line.endswith("with --origin FILE")

"""Packages that are written anew lose nothing: modules, files, externals, records, in chains of commands."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pack_support import checked, pack, python, rewrite

from nequip_pack.format import open_archive, read_metadata
from nequip_pack.format.closure import read_closure
from nequip_pack.format.metadata import extern_modules

if TYPE_CHECKING:
    from nequip_pack.format import Archive

pytestmark = pytest.mark.real

HEADED = Path(__file__).parents[1] / "data" / "headed"
CONFIG = "model/config.yaml"
METADATA = "model/package_metadata.txt"
DATA = "headed/sub/scale.bin"
BYTES = bytes(range(256))
BY_HAND = b"wave\nnot_here.at_all\nheaded._compiled\n"
"""External modules that no source names; the last one is part of a package that is archived otherwise."""
LOADED = """
import sys
from nequip_pack.load import load_package
from nequip_pack.load.importer import make_importer
loaded = load_package(sys.argv[1])
names = {type(module).__name__ for module in loaded.models["sole_model"].modules()}
found = make_importer(sys.argv[1])
for name in ("headed.late", "headed.head", "headed.sub"):
    found.import_module(name)
assert sys.argv[2] == "no data" or found.load_pickle("model", "spare.pkl")["sole_model"].state_dict()
assert sys.argv[2] == "no data" or found.load_binary("headed.sub", "scale.bin") == bytes(range(256))
print(sorted(names & {"Head", "Keep", "Late"}))
"""
"""Every module of the project still imports from the package; with the names of its classes in the model."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables with which the project is installed."""
    folder = tmp_path_factory.mktemp("project") / "headed"
    shutil.copytree(HEADED, folder)
    info = folder / "headed-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: headed\nVersion: 0.1\nRequires-Dist: nequip\n"
    )
    (info / "entry_points.txt").write_text("[nequip.extension]\ninit_always = headed\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}


@pytest.fixture(scope="module")
def checkpoint(
    nequip_checkpoint: Path, project: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """One epoch of the project's model."""
    folder = tmp_path_factory.mktemp("trained")
    config = yaml.safe_load((nequip_checkpoint.parent / "config.yaml").read_text())
    config["training_module"]["model"]["_target_"] = "headed.model.Model"
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    train = ("-m", "nequip.scripts.train", "-cp", str(folder), "-cn", "config", "hydra.run.dir=run")
    checked(python(*train, cwd=folder, env=project))
    return folder / "run" / "best.ckpt"


@pytest.fixture(scope="module")
def origin(checkpoint: Path, project: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our package, with a data file, and with what others might have written into it."""
    folder = tmp_path_factory.mktemp("origin")
    checked(pack("build", checkpoint, "built.nequip.zip", cwd=folder, env=project))
    (folder / "scale.bin").write_bytes(BYTES)
    replace = ("--replace", DATA, "scale.bin")
    checked(pack("update", "built.nequip.zip", "updated.nequip.zip", *replace, cwd=folder))
    archive = open_archive(folder / "updated.nequip.zip")
    raw = yaml.safe_load(archive.read(METADATA))
    raw["of_another_tool"] = {"kept": True}
    raw["nequip_pack"]["by_hand"] = ["kept"]
    raw["external_modules"]["openequivariance"] = "0.5.1"
    config = archive.read(CONFIG) + "# é, and no line end".encode()
    members: dict[str, bytes | None] = {
        METADATA: yaml.safe_dump(raw).encode(),
        ".data/extern_modules": archive.read(".data/extern_modules") + BY_HAND,
        CONFIG: config,
        "notes/by_hand.txt": b"one\r\ntwo",
        "model/spare.pkl": archive.read("model/eager_model.pkl"),
        "model/manifest.json": None,
    }
    return rewrite(archive.path, folder / "origin.nequip.zip", members)


@pytest.fixture(scope="module")
def theirs(checkpoint: Path, project: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package that nequip's own command makes."""
    folder = tmp_path_factory.mktemp("theirs")
    build = ("-m", "nequip.scripts.package", "build", str(checkpoint), "theirs.nequip.zip")
    checked(python(*build, cwd=folder, env=project))
    return folder / "theirs.nequip.zip"


def modules(archive: Archive) -> dict[str, str]:
    """Each Python member by module: ``mock``, or its source."""
    found = {}
    for name in archive.members:
        if name.endswith(".py") and name != "_mock.py" and not name.startswith("fx-generated/"):
            text = archive.read(name).decode()
            module = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            found[module] = "mock" if text.startswith("from _mock") else text
    return found


def assert_kept(old: Path, new: Path) -> None:
    """Whatever is not a model or a prediction is there as it was."""
    before, after = open_archive(old), open_archive(new)
    assert set(extern_modules(before)) <= set(extern_modules(after))
    assert modules(before).items() <= modules(after).items()
    assert modules(after).keys() == modules(before).keys()
    assert read_closure(before).items() <= read_closure(after).items()
    for name in (CONFIG, DATA, "notes/by_hand.txt"):
        assert name not in before.members or before.read(name) == after.read(name)
    first, second = read_metadata(before).raw, read_metadata(after).raw
    _assert_metadata_kept(first, second)
    _assert_metadata_kept(first.get("nequip_pack", {}), second["nequip_pack"])


def _assert_metadata_kept(before: dict[str, Any], after: dict[str, Any]) -> None:
    made = ("nequip_pack", "versions", "external_modules", "closure", "writer", "updates")
    for key, value in before.items():
        assert key in after
        assert key in made or after[key] == value, key
    assert before.get("updates", []) == after.get("updates", [])[: len(before.get("updates", []))]
    for name, version in before.get("external_modules", {}).items():
        assert name in after["external_modules"]
        assert version is None or after["external_modules"][name] is not None, name


def classes(package: Path, data: str = "data") -> str:
    """The project's classes in a package that loads where the project is not installed."""
    done = checked(python("-c", LOADED, str(package), data, cwd=package.parent))
    return done.stdout.splitlines()[-1]


def test_chains_of_commands(origin: Path, tmp_path: Path) -> None:
    """The head is dropped, what was kept is exchanged, a file is updated, and all is migrated."""
    (tmp_path / "late.py").write_bytes(open_archive(origin).read("headed/late.py"))
    steps = {
        "dropped": ("modify", "--modifier", "drop_head"),
        "exchanged": ("modify", "--modifier", "exchange"),
        "updated": ("update", "--replace", "headed/late.py", "late.py"),
    }
    package = origin
    for name, (command, *words) in steps.items():
        new = tmp_path / f"{name}.nequip.zip"
        checked(pack(command, package, new, *words, cwd=tmp_path))
        assert_kept(package, new)
        package = new
    found = [classes(tmp_path / f"{name}.nequip.zip") for name in ("dropped", "exchanged", "updated")]
    assert found == ["['Keep']", "['Late']", "['Late']"]
    older = rewrite(package, tmp_path / "older.nequip.zip", {"model/manifest.json": None})
    checked(pack("migrate", older, "--in-place", cwd=tmp_path))
    assert_kept(package, older)
    assert classes(older) == "['Late']"
    refused = pack("verify", older, cwd=tmp_path)
    assert (refused.returncode, "model/spare.pkl" in refused.stderr) == (1, True), refused.stderr
    checked(pack("verify", older, "--run-refused", cwd=tmp_path))


def test_nequips_package(theirs: Path, tmp_path: Path) -> None:
    """It has no closure and no references; nequip's own ``modify`` drops the sources with the head."""
    checked(pack("modify", theirs, "m.nequip.zip", "--modifier", "drop_head", cwd=tmp_path))
    assert_kept(theirs, tmp_path / "m.nequip.zip")
    assert classes(tmp_path / "m.nequip.zip", "no data") == "['Keep']"

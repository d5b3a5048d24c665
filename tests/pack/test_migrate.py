"""``migrate`` through the real process; packages of old releases are in test_old_versions."""

from __future__ import annotations

import json
import os
import resource
from typing import TYPE_CHECKING

import pytest
import yaml
from pack_support import checked, error_line, pack, rewrite

from nequip_lint.install import install_command
from nequip_pack.format import open_archive
from nequip_pack.format.manifest import content_id
from nequip_pack.format.metadata import extern_modules
from nequip_pack.format.references import read_references

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

METADATA = "model/package_metadata.txt"
OEQ = "nequip/nn/_tp_scatter_oeq.py"
BASE = "nequip/nn/_tp_scatter_base.py"
CUEQ = "nequip/nn/_tp_scatter_cueq.py"


@pytest.fixture(scope="module")
def odd(upstream_package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package whose builder lacked one file, and had a library for another that is not here."""
    archive = open_archive(upstream_package)
    statement = b"from ._tp_scatter_oeq import OpenEquivarianceTensorProductScatter"
    assert statement in archive.read(BASE)
    files: dict[str, bytes | None] = {
        CUEQ: None,
        OEQ: b"import library_of_its_builder\n" + archive.read(OEQ),
        BASE: archive.read(BASE).replace(statement, b"from . import _tp_scatter_oeq"),
    }
    return rewrite(upstream_package, tmp_path_factory.mktemp("odd") / "odd.nequip.zip", files)


def test_the_code_of_the_package_travels_and_nothing_else(odd: Path, tmp_path: Path) -> None:
    """No file comes from the installed nequip, and none is lost because it does not import here."""
    old = open_archive(odd)
    before = {name: old.read(name) for name in old.members if name.startswith(("nequip/", "e3nn/"))}
    recorded = set(extern_modules(old))
    checked(pack("migrate", odd, "--in-place", cwd=tmp_path))
    new = open_archive(odd)
    assert {name: new.read(name) for name in new.members if name.startswith(("nequip/", "e3nn/"))} == before
    assert CUEQ not in before
    assert set(extern_modules(new)) - recorded >= {"openequivariance"}
    assert [path.name for path in odd.parent.iterdir()] == ["odd.nequip.zip"]


def test_what_is_added(upstream_package: Path, tmp_path: Path) -> None:
    """Manifest, content id, predictions, cutoff, and each weight once; the same bytes each time."""
    for seed, name in (("0", "a.nequip.zip"), ("1", "b.nequip.zip")):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        checked(pack("migrate", upstream_package, name, cwd=tmp_path, env=environment))
    content = (tmp_path / "a.nequip.zip").read_bytes()
    assert content == (tmp_path / "b.nequip.zip").read_bytes()
    old, new = open_archive(upstream_package), open_archive(tmp_path / "a.nequip.zip")
    assert read_references(new).keys() >= {"sole_model.total_energy", "sole_model.forces"}
    weights = [[name for name in archive.members if name.endswith(".storage")] for archive in (old, new)]
    assert len(weights[1]) <= 0.6 * len(weights[0])
    told = json.loads(checked(pack("info", "a.nequip.zip", "--json", cwd=tmp_path)).stdout)
    assert told["content_id"] == content_id(new)
    assert told["content_id"] is not None
    assert (told["cutoff"], told["model_dtype"], told["migrated"]["from_format"]) == (4.0, "float32", 2)
    shown = checked(pack("info", "a.nequip.zip", cwd=tmp_path)).stdout
    assert "migrated:    from format 2, built with " in shown
    again = checked(pack("migrate", "a.nequip.zip", "c.nequip.zip", cwd=tmp_path)).stdout
    assert again == "a.nequip.zip: this is the current format already; c.nequip.zip is a copy of it\n"
    assert content == (tmp_path / "c.nequip.zip").read_bytes()
    again = checked(pack("migrate", "a.nequip.zip", "--in-place", cwd=tmp_path)).stdout
    assert again == "a.nequip.zip: this is the current format already; nothing to do\n"
    assert content == (tmp_path / "a.nequip.zip").read_bytes()


def test_what_is_refused(upstream_package: Path, package: Path, tmp_path: Path) -> None:
    """Nothing is written then, and what was at the output is still there."""
    metadata = yaml.safe_load(open_archive(upstream_package).read(METADATA))
    newer = yaml.safe_dump({**metadata, "package_version_id": 3}).encode()
    rewrite(upstream_package, tmp_path / "newer.nequip.zip", {METADATA: newer})
    broken = {"nequip/nn/graph_model.py": b"raise ValueError('here')\n"}
    rewrite(upstream_package, tmp_path / "broken.nequip.zip", broken)
    (tmp_path / "cut.nequip.zip").write_bytes(upstream_package.read_bytes()[:-100])
    (tmp_path / "out.nequip.zip").write_bytes(b"precious")
    names = sorted(path.name for path in tmp_path.iterdir())
    cases = {
        ("newer.nequip.zip", "out.nequip.zip"): (5, "format 3 is newer than 2"),
        ("cut.nequip.zip", "out.nequip.zip"): (4, "cut.nequip.zip"),
        ("missing.nequip.zip", "out.nequip.zip"): (3, "no such package"),
        ("broken.nequip.zip", "out.nequip.zip"): (8, "ValueError: here"),
        (package, "out.zip"): (2, "must end in .nequip.zip"),
        (upstream_package, "nowhere/out.nequip.zip"): (2, "there is no folder nowhere"),
        (upstream_package,): (2, "Missing argument 'OUT'"),
    }
    for arguments, (code, words) in cases.items():
        line = error_line(pack("migrate", *arguments, cwd=tmp_path), code)
        assert words in line
        assert code != 5 or install_command(upgrade=True) in line
    assert names == sorted(path.name for path in tmp_path.iterdir())
    assert (tmp_path / "out.nequip.zip").read_bytes() == b"precious"


@pytest.mark.parametrize("current", [True, False], ids=["copy", "anew"])
def test_no_room(current: bool, package: Path, upstream_package: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk."""
    (tmp_path / "out.nequip.zip").write_bytes(b"precious")
    limit = (200_000, 200_000)
    done = pack(
        "migrate",
        package if current else upstream_package,
        "out.nequip.zip",
        cwd=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )
    assert "the file could not be written (File too large)" in error_line(done, 7)
    assert [path.name for path in tmp_path.iterdir()] == ["out.nequip.zip"]
    assert (tmp_path / "out.nequip.zip").read_bytes() == b"precious"

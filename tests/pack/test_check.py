"""``check`` through the real process: what a package needs, and what it lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from pack_support import PREFIX, checked, error_line, pack, python, rewrite
from warm import new_python

from nequip_pack.compare.pickled import read_pickle
from nequip_pack.format import open_archive, read_metadata
from nequip_pack.verify.imports import imports_at_load, named_in_pickles, running, sources

pytestmark = pytest.mark.real

MANIFEST = "model/manifest.json"
SCRIPT = """
import sys
from nequip_pack.cli import main
try:
    main(sys.argv[1:])
finally:
    heavy = {"torch", "numpy", "nequip", "e3nn", "libcst", "opt_einsum_fx"} & sys.modules.keys()
    assert not heavy, heavy
"""


def test_a_package_at_home(package: Path, upstream_package: Path, tmp_path: Path) -> None:
    for path in (package, upstream_package):
        done = checked(new_python("-c", SCRIPT, "check", str(path), cwd=tmp_path))
        assert done.stdout.splitlines()[-1] == f"{path}: everything that it needs to load is here"
        rows = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if line.split()}
        assert rows["torch"][-1] == "ok"
        assert rows["opt_einsum_fx"][-1] == "ok"


def test_json(package: Path, tmp_path: Path) -> None:
    answer = json.loads(checked(pack("check", package, "--json", cwd=tmp_path)).stdout)
    assert answer["version"] == 1
    assert answer["loads"] is True
    states = {need["name"]: need["state"] for need in answer["needs"]}
    assert states["Python"] == states["torch"] == states["numpy"] == "ok"


def test_where_libraries_are_missing(package: Path, upstream_package: Path, tmp_path: Path) -> None:
    """R26: an environment without torch, numpy and opt_einsum_fx, all of which this package needs."""
    import click
    import packaging

    bare = tmp_path / "bare"
    bare.mkdir()
    import nequip_lint
    import nequip_pack

    for module in (nequip_pack, nequip_lint, click, packaging, yaml):
        folder = module.__path__[0]
        (bare / folder.rpartition("/")[2]).symlink_to(folder)
    (bare / "rules").symlink_to(Path(__file__).parents[2] / "rules")
    for path in (package, upstream_package):
        done = python(
            "-S",
            "-m",
            "nequip_pack",
            "check",
            str(path),
            cwd=tmp_path,
            env={"PYTHONPATH": str(bare), "PYTHONNOUSERSITE": "1"},
        )
        assert done.returncode == 6, done.stdout + done.stderr
        line = done.stderr.splitlines()[-1]
        assert line.startswith(PREFIX)
        assert "it will not load here: torch, numpy, opt_einsum_fx" in line
        assert "pip install opt-einsum-fx==" in line


def test_an_external_that_nothing_imports_at_load(package: Path, tmp_path: Path) -> None:
    """R27: listed, absent and unused, or in a module that no load imports, is a note; else it is a lack."""
    listed = open_archive(package).read(".data/extern_modules") + b"no_such_library\n"
    unused = rewrite(package, tmp_path / "m.nequip.zip", {".data/extern_modules": listed, MANIFEST: None})
    done = checked(pack("check", unused, cwd=tmp_path))
    assert "nothing that runs at load imports it" in done.stdout
    elsewhere = {
        ".data/extern_modules": listed,
        "nequip/_lazy.py": b"import no_such_library\n",
        MANIFEST: None,
    }
    lazy = rewrite(package, tmp_path / "m.nequip.zip", elsewhere)
    assert "nothing that runs at load imports it" in checked(pack("check", lazy, cwd=tmp_path)).stdout
    source = b"import no_such_library\n" + open_archive(package).read("nequip/nn/mlp.py")
    members = {".data/extern_modules": listed, "nequip/nn/mlp.py": source, MANIFEST: None}
    used = rewrite(package, tmp_path / "m.nequip.zip", members)
    line = error_line(pack("check", used, cwd=tmp_path), 6)
    provides = "install the library that provides `no_such_library`"
    assert f"it will not load here: no_such_library; {provides}" in line


def test_everything_that_is_missing_is_listed_at_once(package: Path, tmp_path: Path) -> None:
    """R25."""
    archive = open_archive(package)
    storages = sorted(read_pickle(archive, "model/eager_model.pkl").storages)[:2]
    lost = [*storages, "model/example_data.pkl", "nequip/nn/mlp.py"]
    path = rewrite(package, tmp_path / "m.nequip.zip", {**dict.fromkeys(lost), MANIFEST: None})
    done = pack("check", path, cwd=tmp_path)
    assert done.returncode == 4, done.stdout + done.stderr
    shown = done.stderr.splitlines()
    named = {line.removeprefix("missing: ") for line in shown if line.startswith("missing: ")}
    assert {"model/example_data.pkl", "nequip/nn/mlp.py"} <= named
    assert set(storages) <= named
    assert "members that it refers to" in shown[-1]


def test_allowed_losses_are_shown(package: Path, tmp_path: Path) -> None:
    content = yaml.safe_load(open_archive(package).read("model/package_metadata.txt"))
    content["nequip_pack"]["lint"]["allowed"] = [{"code": "NQ101", "module": "a.b", "reason": "no scipy"}]
    changed = {"model/package_metadata.txt": yaml.safe_dump(content).encode(), MANIFEST: None}
    path = rewrite(package, tmp_path / "m.nequip.zip", changed)
    assert "allowed loss NQ101:a.b no scipy" in checked(pack("check", path, cwd=tmp_path)).stdout


IMPORTED = """
import json, sys
from torch.package import PackageImporter
importer = PackageImporter(sys.argv[1])
for mode in ("eager", "compile"):
    importer.load_pickle("model", f"{mode}_model.pkl")
print(json.dumps(sorted(importer.modules)))
"""


def test_what_runs_at_load(package: Path, tmp_path: Path) -> None:
    """Source by source what torch's importer imports."""
    done = checked(python("-c", IMPORTED, str(package), cwd=tmp_path))
    imported = {name.replace(".", "/") for name in json.loads(done.stdout.splitlines()[-1])}
    archive = open_archive(package)
    texts, roots = dict(sources(archive)), named_in_pickles(archive, read_metadata(archive))
    expected = {name for name in texts if name.removesuffix(".py").removesuffix("/__init__") in imported}
    assert 20 < len(expected) < len(texts)
    assert running(roots, texts) == expected


def test_imports_that_run_at_load() -> None:
    source = '''"""
import in_text
"""
import a.b as c, d
from . import sibling
from ..up import name
from e.f import (
    g,
)
try:
    import guarded
except ImportError:
    pass
def function():
    import inside
'''
    assert imports_at_load(source, "x/y/z.py") == {"a.b", "d", "x.y", "x.up", "e.f"}

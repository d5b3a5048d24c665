"""``update`` through the real process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pack_support import checked, error_line, pack, rewrite

from nequip_pack.format import open_archive, read_metadata
from nequip_pack.format.closure import MEMBER as CLOSURE
from nequip_pack.format.closure import counts, read_closure
from nequip_pack.format.manifest import check_content
from nequip_pack.format.metadata import extern_modules
from nequip_pack.format.references import read_references

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

MLP = "nequip/nn/mlp.py"
GRADIENT = "nequip/nn/grad_output.py"
MANIFEST = "model/manifest.json"


def test_files_are_replaced_and_added(package: Path, tmp_path: Path) -> None:
    """New code that needs a file of its own and a library of the standard library; nothing else changes."""
    source = open_archive(package).read(MLP)
    (tmp_path / "mlp.py").write_bytes(source + b"\nfrom nequip.nn import extra_file\nimport wave\n")
    (tmp_path / "extra.py").write_text("VALUE = 1\n")
    options = ("--replace", f"archive/{MLP}", "mlp.py", "--replace", "nequip/nn/extra_file.py", "extra.py")
    done = checked(pack("update", package, "new.nequip.zip", *options, cwd=tmp_path))
    assert f"replaced {MLP}\nadded nequip/nn/extra_file.py\n" in done.stdout
    assert "the predictions for the example data are the same, bit for bit" in done.stdout
    old, new = open_archive(package), open_archive(tmp_path / "new.nequip.zip")
    assert new.read("nequip/nn/extra_file.py") == b"VALUE = 1\n"
    assert set(extern_modules(new)) - set(extern_modules(old)) == {"wave"}
    check_content(new)
    changed = {name for name in old.members if old.read(name) != new.read(name)}
    assert changed - {MANIFEST} == {MLP, "model/package_metadata.txt", ".data/extern_modules", CLOSURE}
    pack_keys = read_metadata(new).nequip_pack
    assert pack_keys is not None
    record = pack_keys["updates"][0]
    assert (record["replaced"], record["added"]) == ([MLP], ["nequip/nn/extra_file.py"])
    assert list(record["versions"]) == ["nequip"]
    before, after = read_closure(old), read_closure(new)
    assert dict(after.items() - before.items()) == {"nequip.nn.extra_file": "intern", "wave": "extern"}
    assert before.items() <= after.items()
    assert pack_keys["closure"]["modules"] == counts(after)
    checked(pack("verify", "new.nequip.zip", "--run-refused", cwd=tmp_path))


def test_from_the_installed_package_onto_itself(upstream_package: Path, tmp_path: Path) -> None:
    """A package of nequip's own command with an older file, replaced in its place."""
    source = open_archive(upstream_package).read(MLP)
    path = rewrite(upstream_package, tmp_path / "m.nequip.zip", {MLP: b"# older\n" + source})
    assert pack("diff", path, MLP, "--exit-code", cwd=tmp_path).returncode == 1
    checked(pack("update", path, "--in-place", "--replace", MLP, cwd=tmp_path))
    assert pack("diff", path, MLP, "--exit-code", cwd=tmp_path).returncode == 0
    assert [item.name for item in tmp_path.iterdir()] == ["m.nequip.zip"]


def test_predictions_must_not_change(package: Path, tmp_path: Path) -> None:
    source = open_archive(package).read(GRADIENT)
    old = b"forces = torch.neg(forces)"
    assert old in source
    output = tmp_path / "new.nequip.zip"
    output.write_bytes(b"precious")
    (tmp_path / "g.py").write_bytes(source.replace(old, old + b" * 1.03"))
    done = pack("update", package, output, "--replace", GRADIENT, "g.py", cwd=tmp_path)
    assert "predictions for the example data; nothing was written" in error_line(done, 1)
    assert re.search(r"sole_model\.forces: relative change 0\.03\d* \(from \S+ to \S+\)\n", done.stderr)
    assert output.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["g.py", "new.nequip.zip"]


def test_an_output_that_was_doubled(package: Path, tmp_path: Path) -> None:
    """Its largest number is small, and the change is no less for it."""
    forces = read_references(open_archive(package))["sole_model.forces"].values
    assert max(map(abs, forces)) < 0.2
    old = b"forces = torch.neg(forces)"
    source = open_archive(package).read(GRADIENT).replace(old, b"forces = torch.neg(forces) * 2")
    (tmp_path / "g.py").write_bytes(source)
    done = pack("update", package, "new.nequip.zip", "--replace", GRADIENT, "g.py", cwd=tmp_path)
    assert "the update changes 1 predictions" in error_line(done, 1)
    assert "sole_model.forces: relative change 1 (from " in done.stderr


def test_what_is_passed_on_beside_the_results_may_change(package: Path, tmp_path: Path) -> None:
    """It is in the output only because nequip's models hand on all that they made."""
    old = b"forces = torch.neg(forces)"
    new = old + b"\n            data['node_features'] = 2 * data['node_features']"
    (tmp_path / "g.py").write_bytes(open_archive(package).read(GRADIENT).replace(old, new))
    done = checked(pack("update", package, "new.nequip.zip", "--replace", GRADIENT, "g.py", cwd=tmp_path))
    assert "are the same, bit for bit" in done.stdout
    done = checked(pack("verify", "new.nequip.zip", "--run-refused", cwd=tmp_path))
    said = done.stdout.splitlines()[-1]
    assert (
        "verified: 7 of 7 outputs; intermediates that differ: sole_model.node_features; not checked" in said
    )


REFUSED = {
    "a library that nobody expects": ("import scipy.linalg\n", 1, "line 1 imports scipy.linalg, which the"),
    "a file that is not there": (
        "from nequip.nn import mlp\nimport nequip.nn.lost\n",
        1,
        "line 2 imports nequip.nn.lost",
    ),
    "no Python": ("def\n", 1, "is not valid Python"),
    "fails when it runs": ("raise ValueError('here')\n", 8, "(ValueError: here), at nequip/nn/mlp.py:1)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(package: Path, tmp_path: Path, case: str) -> None:
    source, code, words = REFUSED[case]
    (tmp_path / "mlp.py").write_text(source)
    done = pack("update", package, "new.nequip.zip", "--replace", MLP, "mlp.py", cwd=tmp_path)
    assert words in error_line(done, code)
    assert [path.name for path in tmp_path.iterdir()] == ["mlp.py"]


def test_wrong_arguments(package: Path, tmp_path: Path) -> None:
    cases = {
        (): (2, "Missing option '--replace'"),
        ("--replace", "a/b.py", "c", "d"): (2, "takes ZIP_PATH and at most one LOCAL"),
        ("--replace", "archive/../a.py", "c"): (2, "is no path in a package"),
        ("--replace", MLP, "absent.py"): (3, "there is no such local file"),
        ("--replace", "model/eager_model.pkl", str(package)): (2, "it cannot be replaced"),
    }
    for options, (code, words) in cases.items():
        assert words in error_line(pack("update", package, "n.nequip.zip", *options, cwd=tmp_path), code)
    line = error_line(pack("update", package, "n.zip", "--replace", MLP, cwd=tmp_path), 2)
    assert "must end in .nequip.zip" in line

"""``nequip-pack audit`` as users call it: exit codes, words, JSON, and where source is compared with."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

from attacks import SYSTEM
from pack_support import error_line, new_pack
from small import CLASS, METADATA, small
from warm import new_python

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = METADATA.replace("versions: {", "versions: {mine: '1.0', ")
CODE = CLASS + b"\n\ndef area(x):\n    return x * x\n"


def wheel(folder: Path, source: bytes) -> Path:
    """A wheel of the package of these tests."""
    path = folder / "mine_dist-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mine/net.py", source)
        archive.writestr("mine_dist-1.0.dist-info/METADATA", "Name: mine-dist\nVersion: 1.0\n")
    return path


def claiming(path: Path, source: bytes) -> Path:
    return small(path, {"model/package_metadata.txt": KNOWN.encode(), "mine/net.py": source})


def test_exit_codes_and_words(tmp_path: Path) -> None:
    small(tmp_path / "own.nequip.zip")
    done = new_pack("audit", "own.nequip.zip", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "to review: mine/net.py: is of unknown origin" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("1 thing to review; no reason to refuse it")
    line = error_line(new_pack("audit", "own.nequip.zip", "--strict", cwd=tmp_path), 1)
    assert "the audit found something to review" in line
    small(tmp_path / "evil.nequip.zip", {"model/eager_model.pkl": b"\x80\x02" + SYSTEM + b"."})
    done = new_pack("audit", "evil.nequip.zip", cwd=tmp_path)
    assert "refuse: model/eager_model.pkl: loading this file would run os.system" in done.stdout
    assert "the audit refuses this package" in error_line(done, 1)
    (tmp_path / "cut.nequip.zip").write_bytes((tmp_path / "own.nequip.zip").read_bytes()[:-40])
    error_line(new_pack("audit", "cut.nequip.zip", cwd=tmp_path), 4)
    error_line(new_pack("audit", "absent.nequip.zip", cwd=tmp_path), 3)


def test_json(tmp_path: Path) -> None:
    small(tmp_path / "m.nequip.zip", {"model/eager_model.pkl": b"\x80\x02" + SYSTEM + b"."})
    done = new_pack("audit", "m.nequip.zip", "--json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert (found["version"], found["verdict"], len(found["digest"])) == (1, "refuse", 64)
    assert found["findings"][0]["member"] == "model/eager_model.pkl"
    assert found["origins"] == [{"name": "mine", "version": None, "files": 1, "same": 0, "known_by": ""}]


def test_a_wheel_tells_the_origin(tmp_path: Path) -> None:
    claiming(tmp_path / "m.nequip.zip", CODE)
    options = ("audit", "m.nequip.zip", "--wheel", wheel(tmp_path, CODE.replace(b"\n", b"\r\n")).name)
    done = new_pack(*options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "nothing found" in done.stdout
    wheel(tmp_path, CODE.replace(b"x * x", b"x ** 2"))
    done = new_pack(*options, cwd=tmp_path)
    assert "differs from the release of mine-dist 1.0" in error_line(done, 1)
    assert "-    return x ** 2" in done.stdout
    assert "+    return x * x" in done.stdout
    done = new_pack(*options, "--accept-origin", "mine-dist", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "to review: mine/net.py: differs" in done.stdout
    line = error_line(new_pack(*options, "--accept-origin", "mine-dost", cwd=tmp_path), 2)
    assert line.endswith("(there is source of mine-dist); did you mean mine-dist?")
    (tmp_path / "no.whl").write_text("no wheel")
    error_line(new_pack("audit", "m.nequip.zip", "--wheel", "no.whl", cwd=tmp_path), 3)


def test_an_origin_that_nothing_here_has(tmp_path: Path) -> None:
    """What a package has no source of is accepted where its releases are known: a script audits many."""
    small(tmp_path / "m.nequip.zip", {"nequip/nn.py": CODE})
    done = new_pack("audit", "m.nequip.zip", "--accept-origin", "nosuch", cwd=tmp_path)
    line = "m.nequip.zip: no source here is of a distribution nosuch, whose origin is to be accepted"
    assert error_line(done, 2) == f"{line} (there is source of mine, nequip); leave it out"
    assert done.stdout == ""
    known = [word for name in ("mine", "nequip", "nequip-allegro") for word in ("--accept-origin", name)]
    assert new_pack("audit", "m.nequip.zip", *known, cwd=tmp_path).returncode == 0


def test_against_a_package_that_is_trusted(tmp_path: Path) -> None:
    small(tmp_path / "a.nequip.zip")
    small(tmp_path / "b.nequip.zip", {"mine/net.py": CODE})
    done = new_pack("audit", "b.nequip.zip", "--against", "a.nequip.zip", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "is not as in a.nequip.zip: code, 1 lines of differences" in done.stdout


SCRIPT = """
import sys
from nequip_pack import audit_package
found = audit_package(sys.argv[1])
print(found.level.words, sorted({"torch", "numpy", "nequip", "e3nn", "mine"} & set(sys.modules)))
"""


def test_nothing_of_the_package_or_of_torch_is_imported(tmp_path: Path) -> None:
    path = small(tmp_path / "m.nequip.zip")
    done = new_python("-c", SCRIPT, str(path), cwd=tmp_path)
    assert done.stdout == "to review []\n", done.stderr

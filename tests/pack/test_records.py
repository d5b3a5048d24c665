"""What a package says of itself: one verdict from every command, the linter and Python."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pack_support import PREFIX, checked, error_line, pack, python, rewrite, without

import nequip_pack
from nequip_pack.errors import DamagedError, NequipPackError
from nequip_pack.format import open_archive, read_metadata
from nequip_pack.format.records import GONE, records_gone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.real

METADATA = "model/package_metadata.txt"
MANIFEST = "model/manifest.json"
REFERENCES = "model/references.json"
CLOSURE = "model/closure.json"
CONFIG = "model/config.yaml"
MLP = "nequip/nn/mlp.py"
RECORDS = (MANIFEST, REFERENCES, CLOSURE)
LINTER = "nequip-lint: error: "


def lint(path: Path, folder: Path) -> Any:
    return python("-m", "nequip_lint", str(path), cwd=folder)


@pytest.fixture(scope="session")
def modified(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What nequip's own ``modify`` makes of a package of ours."""
    folder = tmp_path_factory.mktemp("modified")
    shifts = ("--modifier", "modify_PerTypeScaleShift", "shifts={Cu: 1.0}")
    theirs = ("-m", "nequip.scripts.package", "modify", str(package), "modified.nequip.zip")
    checked(python(*theirs, *shifts, cwd=folder))
    return folder / "modified.nequip.zip"


@pytest.fixture(scope="session")
def updated(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What nequip's own ``update`` makes of it."""
    folder = tmp_path_factory.mktemp("updated")
    archive = open_archive(package)
    (folder / "mlp.py").write_bytes(archive.read(MLP) + b"\n# another\n")
    theirs = ("-m", "nequip.scripts.package", "update", str(package), "updated.nequip.zip")
    checked(python(*theirs, "--replace", f"{archive.prefix}/{MLP}", "mlp.py", cwd=folder))
    return folder / "updated.nequip.zip"


@pytest.mark.parametrize("kind", ["modified", "updated"])
def test_what_nequips_own_commands_rewrote(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(kind)
    shown = checked(pack("info", path, cwd=tmp_path)).stdout
    assert GONE in shown
    assert "another tool, after nequip-pack" in shown
    assert "lint:" not in shown, "the verdict on the package that it was before"
    assert json.loads(checked(pack("info", path, "--json", cwd=tmp_path)).stdout)["records_gone"] is True
    assert GONE in checked(pack("check", path, cwd=tmp_path)).stdout.splitlines()[-1]
    told = checked(pack("verify", path, "--run-refused", cwd=tmp_path)).stdout
    assert GONE in told.splitlines()[-1]
    assert ": verified" not in told
    answer = json.loads(checked(pack("verify", path, "--run-refused", "--json", cwd=tmp_path)).stdout)
    assert answer["verified"] is False
    done = lint(path, tmp_path)
    assert done.returncode in (0, 1), done.stderr
    assert GONE in done.stdout


def test_migrate_gives_a_rewritten_package_records_again(modified: Path, tmp_path: Path) -> None:
    checked(pack("migrate", modified, "m.nequip.zip", cwd=tmp_path))
    archive = open_archive(tmp_path / "m.nequip.zip")
    assert archive.members.keys() >= {*RECORDS}
    assert not records_gone(archive, read_metadata(archive))


def test_update_of_a_rewritten_package(modified: Path, tmp_path: Path) -> None:
    """It has a manifest then, and says no more that nequip-pack wrote the rest."""
    (tmp_path / "mlp.py").write_bytes(open_archive(modified).read(MLP) + b"\n# a third\n")
    checked(pack("update", modified, "u.nequip.zip", "--replace", MLP, "mlp.py", cwd=tmp_path))
    shown = checked(pack("info", "u.nequip.zip", cwd=tmp_path)).stdout
    assert "written by:  nequip on" in shown
    assert "lint:" not in shown


def test_update_of_a_package_of_nequip(upstream_package: Path, tmp_path: Path) -> None:
    """Its metadata are ours as well then; it has a manifest and no other record, and never had."""
    (tmp_path / "mlp.py").write_bytes(open_archive(upstream_package).read(MLP) + b"\n# another\n")
    checked(pack("update", upstream_package, "u.nequip.zip", "--replace", MLP, "mlp.py", cwd=tmp_path))
    for command in (("info",), ("check",), ("verify", "--run-refused")):
        assert GONE not in checked(pack(*command, "u.nequip.zip", cwd=tmp_path)).stdout
    without(tmp_path / "u.nequip.zip", tmp_path / "v.nequip.zip", MANIFEST)
    assert GONE in checked(pack("info", "v.nequip.zip", cwd=tmp_path)).stdout


LOST = [set(names) for count in (1, 2, 3, 4) for names in itertools.combinations((*RECORDS, CONFIG), count)]


@pytest.mark.parametrize("lost", LOST, ids=lambda names: "+".join(sorted(n.split("/")[1] for n in names)))
def test_a_package_that_lost_some_of_its_records(package: Path, tmp_path: Path, lost: set[str]) -> None:
    """Whether the manifest knows of the loss or not."""
    for path in (
        without(package, tmp_path / "m.nequip.zip", *lost),
        rewrite(package, tmp_path / "n.nequip.zip", {**dict.fromkeys(lost), MANIFEST: None}),
    ):
        archive = open_archive(path)
        found = {name for name in (*RECORDS, CONFIG) if name not in archive.members}
        if not found or found == {*RECORDS}:
            continue
        with pytest.raises(DamagedError, match="the package has lost ") as caught:
            records_gone(archive, read_metadata(archive))
        assert all(name in str(caught.value) for name in found)


def test_every_command_refuses_a_package_that_lost_a_record(package: Path, tmp_path: Path) -> None:
    path = rewrite(package, tmp_path / "m.nequip.zip", {CLOSURE: None, MANIFEST: None})
    words = "the package has lost model/closure.json"
    update = ("update", path, "o.nequip.zip", "--replace", MLP)
    modify = ("modify", path, "o.nequip.zip", "--modifier", "enable_ForceStressOutput")
    migrate = ("migrate", path, "o.nequip.zip")
    for command in (("verify", path), ("diff", path, path), ("diff", path, MLP), migrate, update, modify):
        assert words in error_line(pack(*command, cwd=tmp_path), 4), command
    assert not (tmp_path / "o.nequip.zip").exists()
    assert_refused(path, words, 4, tmp_path)


def with_types(content: bytes) -> bytes:
    text: dict[str, Any] = yaml.safe_load(content)
    return yaml.safe_dump({**text, "atom_types": {0: "H"}}).encode()


CONTRADICTIONS: dict[str, tuple[dict[str, Callable[[bytes], bytes]], str, int]] = {
    "byte order": ({"byteorder": lambda _: b"big"}, "byteorder is 'big'", 4),
    "two byte orders": ({".data/byteorder": lambda _: b"big"}, ".data/byteorder is 'big'", 4),
    "version": ({".data/version": lambda _: b"eleven"}, ".data/version is 'eleven', not a number", 4),
    "newer version": ({".data/version": lambda _: b"99\n"}, "torch's archive format 99 is newer", 5),
    "closure": ({CLOSURE: lambda _: b"null"}, "model/closure.json cannot be read", 4),
    "references": ({REFERENCES: lambda _: b"{}"}, "model/references.json cannot be read", 4),
    "externals": ({".data/extern_modules": lambda _: b"a b\x00c"}, ".data/extern_modules names", 4),
    "configuration": ({CONFIG: lambda _: b"\xff\xfe"}, "model/config.yaml is no text", 4),
    "atom types": ({METADATA: with_types}, "atom types are H", 4),
}


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_one_verdict_on_contradictions(package: Path, tmp_path: Path, case: str) -> None:
    changes, words, code = CONTRADICTIONS[case]
    archive = open_archive(package)
    members: dict[str, bytes | None] = {
        name: change(archive.read(name) if name in archive.members else b"")
        for name, change in changes.items()
    }
    path = rewrite(package, tmp_path / "m.nequip.zip", {**members, MANIFEST: None})
    assert_refused(path, words, code, tmp_path, with_list="version" in case or "byte" in case)


def assert_refused(path: Path, words: str, code: int, folder: Path, *, with_list: bool = False) -> None:
    """Whoever asks gets the same verdict."""
    for command in ("info", "check", *(["list"] if with_list else [])):
        assert words in error_line(pack(command, path, cwd=folder), code), command
    done = lint(path, folder)
    assert done.returncode == 2, done.stdout
    assert done.stderr.startswith(LINTER)
    assert words in done.stderr
    for ask in (nequip_pack.ModelFromPackage, nequip_pack.type_names, nequip_pack.example_data):
        with pytest.raises(NequipPackError, match=words.replace(".", r"\.")) as caught:
            ask(path)
        assert caught.value.exit_code == code


def test_nothing_is_called_here_beside_a_warning(package: Path, tmp_path: Path) -> None:
    content: dict[str, Any] = yaml.safe_load(open_archive(package).read(METADATA))
    warning = {
        "code": "NQ101",
        "module": "a.b",
        "message": "loading the package fails without a GPU",
        "help": "ask for a GPU",
    }
    for key in ("warnings", "allowed", "accepted"):
        content["nequip_pack"]["lint"] = {"status": "warnings", key: [warning]}
        text = yaml.safe_dump(content).encode()
        path = rewrite(package, tmp_path / "m.nequip.zip", {METADATA: text, MANIFEST: None})
        shown = checked(pack("check", path, cwd=tmp_path)).stdout
        assert "NQ101:a.b loading the package fails without a GPU; ask for a GPU\n" in shown
        assert "everything" not in shown
        assert shown.splitlines()[-1].endswith("whether it loads depends on what the warnings say")
        assert json.loads(checked(pack("check", path, "--json", cwd=tmp_path)).stdout)["loads"] is None
    assert PREFIX not in shown

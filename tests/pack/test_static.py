"""The static reader: formats, strictness, and what a broken archive is told. No torch is needed here."""

from __future__ import annotations

import os
import pickle
import struct
import zipfile
from typing import TYPE_CHECKING

import click
import pytest
import yaml
from pack_support import checked, error_line, pack
from warm import new_python

from nequip_lint.cli import options, parsers
from nequip_pack.cli import commands
from nequip_pack.errors import DamagedError, FormatError, InputError, NequipPackError
from nequip_pack.format import open_archive, read_metadata
from nequip_pack.format.metadata import extern_modules, python_version

if TYPE_CHECKING:
    from pathlib import Path

METADATA = {
    "versions": {"torch": "2.13.0", "e3nn": None},
    "external_modules": {"numpy": "2.1", "triton": None},
    "package_version_id": 2,
    "available_models": ["eager"],
    "atom_types": {0: "H", 1: "O"},
}
MEMBERS = {
    "model/eager_model.pkl": b"pickle",
    ".data/extern_modules": b"torch\nnumpy\n",
    ".data/python_version": b"3.11.7",
    ".data/serialization_id": b"1",
    ".data/version": b"6\n",
    "byteorder": b"little",
}


def archive(path: Path, metadata: object = METADATA, extra: dict[str, bytes] | None = None) -> Path:
    """A stand-in for a package: the members that the static reader looks at, with chosen metadata."""
    text = metadata if isinstance(metadata, bytes) else yaml.safe_dump(metadata).encode()
    members = {**MEMBERS, "model/package_metadata.txt": text, **(extra or {})}
    with zipfile.ZipFile(path, "w") as target:
        for name, content in members.items():
            target.writestr(f"m.nequip/{name}", content)
    return path


def test_reads_format_2(tmp_path: Path) -> None:
    opened = open_archive(archive(tmp_path / "m.nequip.zip"))
    metadata = read_metadata(opened)
    assert opened.prefix == "m.nequip"
    assert metadata.package_version_id == 2
    assert metadata.type_names == ("H", "O")
    assert metadata.available_models == ("eager",)
    assert metadata.external_modules == {"numpy": "2.1", "triton": None}
    assert metadata.versions == {"torch": "2.13.0", "e3nn": None}
    assert metadata.nequip_pack is None
    assert extern_modules(opened) == ("torch", "numpy")
    assert python_version(opened) == "3.11.7"


def test_reads_format_1_which_has_no_external_modules(tmp_path: Path) -> None:
    content = {key: value for key, value in METADATA.items() if key != "external_modules"}
    metadata = read_metadata(open_archive(archive(tmp_path / "m", {**content, "package_version_id": 1})))
    assert metadata.package_version_id == 1
    assert metadata.external_modules == {}


def _format_0(path: Path, metadata: object) -> Path:
    """The layout of nequip 0.7, with a pickle that the test chooses."""
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("old/model/package_metadata.pkl", pickle.dumps(metadata, protocol=3))
        target.writestr("old/model/versions.txt", "nequip: 0.7.1\ntorch: 2.2.0\n")
        for name in (".data/extern_modules", "model/eager_model.pkl", "model/aotinductor_model.pkl"):
            target.writestr(f"old/{name}", b"x")
    return path


def test_reads_format_0(tmp_path: Path) -> None:
    content = {"package_version_id": 0, "available_models": ["eager", "aotinductor"]}
    metadata = read_metadata(open_archive(_format_0(tmp_path / "old.nequip.zip", content)))
    assert metadata.package_version_id == 0
    assert metadata.available_models == ("eager", "aotinductor")
    assert metadata.versions == {"nequip": "0.7.1", "torch": "2.2.0"}
    assert metadata.type_names == ()


class _Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_format_0_runs_no_code(tmp_path: Path) -> None:
    path = _format_0(tmp_path / "old.nequip.zip", {"package_version_id": 0, "x": _Bomb(tmp_path / "made")})
    with pytest.raises(DamagedError, match="no plain data"):
        read_metadata(open_archive(path))
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("content", [[], {"package_version_id": 1, "available_models": ["eager"]}])
def test_a_pickle_that_is_not_of_format_0(tmp_path: Path, content: object) -> None:
    with pytest.raises(DamagedError, match="does not hold the metadata of format 0"):
        read_metadata(open_archive(_format_0(tmp_path / "old.nequip.zip", content)))


def test_another_torch_package_archive(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("other/.data/extern_modules", b"torch")
    with pytest.raises(InputError, match="not of a NequIP model"):
        read_metadata(open_archive(path))


BAD = {
    "not yaml": (b"a: [1, 2", DamagedError, "is not YAML"),
    "not text": (b"\xff\xfe\x00", DamagedError, "is no text"),
    "empty": (b"", DamagedError, "holds NoneType instead of a mapping"),
    "a list": (b"- 1", DamagedError, "holds list instead of a mapping"),
    "no version": ({"package_version_id": None}, FormatError, "key package_version_id: None"),
    "text version": ({"package_version_id": "3.0"}, FormatError, "key package_version_id: '3.0'"),
    "true version": ({"package_version_id": True}, FormatError, "key package_version_id: True"),
    "version 0": ({"package_version_id": 0}, FormatError, "no format 0 keeps its metadata as text"),
    "version 99": ({"package_version_id": 99}, FormatError, "format 99 is newer than 2"),
    "ours newer": ({"nequip_pack": {"format": 2}}, FormatError, "nequip_pack format 2 is newer than 1"),
    "ours broken": ({"nequip_pack": []}, DamagedError, "key nequip_pack: not a mapping"),
    "no models": ({"available_models": []}, DamagedError, "key available_models"),
    "absent model": ({"available_models": ["eager", "compile"]}, DamagedError, "compile_model.pkl is not in"),
    "no eager": ({"available_models": ["compile"]}, DamagedError, "there is no eager model"),
    "type gap": ({"atom_types": {0: "H", 2: "O"}}, DamagedError, "key atom_types"),
    "no versions": ({"versions": None}, DamagedError, "key versions"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_metadata(tmp_path: Path, case: str) -> None:
    change, kind, words = BAD[case]
    content = change if isinstance(change, bytes) else {**METADATA, **change}  # type: ignore[dict-item]
    path = archive(tmp_path / "m.nequip.zip", content)
    with pytest.raises(kind) as caught:
        read_metadata(open_archive(path))
    assert words in str(caught.value)
    assert words in error_line(pack("info", path, cwd=tmp_path), kind.exit_code)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Model/Eager_Model.pkl", "two members share one name"),
        ("../outside.py", "leads out of the archive"),
        ("a//b.py", "leads out of the archive"),
    ],
)
def test_ambiguous_names(tmp_path: Path, name: str, words: str) -> None:
    path = archive(tmp_path / "m.nequip.zip", extra={name: b"x"})
    with pytest.raises(DamagedError, match=words):
        open_archive(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.nequip.zip")
    with zipfile.ZipFile(path, "a") as target:
        target.writestr("m.nequip/model/eager_model.pkl", b"other")
    with pytest.raises(DamagedError, match="two members share one name"):
        open_archive(path)


def test_two_prefixes(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.nequip.zip")
    with zipfile.ZipFile(path, "a") as target:
        target.writestr("other/a.py", b"x")
    with pytest.raises(DamagedError, match="2 top-level entries"):
        open_archive(path)


def test_packing_that_torch_cannot_read(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.nequip.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as target:
        target.writestr("m.nequip/a.py", b"x")
    with pytest.raises(DamagedError, match="packed in a way that torch cannot read"):
        open_archive(path)


def test_a_flipped_bit_is_found_by_its_crc(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.nequip.zip", extra={"model/weights": b"0123456789" * 100})
    content = bytearray(path.read_bytes())
    content[content.index(b"0123456789") + 500] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedError, match="member model/weights is damaged"):
        open_archive(path).check_content()


def test_every_truncation_is_seen(tmp_path: Path) -> None:
    whole = archive(tmp_path / "m.nequip.zip").read_bytes()
    cut = tmp_path / "cut.nequip.zip"
    for length in range(0, len(whole), 7):
        cut.write_bytes(whole[:length])
        with pytest.raises(NequipPackError) as caught:
            read_metadata(open_archive(cut))
        assert caught.value.exit_code in (3, 4)


def test_metadata_that_claims_to_be_huge(tmp_path: Path) -> None:
    """The directory claims a size, which the header before the member does not; nothing is unpacked."""
    path = archive(tmp_path / "m.nequip.zip")
    content = bytearray(path.read_bytes())
    name = b"m.nequip/model/package_metadata.txt"
    entry = content.rindex(name) - 46
    content[entry + 24 : entry + 28] = struct.pack("<I", 1 << 31)
    path.write_bytes(content)
    with pytest.raises(DamagedError, match=r"package_metadata\.txt are damaged or contradict"):
        read_metadata(open_archive(path))


def test_info_and_list_import_no_torch_and_list_no_yaml(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.nequip.zip")
    script = """
import sys
from nequip_pack.cli import main
try:
    main(sys.argv[1:])
except SystemExit as stop:
    assert not stop.code, stop.code
heavy = {"torch", "numpy", "nequip", "e3nn", "libcst"} & sys.modules.keys()
assert not heavy, heavy
assert sys.argv[1] == "info" or "yaml" not in sys.modules
"""
    shown = checked(new_python("-c", script, "info", str(path), cwd=tmp_path)).stdout
    assert "atom types:  H, O" in shown
    assert "registered:  numpy 2.1, triton (absent)" in shown
    listed = checked(new_python("-c", script, "list", str(path), cwd=tmp_path)).stdout.splitlines()
    assert f"{6:>12}  m.nequip/model/eager_model.pkl" in listed
    checked(new_python("-c", script, "--help", cwd=tmp_path))


@pytest.mark.parametrize("command", ["info", "list", "check", "diff"])
def test_a_start_pays_for_one_command_and_for_nothing_of_the_linter(tmp_path: Path, command: str) -> None:
    path = str(archive(tmp_path / "m.nequip.zip"))
    script = """
import sys
from nequip_pack.cli import main
from nequip_pack.cli.commands import HOMES
try:
    main(sys.argv[1:])
except SystemExit as stop:
    assert stop.code in (None, 0, 4), stop.code  # check finds no pickles in it
homes = {f"nequip_pack.cli.{home.partition('.')[0]}" for home in HOMES.values()}
assert len(homes & sys.modules.keys()) == 1, homes & sys.modules.keys()
linter = {name for name in sys.modules if name.startswith("nequip_lint.")}
small = {"api", "errors", "text", "disk", "reports", "reports.colour"}
assert linter <= {f"nequip_lint.{name}" for name in small}, linter
"""
    checked(new_python("-c", script, command, *[path] * (1 + (command == "diff")), cwd=tmp_path))


def test_a_mistyped_command_has_a_suggestion(tmp_path: Path) -> None:
    """Where click makes one (in its newer releases), from names whose commands were not imported."""
    line = error_line(pack("chek", "m.nequip.zip", cwd=tmp_path), 2)
    assert "No such command 'chek'" in line
    assert "Did you mean 'check'?" in line or not hasattr(click, "NoSuchCommand")


def test_either_command_knows_the_names_of_the_other_ones() -> None:
    assert set(commands.HOMES) - {"check", "command", "verify-signature"} == options.OF_THE_PACKAGER
    assert set(commands.OF_THE_LINTER) == {*parsers.COMMANDS, "lint"} - {"check"}


def test_importing_the_package_imports_nothing_heavy(tmp_path: Path) -> None:
    script = """
import sys, nequip_pack
assert nequip_pack.type_names and nequip_pack.build_package and nequip_pack.ModelFromPackage
assert nequip_pack.register_packaging_mode
heavy = {"torch", "numpy", "nequip", "e3nn", "yaml", "click", "libcst"} & sys.modules.keys()
assert not heavy, heavy
"""
    checked(new_python("-c", script, cwd=tmp_path))

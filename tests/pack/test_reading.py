"""The strict reader on real packages that are damaged in every way of the fault table, through ``info``."""

from __future__ import annotations

import random
import shutil
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pack_support import checked, error_line, pack, rewrite

from nequip_pack.errors import DamagedError, NequipPackError
from nequip_pack.format import open_archive, read_metadata
from nequip_pack.format.consistency import check_consistency
from nequip_pack.format.manifest import check_content
from nequip_pack.format.zipend import MEMBER_COUNT_LIMIT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

METADATA = "model/package_metadata.txt"
MANIFEST = "model/manifest.json"
Change = Callable[[bytes], bytes]


def zeroed(content: bytes, start: int, size: int) -> bytes:
    return content[:start] + bytes(size) + content[start + size :]


def largest(content: bytes, suffix: str) -> tuple[int, int]:
    """Start and size of the largest member whose name ends so."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        info = max((i for i in archive.infolist() if i.filename.endswith(suffix)), key=lambda i: i.file_size)
    names, extra = struct.unpack_from("<HH", content, info.header_offset + 26)
    return info.header_offset + 30 + names + extra, info.file_size


def hole(suffix: str, size: int) -> Change:
    def change(content: bytes) -> bytes:
        start, length = largest(content, suffix)
        return zeroed(content, start, min(size, length))

    return change


def flip(suffix: str) -> Change:
    def change(content: bytes) -> bytes:
        start, length = largest(content, suffix)
        return altered(content, start + length // 2)

    return change


def altered(content: bytes, position: int, bit: int = 4) -> bytes:
    return content[:position] + bytes([content[position] ^ (1 << bit)]) + content[position + 1 :]


def claims_4_gb(content: bytes) -> bytes:
    """The directory's last entry says that its member has 4 GB less a byte."""
    entry = content.rindex(b"PK\x01\x02")
    return content[: entry + 24] + struct.pack("<I", 0xFFFFFFFE) + content[entry + 28 :]


def cut(part: float) -> Change:
    return lambda content: content[: int(len(content) * part)]


BYTES: dict[str, tuple[Change, int, str]] = {
    "R1 empty": (lambda content: b"", 3, "an empty file, not a package"),
    "R1 one byte": (lambda content: content[:1], 3, "not a package"),
    **{f"R2 cut at {part:.0%}": (cut(part), 4, "the file is truncated: ") for part in (0.25, 0.5, 0.75, 0.9)},
    "R2 in the directory": (lambda content: content[:-2000], 4, "the file is truncated: "),
    "R2 before the end": (lambda content: content[:-22], 4, "the file is truncated: "),
    "R2 last byte": (lambda content: content[:-1], 4, "the file is truncated: "),
    "bytes missing inside": (
        lambda content: content[:2000] + content[2500:],
        4,
        "before the end of the archive: ",
    ),
    "R3 one byte appended": (lambda content: content + b"x", 4, "1 bytes follow the end of the archive"),
    "R3 1 KB appended": (lambda content: content + b"x" * 1024, 4, "1024 bytes follow the end"),
    "R4 70 KB appended": (lambda content: content + bytes(70_000), 4, "70000 bytes follow the end"),
    "R4 100 bytes prepended": (lambda content: b"x" * 100 + content, 4, "100 bytes stand before the archive"),
    "R5 flip in weights": (flip(".storage"), 4, ".storage is damaged"),
    "R6 flip in example data": (flip("model/example_data.pkl"), 4, "model/example_data.pkl is damaged"),
    "R7 flip in a model": (flip("model/eager_model.pkl"), 4, "model/eager_model.pkl is damaged"),
    "R8 flip in source": (flip(".py"), 4, ".py is damaged"),
    "R9 flip in metadata": (flip("package_metadata.txt"), 4, "model/package_metadata.txt is damaged"),
    "R10 flip in externs": (flip("extern_modules"), 4, ".data/extern_modules is damaged"),
    "R11 flip in the first byte": (lambda content: altered(content, 0), 4, "are damaged or contradict"),
    "R13 hole in weights": (hole(".storage", 4096), 4, ".storage is damaged"),
    "R14 hole in source": (hole(".py", 65536), 4, ".py is damaged"),
    "R14 hole in a pickle": (hole("eager_model.pkl", 4096), 4, "eager_model.pkl is damaged"),
    "R14 second half zeros": (
        lambda content: zeroed(content, len(content) // 2, len(content) - len(content) // 2),
        4,
        "bytes or more are zeros",
    ),
    "R30 4 GB": (claims_4_gb, 4, "are damaged or contradict each other"),
}


@pytest.mark.parametrize("case", BYTES)
def test_damaged_bytes(package: Path, tmp_path: Path, case: str) -> None:
    change, code, words = BYTES[case]
    path = tmp_path / "m.nequip.zip"
    path.write_bytes(change(package.read_bytes()))
    for command in ("info", "list"):
        assert words in error_line(pack(command, path, cwd=tmp_path), code)


def test_a_cut_in_the_end_tells_both_sizes(upstream_package: Path, tmp_path: Path) -> None:
    whole = upstream_package.read_bytes()
    path = tmp_path / "m.nequip.zip"
    path.write_bytes(whole[:-10])
    line = error_line(pack("info", path, cwd=tmp_path), 4)
    assert f"{len(whole) - 10} of {len(whole)} bytes" in line
    path.write_bytes(whole[:-30])
    assert f"{len(whole) - 30} of {len(whole)} bytes" in error_line(pack("info", path, cwd=tmp_path), 4)


def test_cuts_are_told_from_the_end_of_an_archive_inside(package: Path, tmp_path: Path) -> None:
    """Cut behind a package or checkpoint that is a member: its end is the last thing in the file."""
    inner = package.read_bytes()
    path = rewrite(package, tmp_path / "m.nequip.zip", {"model/x.storage": inner, MANIFEST: None})
    whole = path.read_bytes()
    end = whole.rindex(inner) + len(inner)
    for size in (end, end - 1, end - 22, end + 1, end + 30, end - len(inner) // 2, len(whole) - 5):
        path.write_bytes(whole[:size])
        with pytest.raises(DamagedError, match=f"the file is truncated: {size} of ") as caught:
            open_archive(path)
    assert f"of {len(whole)} bytes" in str(caught.value)
    path.write_bytes(whole[:end])
    assert f"the file is truncated: {end} of " in error_line(pack("check", path, cwd=tmp_path), 4)


def test_cuts_at_borders_of_members(package: Path, upstream_package: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.nequip.zip"
    for whole in (package.read_bytes(), upstream_package.read_bytes()):
        with zipfile.ZipFile(BytesIO(whole)) as archive:
            borders = [info.header_offset for info in archive.infolist()][1:]
            directory = archive.start_dir
        first = directory + 46 + len(open_archive(package).prefix)
        for size in (*borders[::20], directory - 1, directory, directory + 1, directory + 46, first):
            path.write_bytes(whole[:size])
            with pytest.raises(DamagedError, match=f"the file is truncated: {size} of at least") as caught:
                open_archive(path)
            assert int(str(caught.value).partition("at least ")[2].split()[0]) <= len(whole)


def test_300_flipped_bits_over_all_regions(package: Path, tmp_path: Path) -> None:
    """R5 to R12: each is refused; a reader that trusts the directory alone misses those in headers."""
    whole = package.read_bytes()
    end = len(whole)
    directory = whole.index(b"PK\x01\x02")
    regions = [(0, end), (directory, end - 98), (end - 98, end)]
    chance = random.Random(20240607)
    path = tmp_path / "m.nequip.zip"
    missed = []
    for number in range(300):
        position = chance.randrange(*regions[number % 3])
        bit = chance.randrange(8)
        path.write_bytes(altered(whole, position, bit))
        try:
            archive = open_archive(path)
            check_content(archive)
            check_consistency(archive, read_metadata(archive))
        except NequipPackError as error:
            assert error.exit_code == 4, (position, bit, str(error))
        else:
            missed.append((position, bit))
    assert missed == []


def with_metadata(**changes: Any) -> Callable[[Path, Path], None]:
    """A change of metadata keys in a package that is whole otherwise; ``None`` takes a key away."""

    def make(package: Path, target: Path) -> None:
        content = yaml.safe_load(open_archive(package).read(METADATA))
        for key, value in changes.items():
            content[key] = value
            if value is None:
                del content[key]
        rewrite(package, target, {METADATA: yaml.safe_dump(content).encode(), MANIFEST: None})

    return make


def with_member(name: str, content: bytes | None) -> Callable[[Path, Path], None]:
    return lambda package, target: rewrite(package, target, {name: content, MANIFEST: None}) and None


def with_raw_name(name: str) -> Callable[[Path, Path], None]:
    def make(package: Path, target: Path) -> None:
        shutil.copy(package, target)
        rewrite(package, target, {})
        with zipfile.ZipFile(target, "a") as archive:
            archive.writestr(name, b"x")

    return make


def bomb(package: Path, target: Path) -> None:
    rewrite(package, target, {METADATA: None})
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        prefix = archive.namelist()[0].partition("/")[0]
        archive.writestr(f"{prefix}/{METADATA}", b"a: 1\n" * (1 << 23))


MEMBERS: dict[str, tuple[Callable[[Path, Path], None], int, str]] = {
    "R19 no metadata": (with_member(METADATA, None), 4, "no member model/package_metadata.txt"),
    "R19 empty": (with_member(METADATA, b""), 4, "holds NoneType instead of a mapping"),
    "R19 binary": (with_member(METADATA, b"\xff\x00\xfe"), 4, "is no text"),
    "R19 a list": (with_member(METADATA, b"- 1\n"), 4, "holds list instead of a mapping"),
    "R20 newer": (with_metadata(package_version_id=99), 5, "format 99 is newer than 2"),
    "R21 0": (with_metadata(package_version_id=0), 5, "no format 0 keeps its metadata as text"),
    "R21 -1": (with_metadata(package_version_id=-1), 5, "no format -1 keeps its metadata as text"),
    "R21 3.0": (with_metadata(package_version_id="3.0"), 5, "'3.0' is not a whole number"),
    "R21 absent": (with_metadata(package_version_id=None), 5, "None is not a whole number"),
    "R22 models": (with_metadata(available_models=["foo"]), 4, "available_models: there is no eager model"),
    "R22 no types": (with_metadata(atom_types=None), 4, "key atom_types: missing"),
    "R22 other types": (with_metadata(atom_types={0: "H"}), 4, "atom types are H (model/config.yaml has Cu)"),
    "R22 no versions": (with_metadata(versions=None), 4, "key versions: missing"),
    "R23 torch": (with_member(".data/version", b"99\n"), 5, "torch's archive format 99 is newer than 10"),
    "R24 big": (with_member("byteorder", b"big"), 4, "byteorder is 'big'"),
    "R25 no eager model": (with_member("model/eager_model.pkl", None), 4, "eager_model.pkl is not in"),
    "R28 bomb": (bomb, 4, "a zip bomb"),
    "R31 by case": (with_raw_name("archive/Model/Eager_Model.pkl"), 4, "two members share one name"),
    "R31 twice": (with_raw_name("archive/model/eager_model.pkl"), 4, "two members share one name"),
    "two prefixes": (with_raw_name("other/a.py"), 4, "2 top-level entries"),
    "escaping": (with_raw_name("archive/../../../../etc/x"), 4, "leads out of the archive"),
    "absolute": (with_raw_name("/etc/x"), 4, "2 top-level entries"),
    "backslash": (with_raw_name("archive/a\\b.py"), 4, "leads out of the archive"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", MEMBERS)
def test_a_package_that_contradicts_itself(package: Path, tmp_path: Path, case: str) -> None:
    make, code, words = MEMBERS[case]
    path = tmp_path / "m.nequip.zip"
    make(package, path)
    assert words in error_line(pack("info", path, cwd=tmp_path), code)


def test_versions_that_are_not_those_of_the_build(package: Path, tmp_path: Path) -> None:
    """R22: the manifest tells; without one nothing in the file contradicts them, and ``check`` compares."""
    content = yaml.safe_load(open_archive(package).read(METADATA))
    content["versions"]["torch"] = "99.0"
    text = yaml.safe_dump(content).encode()
    path = rewrite(package, tmp_path / "m.nequip.zip", {METADATA: text})
    assert f"{METADATA} is not what the manifest says" in error_line(pack("info", path, cwd=tmp_path), 4)
    path = rewrite(package, tmp_path / "m.nequip.zip", {METADATA: text, MANIFEST: None})
    rows = checked(pack("check", path, cwd=tmp_path)).stdout.splitlines()
    (row,) = (row for row in rows if row.startswith("torch "))
    assert "99.0" in row
    assert row.endswith("other version")


def test_an_unpacked_package(package: Path, tmp_path: Path) -> None:
    """R17: nequip's ``info`` takes such a folder, and its loader does not."""
    folder = tmp_path / "m.nequip.zip"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    for command in ("info", "list", "check", "verify"):
        line = error_line(pack(command, folder, cwd=tmp_path), 3)
        assert "this is a folder, not a package file" in line


def test_200_000_members(package: Path, tmp_path: Path) -> None:
    path = rewrite(package, tmp_path / "m.nequip.zip", {})
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(200_000):
            archive.writestr(f"archive/x/{number}", b"")
    line = error_line(pack("info", path, cwd=tmp_path), 4)
    assert f"members, more than the {MEMBER_COUNT_LIMIT} that are read" in line


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({".data/python_version": b"2.7.18"}, "it says that Python 2.7.18 built it"),
        ({"byteorder": None}, "the byte order is not recorded"),
        ({".data/serialization_id": None}, "torch's serialization id is missing"),
    ],
)
def test_what_is_odd_is_a_warning(
    package: Path, tmp_path: Path, change: dict[str, bytes | None], words: str
) -> None:
    path = rewrite(package, tmp_path / "m.nequip.zip", {**change, MANIFEST: None})
    assert words in checked(pack("info", path, cwd=tmp_path)).stderr


def test_what_the_manifest_tells_beyond_checksums(package: Path, tmp_path: Path) -> None:
    """Someone changed a member and wrote the archive anew, all checksums right."""
    path = rewrite(package, tmp_path / "m.nequip.zip", {MANIFEST: None})
    checked(pack("info", path, cwd=tmp_path))
    kept = open_archive(path).read(MANIFEST)
    source = open_archive(path).read("nequip/nn/mlp.py")
    for change, words in (
        (source + b"# more", f"it has {len(source) + 6} bytes instead of {len(source)}"),
        (source[:-1] + b" ", "its SHA-256 is another"),
        (None, "it is missing"),
    ):
        other = rewrite(path, tmp_path / "o.nequip.zip", {"nequip/nn/mlp.py": change, MANIFEST: kept})
        line = error_line(pack("info", other, cwd=tmp_path), 4)
        assert f"nequip/nn/mlp.py is not what the manifest says ({words})" in line


def test_a_package_under_another_name(package: Path, tmp_path: Path) -> None:
    """R15: the content is looked at first, so a checkpoint is told from a package with a wrong name."""
    shutil.copy(package, tmp_path / "m.zip")
    line = error_line(pack("info", "m.zip", cwd=tmp_path), 2)
    assert "this is a package, but its name does not end in .nequip.zip; rename it to m.nequip.zip" in line


def test_packages_of_nequip_and_of_other_zip_writers_are_read(
    upstream_package: Path, package: Path, tmp_path: Path
) -> None:
    checked(pack("info", upstream_package, cwd=tmp_path))
    with (
        zipfile.ZipFile(package) as source,
        zipfile.ZipFile(tmp_path / "m.nequip.zip", "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in source.namelist():
            copy.writestr(name, source.read(name))
    checked(pack("info", "m.nequip.zip", cwd=tmp_path))

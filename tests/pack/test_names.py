"""Members whose names, kinds or places mean different things to different readers."""

from __future__ import annotations

import stat
import zipfile
from typing import TYPE_CHECKING

import pytest
from pack_support import checked, error_line, pack
from test_static import archive

from nequip_pack.errors import DamagedError
from nequip_pack.format import open_archive
from nequip_pack.format.names import clash, problem

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {
    "a drive": ("C:x.py", "a character that not every system allows"),
    "a stream": ("model/a.py:hidden", "a character that not every system allows"),
    "a wildcard": ("model/*.py", "a character that not every system allows"),
    "a newline": ("model/a\nnequip-pack: all is well.py", "a character that cannot be seen"),
    "an escape": ("model/\x1b[2J.py", "a character that cannot be seen"),
    "a C1 control": ("model/\x9b2J.py", "a character that cannot be seen"),
    "a tab": ("model/a\tb.py", "a character that cannot be seen"),
    "a delete": ("model/\x7f.py", "a character that cannot be seen"),
    "turned around": ("model/\u202eyp.exe", "a character that cannot be seen"),
    "no width": ("model/a\u200b.py", "a character that cannot be seen"),
    "a line separator": ("model/a\u2028.py", "a character that cannot be seen"),
    "a blank at the end": ("model/a.py ", "begins or ends with a blank"),
    "a blank at the start": ("model/ a.py", "begins or ends with a blank"),
    "a dot at the end": ("model/a.py.", "ends with a dot"),
    "three dots": ("model/.../a.py", "ends with a dot"),
    "up": ("model/../../a.py", "leads out of the archive"),
    "here": ("model/./a.py", "leads out of the archive"),
    "twice a slash": ("model//a.py", "leads out of the archive"),
    "up by full width": ("model/\uff0e\uff0e/a.py", "leads out of the archive"),
    "a slash of full width": ("model/..\uff0fa.py", "leads out of the archive"),
    "a backslash": ("model\\a.py", "leads out of the archive"),
    "by case": ("Model/Eager_Model.pkl", "two members share one name"),
    "by full width": ("model/\uff45ager_model.pkl", "two members share one name"),
    "below a member": ("model/eager_model.pkl/x.py", "model/eager_model.pkl is a folder too"),
    "below by case": ("BYTEORDER/x.py", "byteorder is a folder too"),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_that_is_not_one_file_everywhere(tmp_path: Path, case: str) -> None:
    name, words = NAMES[case]
    path = archive(tmp_path / "m.nequip.zip", extra={name: b"x"})
    with pytest.raises(DamagedError, match=words) as caught:
        open_archive(path)
    assert str(caught.value).isprintable()


def test_names_that_differ_by_the_way_accents_are_written(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.nequip.zip", extra={"é.py": b"", "e\u0301.py": b""})
    with pytest.raises(DamagedError, match="two members share one name"):
        open_archive(path)


@pytest.mark.parametrize("prefix", ["C:", "c:m", "m\x1b[2J", "m\n", ".", "..", "m ", "\u202em"])
def test_a_folder_that_torch_would_not_name_after_a_file(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "m.nequip.zip"
    with zipfile.ZipFile(archive(tmp_path / "o.zip")) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(f"{prefix}/{name.partition('/')[2]}", source.read(name))
    for command in ("info", "list"):
        error_line(pack(command, path, cwd=tmp_path), 4)


@pytest.mark.parametrize(
    "name",
    ["modèle/x.py", "run: 300 K?.nequip/x.py", "m/aux.py", "m/.data/x", "m/fx-generated/_0.py", "模型　1/x"],
)
def test_names_that_torch_writes(name: str) -> None:
    """The folder is named after the file that was written, which is the user's choice."""
    assert problem(name) == ""


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.nequip.zip", extra={"model/abcd.py": b"", "model/efgh.py": b""})
    whole = path.read_bytes()
    for bad in (b"\xff\xfe\xfd\xfc", b"\xed\xa0\x80."):  # the latter is a surrogate
        path.write_bytes(whole.replace(b"abcd", bad))
        with pytest.raises(DamagedError, match="a member's name is no text") as caught:
            open_archive(path)
        assert str(caught.value).isprintable()


def test_members_and_folders() -> None:
    assert clash(["m/a/b", "m/c"], ["m", "m/a", "m/d"]) == ""
    assert "m/a is a folder too" in clash(["m/a", "m/b"], ["m/a/c"])
    assert "m/b is a folder too" in clash(["m/a", "m/b"], ["m/B"])


def with_entry(path: Path, info: zipfile.ZipInfo, content: bytes = b"") -> Path:
    with zipfile.ZipFile(archive(path), "a") as target:
        target.writestr(info, content)
    return path


def entry(name: str, mode: int = 0, dos: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(f"m.nequip/{name}")
    info.external_attr = mode << 16 | dos
    return info


KINDS = {
    "a link": (entry("model/x.py", stat.S_IFLNK | 0o777), b"/etc/passwd", "no plain file"),
    "a device": (entry("model/x.py", stat.S_IFCHR | 0o600), b"", "no plain file"),
    "a pipe": (entry("model/x.py", stat.S_IFIFO | 0o600), b"", "no plain file"),
    "a socket": (entry("model/x.py", stat.S_IFSOCK | 0o600), b"", "no plain file"),
    "a folder by its mode": (entry("model/x.py", stat.S_IFDIR | 0o700), b"", "no plain file"),
    "a folder by its mark": (entry("model/x.py", dos=0x10), b"", "no plain file"),
    "the name of a disk": (entry("model/x.py", dos=0x08), b"", "no plain file"),
    "a folder with content": (entry("model/x/", stat.S_IFDIR | 0o700, 0x10), b"x = 1", "no plain folder"),
    "a folder that is a link": (entry("model/x/", stat.S_IFLNK | 0o777), b"", "no plain folder"),
    "a folder that is a file": (entry("model/x/", stat.S_IFREG | 0o600), b"", "no plain folder"),
    "a folder that is a disk": (entry("model/x/", dos=0x18), b"", "no plain folder"),
    "a folder that leads out": (entry("../x/"), b"", "leads out of the archive"),
    "a folder in place of a member": (entry("byteorder/"), b"", "byteorder is a folder too"),
}


@pytest.mark.parametrize("case", KINDS)
def test_an_entry_that_is_neither_file_nor_folder(tmp_path: Path, case: str) -> None:
    info, content, words = KINDS[case]
    path = with_entry(tmp_path / "m.nequip.zip", info, content)
    with pytest.raises(DamagedError, match=words):
        open_archive(path)


def test_folders_of_other_zip_writers(tmp_path: Path) -> None:
    path = archive(tmp_path / "m.nequip.zip")
    for info in (entry("model/"), entry("model/x/", stat.S_IFDIR | 0o755, 0x10)):
        with zipfile.ZipFile(path, "a") as target:
            target.writestr(info, b"")
    assert "model/x/" not in open_archive(path).members
    checked(pack("list", path, cwd=tmp_path))

"""One flipped bit anywhere in a checkpoint or in a file of tensors: it is refused, or it changes nothing."""

from __future__ import annotations

import random
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from test_flipped_bits import regions

from nequip_pack.checkpoint.example import check_file
from nequip_pack.checkpoint.header import read_content
from nequip_pack.errors import DamagedError, NequipPackError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.real

SAVE = """
import torch, nequip_pack
nequip_pack.save_checkpoint(torch.nn.Linear(4, 3), "plain.ckpt", example_data=torch.randn(2, 4))
torch.save({"pos": torch.randn(40, 3)}, "tensors.pt")
torch.save({"pos": torch.randn(4, 3)}, "legacy.pt", _use_new_zipfile_serialization=False)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, nequip_checkpoint: Path) -> Path:
    """The files of each kind."""
    folder = tmp_path_factory.mktemp("flips")
    subprocess.run([sys.executable, "-c", SAVE], cwd=folder, check=True)
    (folder / "best.ckpt").write_bytes(nequip_checkpoint.read_bytes())
    return folder


def _refusal(code: int, *arguments: object, cwd: Path) -> str:
    """The one line of a build that must end with ``code``."""
    command = [sys.executable, "-m", "nequip_pack", "build", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    (line,) = done.stderr.splitlines()
    return line


def _flipped(content: bytes, position: int, bit: int) -> bytes:
    changed = bytearray(content)
    changed[position] ^= 1 << bit
    return bytes(changed)


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _refused(check: Callable[[Path], object], path: Path) -> NequipPackError | None:
    try:
        check(path)
    except NequipPackError as error:
        return error
    return None


KINDS = {"best.ckpt": read_content, "plain.ckpt": read_content, "tensors.pt": check_file}
CONTENT = ("weights", "code", "pickles", "other members")


@pytest.mark.parametrize("name", KINDS)
def test_flips_in_every_region(folder: Path, tmp_path: Path, name: str, seed: int) -> None:
    """What a member holds is never taken; other flips are refused, or every member reads as before."""
    whole, altered, dice = (folder / name).read_bytes(), tmp_path / name, random.Random(seed)
    for kind, parts in regions(folder / name).items():
        for _ in range(40):
            position, bit = dice.choice(dice.choice(parts)), dice.randrange(8)
            altered.write_bytes(_flipped(whole, position, bit))
            error = _refused(KINDS[name], altered)
            if error is None:
                assert kind not in CONTENT, (kind, position, bit)
                assert _members(altered) == _members(folder / name), (kind, position, bit)
            else:
                assert error.exit_code in ((4,) if kind in CONTENT else (3, 4)), (kind, position, bit, error)


@pytest.mark.parametrize("name", KINDS)
def test_cut_or_continued(folder: Path, tmp_path: Path, name: str, seed: int) -> None:
    whole, altered, dice = (folder / name).read_bytes(), tmp_path / name, random.Random(seed)
    cuts = [dice.randrange(600, len(whole)) for _ in range(20)]
    for content in (*(whole[:size] for size in cuts), whole + b"\0", whole + whole[:700], b"#\n" + whole):
        altered.write_bytes(content)
        error = _refused(KINDS[name], altered)
        assert isinstance(error, DamagedError), len(content)


def test_a_flipped_weight_is_not_built(folder: Path, tmp_path: Path) -> None:
    """Through the real command: the member is named, before anything of weight is imported."""
    with zipfile.ZipFile(folder / "best.ckpt") as archive:
        largest = max(archive.infolist(), key=lambda info: info.file_size * ("/data/" in info.filename))
    position = largest.header_offset + largest.file_size // 2 + 256
    path = tmp_path / "best.ckpt"
    path.write_bytes(_flipped((folder / "best.ckpt").read_bytes(), position, 3))
    line = _refusal(4, path, "out.nequip.zip", cwd=tmp_path)
    member = largest.filename.partition("/")[2]
    assert f"the member {member} is damaged (its content does not match its CRC-32)" in line
    assert [item.name for item in tmp_path.iterdir()] == ["best.ckpt"]


def test_a_flipped_example_is_not_built(folder: Path, tmp_path: Path) -> None:
    content = (folder / "tensors.pt").read_bytes()
    (tmp_path / "x.pt").write_bytes(_flipped(content, content.index(b"PK", 900) - 40, 1))
    arguments = (folder / "best.ckpt", "out.nequip.zip", "--example-data", "x.pt")
    assert "is damaged" in _refusal(4, *arguments, cwd=tmp_path)


def test_files_of_torchs_legacy_format(folder: Path, tmp_path: Path) -> None:
    """They have no CRC: none as a checkpoint, which nequip-train never writes; as tensors they are read."""
    line = _refusal(3, folder / "legacy.pt", "out.nequip.zip", cwd=tmp_path)
    assert "legacy torch.save file" in line
    assert "write it again with torch.save" in line
    check_file(folder / "legacy.pt")

"""What a file is, learnt from its content. Reads a few hundred bytes and, for a zip, the directory."""

from __future__ import annotations

import os
import stat
from enum import Enum
from typing import TYPE_CHECKING

from nequip_pack.errors import DamagedError, InputError
from nequip_pack.format.zipend import read_end

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = 512
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_OF_PACKAGES = (b"/.data/extern_modules", b"/model/package_metadata.txt")
_END_SIZE = 22
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_NEQUIP_NET = "nequip.net:"
DOWNLOAD = (
    "nequip-pack downloads nothing: download the package from https://www.nequip.net and give the file (what "
    "nequip downloaded lies in ~/.nequip/model_cache, or in NEQUIP_CACHE_DIR)"
)


class Kind(Enum):
    """Kinds of files that turn up where a package or a checkpoint is expected; the value is for people."""

    PACKAGE = "a torch.package archive"
    CHECKPOINT = "a torch checkpoint"
    TORCHSCRIPT = "a TorchScript or compiled model"
    ZIP = "an ordinary zip archive"
    BROKEN_ZIP = "a zip archive without a readable directory (cut short or damaged)"
    EMPTY = "an empty file"
    HTML = "an HTML page"
    PICKLE = "a bare pickle (a legacy torch.save file?)"
    HDF5 = "an HDF5 file"
    COMPRESSED = "a gzip, bzip2 or xz file"
    TEXT = "a text file"
    BINARY = "a file of an unknown binary kind"


def sniff(path: Path, role: str) -> Kind:
    """The kind of the file at ``path``.

    Args:
        path: the file.
        role: what the file should be, for messages: ``"package"``, ``"checkpoint"``.

    Raises:
        InputError: if there is no file, or it is a folder or something else, or it cannot be read, or it is
            what Git LFS leaves in its place.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"this is a folder, not a {role} file", where=path)
        if not stat.S_ISREG(mode):
            raise InputError(f"this is not a regular file, so it cannot be a {role}", where=path)
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except FileNotFoundError:
        raise _no_file(path, role) from None
    except OSError as error:
        raise InputError(
            f"the {role} file cannot be read", where=path, why=os.strerror(error.errno or 0)
        ) from error
    if head.startswith(_LFS_POINTER):
        what = f"this is a Git LFS pointer in place of the {role} file"
        raise InputError(what, where=path, remedy="run `git lfs pull` in its repository")
    is_zip = head.startswith(_ZIP_MAGIC) or _ends_like_a_zip(path)
    return _kind_of_zip(path) if is_zip else _kind_of_head(head)


def is_model_id(text: str) -> bool:
    """Whether a text is the id of a model on nequip.net, which nequip takes wherever it takes a file."""
    return text.startswith(_NEQUIP_NET)


def _no_file(path: Path, role: str) -> InputError:
    if is_model_id(str(path)):
        what = f"this is the id of a model on nequip.net, not a {role} file"
        return InputError(what, where=path, remedy=DOWNLOAD)
    return InputError(f"there is no such {role} file", where=path, remedy="check the path")


def _kind_of_zip(path: Path) -> Kind:
    try:
        with path.open("rb") as stream:
            end = read_end(path, stream)
            stream.seek(end.offset)
            names = stream.read(end.size)
    except (DamagedError, OSError):
        return Kind.BROKEN_ZIP
    if any(name in names for name in _OF_PACKAGES):
        return Kind.PACKAGE
    if b"/constants.pkl" in names or b"/data/aotinductor/" in names:
        return Kind.TORCHSCRIPT
    return Kind.CHECKPOINT if b"/data.pkl" in names else Kind.ZIP


def _ends_like_a_zip(path: Path) -> bool:
    """Whether a file whose start is no archive's has the end of one: bytes were put before it, or changed."""
    try:
        with path.open("rb") as stream:
            stream.seek(-_END_SIZE, os.SEEK_END)
            return stream.read(4) == b"PK\x05\x06"
    except OSError:
        return False


def _kind_of_head(head: bytes) -> Kind:
    if not head:
        return Kind.EMPTY
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return Kind.PICKLE
    if head.startswith(b"\x89HDF"):
        return Kind.HDF5
    if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        return Kind.COMPRESSED
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return Kind.HTML
    return Kind.TEXT if _is_text(head) else Kind.BINARY


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3
    return True

"""The manifest: SHA-256 and size of every other member, and the content id made from it.

It is the last member, JSON, and nequip's own tools take no notice of it. The content id is the SHA-256 of
the manifest in its canonical form: the same for the same members, whatever the file's name, its top-level
folder or the way its members are packed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import DamagedError, FormatError
from nequip_pack.format.jsontext import TEXT_LIMIT, parse_json

if TYPE_CHECKING:
    from typing import IO

    from nequip_pack.format.archive import Archive

MEMBER: Final = "model/manifest.json"
VERSION: Final = 1
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """SHA-256 (64 hexadecimal digits) and size in bytes by member, without the manifest itself."""

    digests: Mapping[str, str]
    sizes: Mapping[str, int]

    @property
    def text(self) -> str:
        """The canonical form."""
        members = {name: {"sha256": self.digests[name], "size": self.sizes[name]} for name in self.digests}
        return json.dumps({"members": members, "version": VERSION}, sort_keys=True, separators=(",", ":"))

    @property
    def content_id(self) -> str:
        """``sha256:`` and 64 hexadecimal digits."""
        return f"sha256:{hashlib.sha256(self.text.encode()).hexdigest()}"


def add_manifest(stream: IO[bytes]) -> Manifest:
    """Read back every member of an archive and append the manifest.

    Args:
        stream: an archive without a manifest, open for reading and writing.

    Raises:
        OSError: if the stream cannot be read or written, or does not read back as what was written.
    """
    try:
        with zipfile.ZipFile(stream, "a", zipfile.ZIP_STORED) as archive:
            prefix = archive.namelist()[0].partition("/")[0]
            manifest = _of_members(archive)
            archive.writestr(zipfile.ZipInfo(f"{prefix}/{MEMBER}"), manifest.text)
    except zipfile.BadZipFile as error:
        raise OSError(errno.EIO, f"the archive does not read back: {error}") from error
    return manifest


def read_manifest(archive: Archive) -> Manifest | None:
    """The manifest of a package, or ``None`` where there is none; the members' contents are not looked at.

    Raises:
        DamagedError: if it cannot be read, or lists other members or sizes than the archive has.
        FormatError: if a newer release wrote it.
    """
    if MEMBER not in archive.members:
        return None
    try:
        manifest = _parse(archive)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise DamagedError(f"the member {MEMBER} cannot be read", where=archive.path, why=why) from error
    found = {name: member.size for name, member in archive.members.items() if name != MEMBER}
    for name in sorted(found.keys() | manifest.sizes.keys()):
        if found.get(name) != manifest.sizes.get(name):
            raise _differs(archive, name, _sizes(manifest.sizes.get(name), found.get(name)))
    return manifest


def check_content(archive: Archive) -> Manifest | None:
    """Compare every member with its CRC-32, and with the manifest where there is one.

    Raises:
        DamagedError: naming the first member that differs.
    """
    manifest = read_manifest(archive)
    if manifest is None:
        archive.check_content()
        return None
    for name, expected in manifest.digests.items():
        digest = hashlib.sha256()
        for piece in archive.pieces(archive.members[name]):
            digest.update(piece)
        if digest.hexdigest() != expected:
            raise _differs(archive, name, "its SHA-256 is another")
    return manifest


def content_id(archive: Archive) -> str | None:
    """The content id of a package, or ``None`` where it has no manifest."""
    manifest = read_manifest(archive)
    return None if manifest is None else manifest.content_id


def _parse(archive: Archive) -> Manifest:
    text = archive.read(MEMBER, TEXT_LIMIT)
    content = parse_json(text)
    version, members = content["version"], content["members"]
    if version != VERSION:
        raise FormatError(f"a manifest of version {version!r} is not known", where=archive.path)
    digests: dict[str, Any] = {name: member["sha256"] for name, member in members.items()}
    sizes: dict[str, Any] = {name: member["size"] for name, member in members.items()}
    if not all(isinstance(digest, str) for digest in digests.values()):
        raise ValueError("a SHA-256 is no text")
    if not all(isinstance(size, int) for size in sizes.values()):
        raise ValueError("a size is no whole number")
    manifest = Manifest(digests, sizes)
    if manifest.text.encode() != text:
        raise ValueError("it is not in its canonical form")
    return manifest


def _of_members(archive: zipfile.ZipFile) -> Manifest:
    digests, sizes = {}, {}
    for info in archive.infolist():
        name = info.filename.partition("/")[2]
        with archive.open(info) as member:
            digests[name] = _digest(member)
        sizes[name] = info.file_size
    return Manifest(digests, sizes)


def _digest(member: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := member.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _sizes(listed: int | None, found: int | None) -> str:
    if listed is None:
        return "the manifest does not list it"
    return "it is missing" if found is None else f"it has {found} bytes instead of {listed}"


def _differs(archive: Archive, name: str, why: str) -> DamagedError:
    remedy = "get the file again from where it came"
    what = f"the member {name} is not what the manifest says"
    return DamagedError(what, where=archive.path, why=why, remedy=remedy)

"""Pickles inside pickles: in bytes that some class unpickles by itself, as e3nn's generated code does."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from nequip_pack.pickles.read import read
from nequip_pack.pickles.values import BadPickle, Global, Inert, Pickled
from nequip_pack.pickles.walk import objects

DEPTH_LIMIT: Final = 16
"""How deep pickles may lie in pickles; e3nn's go two deep."""
_MEMBERS: Final = 10_000
_SHORTEST: Final = 4
_ZIP: Final = b"PK\x03\x04"
_BYTES: Final = frozenset({("_codecs", "encode"), ("builtins", "bytes"), ("builtins", "bytearray")})


@dataclass(slots=True, eq=False)
class Nested:
    """What bytes hold.

    Attributes:
        pickles: one after another, as ``torch.save`` wrote them before its zip format.
        members: of a zip archive, as ``torch.save`` writes it; no pickles then.
        rest: the bytes after the pickles.
    """

    pickles: list[Pickled] = field(default_factory=list)
    members: dict[str, bytes] = field(default_factory=dict)
    rest: bytes = b""


def source(value: Any) -> bytes | bytearray | str | None:
    """What holds the bytes that a value is: protocol 2 has to make them of a text. ``None`` for others."""
    if type(value) in (bytes, bytearray):
        return value  # type: ignore[no-any-return]
    if type(value) is not Inert or type(value.callable) is not Global or not value.arguments:
        return None
    if (value.callable.module, value.callable.name) not in _BYTES:
        return None
    first = value.arguments[0]
    return first if type(first) in (bytes, bytearray, str) else None


def raw(held: bytes | bytearray | str) -> bytes:
    """The bytes that a :func:`source` holds; none for a text that holds no bytes."""
    if isinstance(held, str):
        return held.encode("latin-1") if all(c < "\u0100" for c in held) else b""
    return bytes(held)


def nested(data: bytes) -> Nested | None:
    """The pickles in some bytes; ``None`` if they do not begin with one."""
    if data.startswith(_ZIP):
        return _zipped(data)
    found, place = Nested(), 0
    while place < len(data) and (pickled := _readable(data, place)) is not None:
        found.pickles.append(pickled)
        place = pickled.end
    found.rest = data[place:]
    return found if found.pickles else None


def inside(*pickles: Pickled) -> Iterator[Pickled]:
    """Every pickle in these pickles, however deep; the same bytes are read once.

    Raises:
        BadPickle: if they lie deeper in each other than :data:`DEPTH_LIMIT`.
    """
    level, seen = list(pickles), set[bytes]()
    for _ in range(DEPTH_LIMIT):
        level = [found for pickled in level for found in _directly(pickled, seen)]
        if not level:
            return
        yield from level
    raise BadPickle(f"pickles lie more than {DEPTH_LIMIT} deep in each other")


def _directly(pickled: Pickled, seen: set[bytes]) -> Iterator[Pickled]:
    sources = {id(held): held for held in map(source, objects(pickled.content, *pickled.calls)) if held}
    for held in sources.values():
        data = raw(held)
        found = nested(data) if data not in seen else None
        seen.add(data)
        if found is not None:
            yield from found.pickles
            parts = (nested(member) for member in found.members.values())
            yield from (one for part in parts if part is not None for one in part.pickles)


def _readable(data: bytes, place: int) -> Pickled | None:
    if len(data) - place < _SHORTEST:
        return None
    try:
        return read(data, place)
    except BadPickle:
        return None


def _zipped(data: bytes) -> Nested | None:
    """The members of an archive that does not unpack to more than it takes, as ``torch.save`` writes none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > _MEMBERS or sum(entry.file_size for entry in entries) > len(data):
                return None
            return Nested(members={entry.filename: archive.read(entry) for entry in entries})
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError, ValueError, EOFError):
        return None

"""Bytes in pickles. Some classes unpickle them by themselves, so that each may be a pickle too."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nequip_pack.errors import DamagedError
from nequip_pack.format.zipdir import STORED, read_entries
from nequip_pack.pickles.attempt import attempt
from nequip_pack.pickles.nested import raw, source
from nequip_pack.pickles.values import Inert, Pickled

_MAGIC: Final = 0x1950A86A20F9469CFC6C
_PROTOCOL: Final = 1001
_STREAM: Final = 5
"""The pickles of a stream of ``torch.save`` before its zip format: magic number, protocol, system, content,
the keys of storages (2.13, ``torch/serialization.py``, ``_legacy_load``)."""
_ZIP: Final = b"PK\x03\x04"
_END: Final = b"PK\x05\x06"
"""torch finds an archive from its end, whatever is before it. What a pickle holds is followed by itself."""
_SHORTEST: Final = 4
_OF_SAVE: Final = re.compile(
    r"data\.pkl|data/\d+|(?:\.data/)?(?:byteorder|version|serialization_id)"
    r"|\.format_version|\.storage_alignment"
)


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """What bytes hold.

    Attributes:
        pickles: one after another.
        problem: why it cannot be told all that an unpickler would do with them; '' if it can.
        named: what such an unpickler would name before that.
    """

    pickles: tuple[Pickled, ...] = ()
    problem: str = ""
    named: frozenset[tuple[str, str]] = frozenset()


def blob(data: bytes) -> Blob:
    """Follow the pickles in some bytes. Bytes that name nothing before every unpickler gives up are data."""
    if data.startswith(_ZIP):
        return _zipped(data)
    found: list[Pickled] = []
    place = 0
    while len(data) - place >= _SHORTEST and len(found) < _STREAM:
        one = attempt(data, place)
        if one.pickled is None:
            if one.named or not one.surely:
                return Blob(
                    tuple(found), "bytes that unpickling may run, and that cannot be followed", one.named
                )
            break
        found.append(one.pickled)
        place = one.pickled.end
    if data.count(_END) > sum(held.count(_END) for one in found for held in blobs(one).values()):
        return Blob(tuple(found), "a zip archive that lies behind other bytes")
    return Blob(tuple(found))


def _zipped(data: bytes) -> Blob:
    """What ``torch.save`` writes: one pickle, numbers and a few marks, in an archive without any gap."""
    stream = io.BytesIO(data)
    try:
        found = list(read_entries(Path("pickle"), stream))
    except DamagedError as error:
        return Blob(problem=f"a zip archive that cannot be followed ({error.what})")
    if len({entry.name.partition("/")[0] for entry in found}) != 1:
        return Blob(problem="a zip archive with more than one folder")
    entries = {entry.name.partition("/")[2]: entry for entry in found}
    whole = entries.get("data.pkl")
    odd = [name for name in entries if not _OF_SAVE.fullmatch(name)]
    if whole is None or odd or whole.method != STORED:
        return Blob(problem="a zip archive that torch.save has not written, as TorchScript is")
    pickled = attempt(data[whole.start : whole.start + whole.size])
    if pickled.pickled is None or pickled.pickled.end != whole.size:
        return Blob(problem="a zip archive whose pickle cannot be followed", named=pickled.named)
    return Blob((pickled.pickled,))


def blobs(pickled: Pickled) -> dict[int, bytes]:
    """All bytes of a pickle, and the texts that stand for bytes in old protocols, by what holds them."""
    held: list[Any] = [*pickled.blobs]
    held += [text for call in pickled.calls if (text := source(call)) is not None]
    return {id(one): raw(one) for one in held}


def wrong_with_stream(call: Inert) -> str:
    """Why ``torch.storage._load_from_bytes`` is given no stream that torch writes there; '' if it is."""
    held = source(call.arguments[0])
    if held is None:
        return "is given something else than bytes"
    data = raw(held)
    if data.startswith(_ZIP):
        return ""  # followed, or refused, as all bytes are
    first = [one.content for one in blob(data).pickles]
    if len(first) < _STREAM or first[:2] != [_MAGIC, _PROTOCOL]:
        return "is given bytes that are no stream of torch.save"
    return ""

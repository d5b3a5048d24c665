"""Members of two packages as bytes and as text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from nequip_pack.compare.described import clipped
from nequip_pack.compare.lines import changes, counted
from nequip_pack.format.manifest import MEMBER as MANIFEST

if TYPE_CHECKING:
    from nequip_pack.format import Archive

_HASH: Final = ".data/serialization_id"
NOISE: Final = frozenset({_HASH, MANIFEST})
"""What follows from the rest of the package: torch's hash of the records, and our digests of the members."""
_SHORT: Final = 200


def differing(a: Archive, b: Archive) -> list[str]:
    """The members that both have, with other bytes."""
    return [name for name in a.members if name in b.members and not _same(a, b, name)]


def code(a: Archive, b: Archive) -> Iterator[str]:
    """The Python files that differ, one line each, with the numbers of lines."""
    for name in sorted(name for name in {*a.members, *b.members} if name.endswith(".py")):
        if name not in a.members or name not in b.members:
            yield f"{name}: {only_in(a, name)}"
        elif not _same(a, b, name):
            found = changes(lines_of(a, name), lines_of(b, name))
            yield f"{name}: {counted(found) if found else 'line ends or undecodable bytes differ'}"


def text(a: Archive, b: Archive, name: str) -> list[str]:
    """The changed lines of a text, with one line before and after them."""
    if name in a.members and name in b.members:
        return changes(lines_of(a, name), lines_of(b, name), context=1)
    return [f"{name}: {only_in(a, name)}"] if (name in a.members) != (name in b.members) else []


def others(a: Archive, b: Archive, differ: Collection[str], told: Collection[str]) -> Iterator[str]:
    """One line about each member that only one package has or that differs, and that nothing else tells of.

    Args:
        a: the first package.
        b: the second.
        differ: the members with other bytes.
        told: the members that are told of.
    """
    is_alone = NOISE.issuperset(differ)  # then it follows from nothing
    for name in sorted({*a.members, *b.members} - {*told}):
        if name not in a.members or name not in b.members:
            yield f"{name}: {only_in(a, name)}"
        elif name in differ and (name not in NOISE or (is_alone and name == _HASH)):
            yield f"{name}: {_change(a, b, name)}"


def only_in(a: Archive, name: str) -> str:
    """Which of the two packages has a member that one of them has."""
    return f"only in the {'first' if name in a.members else 'second'}"


def _change(a: Archive, b: Archive, name: str) -> str:
    old, new = (archive.read(name, archive.members[name].size) for archive in (a, b))
    unclear = f"bytes differ ({len(old)} -> {len(new)}), nothing in it is understood to differ"
    if name.endswith((".pkl", ".storage")):
        return unclear
    try:
        before, after = old.decode(), new.decode()
    except UnicodeDecodeError:
        return unclear
    if max(len(before), len(after)) < _SHORT and not {"\n", "\r"} & {*before.strip(), *after.strip()}:
        same = before.split() == after.split()
        return unclear if same else f"{clipped(before.strip())} -> {clipped(after.strip())}"
    found = changes(before.splitlines(), after.splitlines())
    return counted(found) if found else unclear


def _same(a: Archive, b: Archive, name: str) -> bool:
    first, second = a.members[name], b.members[name]
    if (first.size, first.crc) != (second.size, second.crc):
        return False
    return a.read(name, first.size) == b.read(name, second.size)


def lines_of(archive: Archive, name: str) -> list[str]:
    """The lines of a text, whatever its bytes."""
    return archive.read(name).decode(errors="replace").splitlines()

"""The source inside a package, copied out as text: a build of a model that came from it archives it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nequip_pack.format.archive import SOURCE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nequip_pack.format.archive import Archive, Member

_SOURCE = ".py"


class Copies(NamedTuple):
    """Copies of the Python members of a package.

    Attributes:
        folder: where they lie, each under its name; it has the name of the package, since findings show it.
        members: their names.
        limit: the size in bytes beyond which nobody parses one.
    """

    folder: Path
    members: tuple[str, ...]
    limit: int


def too_long(archive: Archive) -> Iterator[Member]:
    """The Python members of a package that nobody parses, since they are too long."""
    sources = (member for name, member in archive.members.items() if name.endswith(_SOURCE))
    return (member for member in sources if member.size > SOURCE_LIMIT)


def copied_source(archive: Archive, place: Path) -> Copies:
    """Copy the Python members of a package below a folder; nothing of them runs.

    Raises:
        DamagedError: if one is damaged.
    """
    folder = place / archive.path.name
    members = tuple(name for name in archive.members if name.endswith(_SOURCE) and not name.startswith("."))
    for member in members:
        path = folder.joinpath(*member.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive.read(member))
    return Copies(folder, members, SOURCE_LIMIT)

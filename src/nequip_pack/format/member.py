"""The JSON members that only nequip-pack writes; each tells the version of its content."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from nequip_pack.errors import DamagedError, FormatError
from nequip_pack.format.jsontext import TEXT_LIMIT, parse_json

if TYPE_CHECKING:
    from nequip_pack.format.archive import Archive

_Value = TypeVar("_Value")


def read_member(archive: Archive, member: str, version: int, make: Callable[[Any], _Value]) -> _Value:
    """What a member holds.

    Args:
        archive: that has it.
        member: its name.
        version: the newest one that is known.
        make: turns the decoded content into a value.

    Raises:
        DamagedError: if the content is not what it should be.
        FormatError: if a newer release wrote it.
    """
    try:
        content = parse_json(archive.read(member, TEXT_LIMIT))
        found = content["version"]
        if not isinstance(found, int) or isinstance(found, bool):
            raise TypeError(f"its version is a {type(found).__name__}")
        if found not in range(1, version + 1):
            raise FormatError(f"{member} of version {found} is not known", where=archive.path)
        return make(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise DamagedError(f"the member {member} cannot be read", where=archive.path, why=why) from error

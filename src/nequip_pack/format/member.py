"""The JSON members that only nequip-pack writes; each tells the version of its content."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from nequip_pack.errors import DamagedError, FormatError

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
        content = json.loads(archive.read(member))
        found = content["version"]
        if found not in range(1, version + 1):
            raise FormatError(f"{member} of version {found!r} is not known", where=archive.path)
        return make(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise DamagedError(f"the member {member} cannot be read", where=archive.path, why=why) from error

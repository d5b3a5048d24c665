"""What torch.package did with each module: archived it (intern), left it to the target (extern), mocked it.

A JSON member and not part of the metadata, because nequip's own ``info`` prints all of these, line by line.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from nequip_pack.errors import DamagedError
from nequip_pack.format.member import read_member

if TYPE_CHECKING:
    from nequip_pack.format.archive import Archive

MEMBER: Final = "model/closure.json"
VERSION: Final = 1


class Way(NamedTuple):
    """The import statement that first led to a module: `statement` in `line` of the module `by`."""

    by: str
    line: int
    statement: str


def read_closure(archive: Archive) -> dict[str, str]:
    """The action by module; empty for a package that tells only counts, or nothing.

    Raises:
        DamagedError: if the member is there but not what it should be.
        FormatError: if a newer release wrote it.
    """
    if MEMBER not in archive.members:
        return {}
    pairs = read_member(archive, MEMBER, VERSION, _pairs)
    if repeated := [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]:
        what = f"the member {MEMBER} gives {repeated[0]} more than one action"
        raise DamagedError(what, where=archive.path)
    return dict(pairs)


def read_ways(archive: Archive) -> dict[str, Way]:
    """How torch.package came to each module but the roots; empty where none of that is recorded.

    Raises:
        DamagedError: if the member is there but not what it should be.
        FormatError: if a newer release wrote it.
    """
    return read_member(archive, MEMBER, VERSION, _ways) if MEMBER in archive.members else {}


def _ways(content: Any) -> dict[str, Way]:
    return {_name(name): _way(*given) for name, given in content.get("via", {}).items()}


def _way(by: Any, line: Any, statement: Any) -> Way:
    if type(line) is not int or line < 1:
        raise TypeError(f"{line!r} is no line")
    return Way(_name(by), line, _name(statement))


def _pairs(content: Any) -> list[tuple[str, str]]:
    return [(_name(name), action) for action, names in content["modules"].items() for name in names]


def closure_text(actions: Mapping[str, str], ways: Mapping[str, Way]) -> str:
    """The member's text.

    Args:
        actions: by module.
        ways: to modules; what is said of others is left out.
    """
    via = {name: list(way) for name, way in sorted(ways.items()) if name in actions}
    return json.dumps({"version": VERSION, "modules": by_action(actions), "via": via})


def by_action(actions: Mapping[str, str]) -> dict[str, list[str]]:
    """The modules, sorted, of each action."""
    found: dict[str, list[str]] = {}
    for name, action in sorted(actions.items()):
        found.setdefault(action, []).append(name)
    return dict(sorted(found.items()))


def counts(actions: Mapping[str, str]) -> dict[str, int]:
    """How many modules each action has, as the metadata tell."""
    return {action: len(names) for action, names in by_action(actions).items()}


def with_members(
    actions: Mapping[str, str], members: Iterable[str], externals: Iterable[str]
) -> dict[str, str]:
    """The same after files were put into the archive, and their imports left to the target.

    Args:
        actions: by module.
        members: the files; those that are no Python are no modules.
        externals: the modules that they import and that are not packaged.
    """
    sources = (member for member in members if member.endswith(".py"))
    names = (name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in sources)
    return {**actions, **dict.fromkeys(externals, "extern"), **dict.fromkeys(names, "intern")}


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no module name")
    return value

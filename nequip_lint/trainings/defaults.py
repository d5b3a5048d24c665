"""The defaults list of a configuration, as hydra 1.3 reads it (`hydra/_internal/config_repository.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from nequip_lint.errors import LintError
from nequip_lint.trainings.file import File

_SELF = "_self_"
_MISSING = "???"


class Default(NamedTuple):
    """One entry: a file by its group and its option, and the package that the entry gives to it.

    `group` is '' for a file that is named without one; `option` is None where nothing is chosen, and several
    names where a group has a list of them.
    """

    group: str
    option: str | tuple[str, ...] | None
    package: str | None = None
    is_override: bool = False
    is_optional: bool = False

    @property
    def is_self(self) -> bool:
        """Whether it stands for the file that has the list."""
        return self.option == _SELF


def defaults_of(file: File) -> list[Default]:
    """The entries in order; the file itself comes last where the list does not say (hydra 1.2 and later).

    Raises:
        LintError: the file itself comes twice, or an override is not at the end.
    """
    given = file.content.get("defaults")
    entries = [entry for item in given for entry in _entries(item)] if isinstance(given, list) else []
    selves = sum(entry.is_self for entry in entries)
    if selves > 1:
        raise LintError(f"{file.path}: its defaults list has {_SELF} twice")
    _check_order(file, [entry for entry in entries if not entry.is_self])
    if selves or all(entry.is_override for entry in entries):
        return entries
    return [*entries, Default("", _SELF)]


def _check_order(file: File, entries: list[Default]) -> None:
    first = next((place for place, entry in enumerate(entries) if entry.is_override), len(entries))
    late = next((entry for entry in entries[first:] if not entry.is_override), None)
    if late is not None:
        what = f"override {entries[first].group} comes before {late.group or late.option}"
        raise LintError(f"{file.path}: {what}; overrides stand at the end of a defaults list")


def _entries(item: Any) -> Iterator[Default]:
    if isinstance(item, str):
        name, _, package = item.partition("@")
        yield Default("", name, package or None)
    elif isinstance(item, dict):
        for key, value in item.items():
            yield _of_group(str(key), value)


def _of_group(key: str, value: Any) -> Default:
    *words, place = key.split()
    group, _, package = place.partition("@")
    option: str | tuple[str, ...] | None = str(value)
    if isinstance(value, list):
        option = tuple(map(str, value))
    elif value is None or value == _MISSING:
        option = None
    return Default(group, option, package or None, "override" in words, "optional" in words)

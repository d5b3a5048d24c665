"""Additions to a TOML file: what stands there keeps its bytes."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, cast

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, InlineTable

from nequip_lint.edits.declined import Declined
from nequip_lint.edits.text import edits_between, read_raw
from nequip_lint.values import Edit

_Table = MutableMapping[str, Any]


class Toml:
    """A TOML file to change.

    Args:
        path: of the file.

    Raises:
        Declined: it is no TOML that can be written back as it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._text = read_raw(path).text
        try:
            self._document = tomlkit.parse(self._text)
        except TOMLKitError as error:
            raise Declined(f"{path.name} cannot be read: {error}") from error
        if tomlkit.dumps(self._document) != self._text:
            raise Declined(f"{path.name} cannot be written back as it is")
        self.data: dict[str, Any] = self._document.unwrap()

    def table(self, *keys: str) -> _Table:
        """The table behind some keys; those that are missing are made, the last one with a heading."""
        found = cast("_Table", self._document)
        for number, key in enumerate(keys):
            if key not in found:
                last = number == len(keys) - 1
                inline = isinstance(found, InlineTable)
                found[key] = tomlkit.inline_table() if inline else tomlkit.table(is_super_table=not last)
            found = found[key]
            if not isinstance(found, AbstractTable) and not hasattr(found, "items"):
                raise Declined(f"{'.'.join(keys[: number + 1])} in {self._path.name} is no table")
        return found

    def edits(self) -> tuple[Edit, ...]:
        """The changes so far, set off by blank lines where a table is new.

        Raises:
            Declined: tomlkit would write something else than was asked for, or nothing changes.
        """
        wanted = self._document.unwrap()
        text = _spaced(self._text, tomlkit.dumps(self._document))
        try:
            written = tomlkit.parse(text).unwrap()
        except TOMLKitError:
            written = None
        if written != wanted or text == self._text:
            raise Declined(f"{self._path.name} cannot be changed automatically")
        return edits_between(self._path, self._text, text)


def _spaced(old: str, new: str) -> str:
    """The new text with a blank line between an added table and the heading below it."""
    before = set(old.split("\n"))
    lines = new.split("\n")
    for number in range(len(lines) - 1, 0, -1):
        is_added = lines[number - 1] not in before and lines[number - 1].strip()
        if is_added and lines[number].startswith("["):
            lines.insert(number, "")
    return "\n".join(lines).rstrip("\n") + old[len(old.rstrip("\n")) :]

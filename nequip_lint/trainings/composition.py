"""A configuration with those that its defaults lists name, merged as hydra merges them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nequip_lint import disk
from nequip_lint.errors import LintError
from nequip_lint.trainings.defaults import SELF, Default, defaults_of, package_of
from nequip_lint.trainings.file import File, file_of, read

_DEEPEST = 20


class Composition(NamedTuple):
    """What a file and its defaults come to, and what could not be read of it."""

    path: Path
    content: dict[str, Any]
    notes: tuple[str, ...]


def composed(folder: Path, name: str) -> Composition:
    """Read a configuration with everything that its defaults lists name.

    Raises:
        LintError: a file is not there, or cannot be read.
    """
    return _Composer(folder).composed(name)


class _Composer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._chosen: dict[str, str | None] = {}
        self._notes: dict[str, None] = {}

    def composed(self, name: str) -> Composition:
        main = read(file_of(self._folder, name))
        content: dict[str, Any] = {}
        for file, package in self._parts(main, "", "", 0):
            _merge(content, _below(package, {k: v for k, v in file.content.items() if k != "defaults"}))
        return Composition(main.path, content, tuple(self._notes))

    def _parts(self, file: File, group: str, package: str, depth: int) -> Iterator[tuple[File, str]]:
        """The files of a configuration in the order in which they are merged, each with its package."""
        if depth > _DEEPEST:
            raise LintError(f"{file.path}: its defaults lists go more than {_DEEPEST} files deep")
        entries = defaults_of(file.content)
        for entry in entries:
            if entry.is_override:
                self._chosen.setdefault(entry.key.strip("/"), entry.option)
        for entry in entries:
            if entry.option == SELF and not entry.group:
                yield file, package
            elif not entry.is_override:
                yield from self._named(file, entry, group, package, depth)

    def _named(
        self, file: File, entry: Default, group: str, package: str, depth: int
    ) -> Iterator[tuple[File, str]]:
        """The files behind one entry of a defaults list."""
        key = "/".join(filter(None, ("" if entry.key.startswith("/") else group, entry.key.strip("/"))))
        option = self._chosen.get(key, entry.option) if entry.group else entry.option
        place = "/".join(filter(None, (entry.group, option)))
        if option is None or key.partition("/")[0] == "hydra":
            return
        if "${" in place:
            self._notes[f"{file.path}: the defaults list has {place}, which only hydra can tell"] = None
            return
        within = "" if place.startswith("/") else group
        below = "/".join(filter(None, (within, place.strip("/"))))
        path = file_of(self._folder, below)
        if not disk.is_file(path):
            self._missing(file, entry, path)
            return
        chosen, inner = read(path), below.rpartition("/")[0]
        put = package_of(entry._replace(option=option), inner, chosen.package, package)
        yield from self._parts(chosen, inner, put, depth + 1)

    def _missing(self, file: File, entry: Default, path: Path) -> None:
        if entry.is_optional:
            return
        if "searchpath" in str(file.content.get("hydra", "")):
            self._notes[f"{file.path}: {path} is not there; hydra.searchpath may have it elsewhere"] = None
            return
        raise LintError(f"{path}: there is no such configuration, which {file.path} has in its defaults list")


def _below(package: str, content: dict[str, Any]) -> dict[str, Any]:
    for name in reversed(package.split(".") if package else []):
        content = {name: content}
    return content


def _merge(into: dict[str, Any], content: Mapping[str, Any]) -> None:
    """Mappings are united, everything else is replaced."""
    for key, value in content.items():
        known = into.get(key)
        if isinstance(known, dict) and isinstance(value, Mapping):
            into[key] = dict(known)
            _merge(into[key], value)
        else:
            into[key] = value

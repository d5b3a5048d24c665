"""A configuration with those that its defaults lists name, merged as hydra merges them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nequip_lint import disk
from nequip_lint.errors import LintError
from nequip_lint.trainings.defaults import Default, defaults_of
from nequip_lint.trainings.file import File, file_of, read
from nequip_lint.trainings.overrides import Overrides
from nequip_lint.trainings.placed import Placed

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


class _Part(NamedTuple):
    """A file, where its values are put, and the group that chose it if it is chosen as it stands."""

    file: File
    package: str
    key: str | None = None


class _Composer:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._overrides = Overrides()
        self._notes: dict[str, None] = {}

    def composed(self, name: str) -> Composition:
        main = read(file_of(self._folder, name))
        parts = self._parts(Placed(Default("", name), "", ""), main, 0)
        if not self._notes:  # what was not read may choose what is overridden
            self._overrides.check_used()
        _check_once(main, parts)
        content: dict[str, Any] = {}
        for file, package, _ in parts:
            _merge(content, _below(package, {k: v for k, v in file.content.items() if k != "defaults"}))
        return Composition(main.path, content, tuple(self._notes))

    def _parts(self, placed: Placed, file: File, depth: int) -> list[_Part]:
        """A file and those of its defaults list in the order in which they are merged."""
        if depth > _DEEPEST:
            raise LintError(f"{file.path}: its defaults lists go more than {_DEEPEST} files deep")
        package, entries = placed.package(file.package), defaults_of(file)
        inner = [Placed(entry, placed.folder, package) for entry in entries]
        for one in inner:
            if one.entry.is_override and not _is_of_hydra(one):
                self._overrides.add(one, file.path)
        last_first = [
            [_Part(file, package)] if one.entry.is_self else self._chosen(one, file, depth)
            for one in reversed(inner)
            if not one.entry.is_override
        ]
        if not last_first:
            return [_Part(file, package, placed.key if placed.entry.group else None)]
        return [part for parts in reversed(last_first) for part in parts]

    def _chosen(self, placed: Placed, file: File, depth: int) -> list[_Part]:
        """The files behind an entry. The last entries are read first: they may override those before."""
        entry = self._overrides.applied(placed).entry
        if not isinstance(entry.option, tuple):
            return self._named(placed._replace(entry=entry), file, depth)
        names = (f"{entry.group}/{option}" for option in reversed(entry.option))
        listed = (entry._replace(group="", option=name) for name in names)
        last_first = [self._named(placed._replace(entry=one), file, depth) for one in listed]
        return [part for parts in reversed(last_first) for part in parts]

    def _named(self, placed: Placed, file: File, depth: int) -> list[_Part]:
        """The files behind an entry with one option or none."""
        if _is_of_hydra(placed):
            return []
        if placed.entry.option is not None and "${" in placed.path:
            self._notes[f"{file.path}: the defaults list has {placed.path}, which only hydra can tell"] = None
            return []
        self._overrides.choose(placed, file.path)
        if placed.entry.option is None:
            return []
        path = file_of(self._folder, placed.path)
        if not disk.is_file(path):
            self._missing(file, placed.entry, path)
            return []
        return self._parts(placed, read(path), depth + 1)

    def _missing(self, file: File, entry: Default, path: Path) -> None:
        if entry.is_optional:
            return
        if "searchpath" in str(file.content.get("hydra", "")):
            self._notes[f"{file.path}: {path} is not there; hydra.searchpath may have it elsewhere"] = None
            return
        raise LintError(f"{path}: there is no such configuration, which {file.path} has in its defaults list")


def _is_of_hydra(placed: Placed) -> bool:
    """Whether it configures hydra itself, which has defaults of its own."""
    return placed.folder.partition("/")[0] == "hydra"


def _check_once(main: File, parts: list[_Part]) -> None:
    keys = [part.key for part in parts if part.key is not None]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise LintError(f"{main.path}: {twice} is in the defaults lists twice")


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

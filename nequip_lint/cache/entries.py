"""Facts of files seen before, by the hash of their content; never verdicts, so that settings change nothing.

One file per project below the user's cache folder, replaced whole and at once: runs side by side cannot
break it, the last one wins. Other versions of the facts code have folders of their own.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from nequip_lint.cache import store, upkeep
from nequip_lint.cache.place import digest, version_folder
from nequip_lint.facts.details.module import Details
from nequip_lint.facts.values import Facts
from nequip_lint.tables import data_folder

if TYPE_CHECKING:
    from nequip_lint.source.tree import Parse, Trees

_SAFE_MODULES = ("nequip_lint.values", "nequip_lint.facts.values")
_DETAILS = "nequip_lint.facts.details."
_MAKING = ("source", "facts", "cache")
"""The folders of this package whose code makes or keeps facts, with those below them."""
_Found = TypeVar("_Found", Facts, Details)
_KEPT = 4
"""Entries of earlier runs stay until there are this many times as many as the last run used."""
_ROOM = 2_000_000
"""Characters whose trees wait for their details, some 50,000 lines; larger projects package a small part."""


class Cache:
    """Facts by content.

    Args:
        file: where they are kept; None keeps nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self._file, self._entries = _loaded(file)
        self._used: set[bytes] = set()
        self._is_new = False

    def facts(self, data: bytes, module: str, path: str, is_package: bool) -> Facts:
        """The facts of a file, from an earlier run where its content, name and kind are the same.

        Args:
            data: the bytes of the file.
            module: its dotted name.
            path: where it lies.
            is_package: whether it is an `__init__.py`.
        """
        content = b"%d%s\0%s" % (is_package, _bytes(module), data)
        found = self._kept(content, Facts, lambda: _made(data, module, is_package, self._trees.parse))
        return found._replace(path=path)

    def details(self, data: bytes, facts: Facts) -> Details:
        """What only rules about packaged files ask of a file.

        Args:
            data: the bytes of the file.
            facts: of the file.
        """
        content = b"details%d%s\0%s" % (facts.is_package, _bytes(facts.module), data)
        return self._kept(content, Details, lambda: _details(facts, data, self._trees.parse))

    @cached_property
    def _trees(self) -> Trees:
        from nequip_lint.source.tree import Trees

        return Trees(_ROOM)

    def _kept(self, content: bytes, kind: type[_Found], make: Callable[[], _Found]) -> _Found:
        if self._file is None:
            return make()
        key = store.key_of(content)
        self._used.add(key)
        entry = self._entries.get(key)
        found = None if entry is None else _decode(store.opened(key, entry), kind)
        if found is not None:
            return found
        made = make()
        if not made.problem:
            self._entries[key] = store.sealed(key, pickle.dumps(made, protocol=5))
            self._is_new = True
        return made

    def save(self) -> None:
        """Write what is new, and let syntax trees go; a cache that cannot be written is no error."""
        self.__dict__.pop("_trees", None)
        if self._file is None or not self._is_new:
            return
        if len(self._entries) > _KEPT * len(self._used):
            self._entries = {key: self._entries[key] for key in self._used if key in self._entries}
        with suppress(OSError):
            upkeep.make_folder(self._file.parent)
            store.write(self._file, self._entries)
            self._is_new = False


def _made(data: bytes, module: str, is_package: bool, parse: Parse) -> Facts:
    from nequip_lint.facts.collect import facts_of

    return facts_of(data, module, "", is_package, parse)


def _details(facts: Facts, data: bytes, parse: Parse) -> Details:
    from nequip_lint.facts.collect import details_of

    return details_of(data, facts, parse)


class _Unpickler(pickle.Unpickler):
    """Makes nothing but facts, whatever the file holds."""

    def find_class(self, module: str, name: str) -> object:
        return _fact(module, name)


@cache
def _fact(module: str, name: str) -> object:
    """A class of facts; every entry asks for some."""
    is_ours = module in _SAFE_MODULES or module.startswith(_DETAILS)
    if not is_ours or module not in sys.modules:
        raise pickle.UnpicklingError(f"{module}.{name} is no fact")
    return getattr(sys.modules[module], name)


def _decode(data: bytes | None, kind: type[_Found]) -> _Found | None:
    """The facts of a kind that some bytes hold, None where they hold none."""
    if data is None:
        return None
    try:
        found = _Unpickler(io.BytesIO(data)).load()
    except Exception:  # pickle documents no list of what damaged data raises
        return None
    return found if isinstance(found, kind) else None


def _loaded(file: Path | None) -> tuple[Path | None, dict[bytes, bytes]]:
    """A file and its entries; no file where something stands in its place that is not ours."""
    if file is None:
        return None, {}
    try:
        entries = store.read(file)
    except OSError:
        return None, {}
    upkeep.use(file)
    return file, entries


def cache_file(project: Path) -> Path | None:
    """The cache file of a project, in a folder that this version of the facts code and tables has to itself.

    Args:
        project: its root folder.

    Returns:
        None where this user has no folder for caches.
    """
    package = Path(__file__).parents[1]
    folders = (data_folder(), *(package / name for name in _MAKING))
    code = (item for at in folders for item in _files(at) if item.name.endswith((".py", ".toml")))
    stamps = sorted((item.path, item.stat().st_size, item.stat().st_mtime_ns) for item in code)
    folder = version_folder("", stamps)
    return None if folder is None else Path(folder) / f"{digest(str(project))}{store.SUFFIX}"


def _files(folder: os.PathLike[str] | str) -> Iterator[os.DirEntry[str]]:
    for item in os.scandir(folder):
        if item.is_dir():
            yield from _files(item)
        else:
            yield item


def _bytes(name: str) -> bytes:
    """A name as bytes; file names that are no UTF-8 have surrogates."""
    return name.encode("utf-8", "surrogatepass")

"""Facts of files seen before, by the hash of their content; never verdicts, so that settings change nothing.

One file per project below the user's cache folder, replaced whole and at once: runs side by side cannot
break it, the last one wins. Other versions of the facts code have folders of their own, which the next
version to write removes.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_lint import __version__
from nequip_lint.facts.values import Facts

try:  # `hashlib` loads OpenSSL, which costs as much as a fifth of `python -c pass`
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b
if TYPE_CHECKING:
    from nequip_lint.facts.trees import Parse, Trees

_SAFE_MODULES = ("nequip_lint.values", "nequip_lint.facts.values")
_KEPT = 4
"""Entries of earlier runs stay until there are this many times as many as the last run used."""
_ROOM = 2_000_000
"""Characters whose trees wait for their probes, some 50,000 lines; larger projects package a small part."""


class Cache:
    """Facts by content.

    Args:
        file: where they are kept; None keeps nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._entries: dict[bytes, bytes] = _load(file)
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
        content = b"%d%s\0%s" % (is_package, module.encode(), data)
        return self._kept(content, path, lambda: _made(data, module, path, is_package, self._trees.parse))

    def detailed(self, data: bytes, facts: Facts) -> Facts:
        """The facts of a file with its probes.

        Args:
            data: the bytes of the file.
            facts: those that are known already.
        """
        content = b"probes%d%s\0%s" % (facts.is_package, facts.module.encode(), data)
        return self._kept(content, facts.path, lambda: _with_probes(facts, data, self._trees.parse))

    @cached_property
    def _trees(self) -> Trees:
        from nequip_lint.facts.trees import Trees

        return Trees(_ROOM)

    def _kept(self, content: bytes, path: str, make: Callable[[], Facts]) -> Facts:
        if self._file is None:
            return make()
        key = blake2b(content, digest_size=16).digest()
        self._used.add(key)
        stored = self._entries.get(key)
        found = None if stored is None else _decode(stored)
        if found is not None:
            return found._replace(path=path)
        made = make()
        self._entries[key] = pickle.dumps(made._replace(path=""), protocol=5)
        self._is_new = True
        return made

    def save(self) -> None:
        """Write what is new, and let syntax trees go; a cache that cannot be written is no error."""
        self.__dict__.pop("_trees", None)
        if self._file is None or not self._is_new:
            return
        if len(self._entries) > _KEPT * len(self._used):
            self._entries = {key: self._entries[key] for key in self._used}
        try:
            _write(self._file, pickle.dumps(self._entries, protocol=5))
        except OSError:
            return
        self._is_new = False


def _made(data: bytes, module: str, path: str, is_package: bool, parse: Parse) -> Facts:
    from nequip_lint.facts.collect import facts_of

    return facts_of(data, module, path, is_package, parse)


def _with_probes(facts: Facts, data: bytes, parse: Parse) -> Facts:
    from nequip_lint.facts.collect import with_probes

    return with_probes(facts, data, parse)


class _Unpickler(pickle.Unpickler):
    """Makes nothing but facts, whatever the file holds."""

    def find_class(self, module: str, name: str) -> object:
        if module not in _SAFE_MODULES:
            raise pickle.UnpicklingError(f"{module}.{name} is no fact")
        return super().find_class(module, name)


def _unpickled(data: bytes) -> object:
    """What some bytes hold, None where they are damaged."""
    try:
        return _Unpickler(io.BytesIO(data)).load()
    except Exception:  # pickle documents no list of what damaged data raises
        return None


def _decode(stored: object) -> Facts | None:
    found = _unpickled(stored) if isinstance(stored, bytes) else None
    return found if isinstance(found, Facts) else None


def _load(file: Path | None) -> dict[bytes, bytes]:
    if file is None:
        return {}
    try:
        entries = _unpickled(file.read_bytes())
    except OSError:
        return {}
    return entries if isinstance(entries, dict) else {}


def _write(file: Path, data: bytes) -> None:
    folder = file.parent
    if not folder.is_dir():
        import shutil

        folder.mkdir(parents=True)
        for other in folder.parent.iterdir():
            if other != folder and other.is_dir():
                shutil.rmtree(other, ignore_errors=True)
    draft = folder / f".{file.name}.{os.getpid()}"
    draft.write_bytes(data)
    draft.replace(file)


def cache_file(project: Path) -> Path:
    """The cache file of a project, in a folder that this version of the facts code has to itself.

    Args:
        project: its root folder.
    """
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    code = sorted((entry.name, entry.stat().st_mtime_ns) for entry in os.scandir(Path(__file__).parent))
    version = f"{__version__}-{sys.implementation.cache_tag}-{_digest(repr(code))}"
    return base / "nequip-lint" / version / f"{_digest(str(project))}.facts"


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=8).hexdigest()

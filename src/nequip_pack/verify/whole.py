"""Everything that the pickles and sources of a package refer to, and the package does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nequip_pack.compare.pickled import read_pickle
from nequip_pack.errors import DamagedError
from nequip_pack.format.metadata import EXAMPLE, extern_modules, model_member
from nequip_pack.verify.imports import candidates, imports_at_load, sources

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

_IMPLICIT = frozenset({"torch", "numpy", "builtins", "collections"})


def check_whole(archive: Archive, metadata: Metadata) -> None:
    """Look for everything that the package refers to.

    Raises:
        DamagedError: listing all that is missing.
    """
    missing = sorted({*_from_pickles(archive, metadata), *_from_sources(archive)})
    if missing:
        what = f"the package lacks {len(missing)} members that it refers to: {', '.join(missing[:3])}"
        details = "\n".join(f"missing: {name}" for name in missing) if len(missing) > 3 else ""
        raise DamagedError(what, where=archive.path, remedy="build the package again", details=details)


def _from_pickles(archive: Archive, metadata: Metadata) -> Iterator[str]:
    there = _There(archive)
    for name in (EXAMPLE, *map(model_member, metadata.available_models)):
        if name not in archive.members:
            yield name
            continue
        found = read_pickle(archive, name)
        yield from (member for member in found.storages if member not in archive.members)
        yield from (_file(module) for module in found.modules if not there.has(module))


def _from_sources(archive: Archive) -> Iterator[str]:
    """Internal modules that unguarded imports name and that the archive has neither as file nor as folder."""
    there = _There(archive)
    internal = {name.partition("/")[0] for name in archive.members if name.endswith(".py")}
    for name, source in sources(archive):
        lost = {m for m in candidates(source, name) if m.partition(".")[0] in internal}
        lost = {module for module in lost if not there.has(module)}
        if lost:
            yield from (_file(module) for module in lost & imports_at_load(source, name))


class _There:
    """What modules a load finds: in the archive, as file or as folder without ``__init__``, or outside."""

    def __init__(self, archive: Archive) -> None:
        self._members = archive.members
        self._folders = {folder for name in archive.members for folder in _folders(name)}
        self._externals = {*_IMPLICIT, *(name.partition(".")[0] for name in extern_modules(archive))}

    def has(self, module: str) -> bool:
        """Whether a module is found."""
        stem = module.replace(".", "/")
        is_here = f"{stem}.py" in self._members or f"{stem}/__init__.py" in self._members
        return is_here or stem in self._folders or module.partition(".")[0] in self._externals


def _folders(name: str) -> Iterator[str]:
    """The folders that a member lies in."""
    while name := name.rpartition("/")[0]:
        yield name


def _file(module: str) -> str:
    return f"{module.replace('.', '/')}.py"

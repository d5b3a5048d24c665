"""What a package needs of the environment, against what this one has. Nothing is imported for it."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.format.metadata import extern_modules, python_version
from nequip_pack.installed import how_to_install, is_installed
from nequip_pack.verify.imports import needed_at_load

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

OK: Final = "ok"
OTHER: Final = "other version"
MISSING: Final = "missing"
OPTIONAL: Final = "not needed to load"
_LOWEST_PYTHON: Final = (3, 10)
_LOWEST_TORCH: Final = (2, 6)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a package was built with.

    Attributes:
        name: ``Python``, or the import name of a library.
        built_with: its version when the package was built, ``None`` if it is not recorded.
        present: its version here, ``"installed"`` where it has none, ``None`` if it is not there.
        state: one of the words of this module.
        note: what to do or why, '' if there is nothing to say.
    """

    name: str
    built_with: str | None
    present: str | None
    state: str
    note: str = ""


def needs(archive: Archive, metadata: Metadata) -> list[Need]:
    """Python, torch, and each external library of the package."""
    tops = {name.partition(".")[0] for name in extern_modules(archive)} - sys.stdlib_module_names - {"torch"}
    absent = _absent_when_built(metadata)
    return [
        _python(python_version(archive)),
        _torch(metadata),
        *(_external(archive, metadata, top, top in absent) for top in sorted(tops)),
    ]


def _python(built: str | None) -> Need:
    here = platform.python_version()
    if sys.version_info < _LOWEST_PYTHON:
        return Need("Python", built, here, MISSING, "Python 3.10 or newer is needed")
    same = built is not None and built.split(".")[:2] == here.split(".")[:2]
    return Need("Python", built, here, OK if same else OTHER)


def _torch(metadata: Metadata) -> Need:
    built, here = metadata.versions.get("torch"), present_version("torch")
    if here is None:
        return Need("torch", built, None, MISSING, "run `pip install 'nequip-pack[load]'`")
    if _release(here) < _LOWEST_TORCH:
        return Need("torch", built, here, MISSING, "torch 2.6 or newer is needed")
    return Need("torch", built, here, OK if _plain(built) == _plain(here) else OTHER)


def _external(archive: Archive, metadata: Metadata, top: str, absent: bool) -> Need:
    built, here = metadata.external_modules.get(top), present_version(top)
    if here is not None:
        return Need(top, built, here, OK if built in (None, here) else OTHER)
    if absent:
        return Need(top, None, None, OPTIONAL, "it was absent too where the package was built")
    if not needed_at_load(archive, metadata, top):
        return Need(top, built, None, OPTIONAL, "nothing that runs at load imports it")
    return Need(top, built, None, MISSING, how_to_install(top, built))


def present_version(name: str) -> str | None:
    """The version of an import here, ``"installed"`` if it has none, ``None`` if it cannot be found."""
    if not is_installed(name):
        return None
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found = importlib.metadata.packages_distributions().get(name)
        return importlib.metadata.version(found[0]) if found else "installed"


def _absent_when_built(metadata: Metadata) -> set[str]:
    closure: Any = (metadata.nequip_pack or {}).get("closure")
    names = closure.get("absent_externals") if isinstance(closure, Mapping) else None
    return set(_tops(names))


def _tops(names: object) -> Iterator[str]:
    for name in names if isinstance(names, list) else []:
        yield str(name).partition(".")[0]


def _plain(version: str | None) -> str:
    return (version or "").partition("+")[0]


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _plain(version).split(".")[:2] if part.isdigit())

"""What a package needs of the environment, against what this one has. Nothing is imported for it."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from nequip_lint.api import install_command
from nequip_pack.compare.described import clipped
from nequip_pack.format.metadata import extern_modules, python_version
from nequip_pack.installed import how_to_install, installed_version, is_installed
from nequip_pack.verify.asked import Asked, asked
from nequip_pack.verify.imports import LoadTime

if TYPE_CHECKING:
    from nequip_pack.format import Archive, Metadata

OK: Final = "ok"
OTHER: Final = "other version"
MISSING: Final = "missing"
OPTIONAL: Final = "not needed to load"
_NOT_RUN: Final = "nothing that runs at load imports it"
_SHOWN: Final = 3
_LOWEST_PYTHON: Final = (3, 10)
_LOWEST_TORCH: Final = (2, 6)
_VERSION: Final = re.compile(r"\d[\w.!-]*", re.ASCII)
"""What a shell may be shown of a package's text."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a package was built with.

    Attributes:
        name: ``Python``, or the import name of a library.
        built_with: its version when the package was built, ``None`` if it is not recorded.
        present: its version here, ``"installed"`` where it has none, ``None`` if it is not there.
        state: one of the words of this module.
        note: what to do or why, '' if there is nothing to say.
        unknown: modules and names of it that pickles ask for and its files do not tell of.
    """

    name: str
    built_with: str | None
    present: str | None
    state: str
    note: str = ""
    unknown: tuple[str, ...] = ()


def needs(archive: Archive, metadata: Metadata) -> list[Need]:
    """Python, torch, and each external library of the package, with what its pickles ask of them."""
    of_pickles = asked(archive, metadata)
    tops = {name.partition(".")[0] for name in extern_modules(archive)} - sys.stdlib_module_names
    tops = (tops | of_pickles.keys()) - {"torch"}
    absent, loading = _absent_when_built(metadata), LoadTime(archive, metadata)
    others = (_external(loading, metadata, top, top in absent, top in of_pickles) for top in sorted(tops))
    found = [_torch(metadata), *others]
    return [
        _python(python_version(archive)),
        *(_with_names(need, of_pickles.get(need.name, Asked())) for need in found),
    ]


def needs_anywhere(archive: Archive, metadata: Metadata) -> list[Need]:
    """The same for whatever machine: what no load asks for is not needed, although this machine has it."""
    of_pickles, loading = asked(archive, metadata), LoadTime(archive, metadata)

    def is_needed(name: str) -> bool:
        return name in ("Python", "torch", *of_pickles) or loading.needs(name)

    found = needs(archive, metadata)
    return [need if is_needed(need.name) else replace(need, state=OPTIONAL, note=_NOT_RUN) for need in found]


def _with_names(need: Need, names: Asked) -> Need:
    """The same, missing if it is here but not with all that the pickles ask for."""
    if need.present is None or need.state == MISSING:
        return need
    if not names.missing:
        return replace(need, unknown=names.unknown)
    shown = ", ".join(map(clipped, names.missing[:_SHOWN]))
    more = f" and {len(names.missing) - _SHOWN} more" if len(names.missing) > _SHOWN else ""
    note = (
        f"{need.name} {need.present} has no {shown}{more}, which the model asks for; {_other_version(need)}"
    )
    return replace(need, state=MISSING, note=note, unknown=names.unknown)


def _other_version(need: Need) -> str:
    built = _plain(need.built_with)
    if need.present is None or not _VERSION.fullmatch(built):
        return "install the version that the package was built with"
    if built == _plain(need.present):
        return "it is the version that the package was built with, so build the package again"
    newer = _release(built) > _release(need.present)
    how = how_to_install(need.name, ".".join(map(str, _release(built))) if newer else built, or_newer=newer)
    return f"it was built with {need.built_with}: {how}"


def _python(built: str | None) -> Need:
    here = platform.python_version()
    if sys.version_info < _LOWEST_PYTHON:
        return Need("Python", built, here, MISSING, "Python 3.10 or newer is needed")
    same = built is not None and built.split(".")[:2] == here.split(".")[:2]
    return Need("Python", built, here, OK if same else OTHER)


def _torch(metadata: Metadata) -> Need:
    built, here = metadata.versions.get("torch"), present_version("torch")
    if here is None:
        return Need("torch", built, None, MISSING, f"run `{install_command('load')}`")
    if _release(here) < _LOWEST_TORCH:
        return Need("torch", built, here, MISSING, "torch 2.6 or newer is needed")
    return Need("torch", built, here, OK if _plain(built) == _plain(here) else OTHER)


def _external(loading: LoadTime, metadata: Metadata, top: str, absent: bool, is_asked: bool) -> Need:
    built, here = metadata.external_modules.get(top), present_version(top)
    if here is not None:
        return Need(top, built, here, OK if built in (None, here) else OTHER)
    if absent and not is_asked:
        return Need(top, None, None, OPTIONAL, "it was absent too where the package was built")
    if not is_asked and not loading.needs(top):
        return Need(top, built, None, OPTIONAL, _NOT_RUN)
    return Need(top, built, None, MISSING, how_to_install(top, built))


def present_version(name: str) -> str | None:
    """The version of an import here, ``"installed"`` if it has none, ``None`` if it cannot be found."""
    if not is_installed(name):
        return None
    return installed_version(name) or "installed"


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

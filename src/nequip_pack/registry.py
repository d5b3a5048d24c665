"""What an extension declares about packaging: external and mocked libraries, and packaging modes.

The functions have the names and signatures of nequip's. In a process that has begun to import nequip, as
every process that loads an extension has, they forward to nequip's own registry, so that either packager sees
the declaration. It is kept here in any case, and a build uses the union: code that is packaged without nequip
declares the same without importing it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True)
class Patterns:
    """Library and package names per action; ``name`` stands for itself and all its submodules.

    ``mock`` is tried first, then ``extern``, then ``intern``: the order in which nequip gives them to
    ``torch.package.PackageExporter``, where the first match wins.
    """

    mock: tuple[str, ...] = ()
    extern: tuple[str, ...] = ()
    intern: tuple[str, ...] = ()

    def union(self, other: Patterns) -> Patterns:
        """Both together, sorted and without repeats."""
        return Patterns(
            mock=tuple(sorted({*self.mock, *other.mock})),
            extern=tuple(sorted({*self.extern, *other.extern})),
            intern=tuple(sorted({*self.intern, *other.intern})),
        )


@dataclass(slots=True)
class _Registry:
    extern: set[str] = field(default_factory=set)
    mock: set[str] = field(default_factory=set)
    modes: dict[str, Callable[[], list[str]]] = field(default_factory=dict)


_REGISTRY = _Registry()
_NEQUIP: Final = "nequip"


def register_libraries_as_external_for_packaging(
    extern_modules: Iterable[str] | None = None, mock_modules: Iterable[str] | None = None
) -> None:
    """Declare libraries that packages expect on the target (external) or replace by a stub (mock).

    Args:
        extern_modules: import names, for example ``["cuequivariance"]``.
        mock_modules: import names.

    Raises:
        TypeError: for a bare string, which would register each of its letters, or a name that is no string.
        ValueError: for a library that is given as external and as mock.
    """
    extern = _names("extern_modules", extern_modules)
    mock = _names("mock_modules", mock_modules)
    if both := sorted(extern & mock):
        raise ValueError(f"registered both as external and as mock: {', '.join(both)}; keep one of the two")
    if _NEQUIP in sys.modules:
        from nequip.scripts import _package_utils

        _package_utils.register_libraries_as_external_for_packaging(extern_modules=extern, mock_modules=mock)
    _REGISTRY.extern |= extern
    _REGISTRY.mock |= mock


def register_packaging_mode(name: str, fn: Callable[[], list[str]]) -> None:
    """Declare a packaging mode: a name for ``build --mode`` and a function that returns compile modes.

    Args:
        name: the name of the mode.
        fn: returns the compile modes to package; ``"eager"`` must be among them.

    Raises:
        ValueError: if the name is taken.
    """
    if name in _REGISTRY.modes:
        raise ValueError(f"a packaging mode named {name!r} is already registered; choose another name")
    if _NEQUIP in sys.modules:
        from nequip.scripts import _package_utils

        if name in _package_utils._PACKAGING_MODES:
            raise ValueError(f"a packaging mode named {name!r} is already registered; choose another name")
        _package_utils.register_packaging_mode(name, fn)
    _REGISTRY.modes[name] = fn


def registered() -> Patterns:
    """The libraries declared through this module."""
    return Patterns(mock=tuple(sorted(_REGISTRY.mock)), extern=tuple(sorted(_REGISTRY.extern)))


def packaging_modes() -> dict[str, Callable[[], list[str]]]:
    """The packaging modes declared through this module."""
    return dict(_REGISTRY.modes)


def _names(argument: str, value: Iterable[str] | None) -> set[str]:
    if value is None:
        return set()
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{argument}={value!r} is a bare string; write a list of import names: [{value!r}]")
    names = list(value)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{argument} must hold import names as strings, not {name!r}")
    return set(names)

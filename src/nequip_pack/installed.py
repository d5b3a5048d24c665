"""What this environment has, asked without importing it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import sys
from functools import cache
from pathlib import Path


def is_installed(name: str) -> bool:
    """Whether the top-level package of the import ``name`` can be found here."""
    try:
        return importlib.util.find_spec(name.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def installed_version(name: str) -> str | None:
    """The version of the distribution that provides the import ``name``; ``None`` if there is none."""
    if name in sys.stdlib_module_names or not is_installed(name):
        return None
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        distributions = importlib.metadata.packages_distributions().get(name.partition(".")[0])
        return importlib.metadata.version(distributions[0]) if distributions else None


def distribution_of(name: str) -> str | None:
    """The distribution that provides the import ``name``, if this environment or nequip-lint knows it.

    Never the import's name by guess: on the package index that may be somebody else's.
    """
    from nequip_lint.api import known_distribution

    top = name.partition(".")[0]
    installed = importlib.metadata.packages_distributions().get(top)
    return installed[0] if installed else known_distribution(top)


@cache
def distributions_of(packages: frozenset[str]) -> frozenset[str]:
    """The distributions that provide top-level packages, by their names as package indexes compare them.

    An editable install does not always tell what it provides: then the package's own name is taken.
    """
    if not packages:
        return frozenset()
    from packaging.utils import canonicalize_name

    owners = importlib.metadata.packages_distributions()
    return frozenset(canonicalize_name(name) for top in packages for name in owners.get(top, [top]))


def how_to_install(name: str, version: str | None = None, *, or_newer: bool = False) -> str:
    """What to do about an import that is missing here, for the end of a message.

    Args:
        name: the import; its top-level package counts.
        version: the one to install, as a package or a checkpoint tells it; ``None`` for any.
        or_newer: whether newer ones will do.
    """
    top, release = name.partition(".")[0], (version or "").partition("+")[0]
    known = release if re.fullmatch(r"\d[\w.!]*", release, re.ASCII) else ""
    distribution = distribution_of(top)
    if distribution is None:
        wanted = f", version {known}{' or newer' if or_newer else ''}" if known else ""
        return f"install the library that provides `{top}`{wanted}"
    if or_newer and known:
        return f"run `pip install '{distribution}>={known}'`"
    return f"run `pip install {distribution}{f'=={known}' if known else ''}`"


def project_of(name: str) -> Path | None:
    """The root of the project that a top-level package is developed in; ``None`` for installed code."""
    from nequip_lint.api import project_root

    spec = importlib.util.find_spec(name)
    if spec is None:
        return None
    places = list(spec.submodule_search_locations or ()) or [spec.origin or ""]
    return project_root(Path(places[0]).resolve().parent) if places[0] else None

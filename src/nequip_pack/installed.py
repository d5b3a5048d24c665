"""What this environment has, asked without importing it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
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


def project_of(name: str) -> Path | None:
    """The root of the project that a top-level package is developed in; ``None`` for installed code."""
    from nequip_lint.project.files import project_root

    spec = importlib.util.find_spec(name)
    if spec is None:
        return None
    places = list(spec.submodule_search_locations or ()) or [spec.origin or ""]
    return project_root(Path(places[0]).resolve().parent) if places[0] else None

"""The machine that builds, as a target of the linter."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from typing import TYPE_CHECKING

from nequip_lint.project.target import Target
from nequip_pack import __version__
from nequip_pack.gate.environment import distribution_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nequip_pack.gate.environment import Environment


def this_machine(environment: Environment, libraries: Iterable[str]) -> Target:
    """This Python, GPU or none, environment variables, and which installed libraries do not import here.

    Args:
        environment: what is installed.
        libraries: import names to try, as torch.package is about to do itself: one that is installed
            and raises at import counts as absent (``package_exporter.py``, ``_module_exists``).
    """
    import torch

    triton = distribution_named(environment, "triton")
    return Target(
        f"nequip-pack {__version__}",
        (sys.version_info[0], sys.version_info[1]),
        torch.cuda.is_available(),
        absent=frozenset(name for name in libraries if not _imports(name)),
        others="installed",
        triton=triton.version if triton is not None else "",
        environment=dict(os.environ),
    )


def _imports(name: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            importlib.import_module(name)
        except Exception:
            return False
    return True

"""What is said of a NequIP checkpoint whose model does not load here."""

from __future__ import annotations

import contextlib
import importlib.metadata
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from nequip_pack.errors import EnvironmentLacksError, ModelError, NequipPackError
from nequip_pack.installed import how_to_install, is_installed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nequip_pack.checkpoint.header import Header


@contextlib.contextmanager
def importing_nequip(path: Path) -> Iterator[None]:
    """An extension that fails at import takes nequip down with it: say what is missing, or what failed."""
    try:
        yield
    except ImportError as error:
        what = "nequip or one of its extensions cannot be imported"
        raise EnvironmentLacksError(what, where=path, why=str(error), remedy=_install(error)) from error
    except Exception as error:
        raise ModelError(
            "nequip or one of its extensions fails at import", where=path, why=explained(error)
        ) from error


@contextlib.contextmanager
def loading(path: Path, part: str, advice: str = "") -> Iterator[None]:
    """Turn whatever a load raises into one line.

    Args:
        path: the checkpoint.
        part: what is loaded.
        advice: what to do, unless something is missing that can be installed.

    Raises:
        EnvironmentLacksError: if something cannot be imported.
        ModelError: if it fails otherwise.
    """
    try:
        yield
    except NequipPackError:
        raise
    except Exception as error:
        failed = next((e for e in _causes(error) if isinstance(e, ImportError)), None)
        if failed is None:
            what = f"the {part} did not load"
            raise ModelError(what, where=path, why=explained(error), remedy=advice) from error
        what = f"the {part} needs something that cannot be imported here"
        remedy = _install(failed) or advice
        raise EnvironmentLacksError(what, where=path, why=explained(error), remedy=remedy) from error


def other_nequip(header: Header) -> str:
    """What to do if the model does not load and another nequip trained it; '' if it was the same.

    Checkpoints are read by the nequip that wrote them, and often by no other: those of nequip 0.10 and before
    have weights of other shapes. Packages are read by all.
    """
    try:
        trained = Version(str(header.info["versions"].get("nequip")))
        here = Version(importlib.metadata.version("nequip"))
    except (InvalidVersion, importlib.metadata.PackageNotFoundError):
        return ""
    if trained == here:
        return ""
    known = f"it was trained with nequip {trained}, and this is nequip {here}"
    if trained > here:
        return f"{known}: run `pip install nequip=={trained}`"
    return f"{known}: package it with nequip {trained}, then run `nequip-pack migrate` on that package"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _install(error: BaseException) -> str:
    """How to install what was not found, '' if it is there."""
    missing = (e.name for e in _causes(error) if isinstance(e, ModuleNotFoundError) and e.name)
    return next((how_to_install(name) for name in missing if not is_installed(name)), "")


def explained(error: BaseException) -> str:
    """An error as the reason in a message; for one of hydra's, what it was caused by."""
    if type(error).__module__.startswith("hydra.") and error.__cause__ is not None:
        return explained(error.__cause__)
    return f"{type(error).__name__}: {error}"

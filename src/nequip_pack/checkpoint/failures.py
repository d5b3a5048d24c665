"""What is said of a NequIP checkpoint whose model does not load here."""

from __future__ import annotations

import contextlib
import importlib.metadata
import traceback
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from nequip_pack.errors import EnvironmentLacksError, ModelError, NequipPackError
from nequip_pack.failure import described, where
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
        what, why = "nequip or one of its extensions cannot be imported", described(error, _extensions())
        remedy = _install(error) or _in_a_circle(error)
        raise EnvironmentLacksError(what, where=path, why=why, remedy=remedy) from error
    except Exception as error:
        what, why = "nequip or one of its extensions fails at import", described(error, _extensions())
        raise ModelError(what, where=path, why=why) from error


def _extensions() -> frozenset[str]:
    """The top-level packages that nequip imports because they have entry points."""
    points = importlib.metadata.entry_points(group="nequip.extension")
    return frozenset(point.value.partition(":")[0].partition(".")[0] for point in points)


def _in_a_circle(error: ImportError) -> str:
    """What to do about an extension that needs of nequip what is not there yet; '' for another error.

    nequip 0.19.1 imports its extensions while ``nequip.utils`` is half imported
    (``utils/versions/package_versions.py``).
    """
    if isinstance(error, ModuleNotFoundError) or (error.name or "").partition(".")[0] != "nequip":
        return ""
    if not where(error, _extensions()):
        return ""
    return "nequip imports what an entry point names before it is complete itself: import no model code there"


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
        failed = next((e for e in causes(error) if isinstance(e, ImportError)), None)
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


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _install(error: BaseException) -> str:
    """How to install what was not found, '' if it is there."""
    missing = (e.name for e in causes(error) if isinstance(e, ModuleNotFoundError) and e.name)
    return next((how_to_install(name) for name in missing if not is_installed(name)), "")


def explained(error: BaseException) -> str:
    """An error as the reason in a message; for one of hydra's, what it was caused by.

    Of one that has no text, as those of a bare ``assert``, the statement that raised it.
    """
    if type(error).__module__.startswith("hydra.") and error.__cause__ is not None:
        return explained(error.__cause__)
    kind, text = type(error).__name__, str(error) or _statement(error)
    return f"{kind}: {text}" if text else kind


def _statement(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].line} at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""

"""The packaging modes: names of sets of compile modes, which nequip and its extensions declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nequip_lint.api import install_command
from nequip_pack.errors import EnvironmentLacksError, ModelError, UsageError
from nequip_pack.installed import is_installed
from nequip_pack.registry import packaging_modes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EAGER: Final = "eager"


def plain_modes() -> dict[str, Callable[[], list[str]]]:
    """The packaging modes of a plain checkpoint: ``eager``, and what its code has registered so far."""
    return {EAGER: lambda: [EAGER], **packaging_modes()}


def compile_modes(
    mode: str, known: Mapping[str, Callable[[], list[str]]], whose: str = ""
) -> tuple[str, ...]:
    """The compile modes of a packaging mode, the eager one first.

    Args:
        mode: the packaging mode.
        known: what declares the compile modes, by packaging mode.
        whose: for the message, whose modes are known.

    Raises:
        UsageError: if the mode is not known, or has no eager model.
    """
    if mode not in known:
        why = f"known{whose}: {', '.join(sorted(known))}"
        raise UsageError(f"there is no packaging mode {mode!r}", why=why)
    modes = list(known[mode]())
    if EAGER not in modes:
        raise UsageError(f"the packaging mode {mode!r} leaves out the eager model, which loading needs")
    return (EAGER, *(name for name in modes if name != EAGER))


def known_modes() -> dict[str, list[str]]:
    """The compile modes by packaging mode, nequip's own first. Imports nequip, and thereby its extensions.

    Raises:
        EnvironmentLacksError: if nequip, or something that an extension needs, is not installed.
        ModelError: if an extension fails at import.
    """
    if not is_installed("nequip"):
        remedy = f"run `{install_command('nequip')}`"
        raise EnvironmentLacksError("nequip is needed: it declares the packaging modes", remedy=remedy)
    try:
        from nequip.scripts import _package_utils
    except ImportError as error:
        what = "nequip or one of its extensions cannot be imported"
        raise EnvironmentLacksError(what, why=str(error), remedy="install what is missing") from error
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise ModelError("nequip or one of its extensions fails at import", why=why) from error
    return {
        name: list(made()) for name, made in {**_package_utils._PACKAGING_MODES, **packaging_modes()}.items()
    }

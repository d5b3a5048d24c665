"""The door to the model-signing library, which is an extra, and which prints and logs."""

from __future__ import annotations

import contextlib
import io
import logging
from typing import TYPE_CHECKING, Any

from nequip_lint.api import install_command
from nequip_pack.errors import EnvironmentLacksError

if TYPE_CHECKING:
    from collections.abc import Iterator


def signing() -> Any:
    """A new ``model_signing.signing.Config`` that signs the bytes of one file."""
    _there()
    from model_signing import signing

    return signing.Config().set_hashing_config(_bytes_of_the_file())


def verifying() -> Any:
    """A new ``model_signing.verifying.Config`` that compares the bytes of one file."""
    _there()
    from model_signing import verifying

    return verifying.Config().set_hashing_config(_bytes_of_the_file())


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Within, the library says nothing: what it has to say is in what it raises."""
    logger, silence = logging.getLogger("model_signing"), logging.NullHandler()
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(silence)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logger.removeHandler(silence)
        logger.propagate = propagated


def _bytes_of_the_file() -> Any:
    """SHA-256, as the library's own command; wherever a link leads, which that refuses unless told."""
    from model_signing import hashing

    return hashing.Config().set_allow_symlinks(True)


def _there() -> None:
    """Raises ``EnvironmentLacksError`` without the extra.

    model-signing 1.1.1 needs pyOpenSSL and does not require it.
    """
    try:
        import model_signing  # noqa: F401
        import OpenSSL  # noqa: F401
    except ImportError as error:
        what, remedy = "signatures need the model-signing library", f"run `{install_command('sign')}`"
        raise EnvironmentLacksError(what, why=str(error), remedy=remedy) from error

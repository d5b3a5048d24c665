"""Sign a package: the signature goes into a file beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nequip_pack.errors import UsageError
from nequip_pack.scratch import Scratch
from nequip_pack.signing.beside import SUFFIX, read_signature, signature_path
from nequip_pack.signing.library import quiet, signing
from nequip_pack.writing.draft import failed
from nequip_pack.writing.publication import publishing

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.signing.signers import Signer


def sign(package: Path, signer: Signer) -> tuple[Path, str]:
    """Sign the bytes of a file.

    Args:
        package: the file. Its name is not signed.
        signer: the way to do it.

    Returns:
        The signature's file, and who signed.

    Raises:
        EnvironmentLacksError: without the library, or without a service that is needed.
        InputError: if a key or certificate cannot be used.
        UsageError: if the name of the file is not UTF-8.
        OutputError: if the signature cannot be written; an earlier one is still there then.
    """
    _check_name(package)
    config = signing()
    who = signer.name()
    output = signature_path(package)
    with publishing(output, SUFFIX) as publication, Scratch() as place:
        content = _signed(config, package, signer, place / output.name)
        publication.publish(
            lambda draft: draft.stream.write(content), lambda path, size, _: read_signature(path)
        )
    return output, who


def _check_name(package: Path) -> None:
    """Make sure that the library can write the name of a file down, as it does beside the signature.

    Raises:
        UsageError: it is no UTF-8.
    """
    try:
        package.name.encode()
    except UnicodeEncodeError as error:
        remedy = "rename it: a signature file has the name"
        raise UsageError("the name is not UTF-8", where=package, remedy=remedy) from error


def _signed(config: Any, package: Path, signer: Signer, place: Path) -> bytes:
    """The signature. The library writes it to a path and nowhere else."""
    try:
        with quiet():
            signer.sign(config, package, place)
        return place.read_bytes()
    except OSError as error:
        raise failed(place, error) from error

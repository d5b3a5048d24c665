"""Verify the signature that lies beside a package."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from nequip_pack.errors import InputError, Refused
from nequip_pack.failure import described
from nequip_pack.signing.beside import THE_FILE, read_signature, signature_path
from nequip_pack.signing.library import quiet, verifying

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.signing.beside import Signature
    from nequip_pack.signing.verifiers import Verified, Verifier


def verify_signature(package: Path, verifier: Verifier) -> Verified:
    """Compare the bytes of a file with the signature beside it. What the bytes are does not matter.

    Args:
        package: the file, under any name.
        verifier: the way to do it.

    Raises:
        EnvironmentLacksError: without the library, or without a service that is needed.
        InputError: if the file, the signature, the key or a certificate is missing or something else.
        Refused: if the signature is of another signer or of other bytes.
    """
    config = verifying()
    digest = _digest(package)
    signature = read_signature(signature_path(package))
    if signature.by != verifier.kind:
        what = f"it was signed with another kind of thing: {signature.by}, not {verifier.kind}"
        raise Refused(what, where=signature.path, remedy=f"verify it with the {signature.by}")
    with quiet():
        chosen = verifier.choose(config, signature)
        try:
            chosen.verify(package, signature.path)
        except Exception as error:  # of the library, and of four below it
            raise _failed(package, signature, digest, error) from error
    if signature.digests != {THE_FILE: digest}:
        raise _other(package, signature)
    return verifier.signer(signature)


def _failed(package: Path, signature: Signature, digest: str, error: Exception) -> Refused:
    if digest not in signature.digests.values():
        return _other(package, signature)
    what = f"the signature does not hold for this {signature.by}"
    return Refused(what, where=signature.path, why=described(error))


def _other(package: Path, signature: Signature) -> Refused:
    why = "it was changed, or the signature is of another file"
    remedy = "do not use it before you know why"
    return Refused(f"this is not what {signature.path.name} signed", where=package, why=why, remedy=remedy)


def _digest(package: Path) -> str:
    sha = hashlib.sha256()
    try:
        with package.open("rb") as stream:
            while piece := stream.read(1 << 20):
                sha.update(piece)
    except OSError as error:
        why, remedy = os.strerror(error.errno or 0), "check the path"
        raise InputError("the package cannot be read", where=package, why=why, remedy=remedy) from error
    return sha.hexdigest()

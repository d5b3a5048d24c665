"""Keys and certificates in PEM files, and what people are told of them."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_CURVES: Final = {"secp256r1", "secp384r1", "secp521r1"}
_NEW_KEY: Final = "make one: `openssl ecparam -name prime256v1 -genkey -noout -out private.pem`"


def private_key(path: Path) -> Any:
    """The private key in a file.

    Raises:
        InputError: if it cannot be read or used.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = _loaded(path, "private key", lambda content: load_pem_private_key(content, None))
    except TypeError as error:  # a password was needed, which the library does not pass on
        remedy = f"write it without: `openssl pkey -in {path.name} -out plain.pem`"
        raise InputError("the private key has a password", where=path, remedy=remedy) from error
    return _usable(path, key)


def public_key(path: Path) -> Any:
    """The public key in a file.

    Raises:
        InputError: if it cannot be read or used.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    return _usable(path, _loaded(path, "public key", load_pem_public_key))


def certificates(path: Path) -> list[Any]:
    """The certificates in a file, in order.

    Raises:
        InputError: if there is none.
    """
    from cryptography.x509 import load_pem_x509_certificates

    found: list[Any] = _loaded(path, "certificate", load_pem_x509_certificates)
    return found


def fingerprint(key: Any) -> str:
    """The SHA-256 of a public key's PEM form, as in signatures; mostly ``sha256sum`` of the key's file."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    content = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(content).hexdigest()


def certificate_name(certificate: Any) -> str:
    """The subject of a certificate, and its SHA-256 fingerprint."""
    from cryptography.hazmat.primitives.hashes import SHA256

    subject = certificate.subject.rfc4514_string() or "without a subject"
    return f"{subject} ({certificate.fingerprint(SHA256()).hex()})"


def expiry(certificate: Any) -> str | None:
    """The day since which a certificate is expired, if it is."""
    end: datetime = certificate.not_valid_after_utc
    return end.date().isoformat() if end < datetime.now(timezone.utc) else None


def _loaded(path: Path, role: str, load: Callable[[bytes], Any]) -> Any:
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return load(path.read_bytes())
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise InputError(f"the {role} cannot be read", where=path, why=why) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InputError(
            f"this is not a {role} in PEM form", where=path, remedy="give another file"
        ) from error


def _usable(path: Path, key: Any) -> Any:
    """Raises ``InputError`` for a key that the library cannot use (``_check_supported_ec_key`` in 1.1.1)."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

    is_curve = isinstance(key, (EllipticCurvePrivateKey, EllipticCurvePublicKey))
    if is_curve and key.curve.name in _CURVES:
        return key
    kind = f"of the curve {key.curve.name}" if is_curve else f"an {type(key).__name__}"
    what = "only keys of the curves P-256, P-384 and P-521 can be used"
    raise InputError(what, where=path, why=f"this one is {kind}", remedy=_NEW_KEY)

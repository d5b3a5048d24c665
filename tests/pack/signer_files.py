"""Keys and certificates for tests of signatures, made anew."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path


def write_key(folder: Path, name: str, key: Any, password: bytes | None = None) -> Any:
    """Write ``NAME.pem`` and ``NAME.pub``; returns the key."""
    hidden = BestAvailableEncryption(password) if password else NoEncryption()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)
    (folder / f"{name}.pem").write_bytes(private)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{name}.pub").write_bytes(public)
    return key


def write_certificates(folder: Path, name: str, years: int) -> None:
    """A root, what it vouches for, and a certificate for ``NAME.pem`` that was made ten years ago.

    ``NAME.root`` is the first, ``NAME.chain`` the first two, ``NAME.crt`` the last.

    Args:
        folder: where they go.
        name: of the files.
        years: for how many years the last one holds.
    """
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    last = write_key(folder, name, ec.generate_private_key(ec.SECP256R1()))
    root = _certificate("Root", "Root", keys[0], keys[0], 30)
    middle = _certificate("Middle", "Root", keys[1], keys[0], 30)
    leaf = _certificate("A. Smith", "Middle", last, keys[1], years, leaf=True)
    texts = [item.public_bytes(Encoding.PEM) for item in (root, middle, leaf)]
    (folder / f"{name}.root").write_bytes(texts[0])
    (folder / f"{name}.chain").write_bytes(texts[0] + texts[1])
    (folder / f"{name}.crt").write_bytes(texts[2])


def _certificate(
    subject: str, issuer: str, key: Any, issuing: Any, years: int, leaf: bool = False
) -> x509.Certificate:
    start = datetime.now(timezone.utc) - timedelta(days=3650)
    usage = x509.KeyUsage(leaf, False, False, False, False, not leaf, not leaf, False, False)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=not leaf, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    if leaf:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)
    return builder.sign(issuing, SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

"""The signature that lies beside a package, as it is read without any library; nothing is verified here.

The format is model-signing's: a Sigstore bundle around an in-toto statement, which names what was signed with
its SHA-256 (``model_signing/_signing/signing.py`` in 1.1.1).
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import InputError
from nequip_pack.format.jsontext import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIX: Final = ".sig"
KEY: Final = "key"
CERTIFICATE: Final = "certificate"
IDENTITY: Final = "identity"
"""Signed through sigstore, without a key of one's own."""
UNREADABLE: Final = "unreadable"
THE_FILE: Final = "."
"""What the signature of a single file calls that file, whose name is not signed."""
_LIMIT: Final = 1 << 20
_FINGERPRINT: Final = re.compile("[0-9a-f]{64}")
_MATERIAL: Final = {"publicKey": KEY, "x509CertificateChain": CERTIFICATE, "certificate": IDENTITY}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature says of itself.

    Attributes:
        path: of the file.
        by: one of the words of this module.
        key: the fingerprint of the key, where it was a key and is named.
        certificate: of the signer, in DER form, where it was one.
        digests: the SHA-256 of what was signed, by its name.
    """

    path: Path
    by: str
    key: str | None = None
    certificate: bytes | None = None
    digests: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The JSON form of ``info`` and ``check``."""
        return {"file": self.path.name, "by": self.by, "key": self.key, "verified": False}


def in_words(record: Mapping[str, Any]) -> str:
    """The JSON form for people."""
    name = record["file"]
    if record["by"] == UNREADABLE:
        return f"{name}, which cannot be read"
    key = f" {record['key']}" if record["key"] else ""
    return f"{name} ({record['by']}{key}), not verified"


def signature_path(package: Path) -> Path:
    """Where the signature of a package is."""
    return package.with_name(f"{package.name}{SUFFIX}")


def beside(package: Path) -> Signature | None:
    """The signature beside a package, ``None`` where there is none."""
    path = signature_path(package)
    if not os.path.lexists(path):
        return None
    try:
        return read_signature(path)
    except InputError:
        return Signature(path, UNREADABLE)


def read_signature(path: Path) -> Signature:
    """Read a signature.

    Raises:
        InputError: if it is missing, cannot be read, or is something else.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_LIMIT + 1)
    except OSError as error:
        why, remedy = os.strerror(error.errno or 0), "sign the package, or put its signature there"
        raise InputError("the signature cannot be read", where=path, why=why, remedy=remedy) from error
    try:
        if len(content) > _LIMIT:
            raise ValueError(f"it has more than {_LIMIT} bytes")
        return _described(path, parse_json(content))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        what, remedy = "this is not a signature of the model-signing library", "sign the package again"
        raise InputError(what, where=path, why=_reason(error), remedy=remedy) from error


def _described(path: Path, bundle: Any) -> Signature:
    material = bundle["verificationMaterial"]
    (by,) = (kind for name, kind in _MATERIAL.items() if material.get(name))
    if material.get("tlogEntries"):
        by = IDENTITY
    key = material["publicKey"].get("hint") if by == KEY else None
    chain = material["x509CertificateChain"]["certificates"] if by == CERTIFICATE else []
    statement = parse_json(_bytes(bundle["dsseEnvelope"]["payload"]))
    return Signature(
        path,
        by,
        key=key if key and _FINGERPRINT.fullmatch(key) else None,
        certificate=_bytes(chain[0]["rawBytes"]) if chain else None,
        digests=dict(_digests(statement)),
    )


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _digests(statement: Any) -> list[tuple[str, str]]:
    """The files that were signed; up to model-signing 0.2 they were the subjects of the statement."""
    if (resources := statement["predicate"].get("resources")) is not None:
        return [(str(item["name"]), str(item["digest"])) for item in resources]
    return [(str(item["name"]), str(item["digest"]["sha256"])) for item in statement["subject"]]


def _reason(error: Exception) -> str:
    return str(error) if type(error) is ValueError else "its structure is another"

"""The ways to verify, one for each way to sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from nequip_pack.errors import EnvironmentLacksError, Refused
from nequip_pack.failure import described
from nequip_pack.signing.beside import CERTIFICATE, IDENTITY, KEY
from nequip_pack.signing.keys import certificate_name, certificates, expiry, fingerprint, public_key

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.signing.beside import Signature


@dataclass(frozen=True, slots=True)
class Verified:
    """Who signed, and what else to know of that."""

    by: str
    note: str = ""


class Verifier(Protocol):
    """One way to verify; ``kind`` is the word of signatures that it is for."""

    kind: ClassVar[str]

    def choose(self, config: Any, signature: Signature) -> Any:
        """The library's configuration with this way chosen.

        Raises:
            EnvironmentLacksError: if a service that is needed does not answer.
            InputError: if the key or the certificates cannot be used.
            Refused: if it is plain that another one has signed.
        """

    def signer(self, signature: Signature) -> Verified:
        """Who has signed, when the library found the signature to be true."""


@dataclass(frozen=True, slots=True)
class KeyVerifier:
    """A public key in a PEM file."""

    key: Path
    kind: ClassVar[str] = KEY

    def choose(self, config: Any, signature: Signature) -> Any:
        """Compare the fingerprints first."""
        mine = fingerprint(public_key(self.key))
        if signature.key not in (None, mine):
            why = f"by {signature.key}, and this is {mine}"
            raise Refused("another key has signed", where=signature.path, why=why)
        return config.use_elliptic_key_verifier(public_key=self.key)

    def signer(self, signature: Signature) -> Verified:
        """The fingerprint of the key."""
        return Verified(f"the key {fingerprint(public_key(self.key))}")


@dataclass(frozen=True, slots=True)
class CertificateVerifier:
    """Certificates that are trusted, and those that lead from them to the one that has signed."""

    chain: tuple[Path, ...]
    kind: ClassVar[str] = CERTIFICATE

    def choose(self, config: Any, signature: Signature) -> Any:
        """Read them first."""
        for path in self.chain:
            certificates(path)
        return config.use_certificate_verifier(certificate_chain=self.chain)

    def signer(self, signature: Signature) -> Verified:
        """The subject. The library asks whether the certificates were valid when its time began, not now."""
        from cryptography.x509 import load_der_x509_certificate

        assert signature.certificate is not None
        certificate = load_der_x509_certificate(signature.certificate)
        end = expiry(certificate)
        note = (
            f"the certificate expired on {end}; what it signed stays valid, whenever that was" if end else ""
        )
        return Verified(f"the certificate {certificate_name(certificate)}", note)


@dataclass(frozen=True, slots=True)
class SigstoreVerifier:
    """An identity, and the service that vouched for it."""

    identity: str
    provider: str
    kind: ClassVar[str] = IDENTITY

    def choose(self, config: Any, signature: Signature) -> Any:
        """Ask sigstore for its keys, through the network."""
        try:
            return config.use_sigstore_verifier(identity=self.identity, oidc_issuer=self.provider)
        except Exception as error:  # of sigstore, requests, urllib3, tuf
            what, remedy = "the keys of sigstore cannot be had", "try again with a network"
            raise EnvironmentLacksError(what, why=described(error), remedy=remedy) from error

    def signer(self, signature: Signature) -> Verified:
        """The identity."""
        return Verified(f"{self.identity}, for whom {self.provider} vouches")

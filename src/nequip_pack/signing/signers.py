"""The ways to sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from nequip_pack.errors import EnvironmentLacksError, InputError
from nequip_pack.failure import described
from nequip_pack.signing.keys import certificate_name, certificates, fingerprint, private_key

if TYPE_CHECKING:
    from pathlib import Path


class Signer(Protocol):
    """One way to sign."""

    def name(self) -> str:
        """Who signs, for people.

        Raises:
            InputError: if a key or certificate cannot be used.
        """

    def sign(self, config: Any, package: Path, output: Path) -> None:
        """Write the signature with the library's configuration.

        Raises:
            EnvironmentLacksError: if a service that is needed does not answer.
        """


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A private key in a PEM file."""

    key: Path

    def name(self) -> str:
        """The fingerprint of its public key."""
        return f"the key {fingerprint(private_key(self.key).public_key())}"

    def sign(self, config: Any, package: Path, output: Path) -> None:
        """Sign with it."""
        config.use_elliptic_key_signer(private_key=self.key).sign(package, output)


@dataclass(frozen=True, slots=True)
class CertificateSigner:
    """A private key with its certificate, and the certificates that lead to one that others trust."""

    key: Path
    certificate: Path
    chain: tuple[Path, ...]

    def name(self) -> str:
        """The subject of the certificate."""
        certificate = certificates(self.certificate)[0]
        for path in self.chain:
            certificates(path)
        if private_key(self.key).public_key() != certificate.public_key():
            what, remedy = "the certificate is not of this private key", "give the two that belong together"
            raise InputError(what, where=self.certificate, remedy=remedy)
        return f"the certificate {certificate_name(certificate)}"

    def sign(self, config: Any, package: Path, output: Path) -> None:
        """Sign with them."""
        config.use_certificate_signer(
            private_key=self.key, signing_certificate=self.certificate, certificate_chain=self.chain
        ).sign(package, output)


@dataclass(frozen=True, slots=True)
class SigstoreSigner:
    """An identity that sigstore vouches for: the one of a CI job, else one that a browser asks for."""

    def name(self) -> str:
        """It is known only when the service has answered."""
        return "an identity of sigstore"

    def sign(self, config: Any, package: Path, output: Path) -> None:
        """Ask the service, through the network."""
        try:
            config.use_sigstore_signer(use_ambient_credentials=True).sign(package, output)
        except Exception as error:  # of sigstore, requests, urllib3, tuf
            what, remedy = "sigstore did not sign", "sign with --private-key"
            raise EnvironmentLacksError(what, why=described(error), remedy=remedy) from error

"""``nequip-pack sign`` and ``verify-signature``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nequip_pack.cli.reading import opened_archive
from nequip_pack.cli.say import say_of, warn

if TYPE_CHECKING:
    from nequip_pack.signing.signers import Signer
    from nequip_pack.signing.verifiers import Verifier

_CHAIN = "Read the certificates up to a trusted one, and that one, from this PEM file. Repeatable."


@click.command()
@click.argument("package", metavar="PKG")
@click.option(
    "--private-key", metavar="FILE", help="Read the private key (P-256, P-384 or P-521) from this PEM file."
)
@click.option(
    "--signing-certificate", metavar="FILE", help="Read the certificate of that key from this PEM file."
)
@click.option("--certificate-chain", metavar="FILE", multiple=True, help=_CHAIN)
@click.option("--sigstore", is_flag=True, help="Sign with an identity, through the network. Untested.")
def sign(
    package: str,
    private_key: str | None,
    signing_certificate: str | None,
    certificate_chain: tuple[str, ...],
    sigstore: bool,
) -> Path:
    """Sign the package PKG.

    The signature is of its bytes and goes to PKG.sig, in the format of model-signing.
    """
    from nequip_pack.signing.sign import sign as signed

    signer = _signer(private_key, signing_certificate, certificate_chain, sigstore)
    output, who = signed(opened_archive(package).path, signer)
    say_of(output, f"signed by {who}")
    return output


@click.command()
@click.argument("package", metavar="PKG")
@click.option("--public-key", metavar="FILE", help="Read the signer's public key from this PEM file.")
@click.option("--certificate-chain", metavar="FILE", multiple=True, help=_CHAIN)
@click.option("--identity", metavar="NAME", help="Expect this identity, from sigstore. Untested.")
@click.option("--identity-provider", metavar="URL", help="Expect this provider of that identity.")
def verify_signature(
    package: str,
    public_key: str | None,
    certificate_chain: tuple[str, ...],
    identity: str | None,
    identity_provider: str | None,
) -> None:
    """Verify that PKG is what PKG.sig signed, and who did."""
    from nequip_pack.signing.verify import verify_signature as verified

    verifier = _verifier(public_key, certificate_chain, identity, identity_provider)
    found = verified(Path(package), verifier)
    if found.note:
        warn(f"{package}: {found.note}")
    say_of(package, f"signed by {found.by}")


def _signer(key: str | None, certificate: str | None, chain: tuple[str, ...], sigstore: bool) -> Signer:
    from nequip_pack.signing.signers import CertificateSigner, KeySigner, SigstoreSigner

    if sigstore and not (key or certificate or chain):
        return SigstoreSigner()
    if key and not (sigstore or certificate or chain):
        return KeySigner(Path(key))
    if key and certificate and chain and not sigstore:
        return CertificateSigner(Path(key), Path(certificate), tuple(map(Path, chain)))
    ways = "--private-key, --private-key with --signing-certificate and --certificate-chain, or --sigstore"
    raise click.UsageError(f"Give one of: {ways}.", click.get_current_context())


def _verifier(
    key: str | None, chain: tuple[str, ...], identity: str | None, provider: str | None
) -> Verifier:
    from nequip_pack.signing.verifiers import CertificateVerifier, KeyVerifier, SigstoreVerifier

    given = [bool(key), bool(chain), bool(identity or provider)]
    if given == [True, False, False] and key:
        return KeyVerifier(Path(key))
    if given == [False, True, False]:
        return CertificateVerifier(tuple(map(Path, chain)))
    if given == [False, False, True] and identity and provider:
        return SigstoreVerifier(identity, provider)
    ways = "--public-key, --certificate-chain, or --identity with --identity-provider"
    raise click.UsageError(f"Give one of: {ways}.", click.get_current_context())

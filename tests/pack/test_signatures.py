"""``sign`` and ``verify-signature``, beside the command of the model-signing library."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import resource
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from needs import installed
from pack_support import checked, error_line, new_pack, new_python, pack, python

from nequip_lint.install import install_command
from nequip_pack.errors import NequipPackError

if TYPE_CHECKING:
    from collections.abc import Callable

if not installed("model_signing", "OpenSSL"):
    pytest.skip("needs the extra sign: model-signing and pyOpenSSL", allow_module_level=True)

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from signer_files import write_certificates, write_key

from nequip_pack.signing.sign import sign
from nequip_pack.signing.signers import CertificateSigner, KeySigner
from nequip_pack.signing.verifiers import CertificateVerifier, KeyVerifier
from nequip_pack.signing.verify import verify_signature

pytestmark = pytest.mark.real

PKG, SIG = "m.nequip.zip", "m.nequip.zip.sig"
CURVES = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1(), "p521": ec.SECP521R1()}


@pytest.fixture
def folder(package: Path, tmp_path: Path) -> Path:
    """A package, a key on each curve, and certificates."""
    shutil.copy(package, tmp_path / PKG)
    for name, curve in CURVES.items():
        write_key(tmp_path, name, ec.generate_private_key(curve))
    return tmp_path


def theirs(command: str, kind: str, package: str, *words: str, cwd: Path) -> None:
    """Run model-signing's own command on a package and the signature beside it."""
    words = ("model_signing", command, kind, package, "--signature", f"{package}.sig", *words)
    done = checked(python("-m", *words, cwd=cwd))
    assert f"{'Signing' if command == 'sign' else 'Verification'} succeeded" in done.stdout


def fingerprint(folder: Path, name: str) -> str:
    return hashlib.sha256((folder / f"{name}.pub").read_bytes()).hexdigest()


@pytest.mark.parametrize("curve", CURVES)
def test_keys_both_ways(folder: Path, curve: str) -> None:
    signed = checked(pack("sign", PKG, "--private-key", f"{curve}.pem", cwd=folder))
    assert signed.stdout == f"{SIG}: signed by the key {fingerprint(folder, curve)}\n"
    theirs("verify", "key", PKG, "--public_key", f"{curve}.pub", cwd=folder)
    theirs("sign", "key", PKG, "--private_key", f"{curve}.pem", cwd=folder)
    done = checked(pack("verify-signature", PKG, "--public-key", f"{curve}.pub", cwd=folder))
    assert (done.stdout, done.stderr) == (f"{PKG}: signed by the key {fingerprint(folder, curve)}\n", "")


@pytest.mark.parametrize("years", [30, 1], ids=["valid", "expired"])
def test_certificates_both_ways(folder: Path, years: int) -> None:
    """One that expired after it had signed is named, and its signature holds, as for their command."""
    write_certificates(folder, "smith", years)
    key, certificate, chain = "smith.pem", "smith.crt", "smith.chain"
    words = ("--private-key", key, "--signing-certificate", certificate, "--certificate-chain", chain)
    assert "CN=A. Smith" in checked(pack("sign", PKG, *words, cwd=folder)).stdout
    theirs("verify", "certificate", PKG, "--certificate_chain", "smith.root", cwd=folder)
    words = ("--private_key", key, "--signing_certificate", certificate, "--certificate_chain", chain)
    theirs("sign", "certificate", PKG, *words, cwd=folder)
    done = checked(pack("verify-signature", PKG, "--certificate-chain", "smith.root", cwd=folder))
    assert done.stdout.startswith(f"{PKG}: signed by the certificate CN=A. Smith (")
    assert ("the certificate expired on 20" in done.stderr) == (years == 1)
    assert done.stderr.count("\n") == (years == 1)


def test_the_name_is_not_signed(folder: Path) -> None:
    sign(folder / PKG, KeySigner(folder / "p256.pem"))
    (folder / "moved").mkdir()
    (folder / PKG).replace(folder / "moved" / "other.nequip.zip")
    (folder / SIG).replace(folder / "moved" / "other.nequip.zip.sig")
    (folder / "link.nequip.zip").symlink_to("moved/other.nequip.zip")
    (folder / "link.nequip.zip.sig").symlink_to("moved/other.nequip.zip.sig")
    for name in ("moved/other.nequip.zip", "link.nequip.zip"):
        found = verify_signature(folder / name, KeyVerifier(folder / "p256.pub"))
        assert found.by == f"the key {fingerprint(folder, 'p256')}"
    theirs("verify", "key", "moved/other.nequip.zip", "--public_key", "p256.pub", cwd=folder)


def test_every_byte_is_signed(folder: Path, seed: int) -> None:
    sign(folder / PKG, KeySigner(folder / "p256.pem"))
    content, chance = (folder / PKG).read_bytes(), random.Random(seed)
    places = [0, len(content) - 1, *chance.sample(range(len(content)), 6)]
    flipped = [(n, bytes([content[n] ^ 1 << chance.randrange(8)])) for n in places]
    changed = [content[:n] + byte + content[n + 1 :] for n, byte in flipped]
    for altered in [*changed, content + b"\0", content[:-1], b""]:
        (folder / PKG).write_bytes(altered)
        error = refused(1, lambda: verify_signature(folder / PKG, KeyVerifier(folder / "p256.pub")))
        assert error.what == f"this is not what {SIG} signed"
    assert "this is not what" in error_line(
        pack("verify-signature", PKG, "--public-key", "p256.pub", cwd=folder), 1
    )


def refused(code: int, call: Callable[[], object]) -> NequipPackError:
    """What a call raises, which must have this exit code and tell where it was."""
    with pytest.raises(NequipPackError) as caught:
        call()
    assert caught.value.exit_code == code, caught.value
    assert caught.value.where
    return caught.value


def test_another_signer(folder: Path) -> None:
    sign(folder / PKG, KeySigner(folder / "p256.pem"))
    other = refused(1, lambda: verify_signature(folder / PKG, KeyVerifier(folder / "p384.pub")))
    assert other.what == "another key has signed"
    assert fingerprint(folder, "p256") in other.why
    assert fingerprint(folder, "p384") in other.why
    write_certificates(folder, "smith", 30)
    write_certificates(folder, "jones", 30)
    trusted = CertificateVerifier((folder / "smith.root",))
    assert "another kind" in refused(1, lambda: verify_signature(folder / PKG, trusted)).what
    smith = (folder / "smith.pem", folder / "smith.crt", (folder / "smith.chain",))
    sign(folder / PKG, CertificateSigner(*smith))
    assert "CN=A. Smith" in verify_signature(folder / PKG, trusted).by
    for verifier in (KeyVerifier(folder / "p256.pub"), CertificateVerifier((folder / "jones.root",))):
        refused(1, lambda verifier=verifier: verify_signature(folder / PKG, verifier))


def test_a_forged_signature(folder: Path) -> None:
    """The hint names a key that has not signed; a statement was changed under its signature."""
    sign(folder / PKG, KeySigner(folder / "p521.pem"))
    bundle = json.loads((folder / SIG).read_text())
    bundle["verificationMaterial"]["publicKey"]["hint"] = fingerprint(folder, "p256")
    (folder / SIG).write_text(json.dumps(bundle))
    forged = refused(1, lambda: verify_signature(folder / PKG, KeyVerifier(folder / "p256.pub")))
    assert forged.what == "the signature does not hold for this key"
    sign(folder / PKG, KeySigner(folder / "p256.pem"))
    bundle, before = json.loads((folder / SIG).read_text()), (folder / PKG).read_bytes()
    (folder / PKG).write_bytes(before + b"\0")
    digests = [hashlib.sha256(content).hexdigest().encode() for content in (before, before + b"\0")]
    statement = base64.b64decode(bundle["dsseEnvelope"]["payload"])
    assert digests[0] in statement
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(statement.replace(*digests)).decode()
    (folder / SIG).write_text(json.dumps(bundle))
    forged = refused(1, lambda: verify_signature(folder / PKG, KeyVerifier(folder / "p256.pub")))
    assert forged.what == "the signature does not hold for this key"


def test_a_signature_of_nothing(folder: Path) -> None:
    """Their command signs an empty folder, itself to be ignored, and takes that for any file."""
    (folder / "empty").mkdir()
    words = ("--private_key", "p256.pem", "--ignore-paths", "empty")
    theirs("sign", "key", "empty", *words, cwd=folder)
    (folder / "empty.sig").replace(folder / SIG)
    theirs("verify", "key", PKG, "--public_key", "p256.pub", cwd=folder)
    error = refused(1, lambda: verify_signature(folder / PKG, KeyVerifier(folder / "p256.pub")))
    assert error.what == f"this is not what {SIG} signed"


def test_inputs_that_are_something_else(folder: Path) -> None:
    package, output = folder / PKG, folder / SIG
    key = KeyVerifier(folder / "p256.pub")
    refused(3, lambda: verify_signature(package, key))
    refused(3, lambda: verify_signature(folder / "none.nequip.zip", key))
    for content in (b"", b"{}", b"[1]", b"\xff", b'{"verificationMaterial": {"publicKey": 1}}', b"[" * 999):
        output.write_bytes(content)
        error = refused(3, lambda: verify_signature(package, key))
        assert error.what == "this is not a signature of the model-signing library"
    output.unlink()
    write_key(folder, "ed", ed25519.Ed25519PrivateKey.generate())
    write_key(folder, "rsa", rsa.generate_private_key(65537, 2048))
    write_key(folder, "koblitz", ec.generate_private_key(ec.SECP256K1()))
    write_key(folder, "secret", ec.generate_private_key(ec.SECP256R1()), b"word")
    for name in ("ed.pem", "rsa.pem", "koblitz.pem", "secret.pem", "p256.pub", "none.pem", PKG, "."):
        refused(3, lambda name=name: sign(package, KeySigner(folder / name)))
    write_certificates(folder, "smith", 30)
    smith = {"key": "smith.pem", "certificate": "smith.crt", "chain": "smith.chain"}
    for wrong in ({"key": "p256.pem"}, {"certificate": "p256.pub"}, {"chain": PKG}, {"chain": "none"}):
        files = {name: folder / value for name, value in {**smith, **wrong}.items()}
        signer = CertificateSigner(files["key"], files["certificate"], (files["chain"],))
        refused(3, lambda signer=signer: sign(package, signer))
    assert not output.exists()
    sign(package, KeySigner(folder / "p256.pem"))
    for name in ("ed.pub", "p256.pem", "none.pub", PKG):
        refused(3, lambda name=name: verify_signature(package, KeyVerifier(folder / name)))


def test_codes_of_the_command(folder: Path) -> None:
    line = error_line(pack("verify-signature", PKG, "--public-key", "p256.pub", cwd=folder), 3)
    assert line.startswith(f"{SIG}: the signature cannot be read (No such file or directory)")
    (folder / "other.nequip.zip").write_text("text")
    error_line(pack("sign", "other.nequip.zip", "--private-key", "p256.pem", cwd=folder), 3)
    content = (folder / PKG).read_bytes()
    (folder / "cut.nequip.zip").write_bytes(content[: len(content) // 2])
    error_line(pack("sign", "cut.nequip.zip", "--private-key", "p256.pem", cwd=folder), 4)
    for words in (
        ("sign", PKG),
        ("sign", PKG, "--private-key", "a", "--sigstore"),
        ("sign", PKG, "--private-key", "a", "--signing-certificate", "b"),
        ("sign", PKG, "--signing-certificate", "b", "--certificate-chain", "c"),
        ("verify-signature", PKG),
        ("verify-signature", PKG, "--public-key", "a", "--certificate-chain", "c"),
        ("verify-signature", PKG, "--identity", "a@b"),
    ):
        assert "Give one of: " in error_line(pack(*words, cwd=folder), 2)
    assert sorted(path.suffix for path in folder.iterdir() if "sig" in path.name) == []


@pytest.mark.parametrize("lost", ["model_signing", "OpenSSL"])
def test_without_the_extra(folder: Path, lost: str) -> None:
    sign(folder / PKG, KeySigner(folder / "p256.pem"))
    script = f"import sys; sys.modules[{lost!r}] = None; from nequip_pack.cli import main; main(sys.argv[1:])"
    for words in (
        ("sign", PKG, "--private-key", "p256.pem"),
        ("verify-signature", PKG, "--public-key", "p256.pub"),
    ):
        line = error_line(python("-c", script, *words, cwd=folder), 6)
        assert line.endswith(f"run `{install_command('sign')}`")
    assert fingerprint(folder, "p256") in checked(python("-c", script, "info", PKG, cwd=folder)).stdout


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_earlier_signature_stays_when_signing_fails(folder: Path) -> None:
    sign(folder / PKG, KeySigner(folder / "p256.pem"))
    before, names = (folder / SIG).read_bytes(), names_in(folder)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

    words = ("sign", PKG, "--private-key", "p384.pem")
    assert "File too large" in error_line(new_pack(*words, cwd=folder, preexec_fn=limit), 7)
    error_line(pack("sign", PKG, "--private-key", "p256.pub", cwd=folder), 3)
    assert (folder / SIG).read_bytes() == before
    assert names_in(folder) == names
    checked(pack(*words, cwd=folder))
    assert (folder / SIG).read_bytes() != before
    assert names_in(folder) == names


def test_info_and_check_tell_of_it(folder: Path) -> None:
    for command in ("info", "check"):
        assert "signature" not in checked(pack(command, PKG, cwd=folder)).stdout
        told = json.loads(checked(pack(command, PKG, "--json", cwd=folder)).stdout)
        assert told["signature"] is None
    sign(folder / PKG, KeySigner(folder / "p256.pem"))
    key = fingerprint(folder, "p256")
    for command in ("info", "check"):
        assert f"{SIG} (key {key}), not verified" in checked(pack(command, PKG, cwd=folder)).stdout
        told = json.loads(checked(pack(command, PKG, "--json", cwd=folder)).stdout)
        assert told["signature"] == {"file": SIG, "by": "key", "key": key, "verified": False}
    bundle = json.loads((folder / SIG).read_text())
    bundle["verificationMaterial"]["publicKey"]["hint"] = "\x1b[2Jtrust me"
    (folder / SIG).write_text(json.dumps(bundle))
    assert f"{SIG} (key), not verified" in checked(pack("info", PKG, cwd=folder)).stdout
    (folder / SIG).write_text("{}")
    assert f"{SIG}, which cannot be read" in checked(pack("info", PKG, cwd=folder)).stdout


PROBE = """
import sys
from nequip_pack.cli import main
try:
    main(["info", sys.argv[1]])
finally:
    found = {name.partition(".")[0] for name in sys.modules}
    assert not found & {"model_signing", "OpenSSL", "cryptography", "sigstore", "torch"}, found
"""


def test_info_imports_no_library_for_it(folder: Path) -> None:
    sign(folder / PKG, KeySigner(folder / "p256.pem"))
    assert "signature" in checked(new_python("-c", PROBE, PKG, cwd=folder)).stdout

"""Packages that nobody altered: what builds, repackages, migrates and modifies them. None is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from odd_models import ODD
from pack_support import checked, pack, python
from plain_support import built, write

from nequip_pack.audit import Audit, Level, audit_package
from nequip_pack.format.manifest import add_manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from once import Once

pytestmark = pytest.mark.real

MAKERS = ["package", "allegro_package", "upstream_package", "two_types_package"]
SHIFT = "modify_PerTypeScaleShift"
PLAIN = {
    "a net": 'Net(), "a.ckpt", example_data=x',
    "two arguments": 'Pair(), "a.ckpt", example_data=(x, x)',
    "fields": 'Fields(), "a.ckpt", example_data={"pos": x}, type_names=["H"]',
    "a builder": 'make, "a.ckpt", arguments={"width": 4}, example_data=x',
    "a function of torch": 'net, "a.ckpt", example_data=x',
    "plain values": 'net, "a.ckpt", example_data=x',
}
BEFORE = {
    "a function of torch": "net = Net(); net.act = torch.nn.Sequential(torch.nn.SiLU()); net.f = torch.tanh",
    "plain values": (
        "import collections, fractions\n"
        "net = Net(); net.kind = torch.float64\n"
        "net.counts = collections.defaultdict(list); net.part = fractions.Fraction(1, 3)\n"
        "net.where = torch.device('cpu'); net.blob = b'some bytes'"
    ),
}
"""What stands before the checkpoint is saved, by the model."""


@pytest.mark.parametrize("maker", MAKERS)
def test_nothing_is_found_in_what_a_build_makes(maker: str, request: pytest.FixtureRequest) -> None:
    found = audit_package(request.getfixturevalue(maker))
    assert found.level is Level.NOTHING, said(found)
    assert all(origin.same == origin.files for origin in found.origins)


def said(found: Audit) -> str:
    return "\n".join(f"{finding.level.words}: {finding.place}: {finding.what}" for finding in found.findings)


def deflated(package: Path, target: Path) -> None:
    """The same members, packed, in another order and another folder."""
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        names = [name for name in source.namelist() if not name.endswith("manifest.json")]
        for name in reversed(names):
            copy.writestr(f"other/{name.partition('/')[2]}", source.read(name))
    if len(names) < len(zipfile.ZipFile(package).namelist()):
        with target.open("r+b") as stream:
            add_manifest(stream)


def run(command: str, package: Path, target: Path, *options: str) -> None:
    """Let a command make a package of another."""
    checked(pack(command, package, target.name, *options, cwd=target.parent))


WAYS: dict[str, Callable[[Path, Path], object]] = {
    "deflated": deflated,
    "migrated": lambda package, target: run("migrate", package, target),
    "updated": lambda package, target: run("update", package, target, "--replace", "nequip/nn/mlp.py"),
    "modified": lambda package, target: run(
        "modify", package, target, "--modifier", SHIFT, "shifts={Cu: 1.0}"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("maker", MAKERS)
def test_a_package_that_was_made_of_another(
    maker: str, way: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    target = tmp_path / "new.nequip.zip"
    WAYS[way](request.getfixturevalue(maker), target)
    found = audit_package(target)
    assert found.level is Level.NOTHING, said(found)


@pytest.mark.slow
@pytest.mark.parametrize("kind", PLAIN)
def test_a_plain_model_is_for_eyes(kind: str, once: Once, tmp_path: Path) -> None:
    project = once("honest project", lambda folder: write(folder))
    more = {"before": BEFORE[kind]} if kind in BEFORE else {}
    found = audit_package(built(project, PLAIN[kind], tmp_path, **more))
    assert found.level is Level.EYES, said(found)
    assert "unknown origin" in said(found)


@pytest.fixture(scope="module")
def odd(once: Once) -> Path:
    """A folder with the packages of odd models, numbered."""
    script = Path(__file__).with_name("odd_models.py")
    return once("odd models", lambda folder: checked(python(str(script), cwd=folder)))


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_model_is_for_eyes(kind: str, odd: Path) -> None:
    found = audit_package(odd / f"{list(ODD).index(kind)}.nequip.zip")
    assert found.level is Level.EYES, said(found)


def test_there_are_enough_honest_packages() -> None:
    assert len(MAKERS) * (1 + len(WAYS)) + len(PLAIN) + len(ODD) >= 40

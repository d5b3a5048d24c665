"""Hazards that released versions of nequip and allegro had and later ones mended; and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from nequip_lint.engine.run import Report, check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request
from nequip_lint.summaries.releases import available

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "releases"
PACKAGES = {"nequip": "nequip", "nequip-allegro": "allegro"}
RELEASES = [(name, item.version) for name, top in PACKAGES.items() for item in available()[top].releases]


def wheel(name: str, version: str) -> Path:
    """A released wheel, downloaded unless it is there; skips where it cannot be had."""
    stem = f"{name.replace('-', '_')}-{version}"
    if not list(CACHE.glob(f"{stem}-*.whl")):
        options = ["--no-deps", "--only-binary", ":all:", "--quiet", "--dest", str(CACHE)]
        command = [sys.executable, "-m", "pip", "download", *options, f"{name}=={version}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"{name} {version} cannot be downloaded: {done.stderr.strip().splitlines()[-1]}")
    (path,) = CACHE.glob(f"{stem}-*.whl")
    return path


Unpacked = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Unpacked:
    """From a release to a folder with its wheel's content, away from the metadata of this repository."""
    base = tmp_path_factory.mktemp("releases")

    def unpack(name: str, version: str) -> Path:
        folder = base / f"{name}-{version}"
        if not folder.is_dir():
            with zipfile.ZipFile(wheel(name, version)) as archive:
                archive.extractall(folder)
        return folder

    return unpack


def lint(folder: Path, *roots: str) -> Report:
    """What the linter says, warnings included, with nothing but summaries beside."""
    return check(Request((folder,), roots=roots, cache=False), Selection())


class Hazard(NamedTuple):
    """A finding in released code: rule, file, and what the message is about."""

    code: str
    path: str
    word: str


def hazards(report: Report, folder: Path) -> list[Hazard]:
    """The findings of a report, each with the word of its message that tells what it is about."""
    return [
        Hazard(item.code, Path(item.path).relative_to(folder).as_posix(), _about(item.message))
        for item in report.findings
    ]


def _about(message: str) -> str:
    """The first of the words that the findings below are known by; of an unknown finding the message."""
    words = (word.strip("`,;:") for word in message.split())
    return next((word for word in words if word in WORDS), message)


# Before and after

FLASH = "allegro/nn/_strided/_flashallegro.py"
CUEQ = "allegro/nn/_strided/_cueq_contracter.py"
OEQ = Hazard("NQ101", "nequip/nn/_tp_scatter_oeq.py", "openequivariance")
NO_TRITON = Hazard("NQ101", FLASH, "triton")
UNGUARDED = Hazard("NQ104", FLASH, "_initialize_metadata")
EAGER_CUEQ = [Hazard("NQ101", CUEQ, "cuequivariance"), Hazard("NQ101", CUEQ, "cuequivariance_torch")]
AUTOTUNE = [Hazard("NQ102", FLASH, "@triton.autotune")] * 2
DEVICE_NAME = Hazard("NQ103", FLASH, "torch.cuda.get_device_name(0)")

TRUE_FINDINGS: dict[tuple[str, str], list[Hazard]] = {
    # The file imports openequivariance at its top: built without that library, the package lacks the file.
    # nequip 0.12.1 moved the import into the class (6dc21309).
    **{("nequip", version): [OEQ] for version in ("0.10.0", "0.11.0", "0.11.1", "0.12.0")},
    # cuequivariance as openequivariance above (mended in 0.7.1, 2d5bfdc); triton's autotune, with the name of
    # a GPU among its arguments, evaluated at import (put under a test of the GPU in 0.7.1, 1b1b230).
    ("nequip-allegro", "0.7.0"): [*EAGER_CUEQ, NO_TRITON, *AUTOTUNE, DEVICE_NAME],
    # triton is imported at the top to this day, and the test that 0.7.1 introduced leaves a function
    # undefined where there is no GPU, which the class below calls all the same.
    **{
        ("nequip-allegro", version): [NO_TRITON, UNGUARDED]
        for version in ("0.7.1", "0.8.0", "0.8.1", "0.8.2", "0.8.3")
    },
}
"""Every finding in every release, with the reason why it is true; all other releases have none."""
TORCH_SIM = Hazard("NQ101", "nequip/integrations/torchsim.py", "torch_sim")
WORDS = {item.word for found in (*TRUE_FINDINGS.values(), [TORCH_SIM]) for item in found}


@pytest.mark.parametrize(("name", "version"), RELEASES)
def test_every_finding_in_a_release_is_known_and_true(unpacked: Unpacked, name: str, version: str) -> None:
    folder = unpacked(name, version)
    report = lint(folder / PACKAGES[name])
    assert hazards(report, folder) == TRUE_FINDINGS.get((name, version), [])
    assert report.files == len(list((folder / PACKAGES[name]).rglob("*.py")))
    assert not report.notes
    assert [text.split()[0] for text in report.summaries][:1] == ["e3nn"]


@pytest.mark.parametrize(
    ("name", "before", "after", "gone"),
    [
        ("nequip", "0.12.0", "0.12.1", [OEQ]),
        ("nequip-allegro", "0.7.0", "0.7.1", [*EAGER_CUEQ, *AUTOTUNE, DEVICE_NAME]),
    ],
)
def test_hazard_is_gone_in_the_release_that_mends_it(
    unpacked: Unpacked, name: str, before: str, after: str, gone: list[Hazard]
) -> None:
    folders = [unpacked(name, version) for version in (before, after)]
    old, new = (hazards(lint(folder / PACKAGES[name]), folder) for folder in folders)
    assert set(gone) <= set(old)
    assert not set(gone) & set(new)


def test_integrations_import_torch_sim_before_0_16_1(unpacked: Unpacked) -> None:
    """nequip 5238fb11. No model refers to this package, so it is a root only where one says so."""
    for version, expected in (("0.16.0", True), ("0.16.1", False)):
        folder = unpacked("nequip", version)
        found = hazards(lint(folder / "nequip", "nequip.integrations"), folder)
        assert (TORCH_SIM in found) is expected
        assert expected or not found


def test_sys_needs_the_registry_of_0_19_1(unpacked: Unpacked, tmp_path: Path) -> None:
    """nequip 0.19.1 imports sys in nn/compile.py and registers it; the registry of 0.19.0 would refuse it."""
    shutil.copytree(unpacked("nequip", "0.19.1"), tmp_path / "code")
    assert not lint(tmp_path / "code" / "nequip").findings
    registry = Path("nequip", "scripts", "_package_utils.py")
    shutil.copy(unpacked("nequip", "0.19.0") / registry, tmp_path / "code" / registry)
    found = hazards(lint(tmp_path / "code" / "nequip"), tmp_path / "code")
    assert {(item.code, item.path) for item in found} == {("NQ202", "nequip/nn/compile.py")}
    assert not lint(unpacked("nequip", "0.19.0") / "nequip").findings

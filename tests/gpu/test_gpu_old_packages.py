"""A package that an old nequip made of a model trained on a GPU, with the old nequip's own predictions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from gpu_programs import PACKAGE, WITHOUT_GPU
from old_nequip import RELEASES, Made, old_package
from pack_support import NOT_HERE, checked, pack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pack_support import BareEnvironment

pytestmark = [pytest.mark.real, pytest.mark.slow]


@pytest.fixture(scope="module")
def made(checkpoints: Callable[..., Path], bare_environment: BareEnvironment) -> Made:
    """By nequip 0.12.1, which left storages inside of nested pickles where they were."""
    (release,) = (release for release in RELEASES if release.version == "0.12.1")
    config = (checkpoints("nequip", "gpu").parent / "config.yaml").read_text()
    return old_package(release, bare_environment, yaml.safe_load(config))


def test_it_is_read_and_migrated_without_a_gpu(
    made: Made, bare_environment: BareEnvironment, tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch")
    torch.save({"cpu": torch.load(made.outputs)}, tmp_path / "expected.pt")
    checked(pack("migrate", made.package, "new.nequip.zip", cwd=tmp_path))
    checked(pack("verify", "new.nequip.zip", cwd=tmp_path))
    print(pack("verify", made.package, cwd=tmp_path).stdout)
    for package in (made.package, tmp_path / "new.nequip.zip"):
        arguments = ("-c", PACKAGE + NOT_HERE, str(package), "expected.pt", "cpu")
        done = checked(bare_environment.python(*arguments, cwd=tmp_path, variables=WITHOUT_GPU))
        assert json.loads(done.stdout.splitlines()[-1]) == {"cpu": 0}

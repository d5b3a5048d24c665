"""The model on a GPU: the part of this step that needs none, with another device in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nequip_pack.life.on_gpu import on_gpu
from nequip_pack.life.values import FAILED, PASSED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real


def test_outputs_of_a_device_are_compared_with_the_references(package: Path) -> None:
    assert on_gpu(package, "cpu").status == PASSED


def test_a_model_that_does_not_run_there_fails(package: Path) -> None:
    """No tensor of this device has numbers."""
    step = on_gpu(package, "meta")
    assert (step.status, bool(step.detail)) == (FAILED, True)

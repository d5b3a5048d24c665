"""What the tests of rule pages share."""

from __future__ import annotations

from importlib.util import find_spec

import pytest


@pytest.fixture
def real_libraries() -> None:
    """Skip where packages cannot be built for real. Nothing is imported in this process."""
    for name in ("torch", "nequip"):
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed")

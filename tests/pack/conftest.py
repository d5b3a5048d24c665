"""For the tests of this folder: a package of nequip's command, an environment without nequip, a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import CHROMIUM, Page
from pack_support import BareEnvironment, bare, checked, python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from once import Once


@pytest.fixture(scope="session")
def upstream_package(nequip_checkpoint: Path, once: Once) -> Path:
    """A package that nequip's own command made of the same checkpoint."""
    words = ("-m", "nequip.scripts.package", "build", str(nequip_checkpoint), "theirs.nequip.zip")
    return once("upstream", lambda folder: checked(python(*words, cwd=folder))) / "theirs.nequip.zip"


@pytest.fixture(scope="session")
def bare_environment(once: Once) -> BareEnvironment:
    """Links to everything installed here but nequip, e3nn and allegro."""
    return BareEnvironment(once("bare", bare))


@pytest.fixture(params=["light", "dark"])
def shown(request: pytest.FixtureRequest, page: Path, tmp_path: Path) -> Iterator[Page]:
    """The page that a module of tests makes, in a browser."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium, which no Python package brings")
    with Page(page, tmp_path, dark=request.param == "dark") as found:
        yield found

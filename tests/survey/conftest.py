"""For the tests of this folder: many small packages, some of them broken."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.append(str(Path(__file__).parents[1] / "pack"))

from plain_support import built, write
from survey_support import NUMBER, fill, survey

if TYPE_CHECKING:
    from collections.abc import Callable

    from once import Once


@pytest.fixture(scope="session")
def small(once: Once) -> Path:
    """A package of two source files and two models."""
    call = "Net(), 'a.ckpt', example_data=x"

    def make(folder: Path) -> None:
        (folder / "project").mkdir()
        built(write(folder / "project"), call, folder)

    return once("small", make) / "a.nequip.zip"


@pytest.fixture(scope="session")
def crowd(small: Path, once: Once) -> Callable[[int], Path]:
    """A function from a number to a folder with so many packages, each with an id of its own."""
    return lambda number: once(f"crowd {number}", lambda folder: fill(small, folder, number))


@pytest.fixture(scope="session")
def folder(crowd: Callable[[int], Path]) -> Path:
    """Few of them."""
    return crowd(NUMBER)


@pytest.fixture(scope="session")
def surveyed(folder: Path, once: Once) -> Path:
    """The folder of a survey of these, by one worker."""
    return once("surveyed", lambda place: survey(folder, "--workers", 1, cwd=place))

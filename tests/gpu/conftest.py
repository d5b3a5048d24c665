"""Models trained on a GPU, and the packages that were built from them beside it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path += [str(Path(__file__).parents[1] / name) for name in ("pack", "rules")]

from pack_support import BareEnvironment, bare, checked, pack, python


@pytest.fixture(scope="session", autouse=True)
def gpu() -> None:
    """Skips every test of this folder where torch has no GPU."""
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU that torch can use")


@pytest.fixture(scope="session", params=["nequip", "allegro"])
def trained(request: pytest.FixtureRequest, checkpoints: Callable[..., Path]) -> Path:
    """A checkpoint of a training on the GPU."""
    needed = ("allegro", "triton") if request.param == "allegro" else ()
    if missing := [name for name in needed if importlib.util.find_spec(name) is None]:
        pytest.skip(f"needs {', '.join(missing)}")
    return checkpoints(request.param, "gpu")


@pytest.fixture(scope="session")
def ours(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its package."""
    package = tmp_path_factory.mktemp("ours") / "ours.nequip.zip"
    checked(pack("build", trained, package, cwd=package.parent))
    return package


@pytest.fixture(scope="session")
def theirs(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package that nequip's own command makes of it."""
    package = tmp_path_factory.mktemp("theirs") / "theirs.nequip.zip"
    checked(python("-m", "nequip.scripts.package", "build", str(trained), str(package), cwd=package.parent))
    return package


@pytest.fixture(scope="session")
def bare_environment(tmp_path_factory: pytest.TempPathFactory) -> BareEnvironment:
    """Links to everything installed here but nequip, e3nn and allegro."""
    return bare(tmp_path_factory.mktemp("bare"))

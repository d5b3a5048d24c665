"""The example, trained and packaged for real: what is in the archive, and what the broken variant loses."""

from __future__ import annotations

import difflib
import importlib.util
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Installed

EXAMPLE = Path(__file__).parents[2] / "docs" / "example"

needs_absent_torch_scatter = pytest.mark.skipif(
    importlib.util.find_spec("torch_scatter") is not None,
    reason="torch_scatter is installed here: the broken variant does no harm on such a machine",
)


def example_files(archive: Path) -> set[str]:
    """The files of the example in an archive, without the archive's prefix."""
    with zipfile.ZipFile(archive) as opened:
        names = [name.partition("/")[2] for name in opened.namelist()]
    return {name for name in names if name.startswith("nequip_softcore/")}


def build_with_nequip(installed: Installed, checkpoint: Path, output: Path) -> set[str]:
    """Package with nequip's own command; the example's files in the result."""
    result = installed.python(
        "-m", "nequip.scripts.package", "build", str(checkpoint), str(output), cwd=output.parent
    )
    assert result.returncode == 0, result.stdout
    return example_files(output)


def test_the_broken_variant_moves_one_import() -> None:
    good = (EXAMPLE / "nequip_softcore" / "softcore_kernel.py").read_text().partition("from __future__")[2]
    broken = (EXAMPLE / "broken" / "softcore_kernel.py.txt").read_text().partition("from __future__")[2]
    changes = [line for line in difflib.ndiff(good.splitlines(), broken.splitlines()) if line[0] in "+-"]
    changed = [line.split(maxsplit=1) for line in changes if len(line.split()) > 1]
    line = "from torch_scatter import segment_coo"
    assert sorted(changed) == [["+", line], ["-", line]]


@pytest.mark.real
def test_nequip_packages_the_modules_and_not_the_builder(
    example: Installed, checkpoint: Path, tmp_path: Path
) -> None:
    files = build_with_nequip(example, checkpoint, tmp_path / "good.nequip.zip")
    assert files == {"nequip_softcore/softcore.py", "nequip_softcore/softcore_kernel.py"}


@pytest.mark.real
@needs_absent_torch_scatter
def test_nequip_loses_the_file_of_the_broken_variant_and_says_nothing(
    broken_example: Installed, checkpoint: Path, tmp_path: Path
) -> None:
    files = build_with_nequip(broken_example, checkpoint, tmp_path / "broken.nequip.zip")
    assert files == {"nequip_softcore/softcore.py"}


@pytest.mark.real
def test_our_build_packages_the_same_files(example: Installed, checkpoint: Path, tmp_path: Path) -> None:
    output = tmp_path / "ours.nequip.zip"
    arguments = ["build", str(checkpoint), str(output), "--source", str(example.project)]
    result = example.python("-m", "nequip_pack", *arguments, cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    assert example_files(output) == {"nequip_softcore/softcore.py", "nequip_softcore/softcore_kernel.py"}


@pytest.mark.real
@needs_absent_torch_scatter
def test_our_build_refuses_the_broken_variant(
    broken_example: Installed, checkpoint: Path, tmp_path: Path
) -> None:
    output = tmp_path / "broken.nequip.zip"
    arguments = ["build", str(checkpoint), str(output), "--source", str(broken_example.project)]
    result = broken_example.python("-m", "nequip_pack", *arguments, cwd=tmp_path)
    assert result.returncode == 1, result.stdout
    assert "nequip_softcore/softcore_kernel.py" in result.stdout
    assert "torch_scatter" in result.stdout
    assert not output.exists()

"""Advice to install something names a distribution only where that is known, never an import."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest

import nequip_pack
from nequip_pack.checkpoint.missing import check_target
from nequip_pack.errors import EnvironmentLacksError
from nequip_pack.installed import distribution_of, how_to_install


def test_what_is_known_of_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is installed: by the tables of nequip-lint. `allegro` on the index is somebody else's."""
    monkeypatch.setattr(importlib.metadata, "packages_distributions", dict)
    known = {"allegro": "nequip-allegro", "torch_scatter": "torch-scatter", "sklearn": "scikit-learn"}
    known |= {"nequip": "nequip", "e3nn.o3": "e3nn", "numpy": "numpy"}
    assert {name: distribution_of(name) for name in known} == known
    for name in ("nosuchlibrary", "ecosystem", "*", "../ecosystem", ""):
        assert distribution_of(name) is None


def test_what_is_installed_tells_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "lab_kernels-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-kernels\nVersion: 1.0\n")
    (info / "top_level.txt").write_text("labkernels\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert how_to_install("labkernels.ops", "1.2") == "run `pip install lab-kernels==1.2`"


@pytest.mark.parametrize(
    ("name", "version", "advice"),
    [
        ("sklearn", "1.5.0", "run `pip install scikit-learn==1.5.0`"),
        ("sklearn.svm", None, "run `pip install scikit-learn`"),
        ("torch_scatter", "2.1.2+pt25cu124", "run `pip install torch-scatter==2.1.2`"),
        ("sklearn", "1.0; rm -rf ~", "run `pip install scikit-learn`"),
        ("sklearn", "--index-url=x", "run `pip install scikit-learn`"),
        ("labonly.ops", "3.1", "install the library that provides `labonly`, version 3.1"),
        ("labonly", None, "install the library that provides `labonly`"),
    ],
)
def test_advice(name: str, version: str | None, advice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version comes from a package, so that it is not taken for anything but a version."""
    monkeypatch.setattr(importlib.metadata, "packages_distributions", dict)
    assert how_to_install(name, version) == advice


def test_no_other_code_makes_such_advice() -> None:
    folder = Path(nequip_pack.__path__[0])
    made = re.compile(r"install \{")
    found = {path.name for path in folder.rglob("*.py") if made.search(path.read_text(encoding="utf-8"))}
    assert found == {"installed.py"}


@pytest.mark.parametrize("layout", ["labmodel", "src/labmodel"])
def test_a_package_that_is_developed_beside_what_names_it(tmp_path: Path, layout: str) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / layout).mkdir(parents=True)
    (tmp_path / layout / "__init__.py").touch()
    (tmp_path / "labother").mkdir()
    with pytest.raises(EnvironmentLacksError, match=re.escape(f"run `pip install -e {tmp_path}`")):
        check_target(tmp_path / "train.yaml", "", "labmodel.model.Model", of="configuration")
    with pytest.raises(EnvironmentLacksError, match="provides `labother`"):
        check_target(tmp_path / "run" / "best.ckpt", "", "labother.Model")

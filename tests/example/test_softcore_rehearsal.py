"""The example, rehearsed before its training: what its build says after it, good or bad."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from closures import check_told, of_configuration, written
from softcore_support import build_with_us, copy_example, declare_installed, shown
from test_softcore_package import STAND_IN, needs_absent_torch_scatter

from nequip_pack.format import open_archive, read_metadata
from nequip_pack.format.closure import read_closure
from nequip_pack.format.metadata import EXAMPLE
from nequip_pack.format.records import CONFIG

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from softcore_support import Installed

pytestmark = pytest.mark.real
KEPT = "model.rehearsed.nequip.zip"


def rehearse(installed: Installed, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Rehearse the example as the README shows it, the example being the user's own code."""
    which = shown("nequip-pack rehearse", installed.project)
    arguments = ["rehearse", *which, "--source", str(installed.project), *words]
    return installed.python("-m", "nequip_pack", *arguments, cwd=cwd)


def test_the_arguments_are_those_of_the_training(tmp_path: Path) -> None:
    assert shown("nequip-pack rehearse", tmp_path) == shown("nequip-train", tmp_path)


def text(package: Path, member: str) -> str:
    """A text in a package."""
    return open_archive(package).read(member).decode()


def test_the_closure_is_that_of_the_build(example: Installed, ours: Path, tmp_path: Path) -> None:
    """Module by module, and of the configuration only the statistics and the training's folder differ."""
    done = rehearse(example, "--keep", KEPT, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    kept = tmp_path / KEPT
    assert written(kept) == written(ours)
    check_told(kept, of_configuration(example.project / "train.yaml", example.project, tmp_path))
    assert read_closure(open_archive(kept)) == read_closure(open_archive(ours))
    different = {
        line.split(":")[0].strip()
        for line in set(text(kept, CONFIG).splitlines()) ^ set(text(ours, CONFIG).splitlines())
    }
    stood_in = {"avg_num_neighbors", "per_type_energy_scales", "per_type_energy_shifts"}
    assert different == {*stood_in, "dirpath"}
    names = ("num_neighbors_mean", "per_atom_energy_mean", "forces_rms")
    assert f"statistics made up, without the data: {', '.join(sorted(names))}" in done.stdout
    built = read_metadata(open_archive(ours))
    assert not built.is_rehearsed
    assert f"nequip_softcore {built.versions['nequip_softcore']}" in done.stdout


def test_with_data_it_is_the_training_but_for_the_weights(
    example: Installed, checkpoint: Path, ours: Path, tmp_path: Path
) -> None:
    """The statistics and the example are those of the training; nothing else is written."""
    folder = checkpoint.parents[1]
    before = sorted(folder.rglob("*"))
    done = rehearse(example, "--data", "--keep", str(tmp_path / KEPT), cwd=folder)
    assert done.returncode == 0, done.stdout
    assert "made up" not in done.stdout
    assert text(tmp_path / KEPT, CONFIG) == text(ours, CONFIG)
    kept, built = (open_archive(package).read(EXAMPLE) for package in (tmp_path / KEPT, ours))
    assert kept == built
    assert sorted(folder.rglob("*")) == before
    assert [path.name for path in tmp_path.iterdir()] == [KEPT]


def broken(folder: Path, name: str) -> Path:
    """A variant of the example that cannot be packaged, and the machine for it."""
    project = copy_example(folder, broken=name == "lost")
    core = project / "nequip_softcore" / "softcore.py"
    extern = project / "nequip_softcore" / "_extern.py"
    if name == "unregistered":
        extern.write_text(extern.read_text().replace("torch_scatter", "torch_other"))
        (project / "torch_scatter.py").write_text(STAND_IN)
    elif name == "at import":
        init = project / "nequip_softcore" / "__init__.py"
        init.write_text(f"{init.read_text()}\nimport not_installed_anywhere\n")
    elif name == "reads its file":
        core.write_text(
            f"{core.read_text()}\n\nwith open(__file__) as _stream:\n    _TEXT = _stream.read()\n"
        )
    declare_installed(project)
    return project


@needs_absent_torch_scatter
@pytest.mark.parametrize("name", ["lost", "unregistered", "at import", "reads its file"])
def test_what_a_build_refuses_is_refused_before(
    example: Installed, checkpoint: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same findings, in the same colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    variant = dataclasses.replace(example, project=broken(tmp_path / "variant", name))
    (cwd := tmp_path / "cwd").mkdir()
    after = build_with_us(variant, checkpoint, cwd / "m.nequip.zip")
    before = rehearse(variant, cwd=cwd)
    assert (before.returncode, after.returncode) == (1, 1), before.stdout + after.stdout
    *findings, last = before.stdout.splitlines()
    assert findings == after.stdout.splitlines()[:-1]
    assert any("\x1b[" in line for line in findings)
    config = str(variant.project / "train.yaml")
    assert last.split(": ", 2)[2] == after.stdout.splitlines()[-1].split(": ", 2)[2].replace(
        str(cwd / "m.nequip.zip"), config
    )
    assert list(cwd.iterdir()) == []

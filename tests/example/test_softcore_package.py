"""The example, trained and packaged for real: what is in the archive, and what the broken variant loses."""

from __future__ import annotations

import dataclasses
import difflib
import importlib.util
import subprocess
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from softcore_support import build_with_us, copy_example, declare_installed

if TYPE_CHECKING:
    import subprocess

    from softcore_support import Installed

EXAMPLE = Path(__file__).parents[2] / "docs" / "example"

STAND_IN = '''"""Stands in for torch_scatter: the one function that the example calls, in plain torch."""


def segment_coo(src, index, out=None, dim_size=None, reduce="sum"):
    return src.new_zeros(dim_size, *src.shape[1:]).index_add(0, index, src)
'''

ENABLE_KERNEL = """
import sys

import nequip_pack


def forces():
    return model({name: value.clone() for name, value in data.items()})["forces"].detach()


model = nequip_pack.ModelFromPackage(sys.argv[1])["sole_model"]
data = nequip_pack.example_data(sys.argv[1])
(core,) = [module for module in model.modules() if type(module).__name__ == "SoftCore"]
before = forces()
core.enable_TorchScatter(model)
print(*[type(module).__name__ for module in model.modules() if "SoftCore" in type(module).__name__])
print("torch_scatter" in sys.modules)
print((forces() - before).abs().max().item() < 1e-10)
"""

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


def lint(installed: Installed, package: Path) -> subprocess.CompletedProcess[str]:
    """Lint the source inside a package."""
    arguments = ["check", str(package), "--format", "concise"]
    return installed.python("-m", "nequip_lint", *arguments, cwd=package.parent)


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
    linted = lint(broken_example, tmp_path / "broken.nequip.zip")
    assert linted.returncode == 1, linted.stdout
    assert (
        "softcore_kernel here fails: nequip_softcore.softcore_kernel is not in the package" in linted.stdout
    )


@pytest.mark.real
def test_our_build_packages_the_same_files(example: Installed, ours: Path) -> None:
    assert example_files(ours) == {"nequip_softcore/softcore.py", "nequip_softcore/softcore_kernel.py"}
    linted = lint(example, ours)
    assert linted.returncode == 0, linted.stdout
    assert "clean: " in linted.stdout


@pytest.mark.real
@needs_absent_torch_scatter
def test_our_package_can_use_the_kernel_where_the_library_is(
    example: Installed, ours: Path, tmp_path: Path
) -> None:
    """Built without torch_scatter, it names the library as external all the same (nequip issue 557)."""
    elsewhere = dataclasses.replace(example, project=tmp_path / "elsewhere")
    elsewhere.project.mkdir()
    (elsewhere.project / "torch_scatter.py").write_text(STAND_IN)
    result = elsewhere.python("-c", ENABLE_KERNEL, str(ours), cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    assert result.stdout.split() == ["TorchScatterSoftCore", "True", "True"]


@pytest.mark.real
@needs_absent_torch_scatter
def test_our_build_refuses_the_broken_variant(
    broken_example: Installed, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shows the frame that the linter shows, with the colours that were asked for."""
    output = tmp_path / "broken.nequip.zip"
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = build_with_us(broken_example, checkpoint, output)
    assert result.returncode == 1, result.stdout
    assert not output.exists()
    linted = broken_example.python("-m", "nequip_lint", cwd=broken_example.project).stdout.splitlines()
    code = [line for line in linted if " |" in line]
    assert len(code) == 2
    assert "softcore_kernel" in result.stdout
    assert "\n".join(code) in result.stdout
    assert "\x1b[32mhelp:\x1b[0m build where it imports, or move " in result.stdout


def unregistered_example(template: Installed, folder: Path) -> Installed:
    """A copy that registers nothing, on a machine that has the library, under git."""
    project = copy_example(folder)
    (project / "nequip_softcore" / "_extern.py").unlink()
    init = project / "nequip_softcore" / "__init__.py"
    text = init.read_text().replace("from . import _extern\n\n", "").replace(', "_extern"', "")
    init.write_text(text)
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "before"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=project, check=True)
    declare_installed(project)
    (project / "torch_scatter.py").write_text(STAND_IN)
    return dataclasses.replace(template, project=project)


@pytest.mark.real
@needs_absent_torch_scatter
def test_registrations_write_makes_a_refused_build_succeed(
    example: Installed, checkpoint: Path, tmp_path: Path
) -> None:
    """Where torch_scatter is installed nequip refuses the unregistered example; one command mends it."""
    bare = unregistered_example(example, tmp_path / "bare")
    output = tmp_path / "model.nequip.zip"
    build = ["-m", "nequip.scripts.package", "build", str(checkpoint), str(output)]
    refused = bare.python(*build, cwd=tmp_path)
    assert refused.returncode != 0
    assert "did not match against any action pattern" in refused.stdout
    assert "torch_scatter" in refused.stdout
    done = bare.python("-m", "nequip_lint", "registrations", "--write", "nequip_softcore", cwd=bare.project)
    assert done.returncode == 0, done.stdout
    diff = subprocess.run(
        ["git", "diff", "-U0", "nequip_softcore"],
        cwd=bare.project,
        text=True,
        capture_output=True,
        check=True,
    ).stdout
    changed = [line for line in diff.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == ["+from . import _extern", "+"]
    output.unlink(missing_ok=True)
    files = build_with_nequip(bare, checkpoint, output)
    assert files == {"nequip_softcore/softcore.py", "nequip_softcore/softcore_kernel.py"}
    elsewhere = dataclasses.replace(example, project=tmp_path / "elsewhere")
    elsewhere.project.mkdir()
    (elsewhere.project / "torch_scatter.py").write_text(STAND_IN)
    result = elsewhere.python("-c", ENABLE_KERNEL, str(output), cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    assert result.stdout.split() == ["TorchScatterSoftCore", "True", "True"]

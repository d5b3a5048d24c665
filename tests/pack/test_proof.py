"""The proof of a build starts from what the process was before any code of the model ran in it."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pack_support import checked, error_line, new_pack, pack, python
from plain_support import with_code
from warm import new_python

from nequip_pack.errors import Refused
from nequip_pack.export import proof
from nequip_pack.fresh import Answer
from nequip_pack.start import IMPORTED

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.real

PROJECTS = Path(__file__).parents[1] / "data" / "projects"
SAVE = """
import torch
from leaky.model import Scale
import nequip_pack
nequip_pack.save_checkpoint(Scale, "m.ckpt", arguments={}, example_data=torch.ones(2, 3))
"""


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose import sets a variable that its forward reads, and a checkpoint of it."""
    folder = tmp_path_factory.mktemp("leaky")
    shutil.copytree(PROJECTS / "envleak", folder, dirs_exist_ok=True)
    checked(new_python("-c", SAVE, cwd=folder, env=with_code(folder)))
    return folder


def test_a_variable_that_the_model_sets(leaky: Path, tmp_path: Path) -> None:
    """It is no part of the proof; one that the user has set is."""
    output = tmp_path / "m.nequip.zip"
    output.write_bytes(b"precious")
    done = new_pack("build", "m.ckpt", output, cwd=leaky, env=with_code(leaky))
    line = error_line(done, 1)
    assert (
        "it does not load and run in a fresh process (KeyError: 'LEAKY_SCALE', at leaky/model.py:12)" in line
    )
    assert "the environment variable LEAKY_SCALE was set or changed after this process started" in done.stderr
    assert "sys.path" not in done.stderr
    assert output.read_bytes() == b"precious"
    environment = {**with_code(leaky), "LEAKY_SCALE": "2"}
    checked(new_pack("build", "m.ckpt", output, cwd=leaky, env=environment))
    said = checked(new_pack("verify", output, cwd=tmp_path, env={**os.environ, "LEAKY_SCALE": "2"})).stdout
    assert said.splitlines()[-1] == f"{output}: verified: 1 of 1 outputs"
    line = error_line(new_pack("verify", output, cwd=tmp_path), 8)
    assert "does not run on its example data (KeyError: 'LEAKY_SCALE', at leaky/model.py:12)" in line


def test_a_variable_that_changes_what_is_computed(leaky: Path, tmp_path: Path) -> None:
    """The package loads everywhere, and gives other numbers than the checkpoint."""
    shutil.copytree(PROJECTS / "envleak", tmp_path, dirs_exist_ok=True)
    model = tmp_path / "leaky" / "model.py"
    model.write_text(model.read_text().replace('environ["LEAKY_SCALE"]', 'environ.get("LEAKY_SCALE", 1)'))
    done = new_pack("build", leaky / "m.ckpt", "m.nequip.zip", cwd=tmp_path, env=with_code(tmp_path))
    assert "1 of its outputs differ from the checkpoint's models" in error_line(done, 1)
    assert "sole_model.output: largest difference 1 (relative 0.5)\n" in done.stderr
    assert "the environment variable LEAKY_SCALE was set or changed" in done.stderr


NOTEBOOK = """
import os, sys
sys.path.insert(0, sys.argv[1])
FIRST
os.environ["LEAKY_SCALE"] = "2"
from nequip_pack import build_package
from nequip_pack.errors import Refused
try:
    print(build_package("m.ckpt", sys.argv[2] + "/m.nequip.zip").proof.ran_before)
except Refused as error:
    print(error)
"""


@pytest.mark.parametrize("first", ["import nequip_pack, leaky.model", "import leaky.model"])
def test_from_a_notebook(leaky: Path, tmp_path: Path, first: str) -> None:
    """The model's code ran in this process long before the build."""
    script = NOTEBOOK.replace("FIRST", first)
    done = checked(new_python("-c", script, str(leaky), str(tmp_path), cwd=leaky))
    assert "KeyError: 'LEAKY_SCALE', at leaky/model.py:12" in done.stdout
    assert list(tmp_path.iterdir()) == []
    environment = {**os.environ, "LEAKY_SCALE": "2"}
    done = checked(new_python("-c", script, str(leaky), str(tmp_path), cwd=leaky, env=environment))
    assert done.stdout.splitlines()[-1] == ("()" if "nequip_pack" in first else "('leaky',)")


def test_the_command_says_that_the_model_ran_before(leaky: Path, tmp_path: Path) -> None:
    """A file that Python runs at its start may have imported it."""
    call = f"main(['build', 'm.ckpt', {str(tmp_path / 'm.nequip.zip')!r}])"
    script = f"import leaky\nfrom nequip_pack.cli import main\n{call}"
    environment = {**with_code(leaky), "LEAKY_SCALE": "2"}
    done = checked(new_python("-c", script, cwd=leaky, env=environment))
    last = "imported before nequip-pack: leaky; the fresh process had what that added to sys.path"
    assert done.stdout.splitlines()[-1] == last


VENDORING = """
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "vendored"))
"""
KERNEL = """
import torch
import leaky_kernel


class Scale(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3))

    def forward(self, x):
        return leaky_kernel.twice(x * self.weight)
"""


def test_a_folder_that_the_model_puts_on_the_path(leaky: Path, tmp_path: Path) -> None:
    """A library outside of the package, found only because the model's code says where it lies."""
    (tmp_path / "leaky").mkdir()
    (tmp_path / "vendored").mkdir()
    (tmp_path / "leaky" / "__init__.py").write_text(VENDORING)
    (tmp_path / "leaky" / "model.py").write_text(KERNEL)
    (tmp_path / "vendored" / "leaky_kernel.py").write_text("def twice(x):\n    return 2 * x\n")
    table = (leaky / "pyproject.toml").read_text() + 'extern-modules = ["leaky_kernel"]\n'
    (tmp_path / "pyproject.toml").write_text(table)
    checked(new_python("-c", SAVE, cwd=tmp_path, env=with_code(tmp_path)))
    done = new_pack("build", "m.ckpt", "m.nequip.zip", "--no-lint", cwd=tmp_path, env=with_code(tmp_path))
    assert "the library leaky_kernel is not installed" in error_line(done, 1)
    assert f"{tmp_path / 'vendored'} was added to sys.path after this process started" in done.stderr
    environment = with_code(tmp_path)
    environment["PYTHONPATH"] += f"{os.pathsep}{tmp_path / 'vendored'}"
    done = checked(new_pack("build", "m.ckpt", "m.nequip.zip", "--no-lint", cwd=tmp_path, env=environment))
    assert "verified in a fresh process: 1 outputs" in done.stdout


FORGETS = """
import torch


class Scale(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(2))

    def __setstate__(self, state):
        super().__setstate__(state)
        self.seen = torch.ones(2)

    def forward(self, x):
        return 2 * x
"""


def test_weights_that_no_output_shows(tmp_path: Path) -> None:
    """Each that is not what it was is named."""
    shutil.copytree(PROJECTS / "envleak", tmp_path, dirs_exist_ok=True)
    (tmp_path / "leaky" / "model.py").write_text(FORGETS)
    checked(python("-c", SAVE, cwd=tmp_path, env=with_code(tmp_path)))
    done = pack("build", "m.ckpt", "m.nequip.zip", "--no-lint", cwd=tmp_path, env=with_code(tmp_path))
    assert "the weights of the eager model differ from the checkpoint's" in error_line(done, 1)
    assert done.stderr.splitlines()[-2] == "sole_model.seen"


SCRIPT = """
from nequip_pack.start import IMPORTED
from nequip_pack.fresh import ask
print(IMPORTED.path[0], ask("nequip_pack.export.child", frozenset(), {}).failure)
"""


def _asked(script: Path, cwd: Path, environment: Mapping[str, str]) -> str:
    return checked(new_python(str(script), cwd=cwd, env=environment)).stdout


def test_the_folder_of_a_script_is_not_imported_from(tmp_path: Path) -> None:
    """Python puts it first on ``sys.path``, as with ``-c``, ``-m`` and prompts the working directory."""
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "prompt.py").write_text(f"import sys\nsys.path.insert(0, '')\n{SCRIPT}")
    (tmp_path / "sub").mkdir()
    (tmp_path / "numpy.py").write_text("raise SystemExit('the folder of the project was imported from')\n")
    for script, cwd in (("script.py", tmp_path / "sub"), ("prompt.py", tmp_path)):
        said = _asked(tmp_path / script, cwd, os.environ)
        assert not said.startswith(str(tmp_path)), (script, said)
        assert "KeyError: 'threads'" in said, script
    named = {**os.environ, "PYTHONPATH": str(tmp_path)}
    said = _asked(tmp_path / "script.py", tmp_path, named)
    assert said.startswith(str(tmp_path))
    assert "the folder of the project was imported from" in said


WRONG_FILE = """
import os
os.environ["SET_LATE"] = "1"
from nequip_pack.fresh import ask
for package in ("m.nequip.zip", None):
    request = {"threads": 1, "compiled": False, "package": package}
    said = ask("nequip_pack.export.child", frozenset(), request, folder=".")
    print(said.failure, said.is_damaged, said.lacked)
"""


def test_what_the_process_lacks_is_told_only_where_something_ran(tmp_path: Path) -> None:
    """A file whose metadata are wrong is wrong everywhere: no variable can help."""
    text = {"package_version_id": 2, "nequip_pack": {"format": 1, "cutoff": -1.0}}
    with zipfile.ZipFile(tmp_path / "m.nequip.zip", "w") as archive:
        archive.writestr("m/model/package_metadata.txt", json.dumps(text))
    wrong, failed = checked(new_python("-c", WRONG_FILE, cwd=tmp_path)).stdout.splitlines()
    assert wrong.endswith(" True ()"), wrong
    assert "SET_LATE was set or changed after this process started" in failed
    assert " False (" in failed


def test_a_file_that_is_wrong_is_no_matter_of_what_it_carries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its metadata, say: then the model is not what is to be changed."""
    said = Answer(failure="key cutoff: -1.0 is not a length", is_damaged=True)
    monkeypatch.setattr(proof, "ask", lambda *_: said)
    with pytest.raises(Refused) as caught:
        proof._ask(Path("draft"), Path("out"), frozenset(), IMPORTED, proof.BUILD)
    assert str(caught.value).endswith(
        "; this is a mistake of nequip-pack, or of the disk; nothing was written"
    )


FORGETFUL = """
import os, sys
from pathlib import Path
import nequip_pack.start as start
os.environ["LATE"] = "1"
assert "LATE" not in start.now().environment and start.now().environment["EARLY"] == "1"
kernel = Path("environ")
for content in (None, b"", b"nginx: master process\\0\\0\\0\\0", b"=x\\0"):
    if content is not None:
        kernel.write_bytes(content)
    start._KERNEL = kernel
    assert start.now().environment["LATE"] == "1", content
assert start.IMPORTED.environment.get("LATE") is None
assert sorted(start.changes(start.IMPORTED)) == ["LATE"]
"""


def test_where_the_system_does_not_keep_the_first_environment(tmp_path: Path) -> None:
    """No such file, none that can be read, or one that a program wrote its title over."""
    checked(new_python("-c", FORGETFUL, cwd=tmp_path, env={**os.environ, "EARLY": "1"}))

"""Plain checkpoints: saved, built, proved and loaded without nequip."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest
import yaml
from pack_support import BareEnvironment, checked, error_line, pack, python
from plain_support import built, run, save, with_code, write
from warm import new_python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def plain(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a builder with two compile modes and two atom types."""
    call = "Net, 'a.ckpt', arguments={'width': 6}, example_data=x, type_names=['H', 'O'], cutoff=3"
    return built(project, call, tmp_path_factory.mktemp("plain"), "--mode", "both")


WHOLE_WAY = """
import subprocess, sys, torch, nequip_pack
from tinyplain.net import Net
from nequip_pack.installed import is_installed

assert not is_installed("nequip") and not is_installed("e3nn")
torch.manual_seed(3)
model, data = Net(5).eval(), torch.randn(4, 3)
nequip_pack.save_checkpoint(model, "bare.ckpt", example_data=data)
expected = model(data)
commands = ["build bare.ckpt bare.nequip.zip", "build --dry-run bare.ckpt", "info bare.nequip.zip",
            "list bare.nequip.zip", "check bare.nequip.zip", "verify bare.nequip.zip",
            "diff bare.nequip.zip bare.nequip.zip", "diff bare.nequip.zip bare/tinyplain/net.py"]
for command in commands:
    done = subprocess.run([sys.executable, "-S", "-m", "nequip_pack", *command.split()], text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    print(command.split()[0], done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "-")
loaded = nequip_pack.load_package("bare.nequip.zip")
found = loaded.models["sole_model"](loaded.example_data)
assert torch.equal(found, expected)
assert not {"nequip", "e3nn"} & {name.partition(".")[0] for name in sys.modules}
"""


def test_the_whole_way_where_neither_nequip_nor_e3nn_is_installed(
    project: Path, tmp_path: Path, bare_environment: BareEnvironment
) -> None:
    done = checked(bare_environment.python("-c", WHOLE_WAY, cwd=tmp_path, code=project))
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert said["check"] == "bare.nequip.zip: everything that it needs to load is here"
    assert said["verify"].endswith("bare.nequip.zip: verified: 1 of 1 outputs")


def test_what_is_written(plain: Path) -> None:
    with zipfile.ZipFile(plain) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
        metadata = yaml.safe_load(archive.read("archive/model/package_metadata.txt"))
        config = yaml.safe_load(archive.read("archive/model/config.yaml"))
        externs = archive.read("archive/.data/extern_modules").decode().split()
        references = json.loads(archive.read("archive/model/references.json"))
    assert {"tinyplain/net.py", "tinyplain/layers.py", "model/manifest.json"} <= names
    assert "tinyplain/__init__.py" not in names
    assert (
        len([name for name in names if name.endswith(".storage")]) == 4 + 1
    )  # weights once, and the example
    assert metadata["available_models"] == ["eager", "fast"]
    assert metadata["atom_types"] == {0: "H", 1: "O"}
    assert metadata["package_version_id"] == 2
    assert metadata["nequip_pack"]["checkpoint"] == "plain"
    assert metadata["nequip_pack"]["cutoff"] == 3.0
    assert metadata["nequip_pack"]["model_dtype"] == "float32"
    assert metadata["nequip_pack"]["closure"]["compared"] is True
    assert metadata["nequip_pack"]["lint"]["status"] == "clean"
    assert config == {"builder": "tinyplain.net:Net", "arguments": {"width": 6}}
    assert {"absent_by_call", "absent_by_table.kernels"} <= set(externs)
    assert references["outputs"]["sole_model.output"]["shape"] == [5, 2]


def test_it_is_read_in_every_mode(plain: Path, tmp_path: Path) -> None:
    script = """
import sys, torch, nequip_pack
eager, fast = (nequip_pack.ModelFromPackage(sys.argv[1], mode)["sole_model"] for mode in ("eager", "fast"))
data = nequip_pack.example_data(sys.argv[1])
assert (eager.fast, fast.fast, eager.training, fast.training) == (False, True, False, False)
assert torch.equal(eager(data), fast(data)) and eager(data).abs().max() > 0
assert nequip_pack.type_names(sys.argv[1]) == ["H", "O"]
assert nequip_pack.cutoff(sys.argv[1]) == 3.0
assert nequip_pack.model_dtype(sys.argv[1]) == "float32"
"""
    checked(python("-c", script, str(plain), cwd=tmp_path))


def test_nequips_own_loader_reads_it(plain: Path, tmp_path: Path) -> None:
    script = """
import sys, torch, nequip_pack
from nequip.model import ModelFromPackage
theirs, ours = (load(sys.argv[1])["sole_model"] for load in (ModelFromPackage, nequip_pack.ModelFromPackage))
data = nequip_pack.example_data(sys.argv[1])
assert torch.equal(theirs(data), ours(data))
"""
    checked(python("-c", script, str(plain), cwd=tmp_path))


@pytest.mark.parametrize(
    ("call", "outputs"),
    [
        ("Net(), 'a.ckpt', example_data=x", ["sole_model.output"]),
        ("torch.nn.Sequential(Net()), 'a.ckpt', example_data=x", ["sole_model.output"]),
        ("make, 'a.ckpt', arguments={'width': 2}, example_data=x", ["sole_model.output"]),
        ("Pair(), 'a.ckpt', example_data=(x, 2 * x)", ["sole_model.output0", "sole_model.output1"]),
        ("Fields(), 'a.ckpt', example_data={'pos': x}, type_names=['H']", ["sole_model.total_energy"]),
    ],
    ids=["module", "container", "function", "tuple", "mapping"],
)
def test_models_of_every_kind(project: Path, call: str, outputs: list[str], tmp_path: Path) -> None:
    package = built(project, call, tmp_path)
    rows = json.loads(checked(pack("verify", package, "--json", cwd=tmp_path)).stdout)["checks"]
    compared = [row["name"] for row in rows if row["detail"] == "bitwise equal to the reference"]
    assert compared == outputs


def test_the_trained_weights_travel(project: Path, tmp_path: Path) -> None:
    """With a builder as with a module; and what saves leaves the model as it was."""
    before = """
net = Net(3)
with torch.no_grad():
    net.first.weight.fill_(0.25)
torch.save(net.eval()(x), "expected.pt")
net.train()
"""
    for call in ("net, 'a.ckpt', example_data=x", "make, 'a.ckpt', arguments={'width': 3}, "
                 "state_dict=net.state_dict(), example_data=x"):  # fmt: skip
        package = built(project, call, tmp_path, before=before)
        script = """
import sys, torch, nequip_pack
found = nequip_pack.ModelFromPackage(sys.argv[1])["sole_model"](nequip_pack.example_data(sys.argv[1]))
assert torch.equal(found, torch.load("expected.pt"))
"""
        checked(python("-c", script, str(package), cwd=tmp_path))


def test_the_same_checkpoint_gives_the_same_bytes(project: Path, tmp_path: Path) -> None:
    checked(save(project, "Net, 'a.ckpt', example_data=x, type_names=['H']", tmp_path))
    for name, seed in (("first", "1"), ("second", "2")):
        environment = {**with_code(project), "PYTHONHASHSEED": seed}
        checked(pack("build", "a.ckpt", f"{name}.nequip.zip", cwd=tmp_path, env=environment))
    assert (tmp_path / "first.nequip.zip").read_bytes() == (tmp_path / "second.nequip.zip").read_bytes()


NOT_SAVED = {
    "net.keep = lambda value: value": (
        "net, 'a.ckpt', example_data=x",
        "ModelError: a.ckpt: the model cannot",
    ),
    "class Own(Net): pass": (
        "Own(), 'a.ckpt', example_data=x",
        "UsageError: the model has classes or functions",
    ),
    "def build(): return net": (
        "build, 'a.ckpt', example_data=x",
        "UsageError: the model has classes or func",
    ),
    "pass": ("make, 'a.ckpt', arguments={'depth': 1}, example_data=x", "ModelError: the builder fails"),
    "1": (
        "(lambda: net), 'a.ckpt', example_data=x",
        "UsageError: attempt.<locals>.<lambda> is not defined at the top level",
    ),
    "2": ("dict, 'a.ckpt', example_data=x", "UsageError: the builder returns a dict"),
    "3": ("'net', 'a.ckpt', example_data=x", "UsageError: the model is a str"),
    "4": ("net, 'a.ckpt', example_data=[1.0]", "UsageError: example_data holds a float"),
    "5": ("net, 'a.ckpt', example_data={1: x}", "UsageError: example_data has the key 1"),
    "6": ("net, 'a.ckpt', example_data=x, type_names='H'", "UsageError: type_names='H' is a bare string"),
    "7": (
        "net, 'a.ckpt', example_data=x, type_names=['H', 'H']",
        "UsageError: type_names=['H', 'H'] must hold",
    ),
    "8": ("net, 'a.ckpt', example_data=x, arguments={}", "UsageError: arguments and state_dict belong to"),
    "9": ("net, 'no/a.ckpt', example_data=x", "UsageError: no/a.ckpt: there is no folder no"),
}


def test_no_room_for_a_checkpoint(project: Path, tmp_path: Path) -> None:
    """The process lives on, and what was there stays."""
    (tmp_path / "a.ckpt").write_bytes(b"precious")
    before = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    done = save(project, "Net(900), 'a.ckpt', example_data=x", tmp_path, before=before)
    assert done.returncode == 1
    assert "OutputError: " in done.stderr.splitlines()[-1]
    assert "File too large" in done.stderr.splitlines()[-1]
    assert (tmp_path / "a.ckpt").read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["a.ckpt"]


@pytest.mark.parametrize("before", NOT_SAVED)
def test_what_cannot_be_saved(project: Path, before: str, tmp_path: Path) -> None:
    """One line, and a checkpoint that was there stays."""
    call, words = NOT_SAVED[before]
    (tmp_path / "a.ckpt").write_bytes(b"precious")
    wrapped = f"net = Net()\n{before}\ndef attempt():\n    nequip_pack.save_checkpoint({call})"
    report = """
try:
    attempt()
except nequip_pack.errors.NequipPackError as error:
    print(f"{type(error).__name__}: {error}")
    raise SystemExit
"""
    done = save(project, "None, None", tmp_path, before=f"import nequip_pack.errors\n{wrapped}\n{report}")
    line = checked(done).stdout.strip()
    assert line.replace(f"{tmp_path}/", "").startswith(words)
    assert (tmp_path / "a.ckpt").read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["a.ckpt"]


def test_a_cutoff_that_is_none(project: Path, tmp_path: Path) -> None:
    """It is refused before anything is written."""
    checked(save(project, "Net(), 'a.ckpt', example_data=x, cutoff=-1", tmp_path))
    line = error_line(run(project, "build", "a.ckpt", "a.nequip.zip", cwd=tmp_path), 8)
    assert line == "a.ckpt: the cutoff of the model, cutoff of save_checkpoint, is -1.0, no length"
    assert [path.name for path in tmp_path.iterdir()] == ["a.ckpt"]


class TestRefusedBuilds:
    """Builds that must fail with one line and the documented exit code."""

    @pytest.fixture(scope="class")
    @staticmethod
    def checkpoints(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        folder = tmp_path_factory.mktemp("checkpoints")
        for name, call in {"module": "Net()", "make": "make, arguments={'width': 2}"}.items():
            checked(save(project, f"{call}, path='{name}.ckpt', example_data=x", folder))
        edit = """
import torch
for name, change in CHANGES.items():
    content = torch.load("make.ckpt", weights_only=False)
    content.update(change)
    torch.save(content, f"{name}.ckpt")
torch.save([torch.zeros(1), 2.0], "numbers.pt")
torch.save(torch.zeros(2, 7), "shape.pt")
"""
        changes = {
            "newer": {"nequip_pack_checkpoint": 2},
            "torn": {"entry": None},
            "wide": {"arguments": {"width": 3}},
            "gone": {"entry": "no_such_code:Net"},
        }
        script = edit.replace("CHANGES", repr(changes))
        checked(python("-c", script, cwd=folder, env=with_code(project)))
        return folder

    @pytest.mark.parametrize(
        ("code", "arguments", "words"),
        [
            (5, "newer.ckpt", "plain checkpoints of version 2 are not known, only up to 1"),
            (3, "torn.ckpt", "the plain checkpoint is not whole (missing or of a wrong type: entry)"),
            (6, "gone.ckpt", "needs no_such_code, which cannot be imported here"),
            (8, "wide.ckpt", "the eager model could not be built"),
            (2, "make.ckpt --mode nequip", "there is no packaging mode 'nequip' (known for this plain"),
            (2, "make.ckpt --mode both", "tinyplain.net:make takes no compile_mode"),
            (2, "module.ckpt --mode both", "the checkpoint holds a module, which has no 'fast' form"),
            (3, "make.ckpt --example-data none.pt", "there is no such example data file"),
            (3, "make.ckpt --example-data frame.xyz", "must be a .pt file"),
            (3, "make.ckpt --example-data numbers.pt", "the file holds something other than tensors"),
            (8, "make.ckpt --example-data shape.pt", "the model does not run on the example data"),
            (8, "make.ckpt --example-data shape.pt", "/tinyplain/net.py:15)"),
        ],
    )
    def test_one_line(self, checkpoints: Path, project: Path, code: int, arguments: str, words: str) -> None:
        (checkpoints / "frame.xyz").write_text("1\n\nH 0 0 0\n")
        output = checkpoints / "out.nequip.zip"
        output.write_bytes(b"precious")
        before = sorted(checkpoints.iterdir())
        checkpoint, *options = arguments.split()
        done = run(project, "build", checkpoint, output.name, *options, cwd=checkpoints)
        assert words in error_line(done, code)
        assert output.read_bytes() == b"precious"
        assert sorted(checkpoints.iterdir()) == before

    def test_where_the_code_is_not(self, checkpoints: Path) -> None:
        line = error_line(pack("build", "make.ckpt", "x.nequip.zip", cwd=checkpoints), 6)
        assert "needs tinyplain, which cannot be imported here" in line
        assert "PYTHONPATH" in line

    def test_code_of_a_script(self, project: Path, tmp_path: Path) -> None:
        """`save_checkpoint` refuses it; whoever writes the file otherwise is told what `__main__` means."""
        script = """
import torch
from tinyplain.net import Net
class Mine(Net): pass
content = {"nequip_pack_checkpoint": 1, "entry": "__main__:Mine", "builder": False, "model": Mine(),
           "arguments": {}, "state_dict": None, "example_data": torch.ones(2, 3), "type_names": [],
           "cutoff": None}
torch.save(content, "script.ckpt", pickle_protocol=4)
"""
        checked(python("-c", script, cwd=tmp_path, env=with_code(project)))
        line = error_line(run(project, "build", "script.ckpt", "x.nequip.zip", cwd=tmp_path), 6)
        assert "from the script or notebook that wrote the checkpoint (`__main__`)" in line
        assert "move it to a module that can be imported" in line

    def test_a_broken_table(self, checkpoints: Path, tmp_path: Path) -> None:
        other = write(tmp_path / "broken", {"pyproject.toml": "[tool.nequip-lint]\nextern-module = ['a']\n"})
        line = error_line(run(other, "build", "make.ckpt", "x.nequip.zip", cwd=checkpoints), 3)
        assert "unknown key 'extern-module', did you mean 'extern-modules'?" in line


PART = """
    import torch


    class Activation(torch.nn.Module):
        def forward(self, x):
            return torch.tanh(x)
"""


TOLD = """
import gc, nequip_pack
from nequip_pack.gate import LintGate


class Told(LintGate):
    def before_import(self, context):
        print("before the import", gc.isenabled())
        super().before_import(context)

    def before_export(self, *arguments):
        print("before the export", gc.isenabled())
        return super().before_export(*arguments)


nequip_pack.build_package("a.ckpt", "a.nequip.zip", gate=Told())
print("at the end", gc.isenabled())
"""


def test_a_build_imports_without_looking_for_garbage(tmp_path: Path) -> None:
    """And loads, judges and hands back the process as it was."""
    project = write(tmp_path / "project", {})
    checked(save(project, "Net(), 'a.ckpt', example_data=x", tmp_path))
    done = checked(new_python("-c", TOLD, cwd=tmp_path, env=with_code(project)))
    told = ["before the import False", "before the export True", "at the end True"]
    assert [line for line in done.stdout.splitlines() if line in told or "True" in line] == told


class TestGate:
    """The gate judges the code of a plain checkpoint as it judges an extension's."""

    def _build(self, folder: Path, changes: dict[str, str]) -> str:
        project = write(folder / "project")
        checked(save(project, "Net(), 'a.ckpt', example_data=x", folder))
        write(project, changes)
        done = run(project, "build", "a.ckpt", "a.nequip.zip", "--source", project, cwd=folder)
        error_line(done, 1)
        assert not (folder / "a.nequip.zip").exists()
        return done.stderr

    def test_a_library_that_nobody_registered(self, tmp_path: Path) -> None:
        layers = "import yaml\nimport torch\n\n\nclass Activation(torch.nn.Module):\n    pass\n"
        said = self._build(tmp_path, {"tinyplain/layers.py": layers})
        assert "NQ201" in said
        assert "tinyplain/layers.py:1" in said

    def test_code_that_does_not_import_here(self, tmp_path: Path) -> None:
        """Gate A says it before anything is imported."""
        said = self._build(tmp_path, {"tinyplain/layers.py": "import absent_by_call\n"})
        assert "NQ101" in said
        assert "the model's code cannot be imported here" in said

    def test_a_library_that_only_nequip_requires(self, tmp_path: Path) -> None:
        """Nothing brings it along to a machine without nequip, where a build would lose the module."""
        table = '[project]\nname = "tinyplain"\nversion = "1"\n'
        table += '[tool.nequip-lint]\nextern-modules = ["tqdm"]\n'
        layers = "import tqdm\nimport torch\n\n\nclass Activation(torch.nn.Module):\n    pass\n"
        said = self._build(tmp_path, {"pyproject.toml": table, "tinyplain/layers.py": layers})
        assert "NQ101" in said
        assert "tinyplain.layers imports tqdm at its top, although nothing requires it" in said

    def test_a_library_of_ones_own_that_stays_outside(self, tmp_path: Path) -> None:
        """Code of a project that the model holds is internal, unless the table says otherwise."""
        other = write(tmp_path / "other", {"mylib/__init__.py": "", "mylib/part.py": PART})
        table = '[tool.nequip-lint]\nextern-modules = ["mylib"]\n'
        changes = {"pyproject.toml": table, "tinyplain/layers.py": "from mylib.part import Activation\n"}
        project = write(tmp_path / "project", changes)
        environment = with_code(project)
        environment["PYTHONPATH"] += f"{os.pathsep}{other}"
        script = "import torch, nequip_pack; from tinyplain.net import Net; "
        script += "nequip_pack.save_checkpoint(Net(), 'a.ckpt', example_data=torch.ones(2, 3))"
        checked(python("-c", script, cwd=tmp_path, env=environment))
        checked(pack("build", "a.ckpt", "a.nequip.zip", cwd=tmp_path, env=environment))
        listed = checked(pack("list", "a.nequip.zip", cwd=tmp_path)).stdout
        assert "tinyplain/net.py" in listed
        assert "mylib" not in listed
        missing = error_line(pack("check", "a.nequip.zip", cwd=tmp_path), 6)
        assert "mylib" in missing

    def test_internal_packages_of_the_table(self, tmp_path: Path) -> None:
        """A second package that is installed elsewhere goes into the archive when the table names it."""
        other = tmp_path / "elsewhere" / "site-packages"
        (other / "helping").mkdir(parents=True)
        (other / "helping" / "__init__.py").write_text("")
        (other / "helping" / "tool.py").write_text("def double(x):\n    return 2 * x\n")
        uses = "from helping.tool import double\nimport torch\n\n\nclass Activation(torch.nn.Module):\n"
        uses += "    def forward(self, x):\n        return double(x)\n"
        table = '[project]\nname = "tinyplain"\nversion = "1"\n\n[tool.nequip-lint]\n'
        table += 'internal-packages = ["helping"]\nextern-modules = ["absent_by_table"]\n'
        project = write(tmp_path / "project", {"tinyplain/layers.py": uses})
        shutil.copytree(other / "helping", project / "copy" / "helping")
        environment = with_code(project)
        environment["PYTHONPATH"] += f"{os.pathsep}{other}"
        script = "import torch, nequip_pack; from tinyplain.net import Net; "
        script += "nequip_pack.save_checkpoint(Net(), 'a.ckpt', example_data=torch.ones(2, 3))"
        checked(python("-c", script, cwd=tmp_path, env=environment))
        refused = pack("build", "a.ckpt", "a.nequip.zip", cwd=tmp_path, env=environment)
        error_line(refused, 1)
        assert "helping" in refused.stderr
        (project / "pyproject.toml").write_text(table)
        checked(pack("build", "a.ckpt", "a.nequip.zip", cwd=tmp_path, env=environment))
        listed = checked(pack("list", "a.nequip.zip", cwd=tmp_path)).stdout
        assert "helping/tool.py" in listed

"""Wrong inputs through the real process: one line, the documented exit code, and nothing lost."""

from __future__ import annotations

import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pack_support import PREFIX, error_line, pack, python, rewrite
from warm import new_python

from nequip_lint.install import install_command

if TYPE_CHECKING:
    from collections.abc import Callable

LFS_POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 1250000\n"
MODEL_ID = "nequip.net:mir-group/NequIP-OAM-L:0.1"
PRECIOUS = b"a package that took days"


class Place:
    """A folder with a file at the output path, which every failure must leave alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "out.nequip.zip"
        self.output.write_bytes(PRECIOUS)

    def refused(self, code: int, *arguments: object, **options: Any) -> str:
        """Run a command that must fail; returns its one line."""
        before = self._names()
        line = error_line(pack(*arguments, cwd=self.folder, **options), code)
        self.check(before)
        return line

    def build(self, code: int, checkpoint: object, *options: object, **more: Any) -> str:
        """Build onto the output, which must fail; returns the one line."""
        return self.refused(code, "build", checkpoint, self.output, *options, **more)

    def check(self, before: list[str]) -> None:
        """Nothing new in the folder, and the file as it was."""
        assert self._names() == before
        assert self.output.read_bytes() == PRECIOUS

    def _names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def _zip(path: Path, name: str, content: bytes = b"content") -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)


WRONG_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "there is no such checkpoint file"),
    "folder": (Path.mkdir, "this is a folder, not a checkpoint file"),
    "empty": (lambda path: path.write_bytes(b""), "this is an empty file, not a checkpoint"),
    "text": (lambda path: path.write_text("run: [train]\n"), "this is a text file, not a checkpoint"),
    "html": (lambda path: path.write_text("<!DOCTYPE html><title>404"), "this is an HTML page"),
    "zip": (lambda path: _zip(path, "a/b.txt"), "this is an ordinary zip archive, not a checkpoint"),
    "cut": (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(99)), "the end of the file is missing"),
    "pointer": (
        lambda path: path.write_text(LFS_POINTER),
        "this is a Git LFS pointer in place of the checkpoint file; run `git lfs pull` in its repository",
    ),
    "binary": (lambda path: path.write_bytes(bytes(range(256))), "unknown binary kind"),
    "garbage": (lambda path: _zip(path, "best/data.pkl"), "the checkpoint's pickle cannot be read"),
}


@pytest.mark.parametrize("kind", WRONG_FILES)
def test_not_a_checkpoint(place: Place, kind: str) -> None:
    make, expected = WRONG_FILES[kind]
    make(place.folder / "best.ckpt")
    line = place.build({"cut": 4, "garbage": 4}.get(kind, 3), "best.ckpt")
    assert expected in line
    assert line.startswith("best.ckpt: ")


def _tangled() -> bytes:
    """The configuration of a model that holds itself, and lists a hundred thousand deep."""
    model: dict[str, object] = {"package_path": 3, "_target_": ["nequip.Model"]}
    model["modifiers"] = [model, "deep", {"package_path": "gone.nequip.zip"}]
    training = {"_target_": "nequip.train.NequIPLightningModule", "model": model}
    info = {"versions": {}, "data": {}, "training_module": training}
    pickled = pickle.dumps({"hyper_parameters": {"info_dict": info}, "state_dict": {}}, protocol=2)
    return pickled.replace(b"X\x04\0\0\0deep", b"]" * 100_000 + b"a" * 99_999)


HOSTILE = {
    "huge memo": (b"\x80\x02Nr\xff\xff\xff\x7f.", 4),
    "huge bytearray": (b"\x80\x05\x96" + (1 << 40).to_bytes(8, "little") + b"x.", 4),
    "huge bytes": (b"\x80\x04\x8e" + (1 << 40).to_bytes(8, "little") + b"x.", 4),
    "deep": (b"\x80\x02" + b"]" * 300_000 + b"a" * 299_999 + b".", 3),
    "calls": (b"\x80\x02cos\nsystem\nX\x0c\0\0\0touch called\x85R.", 3),
    "cycle": (b"\x80\x02}q\0X\x01\0\0\0ah\0s.", 3),
    "cut": (b"\x80\x02}q\0", 4),
    "long number": (b"I" + b"9" * 100_000 + b"\n.", 4),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_pickle_that_no_training_wrote(place: Place, kind: str) -> None:
    """Within a gigabyte or so of memory; nothing that it names is called."""
    pickled, code = HOSTILE[kind]
    _zip(place.folder / "best.ckpt", "best/data.pkl", pickled)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))

    assert place.build(code, "best.ckpt", preexec_fn=limit).startswith("best.ckpt: ")


@pytest.mark.real
def test_a_configuration_that_holds_itself(place: Place) -> None:
    _zip(place.folder / "best.ckpt", "best/data.pkl", _tangled())
    assert "the model started from gone.nequip.zip, which is not there" in place.build(3, "best.ckpt")


def test_an_id_of_nequip_net(place: Place) -> None:
    """nequip takes such an id wherever it takes a file."""
    for command in (("build", MODEL_ID, place.output), ("info", MODEL_ID), ("check", MODEL_ID)):
        line = place.refused(3, *command)
        assert line.startswith(f"{MODEL_ID}: this is the id of a model on nequip.net, not a ")
        assert "download the package from https://www.nequip.net and give the file" in line


def test_not_a_package(place: Place) -> None:
    for kind, (make, _) in WRONG_FILES.items():
        path = place.folder / f"{kind}.nequip.zip"
        make(path)
        code = {"cut": 4}.get(kind, 3)
        for command in ("info", "list"):
            assert place.refused(code, command, path.name).startswith(path.name)


def test_a_file_that_cannot_be_read(place: Place) -> None:
    """Reading the start of a process's memory fails for everyone, root included."""
    memory = Path("/proc/self/mem")
    if not memory.is_file():
        pytest.skip("needs /proc")
    (place.folder / "m.nequip.zip").symlink_to(memory)
    (place.folder / "m.ckpt").symlink_to(memory)
    for command in ("info", "list"):
        line = place.refused(3, command, "m.nequip.zip")
        assert line == "m.nequip.zip: the package file cannot be read (Input/output error)"
    assert "the checkpoint file cannot be read" in place.build(3, "m.ckpt")


def test_paths_that_the_system_refuses(place: Place) -> None:
    """Names that are too long stand for all of which it does not even say whether they exist."""
    name = "x" * 300
    line = place.refused(7, "build", "m.ckpt", f"{name}.nequip.zip")
    assert "the output's place cannot be looked at (File name too long)" in line
    (place.folder / "m.ckpt").write_bytes(b"no matter what")
    line = place.build(3, "m.ckpt", "--source", name)
    assert (
        line
        == f"{name}: the system refuses this path (File name too long); check the path, and who may read it"
    )


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("out.zip", "must end in .nequip.zip; e.g. out.nequip.zip"),
        ("best.ckpt", "must end in .nequip.zip; e.g. best.nequip.zip"),
        (".nequip.zip", "needs a name before .nequip.zip"),
        ("nowhere/out.nequip.zip", "there is no folder nowhere"),
        ("folder.nequip.zip", "the output is a folder"),
    ],
)
def test_wrong_output(place: Place, output: str, words: str) -> None:
    (place.folder / "folder.nequip.zip").mkdir()
    assert words in place.refused(2, "build", "best.ckpt", output)


def test_a_folder_that_takes_no_file(place: Place) -> None:
    """/proc refuses new files to everyone, root included."""
    if not Path("/proc/self").is_dir():
        pytest.skip("needs /proc")
    assert "could not be written" in place.refused(7, "build", "best.ckpt", "/proc/self/out.nequip.zip")


def test_usage(place: Place) -> None:
    assert "Missing argument 'OUT'" in place.refused(2, "build", "best.ckpt")
    assert "No such command" in place.refused(2, "bild")
    assert "Did you mean `nequip-lint closure`?" in place.refused(2, "closure", "m.nequip.zip")
    assert "unexpected extra argument (m). Try" in place.refused(2, "modes", "m")
    assert "CODE:MODULE" in place.build(2, "best.ckpt", "--allow", "NQ101")
    assert "did you mean NQ101?" in place.build(2, "best.ckpt", "--allow", "NQ1O1:mypkg.kernels")
    assert "no such source folder" in place.build(3, "best.ckpt", "--source", "src")


@pytest.mark.parametrize("words", [("rehearse",), ("survey", "packages")])
def test_a_working_directory_that_was_deleted(tmp_path: Path, words: tuple[str, ...]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = (
        f"import os\nos.chdir({str(gone)!r})\nos.rmdir({str(gone)!r})\n"
        f"from nequip_pack.cli.app import main\nmain({list(words)!r})"
    )
    assert "the working directory was deleted" in error_line(python("-c", code, cwd=tmp_path), 3)


@pytest.mark.real
class TestRealInputs:
    """What needs a checkpoint or a package made for real."""

    def test_package_as_checkpoint(self, place: Place, package: Path) -> None:
        assert "this is a package already" in place.build(3, package)

    def test_checkpoint_as_package(self, place: Place, nequip_checkpoint: Path) -> None:
        assert "this is a torch checkpoint, not a package" in place.refused(3, "info", nequip_checkpoint)

    def test_another_torch_file(self, place: Place) -> None:
        save = "import torch; torch.save({'weights': torch.zeros(3)}, 'weights.pt')"
        assert python("-c", save, cwd=place.folder).returncode == 0
        line = place.build(3, "weights.pt")
        assert "not written by nequip-train" in line
        assert "hyper_parameters.info_dict" in line

    def test_truncated_checkpoint(self, place: Place, nequip_checkpoint: Path) -> None:
        content = nequip_checkpoint.read_bytes()
        (place.folder / "cut.ckpt").write_bytes(content[: len(content) // 2])
        assert f"truncated: {len(content) // 2} of " in place.build(4, "cut.ckpt")

    def test_unknown_mode(self, place: Place, nequip_checkpoint: Path) -> None:
        assert "there is no packaging mode 'fast' (known: nequip)" in place.build(
            2, nequip_checkpoint, "--mode", "fast"
        )

    def test_format_of_the_future(self, place: Place, package: Path) -> None:
        text = zipfile.ZipFile(package).read("archive/model/package_metadata.txt")
        newer = {
            "model/package_metadata.txt": text.replace(b"version_id: 2", b"version_id: 99"),
            "model/manifest.json": None,
        }
        rewrite(package, place.folder / "new.nequip.zip", newer)
        line = place.refused(5, "info", "new.nequip.zip")
        assert "format 99 is newer than 2" in line
        assert install_command(upgrade=True) in line

    def test_package_without_metadata(self, place: Place, package: Path) -> None:
        lost = dict.fromkeys(("model/package_metadata.txt", "model/manifest.json"))
        rewrite(package, place.folder / "bad.nequip.zip", lost)
        assert "no member model/package_metadata.txt" in place.refused(4, "info", "bad.nequip.zip")

    def test_no_nequip(self, place: Place, nequip_checkpoint: Path) -> None:
        script = f"""
import sys
from nequip_lint.install import install_command
from nequip_pack.fresh import Blocker
sys.meta_path.insert(0, Blocker(["nequip"]))
from nequip_pack.cli import main
main(["build", {str(nequip_checkpoint)!r}, {str(place.output)!r}])
"""
        line = error_line(python("-c", script, cwd=place.folder), 6)
        assert "nequip is needed for a NequIP checkpoint" in line
        assert install_command("nequip") in line
        place.check(["out.nequip.zip"])


ALTER = """
import sys, torch
checkpoint = torch.load(sys.argv[1], map_location="cpu", weights_only=False)
info, state = checkpoint["hyper_parameters"]["info_dict"], checkpoint["state_dict"]
exec(sys.argv[2])
torch.save(checkpoint, "altered.ckpt")
"""
ASE_DATA = """info["data"] = {"_target_": "nequip.data.datamodule.ASEDataModule", "seed": 1,
"split_dataset": {"file_path": "train.xyz", "train": 4, "val": 2}}"""
UNSEEN_DATA = 'info["data"]["split_dataset"]["dataset"]["element"] = "Xx"'


@pytest.mark.real
class TestAlteredCheckpoints:
    """Real checkpoints with one thing changed. The early ones must not have imported torch."""

    @pytest.mark.parametrize(
        ("change", "code", "words"),
        [
            ('[state.pop(k) for k in list(state) if k.startswith("ema.")]', 3, "has no EMA weights"),
            (
                'state["ema._extra_state"]["is_holding_ema_weights"] = False',
                3,
                "does not hold its EMA weights",
            ),
            ('info["training_module"]["model"]["_target_"] = "nosuchpkg.Model"', 6, "package nosuchpkg"),
            (
                'info["training_module"]["model"]["package_path"] = "origin.nequip.zip"',
                3,
                "origin.nequip.zip",
            ),
            ('info.pop("data")', 3, "info_dict has no data"),
            ('info["training_module"].pop("_target_")', 3, "training_module has no _target_"),
        ],
    )
    def test_known_before_any_long_work(
        self, place: Place, nequip_checkpoint: Path, change: str, code: int, words: str
    ) -> None:
        assert python("-c", ALTER, str(nequip_checkpoint), change, cwd=place.folder).returncode == 0
        script = f"""
import sys
from nequip_pack.fresh import Blocker
sys.meta_path.insert(0, Blocker(["torch"]))
from nequip_pack.cli import main
main(["build", "altered.ckpt", {str(place.output)!r}])
"""
        line = error_line(new_python("-c", script, cwd=place.folder), code)
        assert words in line
        place.check(["altered.ckpt", "out.nequip.zip"])

    def test_data_files_are_asked_for_when_the_model_has_loaded(
        self, place: Place, nequip_checkpoint: Path
    ) -> None:
        assert python("-c", ALTER, str(nequip_checkpoint), ASE_DATA, cwd=place.folder).returncode == 0
        line = place.build(6, "altered.ckpt")
        assert "training data is out of reach (there is no train.xyz)" in line
        assert "--example-data FILE" in line

    def test_data_that_only_its_module_knows(self, place: Place, nequip_checkpoint: Path) -> None:
        assert python("-c", ALTER, str(nequip_checkpoint), UNSEEN_DATA, cwd=place.folder).returncode == 0
        line = place.build(6, "altered.ckpt")
        assert "training data is out of reach" in line
        assert "--example-data FILE" in line

    def test_ema_wanted_by_a_subclass(self, place: Place, nequip_checkpoint: Path) -> None:
        code = place.folder / "code"
        code.mkdir()
        (code / "mymodule.py").write_text(
            "import nequip.train\nclass Mine(nequip.train.EMALightningModule): pass\n"
        )
        change = """info["training_module"]["_target_"] = "mymodule.Mine"
[state.pop(k) for k in list(state) if k.startswith("ema.")]"""
        assert python("-c", ALTER, str(nequip_checkpoint), change, cwd=place.folder).returncode == 0
        environment = {**os.environ, "PYTHONPATH": str(code)}
        assert "has no EMA weights" in place.build(3, "altered.ckpt", env=environment)

    def test_weights_of_another_model(self, place: Place, nequip_checkpoint: Path) -> None:
        change = 'info["training_module"]["model"]["num_features"] = 8'
        change += '; checkpoint["hyper_parameters"]["model"]["num_features"] = 8'
        assert python("-c", ALTER, str(nequip_checkpoint), change, cwd=place.folder).returncode == 0
        assert "the eager model did not load" in place.build(8, "altered.ckpt")

    def test_example_data_of_a_wrong_kind(self, place: Place, nequip_checkpoint: Path) -> None:
        assert "no such example data file" in place.build(3, nequip_checkpoint, "--example-data", "frame.xyz")
        (place.folder / "frame.xyz").write_text("nonsense\n")
        line = place.build(3, nequip_checkpoint, "--example-data", "frame.xyz")
        assert "ase cannot read a structure" in line
        (place.folder / "frame.xyz").write_text(LFS_POINTER)
        line = place.build(3, nequip_checkpoint, "--example-data", "frame.xyz")
        assert "a Git LFS pointer in place of the example data file" in line


@pytest.mark.real
def test_torch_package_refuses(place: Place, nequip_checkpoint: Path) -> None:
    """A library without an action: a real refusal of torch.package, as a list and one line."""
    script = f"""
import sys
from nequip.scripts import _package_utils
_package_utils._EXTERNAL_MODULES.discard("packaging")
from nequip_pack.export import build_package
from nequip_pack.cli import app, build
build.build.callback = lambda **options: build_package(
    options["checkpoint"], options["output"], lint=False)
app.main(["build", {str(nequip_checkpoint)!r}, {str(place.output)!r}])
"""
    done = python("-c", script, cwd=place.folder)
    line = error_line(done, 8)
    assert "torch.package refuses" in line
    assert "packaging" in line
    assert "did not match against any action pattern" in done.stderr
    assert "path: <model." in done.stderr
    place.check(["out.nequip.zip"])


@pytest.mark.real
def test_full_disk(place: Place, nequip_checkpoint: Path) -> None:
    """A limit on the size of files stands for a full disk: the write fails in the middle of the archive."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    line = place.build(7, nequip_checkpoint, preexec_fn=limit)
    assert "could not be written (File too large)" in line
    assert "untouched" in line


@pytest.mark.real
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)]
)
def test_signals(place: Place, nequip_checkpoint: Path, number: signal.Signals, code: int) -> None:
    """A signal while the archive is being written or proved."""
    command = [sys.executable, "-m", "nequip_pack", "build", str(nequip_checkpoint), str(place.output)]
    with subprocess.Popen(command, cwd=place.folder, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not _has_draft(place.folder):
            time.sleep(0.01)
        assert process.poll() is None, "the build ended before the signal"
        process.send_signal(number)
        lines = process.communicate(timeout=60)[1].splitlines()
    assert process.returncode == code, lines
    assert [line for line in lines if line.startswith(PREFIX)] == lines[-1:]
    place.check(["out.nequip.zip"])


def _has_draft(folder: Path) -> bool:
    return any(path.stat().st_size > 100_000 for path in folder.glob(".*.partial"))


@pytest.mark.real
def test_success_replaces_and_leaves_nothing_else(package: Path, tmp_path: Path) -> None:
    assert [path.name for path in package.parent.iterdir()] == [package.name]
    shutil.copy(package, tmp_path / "copy")
    assert (package.stat().st_mode & 0o777) == (tmp_path / "copy").stat().st_mode & 0o777

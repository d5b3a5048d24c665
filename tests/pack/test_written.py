"""What is written: weights once, the same bytes for the same inputs, a manifest, reference predictions."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from pack_support import checked, error_line, pack, python, rewrite

from nequip_pack.errors import DamagedError, FormatError
from nequip_pack.format import closure, manifest, open_archive
from nequip_pack.format.metadata import extern_modules
from nequip_pack.format.references import MEMBER, read_references

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

EXPORT = """
import io, sys, warnings, torch
from torch.package import PackageExporter, PackageImporter
from nequip_pack.writing.storages import SharedStorages, reproducible_pickles
warnings.filterwarnings("ignore", message="TypedStorage")

def written(objects):
    buffer = io.BytesIO()
    with reproducible_pickles(), PackageExporter(buffer) as exporter:
        exporter.extern("**")
        storages = SharedStorages(exporter)
        for name, obj in objects.items():
            storages.start_pickle()
            exporter.save_pickle("model", name, obj)
    buffer.seek(0)
    return buffer

def members(buffer):
    import zipfile
    return [name for name in zipfile.ZipFile(buffer).namelist() if name.endswith(".storage")]
"""


def _exported(script: str, folder: Path) -> None:
    checked(python("-c", EXPORT + script, cwd=folder))


def test_equal_weights_of_two_pickles_are_stored_once_and_share_no_memory(tmp_path: Path) -> None:
    _exported(
        """
def model():
    torch.manual_seed(3)
    return torch.nn.Sequential(torch.nn.Linear(5, 7), torch.nn.Linear(7, 2))

first, second = model(), model()
buffer = written({"a": first, "b": second})
assert len(members(buffer)) == 4, members(buffer)
buffer.seek(0)
importer = PackageImporter(buffer)
one, two, again = (importer.load_pickle("model", name) for name in ("a", "b", "a"))
for name, value in first.state_dict().items():
    copies = [loaded.state_dict()[name] for loaded in (one, two, again)]
    assert all(torch.equal(copy, value) for copy in copies)
    assert len({copy.data_ptr() for copy in copies}) == 3
assert len({value.data_ptr() for value in (*first.state_dict().values(), *second.state_dict().values())}) == 8
""",
        tmp_path,
    )


def test_within_one_pickle_only_what_was_one_storage_stays_one(tmp_path: Path) -> None:
    _exported(
        """
zeros, other = torch.zeros(4), torch.zeros(4)
buffer = written({"a": [zeros, other, zeros[1:]], "b": [torch.zeros(4), torch.zeros(4), torch.zeros(4)]})
assert len(members(buffer)) == 3, members(buffer)
buffer.seek(0)
importer = PackageImporter(buffer)
for name, expected in (("a", [1, 0, 1]), ("b", [1, 0, 0])):
    loaded = importer.load_pickle("model", name)
    loaded[0].fill_(1)
    assert [int(tensor[-1]) for tensor in loaded] == expected
""",
        tmp_path,
    )


def test_types_that_share_bytes(tmp_path: Path) -> None:
    """Zeros of another type and a bare storage go into one member, and come back as what they were."""
    _exported(
        """
objects = {"a": torch.zeros(4, dtype=torch.float64), "b": torch.zeros(8),
           "c": torch.zeros(8).untyped_storage(),
           "d": torch.empty(0), "e": torch.nn.Parameter(torch.zeros(4, 2))}
buffer = written(objects)
assert len(members(buffer)) == 2, members(buffer)
buffer.seek(0)
importer = PackageImporter(buffer)
for name, expected in objects.items():
    loaded = importer.load_pickle("model", name)
    if name != "c":
        assert type(loaded) is type(expected) and loaded.dtype == expected.dtype
        assert torch.equal(loaded, expected)
    else:
        assert bytes(loaded) == bytes(32)
""",
        tmp_path,
    )


def test_storages_of_a_gpu_are_written_from_the_cpu(tmp_path: Path) -> None:
    """Needs a GPU: top level, and in a pickle inside the pickle."""
    probe = "import torch; raise SystemExit(0 if torch.cuda.is_available() else 1)"
    if python("-c", probe, cwd=tmp_path).returncode:
        pytest.skip("needs a GPU")
    _exported(
        """
import pickle
class Nested:
    def __init__(self, tensor): self.tensor = tensor
    def __reduce__(self): return pickle.loads, (pickle.dumps(self.tensor),)
tensor = torch.arange(4.0, device="cuda")
buffer = written({"a": tensor, "b": Nested(tensor), "c": torch.arange(4.0)})
assert len(members(buffer)) == 1, members(buffer)
assert b"cuda" not in buffer.getvalue()
importer = PackageImporter(buffer)
for name in "abc":
    loaded = importer.load_pickle("model", name)
    assert loaded.device.type == "cpu" and torch.equal(loaded, torch.arange(4.0))
""",
        tmp_path,
    )


def _storages(package: Path) -> list[int]:
    with zipfile.ZipFile(package) as archive:
        return [info.file_size for info in archive.infolist() if info.filename.endswith(".storage")]


def test_weights_are_stored_once(package: Path, upstream_package: Path) -> None:
    """Most bytes of this tiny model's storages are example data, which nequip's command writes once too."""
    ours, theirs = _storages(package), _storages(upstream_package)
    assert len(ours) < 0.6 * len(theirs)
    assert sum(ours) < sum(theirs)


def test_the_same_inputs_give_the_same_bytes(nequip_checkpoint: Path, package: Path, tmp_path: Path) -> None:
    """Another process, name, folder, working folder, checkpoint's place and hash seed."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "moved.ckpt").write_bytes(nequip_checkpoint.read_bytes())
    environment = {**os.environ, "PYTHONHASHSEED": "4321"}
    output = tmp_path / "elsewhere" / "another-name.nequip.zip"
    checked(pack("build", "../moved.ckpt", output, cwd=tmp_path / "elsewhere", env=environment))
    assert hashlib.sha256(output.read_bytes()).digest() == hashlib.sha256(package.read_bytes()).digest()


def _on_a_terminal(*arguments: str, cwd: Path) -> str:
    """What a command that must succeed writes to standard error, when that is a terminal."""
    import pty

    ours, terminal = pty.openpty()
    command = [sys.executable, "-m", "nequip_pack", *arguments]
    plain = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen(command, cwd=cwd, env=plain, stdout=subprocess.DEVNULL, stderr=terminal) as process:
        os.close(terminal)
        said = b""
        with contextlib.suppress(OSError):
            while chunk := os.read(ours, 4096):
                said += chunk
    os.close(ours)
    assert process.returncode == 0, said
    return said.decode()


def _stages(said: str) -> list[str]:
    """What is said of stages; warnings and the time at the end are left out."""
    spoken = [line for line in said.splitlines() if line.startswith("nequip-pack: ")]
    others = ("nequip-pack: warning:", "nequip-pack: done in")
    return [line.removeprefix("nequip-pack: ") for line in spoken if not line.startswith(others)]


def test_a_terminal_shows_every_stage(nequip_checkpoint: Path, package: Path, tmp_path: Path) -> None:
    """And without lint the archive is the same but for the verdict in it."""
    output = tmp_path / "m.nequip.zip"
    said = _on_a_terminal("build", str(nequip_checkpoint), str(output), "--no-lint", cwd=tmp_path)
    stages = _stages(said)
    starts = ("judging what a load", "loading the", "judging what will", "writing", "verifying")
    assert len(stages) == len(starts), said
    for line, start in zip(stages, starts, strict=True):
        assert line.startswith(start), said
    linted, unlinted = (manifest.read_manifest(open_archive(path)) for path in (package, output))
    assert linted is not None
    assert unlinted is not None
    different = {name for name in linted.digests if linted.digests[name] != unlinted.digests[name]}
    assert different == {"model/package_metadata.txt", ".data/serialization_id"}


def test_a_terminal_shows_what_a_fresh_process_is_asked(package: Path, tmp_path: Path) -> None:
    """And a pipe shows nothing."""
    (tmp_path / "extra.py").write_text("VALUE = 1\n")
    update = ("update", str(package), "m.nequip.zip", "--replace", "nequip/x.py", "extra.py")
    said = _stages(_on_a_terminal(*update, cwd=tmp_path))
    assert [stage.split()[0] for stage in said] == ["running", "verifying"]
    verify = ("verify", "m.nequip.zip", "--run-refused")  # its source is no longer that of the release
    assert _stages(_on_a_terminal(*verify, cwd=tmp_path)) == ["loading every model in a fresh process"]
    assert _stages(checked(pack(*verify, cwd=tmp_path)).stderr) == []


def test_the_manifest_is_the_last_member_and_lists_all_others(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        names = [name.partition("/")[2] for name in archive.namelist()]
        assert names[-1] == manifest.MEMBER
        listed = json.loads(archive.read(f"archive/{manifest.MEMBER}"))["members"]
        for name in names[:-1]:
            content = archive.read(f"archive/{name}")
            entry = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            assert listed.pop(name) == entry
    assert listed == {}
    expected = manifest.content_id(open_archive(package))
    assert json.loads(checked(pack("info", package, "--json", cwd=tmp_path)).stdout)["content_id"] == expected
    assert f"content id:  {expected}" in checked(pack("info", package, cwd=tmp_path)).stdout


def test_the_content_id_is_that_of_the_members(package: Path, tmp_path: Path) -> None:
    """Another top-level folder and packed members: the same id. Another content: another."""
    packed = tmp_path / "packed.nequip.zip"
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            copy.writestr(f"folder/{name.partition('/')[2]}", source.read(name))
    before = manifest.check_content(open_archive(package))
    after = manifest.check_content(open_archive(packed))
    assert before is not None
    assert after is not None
    assert before.content_id == after.content_id
    changed = manifest.Manifest({**before.digests, MEMBER: "0" * 64}, before.sizes)
    assert changed.content_id != before.content_id


LOAD = """
import sys, nequip_pack
from nequip_pack.cli import app, info
info.info.callback = lambda package, **options: nequip_pack.ModelFromPackage(package)
app.main(["info", sys.argv[1]])
"""


def _changes(package: Path) -> dict[str, tuple[dict[str, bytes | None], str]]:
    code = zipfile.ZipFile(package).read("archive/nequip/nn/graph_model.py")
    return {
        "changed": ({"nequip/nn/graph_model.py": code.replace(b"self", b"sElf", 1)}, "SHA-256 is another"),
        "longer": (
            {"nequip/nn/graph_model.py": code + b"#"},
            f"{len(code) + 1} bytes instead of {len(code)}",
        ),
        "missing": ({"nequip/nn/graph_model.py": None}, "it is missing"),
        "added": ({"nequip/nn/new.py": b""}, "the manifest does not list it"),
    }


@pytest.mark.parametrize("change", ["changed", "longer", "missing", "added"])
def test_a_member_that_differs_from_the_manifest_is_named(package: Path, tmp_path: Path, change: str) -> None:
    """Whole archives, every CRC-32 right."""
    members, words = _changes(package)[change]
    altered = rewrite(package, tmp_path / "altered.nequip.zip", members)
    line = error_line(python("-c", LOAD, str(altered), cwd=tmp_path), 4)
    assert f"the member {next(iter(members))} is not what the manifest says" in line
    assert words in line
    if change != "changed":
        assert words in error_line(pack("info", altered, cwd=tmp_path), 4)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (b"{", DamagedError, "cannot be read"),
        (b"[]", DamagedError, "cannot be read"),
        (b'{"version": 1, "members": {"a": {"sha256": 3, "size": 1}}}', DamagedError, "is no text"),
        (b'{"members": {}, "version": 1}', DamagedError, "not in its canonical form"),
        (b'{"members":{},"more":0,"version":1}', DamagedError, "not in its canonical form"),
        (b'{"version": 2, "members": {}}', FormatError, "version 2 is not known"),
    ],
)
def test_a_manifest_that_is_none(
    package: Path, tmp_path: Path, text: bytes, kind: type[Exception], words: str
) -> None:
    altered = rewrite(package, tmp_path / "altered.nequip.zip", {manifest.MEMBER: text})
    with pytest.raises(kind, match=words):
        manifest.check_content(open_archive(altered))


COMPARE = """
import sys, torch, nequip_pack
from nequip_pack.format import open_archive
from nequip_pack.format.references import read_references, sample
torch.set_num_threads(1)
loaded = nequip_pack.load_package(sys.argv[1])
found = loaded.models["sole_model"].eval()(loaded.example_data)
references = read_references(open_archive(sys.argv[1]))
given = {"pos", "cell", "pbc", "atom_types", "edge_index", "edge_cell_shift", "num_atoms", "batch"}
assert {name.partition(".")[2] for name in references} == found.keys() - given, references.keys()
assert {"sole_model.atomic_energy", "sole_model.virial"} <= references.keys()
for name, reference in references.items():
    value = found[name.partition(".")[2]]
    assert (str(value.dtype), tuple(value.shape)) == (f"torch.{reference.dtype}", reference.shape), name
    assert reference.intermediate == name.startswith(("sole_model.edge_", "sole_model.node_"))
    size, most = value.numel(), 64 if reference.intermediate else 4096
    assert len(reference.values) == min(size, most), name
    flat = value.reshape(-1)[list(sample(size, most))]
    assert torch.equal(torch.tensor(reference.values, dtype=value.dtype), flat), name
    assert (reference.norm is None) == (size <= most), name
assert torch.tensor(references["sole_model.forces"].values).abs().max() > 0
"""


def test_reference_predictions_have_the_bits_of_the_model(package: Path, tmp_path: Path) -> None:
    checked(python("-c", COMPARE, str(package), cwd=tmp_path))


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (b'{"version": 1}', DamagedError, "KeyError"),
        (
            b'{"version": 1, "outputs": {"m.e": {"dtype": "float32", "shape": [2], "values": [1.0]}}}',
            DamagedError,
            r"do not have the shape \(2,\)",
        ),
        (b'{"version": 7, "outputs": {}}', FormatError, "version 7"),
        (b'{"version": 0, "outputs": {}}', FormatError, "version 0"),
        *(
            (b'{"version": 2, "outputs": {"m.e": {"dtype": "float32", %s}}}' % entry, DamagedError, words)
            for entry, words in (
                (b'"shape": [2], "values": [1.0]', "1 values do not fit"),
                (b'"shape": [2], "values": [1.0, "one"]', "KeyError"),
                (b'"shape": [2], "values": [1.0, null]', "no number"),
                (b'"shape": [1], "values": [1%s]' % (b"0" * 30), "no number of 64 bits"),
                (b'"shape": [-1], "values": []', "no tensor has this shape"),
                (b'"shape": [1], "values": [1.0], "norm": 1.0', "a norm belongs to"),
            )
        ),
    ],
)
def test_reference_predictions_that_are_none(
    package: Path, tmp_path: Path, text: bytes, kind: type[Exception], words: str
) -> None:
    altered = rewrite(package, tmp_path / "altered.nequip.zip", {MEMBER: text})
    with pytest.raises(kind, match=words):
        read_references(open_archive(altered))


def test_the_import_that_led_to_each_module_is_recorded(package: Path, tmp_path: Path) -> None:
    archive = open_archive(package)
    actions, ways = closure.read_closure(archive), closure.read_ways(archive)
    shown = checked(python("-m", "nequip_lint", "closure", "--json", str(package), cwd=tmp_path)).stdout
    roots = json.loads(shown)["roots"]
    bare = {name for name in actions if name not in ways and not name.startswith("fx-generated")}
    assert {name for name in bare if actions[name] == "intern"} <= set(roots)
    assert all(actions[way.by] == "intern" for way in ways.values())
    why = checked(python("-m", "nequip_lint", "why", "numpy", str(package), cwd=tmp_path)).stdout
    assert why.startswith("numpy: extern\n  reached by ")


@pytest.mark.parametrize(
    "via", ['{"a": ["b", 0, "c"]}', '{"a": ["b", 1]}', '{"a": [1, 1, "c"]}', "[]", '{"a": 3}']
)
def test_chains_that_are_none(package: Path, tmp_path: Path, via: str) -> None:
    text = f'{{"version": 1, "modules": {{"intern": ["a"]}}, "via": {via}}}'.encode()
    altered = rewrite(package, tmp_path / "altered.nequip.zip", {closure.MEMBER: text})
    with pytest.raises(DamagedError, match="cannot be read"):
        closure.read_ways(open_archive(altered))


def test_the_closure_is_told_module_by_module(package: Path, upstream_package: Path, tmp_path: Path) -> None:
    """What it says is archived or left to the target is just that; nequip's own ``info`` does not list it."""
    archive = open_archive(package)
    told = json.loads(checked(pack("info", package, "--json", cwd=tmp_path)).stdout)
    modules = told["closure_modules"]
    sources = {
        name.removesuffix(".py").removesuffix("/__init__") for name in archive.members if name[-3:] == ".py"
    }
    packaged = {name.replace("/", ".") for name in sources}
    generated = {name for name in packaged if name.startswith(("fx-generated", "_mock"))}
    assert set(modules["intern"]) | set(modules.get("mock", ())) == packaged - generated
    assert set(modules["extern"]) == set(extern_modules(archive))
    assert told["closure"]["modules"] == {action: len(names) for action, names in modules.items()}
    assert all(names == sorted(names) for names in modules.values())
    shown = checked(python("-m", "nequip.scripts.package", "info", str(package), cwd=tmp_path)).stdout
    assert "nequip.nn.mlp" not in shown
    assert "available_models" in shown
    theirs = json.loads(checked(pack("info", upstream_package, "--json", cwd=tmp_path)).stdout)
    assert theirs["closure_modules"] is None


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (b"[]", DamagedError, "cannot be read"),
        (b'{"version": 1, "modules": {"intern": [3]}}', DamagedError, "3 is no module name"),
        (
            b'{"version": 1, "modules": {"intern": ["a"], "mock": ["a"]}}',
            DamagedError,
            "gives a more than one",
        ),
        (b'{"version": 2, "modules": {}}', FormatError, "version 2 is not known"),
    ],
)
def test_a_closure_that_is_none(
    package: Path, tmp_path: Path, text: bytes, kind: type[Exception], words: str
) -> None:
    altered = rewrite(package, tmp_path / "altered.nequip.zip", {closure.MEMBER: text})
    with pytest.raises(kind, match=words):
        closure.read_closure(open_archive(altered))


def test_a_package_of_nequips_own_command_has_neither(upstream_package: Path) -> None:
    archive = open_archive(upstream_package)
    assert manifest.check_content(archive) is None
    assert manifest.content_id(archive) is None
    assert read_references(archive) == {}

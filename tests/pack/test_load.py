"""Loading: what is missing, what is damaged, several threads, and storages that were on a GPU."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from pack_support import checked, pack, python, rewrite
from warm import new_python

from nequip_lint.install import install_command

pytestmark = pytest.mark.real
E3NN_EXAMPLE = Path(__file__).parents[2] / "docs" / "e3nn-example"
"""Its table says that e3nn is internal."""


@pytest.mark.parametrize("library", ["opt_einsum_fx", "packaging", "numpy", "torch"])
def test_a_missing_library_is_named(package: Path, tmp_path: Path, library: str) -> None:
    script = f"""
import sys
from nequip_pack.fresh import Blocker
sys.meta_path.insert(0, Blocker(["nequip", "e3nn", "allegro", "{library}"]))
import nequip_pack
from nequip_pack.errors import EnvironmentLacksError
try:
    nequip_pack.ModelFromPackage(sys.argv[1])
except EnvironmentLacksError as error:
    assert isinstance(error, ImportError)
    print(error)
"""
    line = checked(new_python("-c", script, str(package), cwd=tmp_path)).stdout.strip().splitlines()[-1]
    assert library in line
    assert install_command("load") in line


def test_a_mode_that_is_not_there(package: Path, tmp_path: Path) -> None:
    script = """
import sys, warnings, nequip_pack
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    model = nequip_pack.ModelFromPackage(sys.argv[1], "fast")["sole_model"]
assert not model.is_compile_graph_model
texts = [str(warning.message) for warning in caught if "'fast'" in str(warning.message)]
assert len(texts) == 1 and "it has: eager, compile" in texts[0], texts
"""
    checked(python("-c", script, str(package), cwd=tmp_path))


def test_four_threads_at_once(package: Path, tmp_path: Path) -> None:
    script = """
import sys, torch, nequip_pack
from concurrent.futures import ThreadPoolExecutor
before = torch.storage._load_from_bytes
loads = [(sys.argv[1], mode) for mode in ("eager", "compile", "eager", "compile")]
with ThreadPoolExecutor(4) as pool:
    models = list(pool.map(lambda load: nequip_pack.ModelFromPackage(*load), loads))
data = nequip_pack.example_data(sys.argv[1])
energies = {model["sole_model"].eval()(data)["total_energy"].item() for model in models}
assert len(energies) == 1, energies
assert torch.storage._load_from_bytes is before
"""
    checked(python("-c", script, str(package), cwd=tmp_path))


def test_nested_storages_of_a_gpu_end_on_the_cpu(tmp_path: Path) -> None:
    """The bytes in e3nn's nested pickles, as a GPU would have written them; only the device is changed."""
    script = """
import io, threading, torch
from nequip_pack.load.serial import loading
buffer = io.BytesIO()
torch.save(torch.arange(3.0).storage(), buffer, _use_new_zipfile_serialization=False)
on_gpu = buffer.getvalue().replace(b"X\\x03\\x00\\x00\\x00cpu", b"X\\x06\\x00\\x00\\x00cuda:0")
assert on_gpu != buffer.getvalue()

def elsewhere():
    try:
        torch.storage._load_from_bytes(on_gpu)
    except RuntimeError as error:
        failures.append(str(error))

failures = []
elsewhere()
with loading():
    assert torch.storage._load_from_bytes(on_gpu).device.type == "cpu"
    other = threading.Thread(target=elsewhere)
    other.start()
    other.join()
elsewhere()
if not torch.cuda.is_available():
    assert len(failures) == 3 and all("CUDA" in failure for failure in failures), failures
"""
    checked(python("-c", script, cwd=tmp_path))


BUILD_AS_ON_A_GPU = """
import io, sys, torch, torch.package.package_exporter as exporter
import nequip_pack, nequip_pack.writing.storages as storages
from e3nn.o3 import FullyConnectedTensorProduct

def as_on_gpu(storage):
    buffer = io.BytesIO()
    torch.save(storage, buffer, _use_new_zipfile_serialization=False)
    tagged = buffer.getvalue().replace(b"X\\x03\\x00\\x00\\x00cpu", b"X\\x06\\x00\\x00\\x00cuda:0")
    assert tagged != buffer.getvalue()
    return torch.storage._load_from_bytes, (tagged,)

torch.manual_seed(2)
model, data = FullyConnectedTensorProduct("2x1o", "2x1o", "2x1e"), (torch.randn(4, 6), torch.randn(4, 6))
torch.save(model(*data), "expected.pt")
nequip_pack.save_checkpoint(model, "m.ckpt", example_data=data)
nequip_pack.build_package("m.ckpt", "plain.nequip.zip", sources=[sys.argv[1]])
storages._reduce, exporter.location_tag = as_on_gpu, lambda storage: "cuda:0"
nequip_pack.build_package("m.ckpt", "gpu.nequip.zip", sources=[sys.argv[1]])
"""
LOAD_WITHOUT_A_GPU = """
import torch, nequip_pack
if not torch.cuda.is_available():
    importer = torch.package.PackageImporter("gpu.nequip.zip")
    try:
        importer.load_pickle("model", "eager_model.pkl", map_location="cpu")
    except RuntimeError as error:
        assert "on a CUDA device" in str(error), error
    else:
        raise SystemExit("torch itself loads it, so this proves nothing")
loaded = nequip_pack.load_package("gpu.nequip.zip")
assert {value.device.type for value in loaded.models.state_dict().values()} == {"cpu"}
assert torch.equal(loaded.models["sole_model"](*loaded.example_data), torch.load("expected.pt"))
"""


def test_a_whole_package_of_a_gpu_loads_without_one(tmp_path: Path) -> None:
    """Every storage is tagged as a GPU's, those in the pickles that e3nn keeps inside of pickles included.

    A package that we build ourselves has no such tag, wherever it was built.
    """
    checked(python("-c", BUILD_AS_ON_A_GPU, str(E3NN_EXAMPLE), cwd=tmp_path))
    for name, count in (("gpu", 2), ("plain", 0)):
        with zipfile.ZipFile(tmp_path / f"{name}.nequip.zip") as archive:
            assert archive.read("archive/model/eager_model.pkl").count(b"\x06\x00\x00\x00cuda:0") == count
    checked(python("-c", LOAD_WITHOUT_A_GPU, cwd=tmp_path))
    assert pack("verify", "plain.nequip.zip", cwd=tmp_path).returncode == 0
    verified = pack("verify", "gpu.nequip.zip", cwd=tmp_path)
    assert verified.returncode == 1
    assert "stored as on CUDA in model/" in verified.stdout


def test_a_flipped_bit_in_a_weight_is_refused(package: Path, tmp_path: Path) -> None:
    """torch loads such a file without a word, and predicts something else."""
    content = bytearray(package.read_bytes())
    with zipfile.ZipFile(package) as archive:
        storage = max(
            (info for info in archive.infolist() if info.filename.endswith(".storage")),
            key=lambda info: info.file_size,
        )
    content[storage.header_offset + 30 + len(storage.filename) + 200] ^= 0x40
    broken = tmp_path / "broken.nequip.zip"
    broken.write_bytes(content)
    script = """
import sys, nequip_pack
from nequip_pack.errors import DamagedError
for load in (nequip_pack.ModelFromPackage, nequip_pack.load_package, nequip_pack.example_data):
    try:
        load(sys.argv[1])
    except DamagedError as error:
        assert ".storage is damaged" in str(error)
        continue
    raise SystemExit(f"{load} took it")
"""
    checked(python("-c", script, str(broken), cwd=tmp_path))


def test_cutoff_and_dtype(package: Path, upstream_package: Path, tmp_path: Path) -> None:
    """From the metadata without torch, and from the model where nequip's own command wrote the package."""
    script = """
import sys, nequip_pack
print(nequip_pack.cutoff(sys.argv[1]), nequip_pack.model_dtype(sys.argv[1]), "torch" in sys.modules)
"""
    for path, with_torch in ((package, False), (upstream_package, True)):
        done = checked(new_python("-c", script, str(path), cwd=tmp_path))
        assert done.stdout.split() == ["4.0", "float32", str(with_torch)]


def test_code_that_is_missing_from_the_package(package: Path, tmp_path: Path) -> None:
    lost = dict.fromkeys(("nequip/nn/graph_model.py", "model/manifest.json"))
    broken = rewrite(package, tmp_path / "broken.nequip.zip", lost)
    script = """
import sys, nequip_pack
from nequip_pack.errors import ModelError
try:
    nequip_pack.ModelFromPackage(sys.argv[1])
except ModelError as error:
    print(error)
"""
    line = checked(python("-c", script, str(broken), cwd=tmp_path)).stdout
    assert "eager_model.pkl does not load" in line

"""What `docs/limits.md` says of packages and no other test shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pack_support import checked, python

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

TWICE = """
import sys, zipfile
from torch.package import PackageExporter, PackageImporter, sys_importer

def export(model, path, *importers):
    with PackageExporter(path, importer=importers) as exporter:
        exporter.intern("pkg.**")
        exporter.mock("lib.**")
        exporter.extern(["torch.**", "collections.**"])
        exporter.save_pickle("model", "model.pkl", model)
    print(*(name for name in zipfile.ZipFile(path).namelist() if "/lib/" in name))

from pkg.model import Model
export(Model(), "first.zip", sys_importer)
first = PackageImporter("first.zip")
export(first.load_pickle("model", "model.pkl"), "second.zip", first, sys_importer)
"""
SAVE = """
import sys, nequip_pack, nequip_pack.errors
model = nequip_pack.ModelFromPackage(sys.argv[1])["sole_model"]
data = nequip_pack.example_data(sys.argv[1])
try:
    nequip_pack.save_checkpoint(model, "model.ckpt", example_data=data)
except nequip_pack.errors.NequipPackError as error:
    print(error)
"""


def test_a_stand_in_that_is_packaged_again(tmp_path: Path) -> None:
    model = "import torch\nimport lib.plot\n\n\nclass Model(torch.nn.Module):\n    pass\n"
    files = {"lib/__init__.py": "", "lib/plot.py": "", "pkg/__init__.py": "", "pkg/model.py": model}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    done = checked(python("-c", f"import sys\nsys.path.insert(0, '.')\n{TWICE}", cwd=tmp_path))
    assert done.stdout.split() == ["first/lib/plot.py", "second/lib/plot/__init__.py"]


def test_a_model_of_a_package_is_no_plain_checkpoint(package: Path, tmp_path: Path) -> None:
    done = checked(python("-c", SAVE, str(package), cwd=tmp_path))
    assert "the model was loaded from a package, whose code is nowhere to import" in done.stdout

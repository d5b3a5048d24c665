"""Builds packages with torch.package from small sources: python snapshot_builder.py FOLDER, once for many.

FOLDER holds a folder per package: `code/` with the sources, whose `mypkg/model.py` has a class `Scale`, and
`lib/` with libraries that are installed while it is built. The result is `FOLDER/NAME.nequip.zip`. The
GPU is a stand-in: `torch.cuda.get_device_capability` answers while packages are built, not when they are
loaded.
"""

from __future__ import annotations

import sys
from pathlib import Path

METADATA = """package_version_id: 2
versions: {torch: null}
external_modules: {fastlib: "1.0"}
available_models: [eager]
atom_types: {0: Cu}
"""


def build(source: Path, output: Path) -> None:
    """Package an object of `mypkg.model.Scale` as nequip's command lays its packages out."""
    from torch.package import PackageExporter

    sys.path[:0] = [str(source / "code"), str(source / "lib")]
    try:
        from mypkg.model import Scale

        with PackageExporter(output) as exporter:
            exporter.extern(["fastlib.**", "lostlib.**", "io", "sys"])
            exporter.intern("mypkg.**")
            exporter.save_pickle("model", "eager_model.pkl", Scale())
            exporter.save_text("model", "package_metadata.txt", METADATA)
    finally:
        del sys.path[:2]
        for name in [name for name in sys.modules if name.partition(".")[0] in ("mypkg", "fastlib")]:
            del sys.modules[name]


def main(folder: Path) -> None:
    """Build all."""
    import torch

    torch.cuda.get_device_capability = lambda device=None: (9, 0)
    for source in sorted(path for path in folder.iterdir() if path.is_dir()):
        build(source, folder / f"{source.name}.nequip.zip")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Small libraries and extensions that are installed for other processes, in a folder on their path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def install(
    folder: Path, distribution: str, files: Mapping[str, str], *, points: str = "", requires: str = ""
) -> None:
    """Write the files of a distribution, and the metadata that pip would write.

    Args:
        folder: in place of a site-packages folder.
        distribution: its name.
        files: the text of each.
        points: the text of `entry_points.txt`.
        requires: the name of a distribution that it requires.
    """
    info = f"{distribution.replace('-', '_')}-1.0.dist-info"
    header = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
    own = {f"{info}/METADATA": header + (f"Requires-Dist: {requires}\n" if requires else "")}
    own |= {f"{info}/entry_points.txt": points} if points else {}
    own |= {f"{info}/RECORD": "".join(f"{name},,\n" for name in files)}
    for name, text in {**files, **own}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def importing(folder: Path) -> dict[str, str]:
    """The environment variables of a process that can import what is in a folder."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")])),
    }


REGISTERED = ["labkernels", "labextra", "labneeded"]
"""What the extension leaves outside of packages."""
LAYER = """
import labneeded
import torch
from nequip.nn import GraphModuleMixin

class Layer(GraphModuleMixin, torch.nn.Module):
    def __init__(self, irreps_in):
        super().__init__()
        self._init_irreps(irreps_in=irreps_in, irreps_out={})

    def forward(self, data):
        return data

    def extra(self):
        from nequip_lab import extra
        try:
            import lababsent
        except ImportError:
            return extra
        return lababsent
"""
MODEL = """
from nequip.model import NequIPGNNModel
from nequip.model.utils import model_builder

try:
    import labkernels
except ImportError:
    from nequip_lab.layer import Layer
else:
    from nequip_lab.fast import FastLayer as Layer

@model_builder
def Lab(**kwargs):
    model = NequIPGNNModel(**kwargs)
    energy = model.func
    layer = Layer(energy.per_type_energy_scale_shift.irreps_out)
    energy.insert("lab", layer, before="total_energy_sum")
    return model
"""
EXTENSION = {
    "nequip_lab/__init__.py": f"""
from nequip.scripts._package_utils import register_libraries_as_external_for_packaging

register_libraries_as_external_for_packaging(extern_modules={REGISTERED})
""",
    "nequip_lab/layer.py": LAYER,
    "nequip_lab/fast.py": """
from nequip_lab.layer import Layer

class FastLayer(Layer):
    def faster(self):
        import labkernels
        return labkernels
""",
    "nequip_lab/extra.py": "import labextra\n",
    "nequip_lab/model.py": MODEL,
}
"""An extension for machines that differ.

Without `labkernels` its model is another one, without `labextra` a file of it is lost. It requires
`labneeded`, and a package of it too.
"""


def install_lab(folder: Path) -> None:
    """Install that extension and its libraries."""
    for name in ("kernels", "extra", "needed"):
        install(folder, f"lab-{name}", {f"lab{name}/__init__.py": ""})
    points = "[nequip.extension]\nlab = nequip_lab\n"
    install(folder, "nequip-lab", EXTENSION, points=points, requires="lab-needed")

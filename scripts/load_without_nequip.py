"""Load a package where nequip, e3nn and the example cannot be imported; print its energy and forces.

usage: load_without_nequip.py PACKAGE RESULT.pt
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

BLOCKED = {"nequip", "e3nn", "nequip_softcore"}


class Blocker:
    """A finder that refuses the blocked packages, as if they were not installed."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is blocked for this demonstration", name=name)
        return None


def main(package: str, result: str) -> None:
    sys.meta_path.insert(0, Blocker())
    import torch

    import nequip_pack

    model = nequip_pack.ModelFromPackage(package)["sole_model"]
    data = nequip_pack.example_data(package)
    output = model(dict(data))
    energy, forces = output["total_energy"].detach(), output["forces"].detach()
    loaded = BLOCKED & {name.partition(".")[0] for name in sys.modules}
    if loaded:
        sys.exit(f"not a fair demonstration: {sorted(loaded)} imported")
    print(f"atom types: {', '.join(nequip_pack.type_names(package))}; atoms: {len(forces)}")
    print(f"energy (eV): {energy.item():.12f}")
    print(f"force on the first atom (eV/Angstrom): {[round(f, 9) for f in forces[0].tolist()]}")
    torch.save({"data": dict(data), "energy": energy, "forces": forces}, result)


if __name__ == "__main__":
    main(*sys.argv[1:])

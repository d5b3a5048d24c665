"""Evaluate a checkpoint's model, through nequip, on a structure and compare with the stored result.

usage: checkpoint_energy.py CHECKPOINT RESULT.pt      (RESULT.pt as load_without_nequip.py writes it)

Exits 1 if energy or forces differ by more than 1e-10 (eV, eV/Angstrom).
"""

from __future__ import annotations

import sys

TOLERANCE = 1e-10


def main(checkpoint: str, result: str) -> None:
    import torch
    from nequip.model.saved_models.load_utils import load_saved_model
    from nequip.utils.global_state import set_global_state

    set_global_state()
    expected = torch.load(result)
    output = load_saved_model(checkpoint)(expected["data"])
    energy, forces = output["total_energy"].detach(), output["forces"].detach()
    print(f"energy (eV): {energy.item():.12f}")
    print(f"force on the first atom (eV/Angstrom): {[round(f, 9) for f in forces[0].tolist()]}")
    difference_e = (energy - expected["energy"]).abs().max().item()
    difference_f = (forces - expected["forces"]).abs().max().item()
    print(f"largest difference: energy {difference_e:.1e} eV, forces {difference_f:.1e} eV/Angstrom")
    if not max(difference_e, difference_f) <= TOLERANCE:
        sys.exit("the package and the checkpoint disagree")
    print("equal: the package computes what the checkpoint's model computes")


if __name__ == "__main__":
    main(*sys.argv[1:])

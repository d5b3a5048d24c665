"""Train the potential on generated data and save a plain checkpoint.

usage: train.py CHECKPOINT
"""

from __future__ import annotations

import sys

import torch
from e3nn_pair.potential import build

import nequip_pack

CUTOFF = 3.5
"""Angstrom."""
SIDE = 3.1
"""Edge of the cubic cell (Angstrom): shorter than the cutoff, so that atoms see their own images."""

EPOCHS = 150


def structure(seed: int) -> dict[str, torch.Tensor]:
    """Two atoms of two types in a periodic cell, with every neighbor within the cutoff."""
    chance = torch.Generator().manual_seed(seed)
    pos = torch.tensor([[0.0, 0, 0], [0.5, 0.5, 0.5]], dtype=torch.float64) * SIDE
    pos = pos + 0.1 * torch.randn(2, 3, generator=chance, dtype=torch.float64)
    cell = SIDE * torch.eye(3, dtype=torch.float64)
    shifts = torch.cartesian_prod(*[torch.arange(-2.0, 3.0, dtype=torch.float64)] * 3)
    rows = [(i, j, shift) for i in range(2) for j in range(2) for shift in shifts]
    near = [
        (i, j, shift)
        for i, j, shift in rows
        if 1e-6 < float((pos[j] + shift @ cell - pos[i]).norm()) < CUTOFF
    ]
    return {
        "pos": pos,
        "atom_types": torch.tensor([0, 1]),
        "edge_index": torch.tensor([(i, j) for i, j, _ in near]).T.contiguous(),
        "cell": cell.view(1, 3, 3),
        "edge_cell_shift": torch.stack([shift for _, _, shift in near]),
    }


def reference(data: dict[str, torch.Tensor]) -> torch.Tensor:
    """The energy to learn (eV): a Morse potential of 1 eV at 2.5 Angstrom."""
    centers, neighbors = data["edge_index"]
    vectors = data["pos"][neighbors] - data["pos"][centers] + data["edge_cell_shift"] @ data["cell"][0]
    decay = torch.exp(-1.2 * (vectors.norm(dim=-1) - 2.5))
    return 0.5 * (decay**2 - 2 * decay).sum()


def main(checkpoint: str) -> None:
    torch.manual_seed(1)
    arguments = {"num_types": 2, "cutoff": CUTOFF}
    model = build(**arguments)
    structures = [structure(seed) for seed in range(8)]
    energies = torch.stack([reference(data) for data in structures])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    for epoch in range(EPOCHS):
        found = torch.stack([model(data)["total_energy"].squeeze() for data in structures])
        loss = (found - energies).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epoch in (0, EPOCHS - 1):
            print(f"epoch {epoch}: mean squared error {loss.item():.4f} eV^2")
    nequip_pack.save_checkpoint(
        build,
        checkpoint,
        arguments=arguments,
        state_dict=model.state_dict(),
        example_data=structures[0],
        type_names=["Na", "Cl"],
        cutoff=CUTOFF,
    )


if __name__ == "__main__":
    main(sys.argv[1])

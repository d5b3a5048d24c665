"""The potential itself. This file is packaged with the model, so it imports narrowly.

`from e3nn import o3` would run all of `e3nn.o3`, which reaches sympy, and the build would be refused.
"""

from __future__ import annotations

import math

import torch
from e3nn import set_optimization_defaults
from e3nn.o3._irreps import Irreps
from e3nn.o3._spherical_harmonics import SphericalHarmonics
from e3nn.o3._tensor_product._sub import FullyConnectedTensorProduct

set_optimization_defaults(jit_mode="eager")  # else e3nn scripts functions before torch 2.10


class PairPotential(torch.nn.Module):
    """Energy of atoms from the shape of their surroundings: one equivariant layer, and scalars of it.

    Args:
        num_types: number of atom types.
        cutoff: distance (Angstrom) beyond which atoms do not see each other.
        width: number of radial functions.
    """

    def __init__(self, num_types: int, cutoff: float, width: int = 6) -> None:
        super().__init__()
        self.cutoff = cutoff
        self.type_weights = torch.nn.Embedding(num_types, width)
        self.harmonics = SphericalHarmonics(Irreps.spherical_harmonics(1), True, normalization="component")
        features = Irreps(f"{width}x0e + {width}x1o")
        self.product = FullyConnectedTensorProduct(features, features, Irreps("4x0e"))
        self.readout = torch.nn.Linear(4, 1)
        self.register_buffer("orders", torch.arange(1.0, width + 1.0))

    def forward(self, data: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Energy (eV), forces (eV/Angstrom) and, where there is a cell, stress (eV/Angstrom^3).

        Args:
            data: ``pos`` (atoms, 3), ``atom_types`` (atoms,), ``edge_index`` (2, edges), and in a cell
                ``cell`` (1, 3, 3) and ``edge_cell_shift`` (edges, 3).

        Returns:
            The data with ``total_energy`` (1, 1), ``forces`` (atoms, 3) and ``stress`` (1, 3, 3).
        """
        pos = data["pos"].detach().requires_grad_()
        strain = torch.zeros(3, 3, dtype=pos.dtype, device=pos.device, requires_grad=True)
        with torch.enable_grad():
            energy = self.energies(self.edge_vectors(data, pos, strain), data).sum()
            slopes = torch.autograd.grad(energy, [pos, strain], create_graph=self.training)
        found = {**data, "total_energy": energy.reshape(1, 1), "forces": -slopes[0]}
        if "cell" in data:
            found["stress"] = (slopes[1] / torch.linalg.det(data["cell"].view(3, 3)).abs()).unsqueeze(0)
        return found

    def edge_vectors(
        self, data: dict[str, torch.Tensor], pos: torch.Tensor, strain: torch.Tensor
    ) -> torch.Tensor:
        """Vectors from the centers to the neighbors, shape (edges, 3), after a symmetric strain."""
        centers, neighbors = data["edge_index"]
        vectors = pos[neighbors] - pos[centers]
        if "cell" in data:
            vectors = vectors + data["edge_cell_shift"] @ data["cell"].view(3, 3)
        return vectors + vectors @ (strain + strain.T) / 2

    def energies(self, vectors: torch.Tensor, data: dict[str, torch.Tensor]) -> torch.Tensor:
        """Energy of each atom, shape (atoms, 1)."""
        centers, neighbors = data["edge_index"]
        lengths = vectors.norm(dim=-1, keepdim=True)
        scaled = (lengths / self.cutoff).clamp(max=1.0)
        radial = torch.sin(math.pi * self.orders * scaled) / lengths * (1 - scaled) ** 2
        weights = radial * self.type_weights(data["atom_types"])[neighbors]
        harmonics = self.harmonics(vectors)
        directions = weights.unsqueeze(-1) * harmonics[:, None, 1:]
        edges = torch.cat([weights * harmonics[:, :1], directions.flatten(1)], dim=-1)
        atoms = edges.new_zeros(len(data["pos"]), edges.shape[1]).index_add(0, centers, edges)
        return self.readout(self.product(atoms, atoms))


def build(num_types: int, cutoff: float, width: int = 6) -> PairPotential:
    """Make the potential in double precision."""
    return PairPotential(num_types, cutoff, width).double()

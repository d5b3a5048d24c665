"""The repulsion itself. This file is packaged with the model, so it imports narrowly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from nequip.data import AtomicDataDict
from nequip.nn import GraphModuleMixin, model_modifier, replace_submodules, scatter, with_edge_vectors_

if TYPE_CHECKING:
    from collections.abc import Sequence


def smooth_cutoff(x: torch.Tensor) -> torch.Tensor:
    """Fall from 1 at ``x = 0`` to 0 at ``x = 1``, first and second derivatives zero at both ends.

    Args:
        x: distance over cutoff radius, any shape, not negative. Zero is returned beyond 1.
    """
    x = x.clamp(max=1.0)
    return 1.0 - x**3 * (10.0 - 15.0 * x + 6.0 * x**2)


def _pair_numbers(num_types: int) -> torch.Tensor:
    """Number the unordered pairs of types: symmetric, shape (num_types, num_types)."""
    rows, columns = torch.triu_indices(num_types, num_types)
    numbers = torch.zeros(num_types, num_types, dtype=torch.long)
    numbers[rows, columns] = numbers[columns, rows] = torch.arange(len(rows))
    return numbers


class SoftCore(GraphModuleMixin, torch.nn.Module):
    """Add the Born-Mayer repulsion ``A exp(-r / rho) * smooth_cutoff(r / core_radius)`` per pair of atoms.

    ``A`` and ``rho`` are learnt for each pair of types as logarithms, so that they stay positive.
    Half of a pair's energy goes to either atom. Forces come from the autograd of the whole model.

    Args:
        type_names: the atom types of the model.
        core_radius: distance (Angstrom) beyond which there is no repulsion; at most the model's r_max.
        amplitude: initial ``A`` (eV).
        decay_length: initial ``rho`` (Angstrom).
        irreps_in: fields of the modules before this one.

    Raises:
        ValueError: a length or the amplitude is not positive.
    """

    def __init__(
        self,
        type_names: Sequence[str],
        core_radius: float = 2.0,
        amplitude: float = 50.0,
        decay_length: float = 0.3,
        irreps_in: dict | None = None,
    ) -> None:
        super().__init__()
        if min(core_radius, amplitude, decay_length) <= 0:
            raise ValueError("SoftCore: core_radius, amplitude and decay_length must be positive")
        self._init_irreps(irreps_in=irreps_in, irreps_out={AtomicDataDict.PER_ATOM_ENERGY_KEY: "0e"})
        self.core_radius = float(core_radius)
        self.model_dtype = torch.get_default_dtype()
        numbers = _pair_numbers(len(type_names))
        self.register_buffer("pair_numbers", numbers)
        per_pair = torch.ones(int(numbers.max()) + 1)
        self.log_amplitude = torch.nn.Parameter((per_pair * amplitude).log())
        self.log_decay_length = torch.nn.Parameter((per_pair * decay_length).log())

    def forward(self, data: AtomicDataDict.Type) -> AtomicDataDict.Type:
        """Add to the energy per atom (eV), shape (num_atoms, 1), and return the data."""
        data = with_edge_vectors_(data, with_lengths=True)
        centers, neighbors = data[AtomicDataDict.EDGE_INDEX_KEY].unbind(0)
        types = data[AtomicDataDict.ATOM_TYPE_KEY].view(-1)
        pair = self.pair_numbers[types[centers], types[neighbors]]
        edge_energy = 0.5 * self.pair_energy(data[AtomicDataDict.EDGE_LENGTH_KEY].view(-1), pair)
        edge_energy = edge_energy.to(self.model_dtype).unsqueeze(-1)
        field = AtomicDataDict.PER_ATOM_ENERGY_KEY
        if field in data:
            data[field] = data[field] + self.sum_onto_atoms(edge_energy, centers, data[field].size(0))
        else:
            data[field] = self.sum_onto_atoms(edge_energy, centers, AtomicDataDict.num_nodes(data))
        return data

    def pair_energy(self, distance: torch.Tensor, pair: torch.Tensor) -> torch.Tensor:
        """Energy of each pair (eV).

        Args:
            distance: distances (Angstrom), shape (num_edges,).
            pair: number of each pair of types, shape (num_edges,).
        """
        exponent = self.log_amplitude[pair] - distance * torch.exp(-self.log_decay_length[pair])
        return exponent.exp() * smooth_cutoff(distance / self.core_radius)

    def sum_onto_atoms(
        self, edge_energy: torch.Tensor, centers: torch.Tensor, num_atoms: int
    ) -> torch.Tensor:
        """Sum energies of edges, shape (num_edges, 1), onto their central atoms, shape (num_atoms, 1)."""
        return scatter(edge_energy, centers, dim=0, dim_size=num_atoms)

    @model_modifier(persistent=False)
    @classmethod
    def enable_TorchScatter(cls, model: torch.nn.Module) -> torch.nn.Module:
        """Sum over edges with the kernel of the optional library torch_scatter (inference only)."""
        from .softcore_kernel import TorchScatterSoftCore

        return replace_submodules(model, cls, TorchScatterSoftCore.from_softcore)

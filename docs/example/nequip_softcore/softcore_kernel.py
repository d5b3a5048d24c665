"""The repulsion with a kernel of torch_scatter, an optional library.

The library is imported when the kernel is switched on, not with this file. So the file can be
imported, and is packaged, on machines without the library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .softcore import SoftCore

if TYPE_CHECKING:
    import torch


class TorchScatterSoftCore(SoftCore):
    """`SoftCore` that sums over edges with ``torch_scatter.segment_coo``. Same parameters, same energy."""

    _nequip_custom_ops_libs = ("torch_scatter",)

    @classmethod
    def from_softcore(cls, core: SoftCore) -> TorchScatterSoftCore:
        """Make the module that replaces ``core`` and shares its parameters.

        Raises:
            ImportError: torch_scatter is not installed.
        """
        from torch_scatter import segment_coo

        new = cls.__new__(cls)
        new.__dict__.update(core.__dict__)
        new.segment_coo = segment_coo
        return new

    def sum_onto_atoms(
        self, edge_energy: torch.Tensor, centers: torch.Tensor, num_atoms: int
    ) -> torch.Tensor:
        """Sum as `SoftCore` does; the kernel wants the edges sorted by central atom."""
        centers, order = centers.sort(stable=True)
        return self.segment_coo(edge_energy[order], centers, dim_size=num_atoms, reduce="sum")

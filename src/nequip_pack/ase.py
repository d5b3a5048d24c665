"""An ASE calculator for packages. Needs the extra ``ase``, and neither nequip nor e3nn.

Nothing else of nequip-pack imports this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from ase.calculators.calculator import Calculator, all_changes
from ase.data import atomic_numbers
from ase.geometry import complete_cell
from ase.stress import full_3x3_to_voigt_6_stress
from matscipy.neighbours import neighbour_list

from nequip_pack.errors import EnvironmentLacksError, InputError, ModelError, UsageError
from nequip_pack.load import load_package

if TYPE_CHECKING:
    import os

_ENERGY: Final = "total_energy"
_ENERGIES: Final = "atomic_energy"
_FORCES: Final = "forces"
_STRESS: Final = "stress"


class PackageCalculator(Calculator):  # type: ignore[misc]
    """Runs the model of a package: energy (eV), forces (eV/Angstrom), stress (eV/Angstrom^3).

    The model must have been trained in these units. A stress has ASE's order (xx, yy, zz, yz, xz, xy) and
    sign (positive under tension), and is given only for a cell that spans a volume.

    Args:
        package_path: a ``.nequip.zip`` file whose model takes and gives the fields of nequip: from ``pos``,
            ``atom_types``, ``edge_index`` and, where there is a cell, ``cell``, ``pbc`` and
            ``edge_cell_shift`` it computes ``total_energy``, and ``forces`` and ``stress`` where it can.
        device: where to run it, as torch names devices.
        species: the model's type name by chemical symbol; without it, type names are chemical symbols.
        compile_mode: as for :func:`nequip_pack.ModelFromPackage`.

    Raises:
        NequipPackError: if the package cannot be read or loaded, as :func:`nequip_pack.ModelFromPackage`.
        UsageError: if ``species`` names a type that the model does not have, or is needed and missing.
        EnvironmentLacksError: if there is no such device.
        ModelError: if the package has several models, no positions in its example data, or no cutoff.
    """

    implemented_properties: ClassVar[list[str]] = ["energy", "free_energy", "energies", "forces", "stress"]

    def __init__(
        self,
        package_path: str | os.PathLike[str],
        *,
        device: str = "cpu",
        species: Mapping[str, str] | None = None,
        compile_mode: str = "eager",
    ) -> None:
        super().__init__()
        loaded = load_package(package_path, compile_mode)
        example = loaded.example_data
        if len(loaded.models) != 1 or not isinstance(example, Mapping) or "pos" not in example:
            raise ModelError("this is not the package of one interatomic potential", where=package_path)
        self.cutoff = _cutoff(package_path, loaded.cutoff)
        self._path = package_path
        self._types = _types(package_path, loaded.type_names, species)
        self._dtype = example["pos"].dtype
        self._device = _device(device)
        self._model = next(iter(loaded.models.values())).eval().to(self._device)
        self._pair_cutoffs = _pair_cutoffs(self._model, len(loaded.type_names))

    def calculate(
        self,
        atoms: Any = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """Compute everything that the model gives for ``atoms``.

        Raises:
            InputError: for an element that the model does not know, or a periodic direction without a cell.
        """
        import torch

        super().calculate(atoms, properties, system_changes)
        data = {name: value.to(self._device) for name, value in self._data(self.atoms).items()}
        with torch.enable_grad():
            output = self._model(data)
        found = {name: output[name].detach().cpu().numpy() for name in _GIVEN if name in output}
        self.results = _results(found, has_volume=self.atoms.cell.rank == 3)

    def _data(self, atoms: Any) -> dict[str, Any]:
        """The model's input, on the CPU."""
        import torch

        types = np.array([self._type(symbol) for symbol in atoms.symbols], dtype=np.int64)
        centers, neighbors, shifts = self._neighbors(atoms, types)
        data = {
            "pos": torch.as_tensor(atoms.positions, dtype=self._dtype),
            "atom_types": torch.as_tensor(types),
            "edge_index": torch.as_tensor(np.stack([centers, neighbors]), dtype=torch.long),
        }
        if atoms.pbc.any() or atoms.cell.rank == 3:
            data["cell"] = torch.as_tensor(atoms.cell.array, dtype=self._dtype).view(1, 3, 3)
            data["pbc"] = torch.as_tensor(atoms.pbc).view(1, 3)
            data["edge_cell_shift"] = torch.as_tensor(shifts, dtype=self._dtype)
        return data

    def _neighbors(self, atoms: Any, types: Any) -> tuple[Any, Any, Any]:
        """Every pair within the cutoff in both directions, images of an atom itself included.

        Returns:
            Two arrays of shape (pairs,), of centers and of neighbors, and the neighbors' cells (pairs, 3).
        """
        if (atoms.pbc & ~atoms.cell.array.any(axis=1)).any():
            what = "the structure is periodic in a direction in which it has no cell vector"
            raise InputError(what, remedy="set a cell, or pbc=False")
        cell = complete_cell(atoms.cell.array)
        centers, neighbors, shifts, distances = neighbour_list(
            "ijSd", pbc=atoms.pbc, cell=cell, positions=atoms.positions, cutoff=self.cutoff
        )
        if self._pair_cutoffs is None:
            return centers, neighbors, shifts
        near = distances <= self._pair_cutoffs[types[centers], types[neighbors]]
        return centers[near], neighbors[near], shifts[near]

    def _type(self, symbol: str) -> int:
        if symbol not in self._types:
            what = f"the model does not know the element {symbol}, only {', '.join(self._types)}"
            raise InputError(what, where=self._path)
        return self._types[symbol]


_GIVEN: Final = (_ENERGY, _ENERGIES, _FORCES, _STRESS)


def _results(found: Mapping[str, Any], *, has_volume: bool) -> dict[str, Any]:
    results: dict[str, Any] = {}
    if _ENERGY in found:
        results["energy"] = results["free_energy"] = float(found[_ENERGY].reshape(()))
    if _ENERGIES in found:
        results["energies"] = found[_ENERGIES].reshape(-1)
    if _FORCES in found:
        results["forces"] = found[_FORCES]
    if _STRESS in found and has_volume:
        results["stress"] = full_3x3_to_voigt_6_stress(found[_STRESS].reshape(3, 3))
    return results


def _cutoff(where: object, known: float | None) -> float:
    if known is None:
        raise ModelError("neither the metadata nor the model tell the cutoff", where=where)
    return known


def _pair_cutoffs(model: Any, types: int) -> Any:
    """The cutoffs by the types of center and neighbor, shape (types, types), if the model has several."""
    text = getattr(model, "metadata", {}).get("per_edge_type_cutoff")
    return np.array(text.split(), dtype=float).reshape(types, types) if text else None


def _types(where: object, names: Sequence[str], species: Mapping[str, str] | None) -> dict[str, int]:
    """The index of the model's type by chemical symbol."""
    numbers = {name: index for index, name in enumerate(names)}
    if species is None:
        known = {name: index for name, index in numbers.items() if name in atomic_numbers}
        if not known:
            what = f"none of the model's types is a chemical symbol: {', '.join(names) or 'it has none'}"
            raise UsageError(what, where=where, remedy="give species={symbol: type}")
        return known
    if wrong := sorted(set(species.values()) - numbers.keys()):
        what = f"species names {', '.join(wrong)}, but the model has the types {', '.join(names)}"
        raise UsageError(what, where=where)
    return {symbol: numbers[name] for symbol, name in species.items()}


def _device(name: str) -> Any:
    import torch

    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        why = str(error).partition("\n")[0]
        raise EnvironmentLacksError(f"there is no device {name!r} here", why=why) from error
    return device

"""An ASE calculator for packages. Needs the extra ``ase``, and neither nequip nor e3nn.

Nothing else of nequip-pack imports this module.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from ase.calculators.calculator import Calculator, all_changes
from ase.data import atomic_numbers
from ase.geometry import complete_cell
from ase.stress import full_3x3_to_voigt_6_stress
from matscipy.neighbours import neighbour_list

from nequip_pack.errors import EnvironmentLacksError, InputError, ModelError, UsageError
from nequip_pack.format import open_archive
from nequip_pack.format.manifest import content_id
from nequip_pack.load import load_package
from nequip_pack.load.origin import content_hash

if TYPE_CHECKING:
    import os

_ENERGY: Final = "total_energy"
_ENERGIES: Final = "atomic_energy"
_FORCES: Final = "forces"
_STRESS: Final = "stress"


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What a calculator has of its package.

    Attributes:
        model: in evaluation mode, on its device.
        device: as torch has it.
        dtype: of positions.
        precision: in which the model computes; nequip takes positions in double precision whatever that is.
        types: the index of the model's type by chemical symbol.
        cutoff: the largest, in Angstrom.
        pair_cutoffs: by the types of center and neighbor, ``None`` if all have the same.
    """

    model: Any
    device: Any
    dtype: Any
    precision: Any
    types: dict[str, int]
    cutoff: float
    pair_cutoffs: Any


class PackageCalculator(Calculator):  # type: ignore[misc]
    """Runs the model of a package: energy (eV), forces (eV/Angstrom), stress (eV/Angstrom^3).

    The model must have been trained in these units. A stress has ASE's order (xx, yy, zz, yz, xz, xy) and
    sign (positive under tension), and is given only for a cell that spans a volume.

    A calculator can be pickled and sent to another process: as the absolute path of the package, the hash of
    its content, and the other arguments. The package is loaded anew when the calculator is first used there,
    if the file still has that content; unpickling itself does not fail, because ``multiprocessing.Pool``
    waits forever for a task that did not unpickle. A copy in the same process has results of its own and
    shares the model, which it does not change.

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
        self._path = Path(package_path).absolute()
        self._device = device
        self._species = None if species is None else dict(species)
        self._compile_mode = compile_mode
        self._content = _content(package_path)
        self._here: _Loaded | None = _load(package_path, device, self._species, compile_mode)

    @property
    def cutoff(self) -> float:
        """The cutoff radius in Angstrom, the largest if the model has several."""
        return self._loaded.cutoff

    @property
    def _loaded(self) -> _Loaded:
        """The package, loaded when a calculator that came from elsewhere is first used.

        Raises:
            InputError: if the file is another than the calculator was made from.
        """
        if self._here is None:
            found = _content(self._path)
            if found != self._content:
                what = "this is not the package that the calculator was made from"
                why = f"its content is {found}, and was {self._content}"
                raise InputError(what, where=self._path, why=why, remedy="put that package back")
            self._here = _load(self._path, self._device, self._species, self._compile_mode)
        return self._here

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_here": None}

    def __copy__(self) -> PackageCalculator:
        new = type(self).__new__(type(self))
        new.__dict__.update(self.__dict__)
        return new

    def __deepcopy__(self, memo: dict[int, Any]) -> PackageCalculator:
        memo[id(self)] = new = self.__copy__()
        new.__dict__.update(copy.deepcopy(self.__getstate__(), memo))
        new._here = self._here
        return new

    def calculate(
        self,
        atoms: Any = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """Compute everything that the model gives for ``atoms``.

        Raises:
            InputError: for an element that the model does not know, a periodic direction without a cell, or
                a position or cell that is not finite in the model's precision.
        """
        import torch

        super().calculate(atoms, properties, system_changes)
        _check_finite(self.atoms, self._loaded.precision)
        data = {name: value.to(self._loaded.device) for name, value in self._data(self.atoms).items()}
        with torch.enable_grad():
            output = self._loaded.model(data)
        found = {name: output[name].detach().cpu().numpy() for name in _GIVEN if name in output}
        self.results = _results(found, has_volume=self.atoms.cell.rank == 3)

    def _data(self, atoms: Any) -> dict[str, Any]:
        """The model's input, on the CPU."""
        import torch

        types = np.array([self._type(symbol) for symbol in atoms.symbols], dtype=np.int64)
        centers, neighbors, shifts = self._neighbors(atoms, types)
        data = {
            "pos": torch.as_tensor(atoms.positions, dtype=self._loaded.dtype),
            "atom_types": torch.as_tensor(types),
            "edge_index": torch.as_tensor(np.stack([centers, neighbors]), dtype=torch.long),
        }
        if atoms.pbc.any() or atoms.cell.rank == 3:
            data["cell"] = torch.as_tensor(atoms.cell.array, dtype=self._loaded.dtype).view(1, 3, 3)
            data["pbc"] = torch.as_tensor(atoms.pbc).view(1, 3)
            data["edge_cell_shift"] = torch.as_tensor(shifts, dtype=self._loaded.dtype)
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
        limits = self._loaded.pair_cutoffs
        if limits is None:
            return centers, neighbors, shifts
        near = distances <= limits[types[centers], types[neighbors]]
        return centers[near], neighbors[near], shifts[near]

    def _type(self, symbol: str) -> int:
        types = self._loaded.types
        if symbol not in types:
            what = f"the model does not know the element {symbol}, only {', '.join(types)}"
            raise InputError(what, where=self._path)
        return types[symbol]


_GIVEN: Final = (_ENERGY, _ENERGIES, _FORCES, _STRESS)


def _content(package_path: str | os.PathLike[str]) -> str:
    """What tells a package from others: its content id, or the hash of a file that has none."""
    archive = open_archive(Path(package_path))
    return content_id(archive) or f"sha256:{content_hash(archive.path)}"


def _load(
    path: str | os.PathLike[str], device: str, species: Mapping[str, str] | None, compile_mode: str
) -> _Loaded:
    loaded = load_package(path, compile_mode)
    example = loaded.example_data
    if len(loaded.models) != 1 or not isinstance(example, Mapping) or "pos" not in example:
        raise ModelError("this is not the package of one interatomic potential", where=path)
    place = _torch_device(device)
    model = next(iter(loaded.models.values())).eval().to(place)
    return _Loaded(
        model=model,
        device=place,
        dtype=example["pos"].dtype,
        precision=getattr(model, "model_dtype", example["pos"].dtype),
        types=_types(path, loaded.type_names, species),
        cutoff=_cutoff(path, loaded.cutoff),
        pair_cutoffs=_pair_cutoffs(model, len(loaded.type_names)),
    )


def _check_finite(atoms: Any, precision: Any) -> None:
    """Refuse numbers for which a model may give a finite energy all the same: no pair is near."""
    remedy = "look at what moved the atoms"
    for part, rows in (("position of atom", atoms.positions), ("cell vector", atoms.cell.array)):
        (wrong,) = np.nonzero(~np.isfinite(_rounded(rows, precision)).all(axis=1))
        if len(wrong):
            more = f" (nor are those of {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            what = f"the {part} {wrong[0]} is not finite: {rows[wrong[0]].tolist()}{more}"
            raise InputError(what, remedy=remedy)


def _rounded(rows: Any, dtype: Any) -> Any:
    """Numbers as the model gets them: what double precision holds may be infinite in a lower one."""
    import torch

    return torch.as_tensor(rows, dtype=dtype).numpy()


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


def _torch_device(name: str) -> Any:
    import torch

    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        why = str(error).partition("\n")[0]
        raise EnvironmentLacksError(f"there is no device {name!r} here", why=why) from error
    return device

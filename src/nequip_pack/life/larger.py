"""Larger inputs made of an example: the structure repeated along a cell vector, and two of them at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

POS: Final = "pos"
EDGES: Final = "edge_index"
SHIFTS: Final = "edge_cell_shift"
CELL: Final = "cell"
COUNT: Final = "num_atoms"
BATCH: Final = "batch"
REVERSE: Final = "edge_transpose_perm"
_PER_ATOM: Final = frozenset({POS, "atom_types", "atomic_numbers", "forces", BATCH})
_PER_STRUCTURE: Final = frozenset({"pbc", "total_energy", "stress", "virial"})
_AWAY: Final = 100.0
"""How far, in the unit of the positions, a copy is from a structure that is not periodic."""


def unsuitable(data: Any) -> str:
    """Why some example data cannot be repeated; empty if it can: one structure of atoms, as nequip's are."""
    if not isinstance(data, Mapping) or not _has_atoms(data):
        return f"the example data has no {POS} and {EDGES}"
    if COUNT in data and data[COUNT].numel() != 1:
        return "the example data has more than one structure"
    if SHIFTS in data and CELL not in data:
        return f"the example data has an {SHIFTS} without a {CELL}"
    return ""


def _has_atoms(data: Mapping[str, Any]) -> bool:
    if POS not in data or EDGES not in data:
        return False
    pos, edges = data[POS], data[EDGES]
    return pos.ndim == edges.ndim == 2 and pos.shape[1] == 3 and len(edges) == 2


def doubled(data: Mapping[str, Any]) -> dict[str, Any]:
    """The structure and its copy, in a cell that is twice as long along a periodic direction.

    Edges lead where they led in the periodic structure: one that leaves the first half ends in the second.
    Where no edge leaves the cell, the copy is far away. What else is known per atom or per edge is repeated,
    the rest kept.

    Args:
        data: one structure that is not :func:`unsuitable`.
    """
    import torch

    atoms, edges = len(data[POS]), data[EDGES].shape[1]
    axis = _periodic(data)
    along = torch.zeros(edges, dtype=torch.long) if axis is None else data[SHIFTS][:, axis].round().long()
    target = torch.cat([along, along + 1]) % 2
    special: dict[str, Callable[[Any], Any]] = {
        POS: lambda pos: torch.cat([pos, pos + _away(data, axis)]),
        EDGES: lambda index: _edges(index, atoms, target),
        SHIFTS: lambda shifts: _shifts(shifts, along, axis),
        CELL: lambda cell: _longer(cell, axis),
        COUNT: lambda count: 2 * count,
    }

    def larger(name: str, value: Any) -> Any:
        if name in special:
            return special[name](value)
        return torch.cat([value, value]) if _is_repeated(name, value, atoms, edges) else value.clone()

    found = {name: larger(name, value) for name, value in data.items()}
    return _sorted(found) if REVERSE in data else found


def paired(data: Mapping[str, Any]) -> dict[str, Any]:
    """A batch of a structure and itself; empty if the example data does not say that it is a batch of one."""
    import torch

    if BATCH not in data or COUNT not in data:
        return {}
    atoms, edges = len(data[POS]), data[EDGES].shape[1]
    offsets = {EDGES: atoms, REVERSE: edges, BATCH: 1}

    def both(name: str, value: Any) -> Any:
        if name in offsets:
            return torch.cat([value, value + offsets[name]], dim=-1)
        is_whole = bool(value.ndim) and len(value) == 1
        return torch.cat([value, value]) if is_whole or _is_repeated(name, value, atoms, edges) else value

    return {name: both(name, value) for name, value in data.items()}


def _sorted(data: dict[str, Any]) -> dict[str, Any]:
    """Edges sorted as their reverses are counted (nequip 0.19.1, `SortedNeighborListTransform`)."""
    import torch

    first, second = data[EDGES]
    atoms, edges = len(data[POS]), len(first)
    order = torch.argsort(first * atoms + second)
    for name, value in data.items():
        if name == EDGES:
            data[name] = value[:, order]
        elif name.startswith("edge_") and value.ndim and len(value) == edges:
            data[name] = value[order]
    first, second = data[EDGES]
    return {**data, REVERSE: torch.argsort(second * atoms + first)}


def _periodic(data: Mapping[str, Any]) -> int | None:
    """The first cell vector along which an edge leaves the cell."""
    leaving = data[SHIFTS].any(dim=0).tolist() if SHIFTS in data else []
    return leaving.index(True) if True in leaving else None


def _is_repeated(name: str, value: Any, atoms: int, edges: int) -> bool:
    if not value.ndim or name in _PER_STRUCTURE:
        return False
    if name.startswith("edge_"):
        return len(value) == edges
    return len(value) == atoms and (atoms > 1 or name in _PER_ATOM or name.startswith("node_"))


def _edges(index: Any, atoms: int, target: Any) -> Any:
    import torch

    start = torch.arange(2).repeat_interleave(index.shape[1])
    return index.repeat(1, 2) + atoms * torch.stack([start, target]).to(index.dtype)


def _shifts(shifts: Any, along: Any, axis: int | None) -> Any:
    import torch

    twice = shifts.repeat(2, 1)
    if axis is not None:
        twice[:, axis] = torch.cat([along, along + 1]).div(2, rounding_mode="floor").to(shifts.dtype)
    return twice


def _longer(cell: Any, axis: int | None) -> Any:
    import torch

    longer = cell.clone(memory_format=torch.contiguous_format)
    if axis is not None:
        longer.view(-1, 3, 3)[:, axis] *= 2
    return longer


def _away(data: Mapping[str, Any], axis: int | None) -> Any:
    """From an atom to its copy, of shape (3,)."""
    import torch

    if axis is not None:
        return data[CELL].reshape(-1, 3, 3)[0, axis].to(data[POS].dtype)
    return torch.tensor([_AWAY, 0.0, 0.0], dtype=data[POS].dtype)

"""Larger inputs made of an example are what nequip makes of the larger structure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nequip_pack.life.larger import doubled, paired, unsuitable

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.real


def structure(pbc: tuple[bool, bool, bool], repeat: tuple[int, int, int] = (1, 1, 1)) -> Any:
    """Four atoms of copper, none where symmetry would have it."""
    from ase.build import bulk

    atoms = bulk("Cu", "hcp", a=2.6) * (1, 2, 1)
    atoms.rattle(0.1, seed=1)
    atoms.pbc = pbc
    return atoms * repeat


def data_of(atoms: Any, *, in_order: bool = False) -> dict[str, Any]:
    """What a data module of nequip makes of it."""
    from nequip.data import AtomicDataDict, transforms
    from nequip.data.ase import from_ase

    kind = transforms.SortedNeighborListTransform if in_order else transforms.NeighborListTransform
    data: dict[str, Any] = AtomicDataDict.batched_from_list([kind(r_max=4.5)(from_ase(atoms))])
    return data


def edges(data: Mapping[str, Any]) -> list[tuple[int, ...]]:
    """Every edge with its shift, sorted."""
    import torch

    columns = torch.cat([data["edge_index"], data["edge_cell_shift"].round().long().T])
    return sorted(map(tuple, columns.T.tolist()))


PERIODIC = [
    ((True, True, True), (2, 1, 1)),
    ((False, True, True), (1, 2, 1)),
    ((False, False, True), (1, 1, 2)),
]


@pytest.mark.parametrize(("pbc", "repeat"), PERIODIC)
def test_a_supercell(pbc: tuple[bool, bool, bool], repeat: tuple[int, int, int]) -> None:
    import torch

    data = data_of(structure(pbc))
    found, wanted = doubled(data), data_of(structure(pbc, repeat))
    assert found.keys() == wanted.keys() == data.keys()
    assert edges(found) == edges(wanted)
    for name in found.keys() - {"edge_index", "edge_cell_shift"}:
        assert torch.allclose(found[name], wanted[name]), name


def test_a_molecule() -> None:
    """Its copy is out of reach."""
    import torch

    data = data_of(structure((False, False, False)))
    found = doubled(data)
    count = data["edge_index"].shape[1]
    assert torch.equal(found["edge_index"][:, :count], data["edge_index"])
    assert torch.equal(found["edge_index"][:, count:], data["edge_index"] + 4)
    assert (found["pos"][4:] - found["pos"][:4]).norm(dim=1).min() > 50
    assert torch.equal(found["cell"], data["cell"])


def test_edges_in_order() -> None:
    """The place of each reverse is counted anew."""
    import torch

    found = doubled(data_of(structure((True, True, True)), in_order=True))
    index = found["edge_index"]
    assert bool((index[0].diff() >= 0).all())
    assert torch.equal(index[:, found["edge_transpose_perm"]], index.flip(0))


def test_two_at_once() -> None:
    import torch
    from nequip.data import AtomicDataDict

    data = data_of(structure((True, True, True)))
    wanted = AtomicDataDict.batched_from_list([data, data])
    found = paired(data)
    assert found.keys() == wanted.keys()
    assert [name for name in found if not torch.equal(found[name], wanted[name])] == []
    assert paired({name: value for name, value in data.items() if name != "batch"}) == {}


def test_what_is_no_structure() -> None:
    import torch

    data = data_of(structure((True, True, True)))
    assert unsuitable(data) == ""
    assert unsuitable({**data, "edge_index": data["edge_index"].T}) == unsuitable(torch.ones(3))
    assert unsuitable(torch.ones(3)) == "the example data has no pos and edge_index"
    assert unsuitable({**data, "num_atoms": torch.tensor([2, 2])}).endswith("more than one structure")
    assert "without a cell" in unsuitable({name: v for name, v in data.items() if name != "cell"})

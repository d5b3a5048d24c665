"""The repulsion is physics: it decays, ends smoothly, and its forces are its derivative."""

from __future__ import annotations

import math
import sys
from types import ModuleType

import pytest
import torch
from nequip.utils import torch_default_dtype
from nequip_softcore.softcore import SoftCore

CORE_RADIUS = 2.0  # Angstrom


def make_core(**arguments: float) -> torch.nn.Module:
    """A SoftCore for two types in float64, whose three pairs of types have parameters of their own."""
    with torch_default_dtype(torch.float64):
        core = SoftCore(type_names=["A", "B"], core_radius=CORE_RADIUS, **arguments)
    with torch.no_grad():
        core.log_amplitude += torch.tensor([0.0, 0.1, 0.2], dtype=torch.float64)
    return core


def energies(core: torch.nn.Module, positions: torch.Tensor, types: list[int]) -> torch.Tensor:
    """Energy per atom (eV), shape (num_atoms,), of an isolated cluster in which all atoms are neighbours."""
    pairs = [(i, j) for i in range(len(types)) for j in range(len(types)) if i != j]
    data = {
        "pos": positions,
        "atom_types": torch.tensor(types),
        "edge_index": torch.tensor(pairs).T,
    }
    return core(data)["atomic_energy"].squeeze(-1)


def dimer(core: torch.nn.Module, distance: torch.Tensor, types: list[int]) -> torch.Tensor:
    """Energy (eV) of two atoms at a distance (Angstrom)."""
    unit = torch.tensor([[0.0, 0, 0], [1, 0, 0]], dtype=torch.float64)
    return energies(core, unit * distance, types).sum()


def test_energy_of_a_dimer_is_born_mayer_times_cutoff() -> None:
    core = make_core(amplitude=50.0, decay_length=0.3)
    energy = dimer(core, torch.tensor(1.0, dtype=torch.float64), [0, 0])
    assert energy.item() == pytest.approx(50.0 * math.exp(-1.0 / 0.3) * 0.5, rel=1e-12)  # cutoff(1/2) = 1/2


def test_energy_decays_to_exactly_zero() -> None:
    core = make_core()
    distances = torch.linspace(0.2, CORE_RADIUS, 50, dtype=torch.float64)
    values = torch.stack([dimer(core, r, [0, 1]) for r in distances])
    assert (values.diff() < 0).all()
    assert values[-2] > 0
    assert dimer(core, torch.tensor(CORE_RADIUS, dtype=torch.float64), [0, 1]) == 0
    assert dimer(core, torch.tensor(2 * CORE_RADIUS, dtype=torch.float64), [0, 1]) == 0


def test_cutoff_ends_smoothly() -> None:
    """Energy, force and its derivative vanish as (R - r)**3, (R - r)**2 and (R - r)."""
    core = make_core()

    def derivatives(gap: float) -> list[float]:
        r = torch.tensor(CORE_RADIUS - gap, dtype=torch.float64, requires_grad=True)
        energy = dimer(core, r, [1, 1])
        (first,) = torch.autograd.grad(energy, r, create_graph=True)
        (second,) = torch.autograd.grad(first, r)
        return [abs(value.item()) for value in (energy, first, second)]

    for order, near, far in zip((3, 2, 1), derivatives(1e-4), derivatives(1e-3), strict=True):
        assert near > 0
        assert far / near == pytest.approx(10**order, rel=0.02)


def test_pairs_are_symmetric_and_atoms_share_their_energy() -> None:
    core = make_core()
    positions = torch.tensor([[0.0, 0, 0], [0.9, 0.2, -0.1]], dtype=torch.float64)
    ab, ba = energies(core, positions, [0, 1]), energies(core, positions, [1, 0])
    assert torch.equal(ab, ba)
    assert ab[0] == ab[1]
    assert ab[0] < energies(core, positions, [1, 1])[0]


def test_forces_are_minus_the_gradient() -> None:
    core = make_core()
    generator = torch.Generator().manual_seed(7)
    positions = torch.rand(5, 3, generator=generator, dtype=torch.float64) * 1.5
    types = [0, 1, 0, 1, 1]
    positions.requires_grad_(True)
    (gradient,) = torch.autograd.grad(energies(core, positions, types).sum(), positions)
    step = 1e-5
    for index in range(positions.numel()):
        shift = torch.zeros(positions.numel(), dtype=torch.float64)
        shift[index] = step
        up, down = (
            energies(core, (positions + s * shift.view_as(positions)).detach(), types).sum() for s in (1, -1)
        )
        assert gradient.view(-1)[index].item() == pytest.approx(
            ((up - down) / (2 * step)).item(), rel=1e-6, abs=1e-8
        )
    assert gradient.abs().max() > 0.1


def test_parameters_must_be_positive() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        make_core(decay_length=0.0)


def stand_in_for_torch_scatter() -> ModuleType:
    """A module with the one function that the example calls, summing with plain torch."""

    def segment_coo(
        src: torch.Tensor, index: torch.Tensor, out: None = None, dim_size: int = 0, reduce: str = "sum"
    ) -> torch.Tensor:
        assert out is None
        assert reduce == "sum"
        assert (index.diff() >= 0).all()
        return src.new_zeros(dim_size, *src.shape[1:]).index_add(0, index, src)

    module = ModuleType("torch_scatter")
    module.segment_coo = segment_coo  # type: ignore[attr-defined]
    return module


@pytest.fixture
def torch_scatter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real torch_scatter where it is installed, else a stand-in in plain torch."""
    try:
        import torch_scatter  # noqa: F401
    except ImportError:
        monkeypatch.setitem(sys.modules, "torch_scatter", stand_in_for_torch_scatter())


@pytest.mark.usefixtures("torch_scatter")
def test_kernel_gives_the_same_energies_and_forces() -> None:
    model = torch.nn.ModuleDict({"core": make_core()})
    positions = torch.rand(6, 3, generator=torch.Generator().manual_seed(3), dtype=torch.float64) * 2
    types = [0, 1, 1, 0, 1, 0]

    def energies_and_forces() -> tuple[torch.Tensor, torch.Tensor]:
        variable = positions.clone().requires_grad_(True)
        values = energies(model["core"], variable, types)
        return values.detach(), torch.autograd.grad(values.sum(), variable)[0]

    plain = energies_and_forces()
    model["core"].enable_TorchScatter(model)
    assert type(model["core"]).__name__ == "TorchScatterSoftCore"
    torch.testing.assert_close(energies_and_forces(), plain, rtol=1e-12, atol=1e-12)


def test_kernel_without_the_library_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch_scatter", None)
    model = torch.nn.ModuleDict({"core": make_core()})
    with pytest.raises(ImportError, match="torch_scatter"):
        model["core"].enable_TorchScatter(model)

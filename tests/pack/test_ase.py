"""The ASE calculator against nequip's own, where nequip and e3nn cannot be imported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pack_support import NOT_HERE, BareEnvironment, checked, pack, python

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.real

STRUCTURES = """
import ase.build, numpy as np
from ase import Atoms

def structures():
    chance = np.random.default_rng(5)
    yield "crystal", ase.build.bulk("Cu", cubic=True).repeat(2)
    yield "one atom in a small cell", ase.build.bulk("Cu")
    sheared = ase.build.bulk("Cu", cubic=True)
    sheared.set_cell(sheared.cell.array @ [[1, 0.1, 0], [0, 0.9, 0.2], [0.05, 0, 1.1]], scale_atoms=True)
    sheared.symbols[1] = "O"
    yield "sheared, two elements", sheared
    yield "slab", ase.build.fcc111("Cu", (2, 2, 3), vacuum=None)
    yield "slab in a box", ase.build.fcc111("Cu", (2, 2, 2), vacuum=5.0)
    yield "outside of its cell", Atoms("Cu2O", [[9, 0, 0], [-3, 1, 0], [0, 0, 12]], cell=[4, 4, 4], pbc=True)
    yield "cluster", Atoms("CuOCu", [[0, 0, 0], [1.8, 0, 0], [0, 2.0, 0.3]])
    yield "cluster in a cell", Atoms("CuO", [[0, 0, 0], [1.8, 0.4, 0]], cell=[7, 7, 7])

def rattled():
    for name, atoms in structures():
        atoms.rattle(0.05, seed=3)
        yield name, atoms

def results(calculator):
    from ase.calculators.calculator import PropertyNotImplementedError
    found = {}
    for name, atoms in rattled():
        atoms.calc = calculator
        found[name] = {"energy": atoms.get_potential_energy(), "forces": atoms.get_forces().tolist(),
                       "energies": atoms.get_potential_energies().tolist()}
        try:
            found[name]["stress"] = atoms.get_stress().tolist()
        except PropertyNotImplementedError:
            pass
    return found
"""
THEIRS = (
    STRUCTURES
    + """
import json, sys
from nequip.integrations.ase import NequIPCalculator
calculator = NequIPCalculator._from_saved_model(sys.argv[1], chemical_species_to_atom_type_map=True)
print(json.dumps(results(calculator)))
"""
)
OURS = (
    STRUCTURES
    + """
import json, sys
from nequip_pack.ase import PackageCalculator
print(json.dumps(results(PackageCalculator(sys.argv[1]))))
"""
)
WITHOUT_VOLUME = {"slab", "cluster"}


@pytest.fixture(scope="module")
def two_types(checkpoints: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a model in double precision with two types and a cutoff for each pair of them."""
    output = tmp_path_factory.mktemp("two") / "two.nequip.zip"
    checked(pack("build", checkpoints("two types"), output, cwd=output.parent))
    return output


def _last(output: str) -> Any:
    return json.loads(output.strip().splitlines()[-1])


def _largest(first: Any, second: Any) -> float:
    if isinstance(first, list):
        assert len(first) == len(second)
        return max((_largest(a, b) for a, b in zip(first, second, strict=True)), default=0.0)
    return float(abs(first - second))


def test_equals_nequips_calculator(
    two_types: Path, tmp_path: Path, bare_environment: BareEnvironment
) -> None:
    theirs = _last(checked(python("-c", THEIRS, str(two_types), cwd=tmp_path)).stdout)
    ours = _last(checked(bare_environment.python("-c", OURS + NOT_HERE, str(two_types), cwd=tmp_path)).stdout)
    assert theirs.keys() == ours.keys()
    for name, expected in theirs.items():
        for key, value in ours[name].items():
            assert _largest(expected[key], value) < 1e-12, (name, key, expected[key], value)
    assert {name for name in ours if "stress" not in ours[name]} == WITHOUT_VOLUME
    assert min(abs(ours[name]["energy"]) for name in ours) > 0.01
    assert max(abs(number) for name in ours.keys() - WITHOUT_VOLUME for number in ours[name]["stress"]) > 1e-4


DERIVATIVES = """
import sys, numpy as np, ase.build
from nequip_pack.ase import PackageCalculator
calculator = PackageCalculator(sys.argv[1])
atoms = ase.build.bulk("Cu")  # one atom: every neighbour is an image
atoms.set_cell(atoms.cell.array @ [[1, 0.1, 0], [0, 0.9, 0.2], [0.05, 0, 1.1]], scale_atoms=True)
atoms.calc = calculator
stress, step = atoms.get_stress(), 1e-5

def energy(i, j, size):
    strain = np.eye(3)
    strain[i, j] += size / 2
    strain[j, i] += size / 2
    strained = atoms.copy()
    strained.set_cell(atoms.cell.array @ strain, scale_atoms=True)
    strained.calc = calculator
    return strained.get_potential_energy()

order = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)]
numeric = np.array([(energy(i, j, step) - energy(i, j, -step)) / (2 * step) for i, j in order])
numeric /= atoms.get_volume()
assert np.abs(stress).min() > 1e-5, stress
assert np.abs(stress - numeric).max() < 1e-8, (stress, numeric)
pair = ase.build.molecule("O2")
pair.calc = calculator
forces, moved = pair.get_forces(), [pair.copy(), pair.copy()]
for sign, other in zip((1, -1), moved):
    other.positions[0, 2] += sign * 1e-5
    other.calc = calculator
slope = -(moved[0].get_potential_energy() - moved[1].get_potential_energy()) / 2e-5
assert abs(forces[0, 2]) > 1e-6 and abs(forces[0, 2] - slope) < 1e-7, (forces, slope)
"""


def test_stress_and_forces_are_derivatives_of_the_energy(two_types: Path, tmp_path: Path) -> None:
    """ASE's order and sign of the stress, by finite strains; a cell in which an atom sees its own images."""
    checked(python("-c", DERIVATIVES, str(two_types), cwd=tmp_path))


NEIGHBORS = """
import sys, ase.neighborlist
CUTOFFS, pruned = {"CuCu": 4.0, "CuO": 3.1, "OCu": 2.7, "OO": 2.7}, 0
from nequip_pack.ase import PackageCalculator
calculator = PackageCalculator(sys.argv[1])
for name, atoms in rattled():
    data = calculator._data(atoms)
    i, j = data["edge_index"].tolist()
    shifts = data["edge_cell_shift"].long().tolist() if "edge_cell_shift" in data else [[0, 0, 0]] * len(i)
    a, b, s, d = ase.neighborlist.neighbor_list("ijSd", atoms, 4.0)
    limits = [CUTOFFS[atoms.symbols[center] + atoms.symbols[neighbor]] for center, neighbor in zip(a, b)]
    near = d <= limits
    expected = sorted(zip(a[near].tolist(), b[near].tolist(), s[near].tolist()))
    pruned += len(d) - len(expected)
    assert sorted(zip(i, j, shifts)) == expected, name
    assert expected, name
assert pruned
"""


def test_neighbors_are_those_of_ases_own_list(two_types: Path, tmp_path: Path) -> None:
    """A pair beyond the cutoff of its types adds nothing to an energy, so only the list itself tells."""
    checked(python("-c", STRUCTURES + NEIGHBORS, str(two_types), cwd=tmp_path))


WRONG = """
import sys
from ase import Atoms
from ase.build import molecule
from nequip_pack.ase import PackageCalculator
from nequip_pack.errors import NequipPackError

def line(make):
    try:
        make()
    except NequipPackError as error:
        print(error.exit_code, str(error))
    else:
        raise SystemExit("no error")

def energy(atoms, **options):
    atoms.calc = PackageCalculator(sys.argv[1], **options)
    return atoms.get_potential_energy()

line(lambda: energy(molecule("H2O")))
line(lambda: energy(Atoms("Cu", pbc=True)))
line(lambda: energy(Atoms("Cu"), device="cuda:7"))
line(lambda: energy(Atoms("Cu"), device="gpu"))
line(lambda: energy(Atoms("Cu"), species={"H": "Hydrogen"}))
line(lambda: energy(Atoms("Cu"), species={"H": "O"}))
assert energy(molecule("H2"), species={"H": "O"}) == energy(Atoms("O2", molecule("H2").positions))
"""


def test_what_cannot_be_computed_is_said(two_types: Path, tmp_path: Path) -> None:
    lines = checked(python("-c", WRONG, str(two_types), cwd=tmp_path)).stdout.splitlines()
    expected = [
        (3, "does not know the element H, only Cu, O"),
        (3, "periodic in a direction in which it has no cell vector"),
        (6, "there is no device 'cuda:7'"),
        (6, "there is no device 'gpu'"),
        (2, "species names Hydrogen, but the model has the types Cu, O"),
        (3, "does not know the element Cu, only H"),
    ]
    assert len(lines) == len(expected)
    for line, (code, words) in zip(lines, expected, strict=True):
        assert line.startswith(f"{code} ")
        assert words in line

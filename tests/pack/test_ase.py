"""The ASE calculator against nequip's own, where nequip and e3nn cannot be imported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pack_support import NOT_HERE, BareEnvironment, checked, pack, python
from warm import new_python

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


COPIES = """
import copy, pickle, sys
import numpy as np
from ase.build import bulk
from nequip_pack.ase import PackageCalculator

path, species = sys.argv[1], {"Cu": "Cu", "H": "O"}
first = PackageCalculator(path, species=species)
atoms = bulk("Cu", cubic=True)
atoms.rattle(0.05, seed=3)
atoms.calc = first
energy, forces = atoms.get_potential_energy(), atoms.get_forces()
other = atoms.copy()
other.symbols[0] = "H"
for again in (copy.copy(first), copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
    assert again.results["energy"] == energy and (again.results["forces"] == forces).all()
    assert again.atoms == atoms and again.cutoff == first.cutoff
    other.calc = again
    assert other.get_potential_energy() != energy  # with the species of the first
    assert first.results["energy"] == energy and first.atoms == atoms
    atoms.calc = again
    assert atoms.get_potential_energy() == energy
deep = copy.deepcopy(first)
deep.results["forces"][:] = 0
assert (first.results["forces"] == forces).all()
pair = copy.deepcopy([first, first])
assert pair[0] is pair[1] and pair[0]._loaded.model is first._loaded.model
assert len(pickle.dumps(first)) < 20_000  # no weights
images = pickle.loads(pickle.dumps(atoms))
assert images.calc is not first and images.get_potential_energy() == energy
"""


def test_copies_have_results_of_their_own(two_types: Path, tmp_path: Path) -> None:
    checked(python("-c", COPIES, two_types.name, cwd=two_types.parent))


SENDS = """
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
import torch
from nequip_pack.errors import DamagedError
from ase.build import bulk
from ase.mep import NEB
from ase.optimize import FIRE

def energy(job):
    calculator, seed = job
    torch.set_num_threads(1)
    atoms = bulk("Cu", cubic=True)
    atoms.rattle(0.05, seed=seed)
    atoms.calc = calculator
    return os.getpid(), atoms.get_potential_energy()

def of_global(seed):
    return energy((CALCULATOR, seed))

def band(calculators):
    images = [bulk("Cu", cubic=True) for _ in range(4)]
    for image, calculator in zip(images, calculators):
        image.calc = calculator
    images[-1].rattle(0.05, seed=1)
    chain = NEB(images, allow_shared_calculator=len(set(map(id, calculators))) == 1)
    chain.interpolate()
    FIRE(chain, logfile=None).run(fmax=1e-9, steps=3)
    return [image.get_potential_energy() for image in images]

if __name__ == "__main__":
    from nequip_pack.ase import PackageCalculator
    torch.set_num_threads(1)
    CALCULATOR = PackageCalculator(sys.argv[1])
    here = [energy((CALCULATOR, seed))[1] for seed in range(4)]
    sys.argv[1] = os.path.abspath(sys.argv[1])
    os.chdir("/")
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            found = list(pool.map(energy, [(CALCULATOR, seed) for seed in range(4)]))
        assert [value for _, value in found] == here, method
        assert os.getpid() not in {process for process, _ in found}
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert [value for _, value in pool.map(of_global, range(4))] == here
    with open(sys.argv[1], "r+b") as package:
        package.truncate(1000)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        try:
            pool.apply_async(energy, ((CALCULATOR, 0),)).get(timeout=300)
        except DamagedError as error:
            assert sys.argv[1] in str(error)
        else:
            raise SystemExit("a damaged package was taken")
    import copy
    shared, copied = band([CALCULATOR] * 4), band([copy.deepcopy(CALCULATOR) for _ in range(4)])
    assert shared == copied and len(set(shared)) > 1, (shared, copied)
    print("done")
"""


def test_other_processes_and_a_band(two_types: Path, tmp_path: Path) -> None:
    """By every way to start a process, from a path that was relative; and the images of a NEB.

    A package that is damaged meanwhile is an error of the task, not of the pool.
    """
    (tmp_path / "sends.py").write_text(SENDS)
    (tmp_path / "sent.nequip.zip").write_bytes(two_types.read_bytes())
    done = checked(new_python("sends.py", "sent.nequip.zip", cwd=tmp_path))
    assert done.stdout.splitlines()[-1] == "done"


ARRIVES = """
import pickle, sys
from pathlib import Path
from nequip_pack.errors import NequipPackError
calculator = pickle.loads(Path("calculator.pkl").read_bytes())
try:
    calculator.cutoff
except NequipPackError as error:
    print(error.exit_code, str(error))
"""


def test_another_package_in_its_place_is_not_taken(two_types: Path, package: Path, tmp_path: Path) -> None:
    """Whatever happened to the file on the way: the hash of its content is compared before it is loaded."""
    script = """
import pickle
from pathlib import Path
from nequip_pack.ase import PackageCalculator
Path("calculator.pkl").write_bytes(pickle.dumps(PackageCalculator("m.nequip.zip")))
"""
    place = tmp_path / "m.nequip.zip"
    place.write_bytes(two_types.read_bytes())
    checked(python("-c", script, cwd=tmp_path))
    for content, expected in (
        (package.read_bytes(), f"3 {place}: this is not the package that the calculator was made from (its "),
        (None, f"3 {place}: there is no such package file"),
        (two_types.read_bytes()[:-90], f"4 {place}: "),
        (two_types.read_bytes(), ""),
    ):
        place.unlink(missing_ok=True)
        if content is not None:
            place.write_bytes(content)
        assert checked(python("-c", ARRIVES, cwd=tmp_path)).stdout.startswith(expected)
    place.write_bytes(package.read_bytes())
    line = checked(python("-c", ARRIVES, cwd=tmp_path)).stdout
    assert line.count("sha256:") == 2


NOT_FINITE = """
import dataclasses, sys
import numpy as np
from ase import Atoms
from ase.build import bulk
from nequip_pack.ase import PackageCalculator
from nequip_pack.errors import InputError

calculator = PackageCalculator(sys.argv[1])

class Never:
    def __call__(self, data):
        raise AssertionError("the model ran")

def line(atoms):
    atoms.calc = calculator
    loaded, calculator._here = calculator._here, dataclasses.replace(calculator._here, model=Never())
    for _ in range(2):
        try:
            atoms.get_potential_energy()
        except InputError as error:
            said = str(error)
        else:
            raise SystemExit("no error")
    calculator._here = loaded
    print(said)

def with_position(index, value):
    atoms = bulk("Cu", cubic=True).repeat(2)
    atoms.positions[index, 1] = value
    return atoms

line(with_position(3, np.nan))
line(with_position([4, 7], -np.inf))
line(with_position(0, 1e300))
line(Atoms("Cu2", [[0, 0, np.nan], [1, 0, 0]]))
line(Atoms("Cu", cell=[3, np.inf, 3], pbc=True))
atoms = bulk("Cu")
atoms.calc = calculator
assert np.isfinite(atoms.get_potential_energy())
"""


def test_what_is_not_finite_never_reaches_the_model(package: Path, tmp_path: Path) -> None:
    """In single precision, in which a position of 1e300 is not finite either."""
    lines = checked(python("-c", NOT_FINITE, str(package), cwd=tmp_path)).stdout.splitlines()
    expected = [
        "the position of atom 3 is not finite: [",
        "the position of atom 4 is not finite: [",
        "the position of atom 0 is not finite: [0.0, 1e+300, 0.0]",
        "the position of atom 0 is not finite: [0.0, 0.0, nan]",
        "the cell vector 1 is not finite: [0.0, inf, 0.0]",
    ]
    assert len(lines) == len(expected)
    for line, start in zip(lines, expected, strict=True):
        assert line.startswith(start)
    assert "(nor are those of 1 more)" in lines[1]

"""Symmetries of a potential, and whether its forces are those of its energy. Needs no reference."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.verify.report import FAILED, PASSED, UNCHECKED, Check
from nequip_pack.verify.tolerance import FORCE, STEP, SYMMETRY, limit, relative

if TYPE_CHECKING:
    Data = Mapping[str, Any]
    Run = Callable[[Data], Data]

ENERGY: Final = "total_energy"
FORCES: Final = "forces"
_DIRECTIONS: Final = 3
_SEED: Final = 7
_NOT_PER_ATOM: Final = ("cell", "pbc", "num_atoms", "stress", "virial", ENERGY)


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that can be run, its data, and the precision that it runs in (``float64`` or ``float32``)."""

    run: Run
    data: Data
    dtype: str


def physics(model: Any, data: Any, dtype: str) -> list[Check]:
    """Check rotation, translation, permutation, inversion, and forces against the energy.

    Args:
        model: maps a dictionary of tensors to one that has ``total_energy`` of shape (1, 1), and ``forces``
            of shape (atoms, 3) where it gives them.
        data: one structure: ``pos`` (atoms, 3), and, as the model needs them, ``cell`` (1, 3, 3),
            ``edge_index`` (2, edges) and ``atom_types``.
        dtype: the precision that the model was trained in.
    """
    if not isinstance(data, Mapping) or "pos" not in data:
        return [Check("physics", UNCHECKED, "the example data has no positions")]
    subject = _in_double(model, data) if dtype != "float64" else _as_it_is(model, data, dtype)
    if subject is None:
        subject = _as_it_is(model, data, dtype)
    expected = subject.run(subject.data)
    if ENERGY not in expected:
        return [Check("physics", UNCHECKED, f"the model gives no {ENERGY}")]
    return [*_symmetries(subject, expected), _forces(subject, expected)]


def _as_it_is(model: Any, data: Data, dtype: str) -> Subject:
    return Subject(lambda given: _run(model, given), data, dtype)


def _in_double(model: Any, data: Data) -> Subject | None:
    """The model with all its numbers in double precision, if it runs so and gives about the same energy."""
    import torch

    twin = copy.deepcopy(model).double()
    for module in twin.modules():
        for name, value in list(vars(module).items()):
            if value is torch.float32:
                setattr(module, name, torch.float64)
    double = {name: v.double() if v.is_floating_point() else v for name, v in data.items()}

    def run(given: Data) -> Data:
        before = torch.get_default_dtype()
        torch.set_default_dtype(torch.float64)
        try:
            return _run(twin, given)
        finally:
            torch.set_default_dtype(before)

    try:
        single, result = _run(model, data), run(double)
        same = relative(single[ENERGY], result[ENERGY]) < 1e-3
        kept = result[ENERGY].dtype == torch.float64
    except Exception:
        return None
    return Subject(run, double, "float64") if same and kept else None


def _run(model: Any, data: Data) -> Data:
    import torch

    with torch.enable_grad():
        result = model({name: value.clone() for name, value in data.items()})
    return {name: v.detach() for name, v in result.items() if isinstance(v, torch.Tensor)}


def _symmetries(subject: Subject, expected: Data) -> Iterator[Check]:
    rotation, order = _rotation(), _order(subject.data)
    yield _judged(subject, expected, "rotation", _turned(subject.data, rotation), _by(rotation))
    yield _judged(subject, expected, "translation", _shifted(subject.data), lambda forces: forces)
    yield _judged(subject, expected, "permutation", _permuted(subject.data, order), lambda f: f[order])
    mirror = -_identity()
    found = _judged(subject, expected, "inversion", _turned(subject.data, mirror), _by(mirror))
    if found.status == FAILED:
        note = f"the model does not have this symmetry, which models need not have ({found.detail})"
        found = Check(found.name, UNCHECKED, note)
    yield found


def _judged(subject: Subject, expected: Data, name: str, data: Data, carried: Callable[[Any], Any]) -> Check:
    result = subject.run(data)
    gap = relative(expected[ENERGY], result[ENERGY])
    if FORCES in expected:
        gap = max(gap, relative(carried(expected[FORCES]), result[FORCES]))
    allowed = limit(SYMMETRY, subject.dtype)
    what = "energy and forces" if FORCES in expected else "energy"
    detail = f"{what} within {gap:.1e} (limit {allowed:.0e}, in {subject.dtype})"
    return Check(name, PASSED if gap <= allowed else FAILED, detail)


def _forces(subject: Subject, expected: Data) -> Check:
    """Directional derivatives of the energy by central differences against the forces."""
    import torch

    name = "forces against the energy"
    if FORCES not in expected:
        return Check(name, UNCHECKED, "the model gives no forces")
    chance = torch.Generator().manual_seed(_SEED)
    step, gaps = STEP[subject.dtype], []
    for _ in range(_DIRECTIONS):
        pos = subject.data["pos"]
        way = torch.randn(pos.shape, generator=chance, dtype=torch.float64).to(pos.dtype)
        way = way / way.norm()
        ahead, back = (
            subject.run({**subject.data, "pos": pos + sign * step * way})[ENERGY].double().sum()
            for sign in (1, -1)
        )
        slope = -(ahead - back) / (2 * step)
        gaps.append(relative((expected[FORCES].double() * way.double()).sum(), slope))
    allowed = limit(FORCE, subject.dtype)
    detail = f"within {max(gaps):.1e} of its differences (limit {allowed:.0e}, in {subject.dtype})"
    return Check(name, PASSED if max(gaps) <= allowed else FAILED, detail)


def _turned(data: Data, matrix: Any) -> Data:
    vectors = {name: data[name] @ matrix.to(data[name].dtype).T for name in ("pos", "cell") if name in data}
    return {**data, **vectors}


def _by(matrix: Any) -> Callable[[Any], Any]:
    return lambda forces: forces @ matrix.to(forces.dtype).T


def _shifted(data: Data) -> Data:
    import torch

    return {**data, "pos": data["pos"] + torch.tensor([1.25, -0.5, 2.75], dtype=data["pos"].dtype)}


def _permuted(data: Data, order: Any) -> Data:
    import torch

    atoms = len(order)
    place = torch.empty_like(order)
    place[order] = torch.arange(atoms)
    changed = {
        name: value[order]
        for name, value in data.items()
        if value.ndim and len(value) == atoms and not name.startswith("edge") and name not in _NOT_PER_ATOM
    }
    if "edge_index" in data:
        changed["edge_index"] = place[data["edge_index"]]
    return {**data, **changed}


def _rotation() -> Any:
    """A proper rotation about no axis of the lattice, of shape (3, 3)."""
    import torch

    chance = torch.Generator().manual_seed(_SEED)
    matrix, _ = torch.linalg.qr(torch.randn(3, 3, generator=chance, dtype=torch.float64))
    return matrix * torch.linalg.det(matrix).sign()


def _identity() -> Any:
    import torch

    return torch.eye(3, dtype=torch.float64)


def _order(data: Data) -> Any:
    import torch

    return torch.randperm(len(data["pos"]), generator=torch.Generator().manual_seed(_SEED))

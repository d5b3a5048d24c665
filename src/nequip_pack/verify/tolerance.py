"""How far numbers may be apart, by the model's precision.

A difference of predictions is relative to the largest number of its reference, or to the floor where that is
more: 100 eps, in the model's precision, times the largest energy or force of the model. A reference that is
no larger than the floor is zero but for rounding, as the forces in a perfect crystal are; there a difference
of up to a tenth of the floor is rounding too. Integers are the same or not. Symmetries, and forces against
the energy, are relative to the largest number or to 1 where that is smaller, in the model's units.

=================  =======  =======
class              float64  float32
=================  =======  =======
bitwise            0        0
same architecture  1e-12    1e-5
other device       1e-9     5e-4
symmetry           1e-9     1e-4
force              1e-5     2e-2
=================  =======  =======

"Same architecture" is what another number of threads, torch release or processor of the same kind changes by
the order of a sum; "other device" is a GPU or another library's kernels. "Force" compares with central
differences of the energy, whose own error is of the order of the step squared (float64), or of the energy's
rounding (float32). Physics runs in float64 wherever the model can be converted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nequip_pack.load.numbers import Gap

BITWISE: Final = "bitwise"
SAME: Final = "same architecture"
OTHER: Final = "other device"
SYMMETRY: Final = "symmetry"
FORCE: Final = "force"
_LIMITS: Final = {
    SAME: {"float64": 1e-12, "float32": 1e-5},
    OTHER: {"float64": 1e-9, "float32": 5e-4},
    SYMMETRY: {"float64": 1e-9, "float32": 1e-4},
    FORCE: {"float64": 1e-5, "float32": 2e-2},
}
_EPS: Final = {"float64": 2.0**-52, "float32": 2.0**-23}
STEP: Final = {"float64": 1e-4, "float32": 1e-2}
"""Length of the displacement for central differences, in the length unit of the data, by precision."""


def limit(kind: str, dtype: str) -> float:
    """The relative limit of a class; that of float32 for a precision which is not in the table."""
    return _LIMITS[kind].get(dtype, _LIMITS[kind]["float32"])


def floor(gaps: Mapping[str, Gap], dtype: str) -> float:
    """The least that differences of predictions are relative to.

    Args:
        gaps: of each output, by ``model.output``. Outputs are energies or forces by their names; where none
            is, all count but integers.
        dtype: the precision of the model.
    """
    sizes = {name: gap.largest for name, gap in gaps.items() if not gap.exact}
    known = [size for name, size in sizes.items() if _is_physical(name.rpartition(".")[2].lower())]
    return 100 * _EPS.get(dtype, _EPS["float32"]) * max(known or sizes.values(), default=0.0)


def _is_physical(name: str) -> bool:
    return any(word in name for word in ("energ", "force"))


def reached(gap: Gap, floor: float, dtype: str) -> str | None:
    """The strictest class of predictions that a difference falls in; ``None`` for none."""
    if gap.exact:
        return SAME if gap.below(0.0) else None
    if gap.largest <= floor and gap.below(floor / 10):
        return SAME
    return next((kind for kind in (SAME, OTHER) if gap.relative(floor) <= limit(kind, dtype)), None)


def relative(expected: Any, found: Any) -> float:
    """The largest difference of two tensors, relative to the expected one's largest number or 1.

    Returns:
        Infinity if one is a number where the other is not, or the shapes differ.
    """
    if expected.shape != found.shape:
        return float("inf")
    if not expected.numel():
        return 0.0
    a, b = expected.detach().double(), found.detach().double()
    gap = (a - b).abs().max().item()
    scale = max(1.0, a.abs().max().item())
    return gap / scale if gap == gap else float("inf")

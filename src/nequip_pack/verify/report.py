"""What a verification found."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any, Final

PASSED: Final = "passed"
FAILED: Final = "failed"
UNCHECKED: Final = "not checked"
WARNING: Final = "warning"
WHOLE: Final = "whole"
SAMPLE: Final = "sample"
NOT_COMPARED: Final = "no"
PREDICTIONS: Final = "predictions"
"""The name of the check that there are references at all; what is missing is told output by output."""
NOT_ASKED: Final = "give --physics"
"""The detail of a check that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: its ``status`` is one of the words of this module."""

    name: str
    status: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class OutputCheck:
    """One output of the models beside its reference.

    Attributes:
        name: ``model.output``.
        status: one of the words of this module.
        detail: the class of the difference, or why there is none.
        dtype: of the output; empty for what is no tensor.
        shape: of the output.
        compared: whether all numbers were compared, a sample with the norm, or none.
        reference: the number of the reference where the difference is largest, ``None`` if not compared.
        value: the number that the model gives there.
        absolute: the largest difference.
        relative: the same, relative to the largest number of the reference or to the floor.
        intermediate: whether a graph model of nequip passes this on beside its results; it only warns.
    """

    name: str
    status: str
    detail: str
    dtype: str = ""
    shape: tuple[int, ...] = ()
    compared: str = NOT_COMPARED
    reference: float | None = None
    value: float | None = None
    absolute: float | None = None
    relative: float | None = None
    intermediate: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was looked at.

    Attributes:
        checks: of the package as a whole.
        outputs: every output that the models give, or should give.
    """

    checks: tuple[Check, ...]
    outputs: tuple[OutputCheck, ...]

    @property
    def rows(self) -> list[Check]:
        """Everything, a row each."""
        return [*self.checks, *(Check(item.name, item.status, item.detail) for item in self.outputs)]

    @property
    def failed(self) -> list[str]:
        """The names of what failed."""
        return [row.name for row in self.rows if row.status == FAILED]

    @property
    def results(self) -> list[OutputCheck]:
        """The outputs without intermediates."""
        return [item for item in self.outputs if not item.intermediate]

    @property
    def left(self) -> list[OutputCheck]:
        """The outputs that were not compared."""
        return [item for item in self.results if item.status == UNCHECKED]

    @property
    def verified(self) -> bool:
        """Whether every output was compared, and nothing failed."""
        return not self.failed and not self.left and bool(self.results)

    def last_word(self) -> str:
        """One line that claims no more than was done."""
        compared = len(self.results) - len(self.left)
        counts = f"{compared} of {len(self.results)} outputs"
        if not self.failed and self.verified:
            said = f"verified: {counts}"
        else:
            said = f"{counts} compared" + (f"; not compared: {_grouped(self.left)}" if self.left else "")
        more = {
            "intermediates that differ": [item.name for item in self.outputs if item.status == WARNING],
            "not checked": [f"{row.name} ({row.detail})" for row in self.checks if _is_open(row)],
        }
        return "; ".join([said, *(f"{word}: {', '.join(names)}" for word, names in more.items() if names)])

    def as_json(self, path: str) -> str:
        """The answer of ``verify --json``."""
        return json.dumps({"version": 1, "path": path, **self.content()}, indent=2, allow_nan=False)

    def content(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {
            "verified": self.verified,
            "checks": [asdict(row) for row in self.rows],
            "outputs": [_plain(asdict(item)) for item in self.outputs],
        }


def _is_open(row: Check) -> bool:
    return row.status == UNCHECKED and row.name != PREDICTIONS and row.detail != NOT_ASKED


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    """JSON has no numbers that are not finite."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in item.items()
    }


def _grouped(items: list[OutputCheck]) -> str:
    """Names, with each reason once."""
    reasons: dict[str, list[str]] = {}
    for item in items:
        reasons.setdefault(item.detail, []).append(item.name)
    return "; ".join(f"{', '.join(names)} ({reason})" for reason, names in reasons.items())

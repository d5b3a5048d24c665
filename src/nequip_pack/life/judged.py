"""What the steps of a life mean: a package must not do less than the models that it was made of.

Where these do no better themselves, the step only warns: a model may count its calls, refuse to be copied, or
be made for one number of atoms, and still be packaged right.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from nequip_pack.life.larger import doubled
from nequip_pack.life.seen import run, seen
from nequip_pack.life.values import (
    COPY,
    FAILED,
    FIRST_AGAIN,
    LARGER,
    PASSED,
    SECOND_FORWARD,
    SKIPPED,
    WARNING,
    Seen,
    Step,
)
from nequip_pack.load.numbers import gap, reduced
from nequip_pack.load.outputs import same_bits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nequip_pack.life.values import Run


def judged(
    steps: Mapping[str, Seen], models: Any, data: Any, first: Mapping[str, Any], of: str
) -> Iterator[Step]:
    """What each step means.

    Args:
        steps: what the package did, by name, in the order of its life.
        models: those in memory that it was made of, which have run once.
        data: the example data.
        first: what they gave.
        of: what they come from, for messages.
    """
    twin = _Twin(models, data, first)
    for name, package in steps.items():
        if package.skipped:
            yield Step(name, SKIPPED, package.skipped)
        elif package.is_the_same:
            yield Step(name, PASSED)
        else:
            yield _beside(name, package, twin.at(name), {} if name == LARGER else first, of)


def difference(expected: Mapping[str, Any], found: Mapping[str, Any], name: str) -> str:
    """How an output differs, in words."""
    if name not in expected or name not in found:
        return f"{name}: {'missing from' if name in expected else 'only in'} the package's output"
    if expected[name].shape != found[name].shape or expected[name].dtype != found[name].dtype:
        return (
            f"{name}: {tuple(found[name].shape)} {found[name].dtype} instead of {tuple(expected[name].shape)}"
        )
    apart = gap(*(reduced(value[name], value[name].numel()) for value in (expected, found)))
    return f"{name}: largest difference {apart.absolute:.3g} (relative {apart.relative(0.0):.3g})"


def is_equal(expected: Mapping[str, Any], found: Mapping[str, Any], name: str) -> bool:
    """Whether an output is in both, bit for bit the same."""
    return name in expected and name in found and same_bits(expected[name], found[name])


def _beside(name: str, package: Seen, model: Seen | None, first: Mapping[str, Any], of: str) -> Step:
    """A step at which a package does not do what it did first, beside what the models in memory do there."""
    expected = first if model is None else _outputs(model, first)
    found = _outputs(package, first)
    different = [key for key in sorted({*expected, *found}) if not is_equal(expected, found, key)]
    if package.trouble:
        if model is not None and model.trouble:
            return Step(name, WARNING, f"{package.trouble}; so does the {of}'s model", package.advice)
        return Step(name, FAILED, package.trouble, package.advice)
    if model is not None and model.trouble:
        return Step(name, WARNING, f"the {of}'s model does less: {model.trouble}")
    if different:
        return Step(name, FAILED, ", ".join(difference(expected, found, key) for key in different))
    if not first:
        return Step(name, PASSED)
    changed = ", ".join(difference(first, found, key) for key in (*package.changed, *package.lost))
    return Step(name, WARNING, f"{changed}; so does the {of}'s model")


def _outputs(seen: Seen, first: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**first, **seen.changed}.items() if name not in seen.lost}


class _Twin:
    """The models in memory, which go through the same life as far as they are asked."""

    def __init__(self, models: Any, data: Any, first: Mapping[str, Any]) -> None:
        self._models, self._data, self._first = models, data, first
        self._runs, self._last = 1, first

    def at(self, name: str) -> Seen | None:
        """What they do at a step; ``None`` at one that only packages have."""
        acts: dict[str, Run] = {
            SECOND_FORWARD: lambda: self._until(2),
            COPY: self._copied,
            FIRST_AGAIN: lambda: self._until(3),
            LARGER: lambda: run(self._models, doubled(self._data)),
        }
        return seen(acts[name], {} if name == LARGER else self._first) if name in acts else None

    def _until(self, runs: int) -> Mapping[str, Any]:
        while self._runs < runs:
            self._runs += 1
            self._last = run(self._models, self._data)
        return self._last

    def _copied(self) -> Mapping[str, Any]:
        self._until(2)
        return run(copy.deepcopy(self._models), self._data)

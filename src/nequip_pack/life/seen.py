"""Go through the steps of a model's life, in the process that has loaded it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from nequip_pack.causes import advice
from nequip_pack.failure import described
from nequip_pack.fresh import begin
from nequip_pack.life.larger import doubled, unsuitable
from nequip_pack.life.values import COPY, FIRST_AGAIN, LARGER, SECOND_FORWARD, SECOND_LOAD, Seen
from nequip_pack.load import ModelFromPackage
from nequip_pack.load.outputs import outputs, same_bits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nequip_pack.life.values import Run
    from nequip_pack.load import LoadedPackage


def steps(package: Path, loaded: LoadedPackage, first: Mapping[str, Any]) -> Iterator[tuple[str, Seen]]:
    """What costs little: the same process, the same example, and one that is twice as large.

    Args:
        package: the file.
        loaded: what was loaded of it, and has run once.
        first: the outputs of that.
    """
    models, data = loaded.models, loaded.example_data

    def forward() -> Mapping[str, Any]:
        return run(models, data)

    yield step(SECOND_FORWARD, forward, first)
    yield step(COPY, lambda: run(copy.deepcopy(models), data), first)
    yield step(SECOND_LOAD, lambda: run(ModelFromPackage(package), data), first, again=True)
    yield step(FIRST_AGAIN, forward, first)
    if why := unsuitable(data):
        yield LARGER, Seen(skipped=why)
    else:
        yield step(LARGER, lambda: run(models, doubled(data)), {})


def step(name: str, act: Run, first: Mapping[str, Any], *, again: bool = False) -> tuple[str, Seen]:
    """A step and what comes of it; the arguments are those of :func:`seen`."""
    begin(name)
    return name, seen(act, first, again=again)


def run(models: Any, data: Any) -> Mapping[str, Any]:
    """The outputs of models, by name."""
    return outputs(models, data).tensors


def seen(act: Run, first: Mapping[str, Any], *, again: bool = False) -> Seen:
    """What comes of an act.

    Args:
        act: gives outputs.
        first: the outputs that are expected; none if others are.
        again: whether it loads the model's code a second time.
    """
    try:
        found = act()
    except (Exception, SystemExit) as error:
        return Seen(trouble=described(error), advice=advice(error, again=again))
    changed = {
        name: value for name, value in found.items() if name not in first or not same_bits(first[name], value)
    }
    return Seen(changed, tuple(sorted(first.keys() - found.keys())))

"""Real models in many configurations: the predicted archive beside the real one, module by module."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agreement import Baseline
from machines import STAND_INS
from reality import STORE, Real, Store, Trial
from reproduce import Machines
from subjects import Subject, subjects

from nequip_lint.toml import read_toml

SEED = 20261125
CONFIGURATIONS = {"nequip": 12, "allegro": 10, "softcore": 5, "pair": 5}
"""Configurations of each family in the whole matrix."""
TRITON = "triton==3.5.1"
_NAMES = "type_names"


@dataclass(frozen=True)
class Configuration:
    """A model of a family, and what is installed where it is built."""

    family: str
    options: Mapping[str, Any]
    build: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What tells it from the others: every option, and the libraries."""
        shown = [f"{key} {_short(value)}" for key, value in self.options.items() if value != {}]
        return f"{self.family}: {', '.join([*shown, *self.build])}"

    @property
    def machines(self) -> Machines:
        return Machines(subjects()[self.family].uses_nequip, self.build, (), STAND_INS)

    @property
    def subject(self) -> Subject:
        """The family's source with this model's builder and arguments."""
        base = subjects()[self.family]
        given = {key: _filled(value, self.options) for key, value in self.options.items() if value != {}}
        return base._replace(arguments={**base.arguments, **given})


@dataclass(frozen=True)
class Comparison:
    """`unequal` tells of modules with other actions than predicted; `predicted` counts modules by action."""

    configuration: Configuration
    real: Real
    predicted: Mapping[str, int]
    dropped: tuple[str, ...]
    unequal: str

    @property
    def agrees(self) -> bool:
        """Whether the archive is the predicted one, and build, load and forward pass end as predicted."""
        return not self.unequal and self.real.archive is not None and self.real.stage == ""


def configurations(family: str, count: int, seed: int = SEED) -> list[Configuration]:
    """Different configurations, drawn by the seed; Allegro's with and without triton in turn."""
    options = read_toml(Path(__file__).with_name("models.toml"))[family]["options"]
    choose = random.Random(f"{seed} {family}")
    drawn: dict[str, Configuration] = {}
    while len(drawn) < count:
        build = (TRITON,) if family == "allegro" and len(drawn) % 2 else ()
        found = {key: choose.choice(values) for key, values in options.items()}
        item = Configuration(family, found, build)
        drawn[item.name] = item
    return list(drawn.values())


def compare(
    items: Sequence[Configuration], folder: Path, store: Store, only_known: bool = False
) -> Iterator[Comparison | None]:
    """Predict and build each of some configurations of one family; None for what may not be built now."""
    bases: dict[tuple[str, ...], Baseline] = {}
    for number, item in enumerate(items):
        trial = Trial(item.subject.tree(), item.machines)
        if only_known and not store.has(trial):
            yield None
            continue
        if item.build not in bases:
            place = folder / f"base-{len(bases)}"
            bases[item.build] = Baseline(subjects()[item.family], item.machines, store, place)
        real = store.outcome(trial, folder / str(number))
        yield _compared(item, real, bases[item.build])


def _compared(item: Configuration, real: Real, base: Baseline) -> Comparison:
    if real.archive is None:
        return Comparison(item, real, {}, (), "there is no archive")
    actions = list(base.closure(real.archive.roots).items())
    counts = {kind: sum(action == kind for _, action in actions) for kind in ("intern", "extern", "mock")}
    dropped = tuple(sorted(name for name, action in actions if action == "dropped"))
    return Comparison(item, real, counts, dropped, base.unequal(real.archive))


def all_compared(family: str, folder: Path, only_known: bool = False) -> Iterator[Comparison | None]:
    """The whole matrix of a family; what an earlier run has built is not built again."""
    store = Store(STORE / f"models-{family}.txt")
    return compare(configurations(family, CONFIGURATIONS[family]), folder, store, only_known)


def _filled(value: Any, options: Mapping[str, Any]) -> Any:
    """A value with the names of types where it asks for them."""
    if isinstance(value, dict):
        return {key: options[_NAMES] if entry == _NAMES else entry for key, entry in value.items()}
    return value


def families() -> tuple[str, ...]:
    """The families of models, in the order of the table."""
    return tuple(CONFIGURATIONS)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        target = str(value.get("_target_", "")).rpartition(".")[2]
        return target or "/".join(f"{key}={entry}" for key, entry in value.items())
    return "/".join(value) if isinstance(value, list) else str(value)

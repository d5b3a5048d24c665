"""Packages made to break their readers: every command that reads ends by itself, soon, and within memory."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import pytest
from hostile import crafted
from hostile_support import faults, members_of, reading, write_package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from hostile_support import Outcome, Server

    Show = Callable[[str, Mapping[str, Mapping[str, int]]], None]

pytestmark = pytest.mark.real

DAMAGED, LACKING = 4, 6


def _outcomes(names: Iterable[str], package: Path, folder: Path, server: Server) -> dict[str, list[Outcome]]:
    changes, whole, found = crafted(), members_of(package), {}
    for name in names:
        path = write_package(folder / "m.nequip.zip", changes[name](whole))
        found[name] = server.run(reading(path, package))
    return found


def _table(found: Mapping[str, list[Outcome]]) -> dict[str, Counter[str]]:
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for name, outcomes in found.items():
        for outcome in outcomes:
            table[name.split()[0]][f"exit {outcome['code']}"] += 1
    return table


def _check(found: Mapping[str, list[Outcome]]) -> None:
    wrong = [
        (name, outcome["words"][:2], fault, outcome["said"][-300:])
        for name, outcomes in found.items()
        for outcome in outcomes
        for fault in faults(outcome)
    ]
    assert not wrong, wrong


def _some(dice: random.Random, share: float) -> list[str]:
    """One of each kind, and a share of all."""
    names = sorted(crafted())
    dice.shuffle(names)
    first = {name.split()[0]: name for name in names}
    return sorted({*first.values(), *names[: round(len(names) * share)]})


def test_some_crafted_packages(
    small_package: Path, tmp_path: Path, server: Server, seed: int, show: Show
) -> None:
    found = _outcomes(_some(random.Random(seed), 0.08), small_package, tmp_path, server)
    show("Crafted packages, by kind", _table(found))
    _check(found)


@pytest.mark.matrix
def test_every_crafted_package(small_package: Path, tmp_path: Path, server: Server, show: Show) -> None:
    found = _outcomes(sorted(crafted()), small_package, tmp_path, server)
    show("Crafted packages, by kind", _table(found))
    _check(found)


DAMAGE: dict[str, str] = {
    "E1 aliases that grow (metadata)": "with its aliases written out it has more than 4194304 characters",
    "E1 a mapping that holds itself (value)": "its alias a stands for nothing whole",
    "E1 merge keys that grow (metadata)": "the tag 'tag:yaml.org,2002:merge' is not known here",
    "E2 numbers of one hash (value)": "which is 9007199254740992 or more",
    "E3 no day (value)": "'2001-99-99' is no timestamp",
    "E3 a number of 5,000 digits (value)": "a number or date has 5000 characters, more than 100",
    "E4 lists 100,000 deep (value)": "exceeded maximum nesting depth",
    "E4 dashes 50,000 deep (metadata)": "it is nested deeper than 100",
    "E5 a surrogate (value)": "is not YAML",
    "E6 a key twice (value)": "it has the key 'a' twice",
    "E6 a python object (value)": "object/apply:os.system' is not known here",
    "E6 pairs (value)": "pairs' is not known here",
    "E7 300,000 items (value)": "with its aliases written out it has more than 4194304 characters",
    "E7 tag directives (metadata)": "it has more than 10 directives",
    "J1 lists 100,000 deep (model/closure.json)": "it is nested deeper than 50",
    "J2 a number of 5,000 digits (model/closure.json)": "a number has 5000 digits, more than 100",
    "J3 a surrogate (model/closure.json)": "a text has a surrogate",
    "J4 a key twice (model/closure.json)": "it has a key twice",
    "J4 wrong values below (model/closure.json)": "1 is no module name",
    "J5 a million items (model/closure.json)": "items, more than 1000000",
    "V1 versions.torch is a mapping": "key versions: {'a': 1} is not the version of 'torch'",
    "V1 nequip_pack.cutoff is not a number": "key nequip_pack.cutoff: nan is not a length",
    "V1 nequip_pack.lint is a list": "key nequip_pack.lint: [1] is not a mapping",
    "V1 nequip_pack.model_dtype is a mapping": "key nequip_pack.model_dtype: {'a': 1} is not a text",
    "X1 300,000 names": ".data/extern_modules names 300000 modules, more than 10000",
    "X1 one name of 3 MB": "which is no module",
    "X1 only dots": "names '.', which is no module",
}
"""What is damaged, and the words that say so."""


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_with_one_line(small_package: Path, tmp_path: Path, server: Server, case: str) -> None:
    (outcome,) = _run(["nequip-pack", "info"], case, small_package, tmp_path, server)
    assert outcome["code"] == DAMAGED, outcome
    assert DAMAGE[case] in outcome["said"]
    assert len(outcome["said"].splitlines()) == 1
    assert outcome["size"] < 1000


TAKEN = (
    "E5 an escape of a terminal (value)",
    "V1 nequip_pack.lint.status is nested",
    "V1 nequip_pack.lint.warnings is mixed keys",
    "V1 nequip_pack.closure.modules is a list",
    "V1 nequip_pack.closure.absent_externals is nested",
    "V1 nequip_pack.migrated.versions is mixed keys",
    "V1 nequip_pack.lint.allowed is binary",
)
"""Odd values where any may be: what is said of them is told, as valid JSON too."""


@pytest.mark.parametrize("case", TAKEN)
def test_odd_values_are_shown(small_package: Path, tmp_path: Path, server: Server, case: str) -> None:
    for words in (["info"], ["info", "--json"], ["info", "--yaml"], ["check", "--json"]):
        (outcome,) = _run(["nequip-pack", *words], case, small_package, tmp_path, server)
        assert outcome["code"] == 0, outcome
        assert "\x1b" not in outcome["said"]
        if "--json" in words:
            json.loads(outcome["said"], parse_constant=pytest.fail)


SLOW = (
    "S1 from and blanks",
    "S1 a name of 300,000",
    "S1 a dotted name of 100,000",
    "S2 brackets",
    "S2 f-strings",
    "S3 6 MB of semicolons",
    "S3 6 MB more in the model's file",
    "S5 2,000 subclasses",
    "S5 a ring of 300",
    "X1 10,000 libraries",
)


@pytest.mark.parametrize("case", SLOW)
def test_in_linear_time(small_package: Path, tmp_path: Path, server: Server, case: str) -> None:
    """That the commands end within the server's limits on time and memory is what shows it."""
    check, lint = (
        _run(words, case, small_package, tmp_path, server)[0]
        for words in (["nequip-pack", "check"], ["nequip-lint", "--no-cache"])
    )
    assert not faults(check) + faults(lint), (check, lint)
    assert check["code"] in (0, LACKING), check
    assert lint["code"] in (0, 1), lint


def _run(words: list[str], case: str, package: Path, folder: Path, server: Server) -> list[Outcome]:
    path = write_package(folder / "m.nequip.zip", crafted()[case](members_of(package)))
    return server.run([[*words, str(path)]])


def test_large_weights_are_never_read_whole(small_package: Path, tmp_path: Path, server: Server) -> None:
    """A package of 200 MB is compared with its checksums in a few megabytes."""
    members = {**members_of(small_package), ".data/99.storage": bytes(200 << 20)}
    path = write_package(tmp_path / "m.nequip.zip", members)
    for outcome in server.run([["nequip-pack", "list", str(path)], ["nequip-pack", "info", str(path)]]):
        assert outcome["code"] == 0, outcome
        assert outcome["growth"] < 20 << 20

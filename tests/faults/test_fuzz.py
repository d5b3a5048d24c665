"""Packages changed at random: no command that reads one breaks, and no change of a member goes unseen."""

from __future__ import annotations

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hostile_support import Server, faults, reading
from mutants import mutant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hostile_support import Outcome
    from mutants import Mutant

    Show = Callable[[str, Mapping[str, Mapping[str, int]]], None]

pytestmark = pytest.mark.real

WORKERS = 2
OFTEN = 5
"""Of so many mutants, one is of the larger package."""


def _unseen(made: Mutant, outcomes: list[Outcome]) -> list[str]:
    """Whether members differ and the comparison of the packages ends as if none did."""
    (compared,) = (outcome for outcome in outcomes if outcome["words"][1:3] == ["diff", "--exit-code"])
    return ["change unseen"] if made.is_changed and compared["code"] == 0 else []


def _summary(outcomes: list[Outcome]) -> str:
    codes = {outcome["code"] for outcome in outcomes if outcome["words"][0] == "nequip-pack"}
    refused = codes & {3, 4, 5}
    return f"refused {min(refused)}" if refused else "read"


def _fuzz(
    numbers: range, packages: tuple[Path, Path], folder: Path, seed: int
) -> tuple[dict[str, Counter[str]], list[str]]:
    """The outcomes by kind of change, and all that went wrong, with the mutant's number."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    wrong = []
    server = Server(folder)
    for number in numbers:
        package = packages[number % OFTEN == 0]
        path = folder / "m.nequip.zip"
        made = mutant(number, seed, package, path)
        outcomes = server.run(reading(path, package))
        found = [(o["words"][:3], fault, o["said"][-300:]) for o in outcomes for fault in faults(o)]
        found += [(["diff"], fault, "") for fault in _unseen(made, outcomes)]
        table[made.kind]["mutants"] += 1
        table[made.kind][_summary(outcomes)] += 1
        table[made.kind].update({fault for _, fault, _ in found})
        wrong += [
            f"mutant {number} ({made.kind}): {' '.join(words)}: {f}: {said}" for words, f, said in found
        ]
    server.close()
    return table, wrong


def _run(count: int, packages: tuple[Path, Path], folder: Path, seed: int, show: Show) -> None:
    folders = [folder / str(worker) for worker in range(WORKERS)]
    for one in folders:
        one.mkdir()
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = [
            pool.submit(_fuzz, range(worker, count, WORKERS), packages, folders[worker], seed)
            for worker in range(WORKERS)
        ]
        done = [part.result() for part in parts]
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for rows, _ in done:
        for kind, row in rows.items():
            table[kind].update(row)
    show(f"{count} mutants", table)
    wrong = [line for _, lines in done for line in lines]
    assert not wrong, "\n".join(wrong)


def test_100_mutants(small_package: Path, package: Path, tmp_path: Path, seed: int, show: Show) -> None:
    _run(100, (small_package, package), tmp_path, seed, show)


@pytest.mark.matrix
def test_2_000_mutants(small_package: Path, package: Path, tmp_path: Path, seed: int, show: Show) -> None:
    _run(2_000, (small_package, package), tmp_path, seed, show)

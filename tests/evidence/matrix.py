"""Whole matrices: the chosen mutants of a subject, judged one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agreement import Baseline, judge, trial
from kinds import Kind, kinds
from mutations import Mutant, chosen
from reality import STORE, Store
from results import Result
from subjects import Subject, subjects

SEED = 20261125
PER_KIND = 1
"""Mutants of each kind and subject in the whole matrix."""
_PLAIN = next(kind for kind in kinds() if not kind.build and not kind.load)


class Run:
    """Judges mutants of one subject; the unmodified subject is built once for each kind of machine.

    Args:
        subject: whose mutants.
        folder: where everything is written.
        store: knows outcomes of earlier runs.
    """

    def __init__(self, subject: Subject, folder: Path, store: Store) -> None:
        self._subject, self._folder, self._store = subject, folder, store
        self._bases: dict[tuple[tuple[str, ...], tuple[str, ...]], Baseline] = {}

    def base(self, kind: Kind) -> Baseline:
        """The unmodified subject where such a kind is built and loaded."""
        machines = (kind.build, kind.load)
        if machines not in self._bases:
            folder = self._folder / f"baseline-{len(self._bases)}"
            self._bases[machines] = Baseline(
                self._subject, kind.machines(self._subject.uses_nequip), self._store, folder
            )
        return self._bases[machines]

    def mutants(self, wanted: Sequence[Kind], per_kind: int, seed: int = SEED) -> list[Mutant]:
        """The chosen mutants of the kinds that fit the subject."""
        fitting = [kind for kind in wanted if self._subject.name in kind.subjects]
        modules = list(self._subject.modules(self.base(_PLAIN).archive))
        return list(chosen(fitting, modules, per_kind, seed))

    def result(self, mutant: Mutant) -> Result:
        """Judge one mutant."""
        return judge(mutant, self.base(mutant.kind), self._folder / "mutant")

    def is_known(self, mutant: Mutant) -> bool:
        """Whether an earlier run has built and loaded it."""
        return self._store.has(trial(mutant, self._subject))


def judged(name: str, folder: Path, only_known: bool = False) -> Iterator[Result | None]:
    """Judge the whole matrix of a subject; what an earlier run has built is not built again.

    Args:
        name: the subject.
        folder: where everything is written.
        only_known: build nothing; then None stands for a mutant that is not built yet.
    """
    run = Run(subjects()[name], folder, Store(STORE / f"mutants-{name}.txt"))
    mutants = run.mutants(kinds(), PER_KIND)
    first = [mutant for mutant in mutants if not only_known or run.is_known(mutant)]
    yield from (run.result(mutant) for mutant in first)
    for mutant in mutants:
        if mutant not in first:
            yield run.result(mutant) if run.is_known(mutant) else None

"""Run a matrix of evidence and write its table below docs/evidence.

usage: write_evidence.py mutants|models|experiments|foreign|installed [--jobs N] [--only-known]

What an earlier run has built, the very same source on the same versions, is not built again; the linter reads
all of it anew. --only-known builds nothing; the table then says how much is not judged. `foreign` and
`installed` do all of their work anew; they keep environments and wheels in `.cache`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests" / name) for name in ("evidence", "rules", "")]


def mutants(only_known: bool, jobs: int) -> None:
    """Judge the mutants of all subjects, and write their table."""
    import mutant_table
    from stamp import stamp
    from subjects import subjects

    found = _side_by_side(partial(_judged, only_known), subjects(), jobs)
    results = [item for item in found if item is not None]
    text = mutant_table.table(results, stamp(), len(found) - len(results))
    _write(mutant_table.OUTPUT, text)


def models(only_known: bool, jobs: int) -> None:
    """Compare the models of all families, and write their table."""
    import model_table
    from models import families
    from stamp import stamp

    found = _side_by_side(partial(_compared, only_known), families(), jobs)
    results = [item for item in found if item is not None]
    _write(model_table.OUTPUT, model_table.table(results, stamp(), len(found) - len(results)))


def foreign(only_known: bool, jobs: int) -> None:
    """Package the models of other libraries, and write their table."""
    import foreign_table
    from foreign import libraries
    from stamp import stamp

    if only_known:
        raise SystemExit("models of other libraries are built anew: leave --only-known out")
    found = _side_by_side(_packaged, libraries(), jobs)
    _write(foreign_table.OUTPUT, foreign_table.table(found, stamp()))


def installed(only_known: bool, jobs: int) -> None:
    """Lint installed trees, and write their table; nothing is built."""
    import installed_table
    from installed import requirements
    from stamp import stamp

    found = _side_by_side(_linted, requirements(), jobs)
    _write(installed_table.OUTPUT, installed_table.table(found, stamp()))


def experiments(only_known: bool, jobs: int) -> None:
    """Lint all labelled experiments, and write their table; nothing is built."""
    import experiments_table
    from stamp import stamp

    _write(experiments_table.OUTPUT, experiments_table.table(experiments_table.scored(), stamp()))


def _packaged(name: str) -> list[Any]:
    from foreign import trials

    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        return _told(
            trials(name, Path(folder)),
            lambda item: f"{'agree' if item.agrees else 'differ'}: {item.library}, {item.how}: {item.error}",
        )


def _linted(requirement: str) -> list[Any]:
    from installed import linted

    return _told(
        [linted(requirement)],
        lambda item: f"{requirement}: exit {item.code}, {len(item.errors)} errors besides registrations",
    )


def _judged(only_known: bool, name: str) -> list[Any]:
    from matrix import judged

    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        return _told(
            judged(name, Path(folder), only_known),
            lambda item: f"{item.verdict}: {item.subject}: {item.name}",
        )


def _compared(only_known: bool, name: str) -> list[Any]:
    from models import all_compared

    with tempfile.TemporaryDirectory(prefix="evidence-") as folder:
        found = all_compared(name, Path(folder), only_known)
        return _told(found, lambda item: f"{'agree' if item.agrees else 'differ'}: {item.configuration.name}")


def _told(found: Iterable[Any], line: Callable[[Any], str]) -> list[Any]:
    """All results; a line is printed for each as it comes."""
    results = []
    for item in found:
        results.append(item)
        if item is not None:
            print(line(item), flush=True)
    return results


def _side_by_side(function: Callable[[str], list[Any]], names: Iterable[str], jobs: int) -> list[Any]:
    with ProcessPoolExecutor(jobs) as pool:
        return [item for part in pool.map(function, names) for item in part]


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    matrices = {one.__name__: one for one in (mutants, models, experiments, foreign, installed)}
    parser.add_argument("matrix", choices=matrices)
    parser.add_argument("--jobs", type=int, default=1, help="subjects side by side")
    parser.add_argument("--only-known", action="store_true")
    arguments = parser.parse_args()
    matrices[arguments.matrix](arguments.only_known, arguments.jobs)


if __name__ == "__main__":
    main()

"""The table of labelled experiments: what the linter finds in each set, and what it misses."""

from __future__ import annotations

import datetime
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cases import FOLDER
from reality import ROOT
from stamp import Stamp
from verdicts import Verdict, rows, verdict

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OUTPUT = ROOT / "docs" / "evidence" / "experiments.md"
SETS = Path(__file__).with_name("experiments.toml")
HEAD = """\
# Labelled experiments: what the linter finds

Written by `python scripts/write_evidence.py experiments`; do not edit.
Run of {date}. Linter `{linter}`, harness `{harness}` (hashes of
their files).

Each experiment is a small package with a model, built with torch.package and loaded in other processes:
two forward passes, a second load in one process, a deepcopy, repackaging, a load beside the source.
What happened is its label. A row is an experiment under one set of registrations; it is a hazard if any
of its variants fails, loses a module or computes something else. Missed is a hazard without any
finding; false is a harmless row with an error.
"""


class Set(NamedTuple):
    """The verdicts on one set of experiments, who made it, and how it was scored when it was new."""

    name: str
    about: str
    first: str
    verdicts: list[Verdict]


def scored() -> list[Set]:
    """All sets, as the linter judges them now."""
    told = tomllib.loads(SETS.read_text(encoding="utf-8"))
    found = []
    with tempfile.TemporaryDirectory() as work:
        for name, item in told.items():
            each = rows(FOLDER.with_name(name))
            judged = [verdict(row, Path(work, name, str(number))) for number, row in enumerate(each)]
            found.append(Set(name, item["about"], item["first"], judged))
    return found


def table(found: list[Set], stamp: Stamp) -> str:
    """The whole page."""
    head = HEAD.format(date=datetime.date.today(), linter=stamp.linter, harness=stamp.harness)
    return "\n".join([head, *_rows(found), *(line for item in found for line in _missed(item))]) + "\n"


def _rows(found: list[Set]) -> Iterator[str]:
    yield "| set | who made it | when it was new | hazards found | false |"
    yield "| --- | --- | --- | --- | --- |"
    for item in found:
        hazards = [one for one in item.verdicts if one.row.is_hazard]
        hit = sum(not one.is_missed for one in hazards)
        false = sum(one.is_false for one in item.verdicts)
        numbers = f"{hit} of {len(hazards)} | {false} of {len(item.verdicts) - len(hazards)}"
        yield f"| `tests/data/{item.name}` | {item.about} | {item.first} | {numbers} |"


def _missed(item: Set) -> Iterator[str]:
    shown = [("missed", one) for one in item.verdicts if one.is_missed]
    shown += [("false", one) for one in item.verdicts if one.is_false]
    if shown:
        yield from ("", f"## {item.name}", "", "| | experiment | |", "| --- | --- | --- |")
    for word, one in shown:
        codes = ", ".join(sorted({code for code, _ in one.errors}))
        title = one.row.case.data["title"].replace("|", "\\|")
        yield f"| {word}{' ' + codes if codes else ''} | {one.row.name} | {title} |"

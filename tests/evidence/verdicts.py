"""Verdicts of the linter against labelled experiments: what it finds, what it misses, what is false.

usage: python tests/evidence/verdicts.py FOLDER [ID_PREFIX]...

Experiments are JSON files as in `tests/data/cases`, with the outcomes of real builds and loads.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from cases import FOLDER, Case, Variant, cases

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request
from nequip_lint.values import Finding, Severity


class Row(NamedTuple):
    """The variants of one case with the same registrations: a verdict must hold for all of them."""

    case: Case
    variants: tuple[Variant, ...]

    @property
    def is_hazard(self) -> bool:
        return not all(variant.works for variant in self.variants)

    @property
    def name(self) -> str:
        return f"{self.case.name} [{', '.join(variant.data['name'] for variant in self.variants)}]"


def rows(folder: Path = FOLDER) -> list[Row]:
    """All rows but those of probes, which ask many things at once."""
    found = []
    for case in cases(folder):
        groups: dict[str, list[Variant]] = defaultdict(list)
        for variant in case.variants:
            groups[variant.registrations].append(variant)
        found += [Row(case, tuple(group)) for group in groups.values()]
    return [row for row in found if all(variant.data["verdict"] != "probe" for variant in row.variants)]


def settings(row: Row) -> str:
    """A pyproject.toml that registers what the row registers and requires what all its variants have.

    A library that is missing where some variant loads is one that nothing requires.
    """
    everywhere = frozenset.intersection(*(variant.everywhere for variant in row.variants)) | row.case.beside()
    required = ["torch", "numpy", "packaging", *sorted(everywhere), *["nequip>=0.19"] * row.case.uses_nequip]
    patterns = row.variants[0].patterns
    tables = {
        "project": {
            "name": "mypkg",
            "version": "1",
            "dependencies": required,
        },
        "tool.nequip-lint": {
            "roots": [row.case.entry],
            "internal-packages": sorted(patterns.intern),
            "extern-modules": sorted(patterns.extern),
            "mock-modules": sorted(patterns.mock),
        },
    }
    return "".join(
        f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
        for name, table in tables.items()
    )


class Verdict(NamedTuple):
    """One row and what the linter finds there."""

    row: Row
    findings: tuple[Finding, ...]

    @property
    def is_missed(self) -> bool:
        return self.row.is_hazard and not self.findings

    @property
    def is_false(self) -> bool:
        """Whether a harmless row has an error; warnings may depend on what no experiment varied."""
        return not self.row.is_hazard and bool(self.errors)

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(item.code, item.message) for item in self.findings if item.severity is Severity.ERROR]


def verdict(row: Row, folder: Path) -> Verdict:
    """Write the tree of a row into a folder and lint it."""
    tree = row.case.write(folder)
    (tree / "pyproject.toml").write_text(settings(row), encoding="utf-8")
    return Verdict(row, tuple(check(Request((tree,), cache=False), Selection()).findings))


def summary(verdicts: list[Verdict]) -> str:
    """How many hazards were found, and how many harmless rows have an error."""
    hazards = [item for item in verdicts if item.row.is_hazard]
    found = sum(not item.is_missed for item in hazards)
    false = sum(item.is_false for item in verdicts)
    return (
        f"hazards found: {found} of {len(hazards)}; "
        f"harmless rows with an error: {false} of {len(verdicts) - len(hazards)}"
    )


def main(folder: str, *prefixes: str) -> None:
    """Print each row that is missed or false, then the summary."""
    found = []
    with tempfile.TemporaryDirectory() as work:
        for number, row in enumerate(rows(Path(folder))):
            if row.case.name.startswith(prefixes or ("",)):
                found.append(verdict(row, Path(work, str(number))))
    for item in found:
        if item.is_missed:
            print(f"missed  {item.row.name}: {item.row.case.data['title']}")
        elif item.is_false:
            print(f"false   {item.row.name}: {item.errors}")
    print(summary(found))


if __name__ == "__main__":
    main(*sys.argv[1:])

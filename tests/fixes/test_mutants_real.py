"""Hazards put into real packages and fixed: these build and load for real, and nothing is lost."""

from __future__ import annotations

import random
from pathlib import Path
from typing import NamedTuple

import pytest
from fix_support import CODES, fix_folder
from forked import in_fork
from kinds import Kind, kinds
from machines import environment
from matrix import SEED, Run
from mutations import Mutant
from needs import needs
from page import Tree
from reality import Store, Trial, perform
from subjects import Subject, subjects

pytestmark = needs("nequip", "allegro")

SAMPLED = {"softcore": 2, "allegro": 1, "nequip": 1, "pair": 1}
"""Kinds of each subject in the suite."""
UNREAD = "nothing in the file reads"
DECLINED = {
    "optional-import": UNREAD,
    "optional-import-of-a-name": UNREAD,
    "optional-import-in-helper": UNREAD,
    "optional-import-other-handler": "imported inside another statement",
    "optional-import-in-class": "imported inside another statement",
    "autotuned-kernel-in-helper": "imports kernel from",
}
"""Kinds that no fix cures, and the reason that is told; a page tells the same."""


class Fixed(NamedTuple):
    """The source after fixing; what was fixed, and why the rest of the mutant was not."""

    tree: Tree
    codes: list[str]
    reasons: list[str]


def fixed(mutant: Mutant, subject: Subject, folder: Path) -> Fixed:
    """A mutant's source, fixed for the rule that it breaks with the libraries of the machine that builds."""
    source = folder / "source"
    subject.tree(mutant).write(source)
    libraries = environment(mutant.kind.machines(subject.uses_nequip), folder)
    return in_fork(_fixed, source, (subject.top, "mypkg"), mutant, libraries)


def _fixed(source: Path, tops: tuple[str, ...], mutant: Mutant, libraries: Path) -> Fixed:
    rule = mutant.kind.rule
    result = fix_folder(source, unsafe=True, select=rule, paths=tops, environment=libraries)
    files = {path: text for path, text in result.files.items() if "__pycache__" not in path}
    own = {str(source / path) for path in (*mutant.files, "pyproject.toml")}
    left = (finding for finding in result.fixed.report.findings if finding.path in own)
    return Fixed(Tree(files), result.codes, [finding.unfixable for finding in left])


def is_cured(mutant: Mutant, run: Run, subject: Subject, folder: Path) -> bool:
    """Whether fixing does what is expected of this kind, and a model of the fixed source is whole."""
    result = fixed(mutant, subject, folder / "fixed")
    expected = DECLINED.get(mutant.kind.name)
    print(mutant.name, result.codes, *result.reasons)
    if expected is not None:
        is_told = len(result.reasons) == 1 and expected in result.reasons[0]
        return is_told and result.tree.files == subject.tree(mutant).files
    kind = mutant.kind
    trial = Trial(result.tree, kind.machines(subject.uses_nequip), kind.loads, (mutant.module,))
    real = perform(trial, folder / "real")
    whole = {*run.base(kind).archive.of("intern"), *mutant.archive}
    is_whole = real.archive is not None and whole <= real.archive.of("intern")
    print(real.stage, real.error)
    return kind.rule in result.codes and not result.reasons and not real.stage and is_whole


def wrong(name: str, wanted: list[Kind], folder: Path) -> list[str]:
    """The mutants of a subject of which that does not hold."""
    subject = subjects()[name]
    run = Run(subject, folder, Store(None))
    found = run.mutants(wanted, 1)
    assert {mutant.kind.name for mutant in found} == {kind.name for kind in wanted}
    return [
        mutant.name
        for number, mutant in enumerate(found)
        if not is_cured(mutant, run, subject, folder / str(number))
    ]


def with_fix(name: str) -> list[Kind]:
    """The kinds of hazards of a subject whose rule has fixes."""
    return [kind for kind in kinds() if kind.rule in CODES and name in kind.subjects]


def test_every_rule_with_fixes_has_mutants() -> None:
    assert {kind.rule for name in SAMPLED for kind in with_fix(name)} == CODES
    assert {kind.name for kind in kinds()} >= DECLINED.keys()


@pytest.mark.real
@pytest.mark.parametrize("name", SAMPLED)
def test_sample_works_when_fixed(name: str, tmp_path: Path) -> None:
    """Some kinds, chosen by the seed; real wheels are left to the whole matrix."""
    fitting = [kind for kind in with_fix(name) if not any("==" in library for library in kind.build)]
    sample = random.Random(f"{SEED} {name}").sample(fitting, SAMPLED[name])
    print(f"seed {SEED}: " + ", ".join(kind.name for kind in sample))
    assert wrong(name, sample, tmp_path) == []


@pytest.mark.matrix
@pytest.mark.parametrize("name", SAMPLED)
def test_every_mutant_works_when_fixed(name: str, tmp_path: Path) -> None:
    assert wrong(name, with_fix(name), tmp_path) == []

"""Predictions for mutants of real source against real builds and loads of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from kinds import LINT_ONLY, kinds
from matrix import SEED, Run, judged
from mutant_table import disagreements, known
from needs import needs
from page import STAGES
from reality import Store
from subjects import subjects

from nequip_lint.rules.base import rules

pytestmark = needs("nequip", "allegro")

SAMPLED = {"softcore": 10, "allegro": 4, "nequip": 4, "pair": 1}
"""Kinds of each subject in the suite."""
LEAST_AGREEMENT = 0.99
LEFT_OUT = {
    "NQ004": "stands for source that is not at hand; the linter has the source of every subject",
    "NQ005": "stands for classes that nothing is known of; every subject has known ones",
    "NQ108": "needs the real openequivariance; its page and test_in_real_packages.py build variants",
    "NQ320": "bites under torch.compile, to which mutants do not come; so do its page and the same tests",
    "NQ408": "bites in a deep copy, to which mutants do not come; so do its page and the same tests",
    "NQ409": "needs a builder of its own; tests/lint/test_builder_state.py builds variants",
}
"""Rules without a mutant, with the reason."""


def test_every_rule_has_a_hazard_and_a_look_alike() -> None:
    assert {kind.rule for kind in kinds() if kind.rule} == ({*rules(), "NQ002"} - LEFT_OUT.keys())
    only_hazards = {"NQ001", "NQ003"}
    assert not {kind.rule for kind in kinds() if kind.rule} - {kind.like for kind in kinds()} - only_hazards


def test_stages_and_subjects_exist() -> None:
    assert {stage for kind in kinds() for stage in kind.fails} <= set(STAGES)
    assert {name for kind in kinds() for name in kind.subjects} == set(subjects())
    assert len({kind.name for kind in kinds()}) == len(kinds())


@pytest.mark.real
@pytest.mark.parametrize("name", SAMPLED)
def test_sample_agrees(name: str, tmp_path: Path) -> None:
    """One mutant of some kinds, chosen by the seed; real wheels are left to the whole matrix."""
    subject = subjects()[name]
    plain = [kind for kind in kinds() if not any("==" in one for one in (*kind.build, *kind.load))]
    fitting = [kind for kind in plain if name in kind.subjects]
    sample = random.Random(f"{SEED} {name}").sample(fitting, SAMPLED[name])
    run = Run(subject, tmp_path, Store(None))
    results = [run.result(mutant) for mutant in run.mutants(sample, 1)]
    print(f"seed {SEED}: " + ", ".join(item.name for item in results))
    assert {item.kind for item in results} == {kind.name for kind in sample}
    wrong = disagreements(results)
    assert {place: wrong[place] for place in wrong.keys() - known().keys()} == {}


@pytest.mark.matrix
@pytest.mark.parametrize("name", sorted(subjects()))
def test_matrix_agrees(name: str, tmp_path: Path) -> None:
    """All mutants; what disagrees is exactly what is listed with a reason, and hazards are hazards."""
    results = [item for item in judged(name, tmp_path) if item is not None]
    expected = {place for place in known() if place.startswith(f"{name}: ")}
    wrong = disagreements(results)
    assert wrong.keys() == expected, {place: wrong.get(place) for place in wrong.keys() ^ expected}
    agree = sum(item.verdict == "agree" for item in results)
    assert agree >= LEAST_AGREEMENT * len(results)
    hazards = [item for item in results if item.rule and item.states != (LINT_ONLY,)]
    assert sum(item.stage != "" for item in hazards) > len(hazards) * 0.9, "these hazards are none"

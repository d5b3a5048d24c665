"""Predicted closures and verdicts against the labelled experiments, each a real build and load."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from cases import FOLDER, MORE, Variant, cases
from experiments_table import OUTPUT, scored
from verdicts import rows, summary, verdict

from nequip_lint.closure.packaged import Closure, packaged_set
from nequip_lint.closure.second_names import package_of
from nequip_lint.closure.world import World
from nequip_lint.machine.target import Target
from nequip_lint.project.sources import Sources

NOT_IN_SOURCE = {
    "02_try_importerror [ext_inst_loadhas, ext_inst_loadno, ext_absent_loadhas]": (
        "the machine of a build decides whether a registered library is recorded; nequip-pack always does"
    ),
    "84g_source_changed_after_import [d]": "a file changes while the build runs",
    "92_multiprocessing_spawn [d]": "what is done with a loaded model is in no source of the extension",
}
NO_RULE_YET: dict[str, str] = {}
"""Hazard rows that are visible in source and have no finding, with what a rule would have to see."""
MISSED_OF_MORE: dict[str, str] = {}
"""The same of the experiments that were made later."""
BESIDE_NO_CASE = frozenset({"importlib_metadata"})
"""What other tests need here, nequip names, and was not installed where the cases were built."""
MOST_FALSE = 0.02
"""Share of harmless rows that may have an error-level finding."""


# Closures


class Score(NamedTuple):
    """One variant: modules that were not predicted as they came, and modules predicted that did not come."""

    variant: str
    missed: dict[str, tuple[str | None, str | None]]
    false: dict[str, tuple[str | None, str | None]]

    @property
    def is_equal(self) -> bool:
        return not self.missed and not self.false


def site() -> Path | None:
    """The folder with nequip and numpy, beside which the cases were built; None without them."""
    found = [importlib.util.find_spec(name) for name in ("numpy", "e3nn", "nequip")]
    origins = [spec.origin for spec in found if spec is not None and spec.origin is not None]
    return Path(origins[-1]).parents[1] if len(origins) == len(found) else None


def compare(variant: Variant, folder: Path, installed: Path) -> Score:
    """Predict one build and compare it with what torch.package did."""
    tree = variant.case.write(folder / "src")
    tops = frozenset(path.name.removesuffix(".py") for path in tree.iterdir())
    libraries = [variant.write_libraries(folder / "libs"), installed]
    sources = Sources([tree], libraries, tops=tops, absent=BESIDE_NO_CASE)
    world = World(sources, variant.patterns, Target(triton=variant.triton, environment=variant.environment))
    actual = variant.actions()
    interned = [name for name, action in actual.items() if action == "intern"]
    closure = packaged_set([variant.case.entry.partition(":")[0]], world)
    written_twice = {name for name in closure.modules if package_of(name)}  # refused after the walk
    predicted = {
        name: "intern" if name in written_twice else found.action for name, found in closure.modules.items()
    }
    got = {name: action for name, action in predicted.items() if action not in ("absent", "dropped")}
    named = variant.case.named(interned) | _named(closure, sources)
    want = {name: action for name, action in actual.items() if name in got or name in named}
    differ = {
        name: (want.get(name), got.get(name)) for name in {*want, *got} if want.get(name) != got.get(name)
    }
    missed = {name: pair for name, pair in differ.items() if pair[0] is not None}
    return Score(variant.name, missed, {name: pair for name, pair in differ.items() if name not in missed})


def _named(closure: Closure, sources: Sources) -> frozenset[str]:
    """What the imports of all interned modules name, nequip's and e3nn's included."""
    found = [sources.facts(name) for name in closure.of("intern")]
    items = [item for facts in found if facts is not None for item in facts.imports if item.module]
    names = {f"{item.module}.{name}" for item in items for name, _ in item.names}
    return frozenset(names | {str(item.module) for item in items})


def test_predicted_closure_is_the_built_one(tmp_path: Path) -> None:
    installed = site()
    if installed is None:
        pytest.skip("nequip, e3nn and numpy, beside which the cases were built, are not installed here")
    variants = [variant for case in cases() for variant in case.variants if variant.is_comparable]
    scores = [compare(item, tmp_path / str(number), installed) for number, item in enumerate(variants)]
    unequal = {score.variant: score for score in scores if not score.is_equal}
    print(f"\nclosures: {len(scores) - len(unequal)} of {len(scores)} equal")
    for score in unequal.values():
        print(f"  {score.variant}: missed {score.missed}, false {score.false}")
    assert len(scores) > 200
    assert unequal == {}


# Verdicts


def test_verdicts(tmp_path: Path) -> None:
    found = [verdict(row, tmp_path / str(number)) for number, row in enumerate(rows())]
    missed = [item.row.name for item in found if item.is_missed]
    reasons = {**NO_RULE_YET, **NOT_IN_SOURCE}
    print(f"\n{summary(found)}; missed:")
    print("".join(f"  {name}: {reasons.get(name, 'NOT EXPECTED')}\n" for name in missed))
    false = [item for item in found if item.is_false]
    print("".join(f"  {item.row.name}: {item.errors}\n" for item in false))
    hazards = sum(item.row.is_hazard for item in found)
    assert min(hazards, len(found) - hazards) > 50
    assert set(missed) == {*NOT_IN_SOURCE, *NO_RULE_YET}
    assert len(false) <= MOST_FALSE * (len(found) - hazards)


def test_verdicts_of_later_experiments(tmp_path: Path) -> None:
    found = [verdict(row, tmp_path / str(number)) for number, row in enumerate(rows(MORE))]
    print(f"\n{summary(found)}")
    assert {item.row.name for item in found if item.is_missed} == set(MISSED_OF_MORE)
    false = {item.row.name: item.errors for item in found if item.is_false}
    assert len(false) <= MOST_FALSE * sum(not item.row.is_hazard for item in found), false


def test_the_page_of_experiments_is_true() -> None:
    """What is missed or false in any set stands on the page, and nothing else does."""
    text = OUTPUT.read_text(encoding="utf-8")
    shown = {line.split(" | ")[1] for line in text.splitlines() if line.startswith(("| missed", "| false"))}
    found = [one for item in scored() for one in item.verdicts if one.is_missed or one.is_false]
    assert {one.row.name for one in found} == shown


def test_experiments_name_no_folder_of_a_machine() -> None:
    own = re.compile(r"/(?:home|root|work|Users)/|/tmp/\w*case|site-packages/.*site-packages/|\.venv|\.pyenv")
    texts = ((path.name, path.read_text(encoding="utf-8")) for path in FOLDER.parent.glob("*/*.json"))
    assert {name: found[0] for name, text in texts if (found := own.findall(text))} == {}

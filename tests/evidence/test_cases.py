"""Predicted closures and verdicts against the labelled experiments, each a real build and load."""

from __future__ import annotations

import importlib.util
import json
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest
from cases import Case, Variant, cases

from nequip_lint.closure.packaged import Closure, packaged_set
from nequip_lint.closure.world import World
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.machine.target import Target
from nequip_lint.project.assemble import Request
from nequip_lint.project.sources import Sources
from nequip_lint.values import Severity

NOT_IN_SOURCE = {
    "02_try_importerror [ext_inst_loadhas, ext_inst_loadno, ext_absent_loadhas]": (
        "the machine of a build decides whether a registered library is recorded; nequip-pack always does"
    ),
    "19_from_pkg_import_obj [ext_loadno]": "a required library is missing where the package is loaded",
    "84g_source_changed_after_import [d]": "a file changes while the build runs",
    "92_multiprocessing_spawn [d]": "what is done with a loaded model is in no source of the extension",
}
NO_RULE_YET = {
    "06_except_narrow_mnfe [load_imp, load_absent]": (
        "what an unknown library raises when it is broken, and the handler misses, is in no source"
    ),
}
"""Hazard rows that are visible in source and have no finding, with what a rule would have to see."""
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
    sources = Sources([tree], [variant.write_libraries(folder / "libs"), installed], tops=tops)
    world = World(sources, variant.patterns, Target(triton=variant.triton, environment=variant.environment))
    actual = variant.actions()
    interned = [name for name, action in actual.items() if action == "intern"]
    closure = packaged_set([variant.case.entry.partition(":")[0]], world)
    predicted = {name: found.action for name, found in closure.modules.items()}
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


def rows() -> list[Row]:
    """All rows but those of probes, which ask many things at once."""
    found = []
    for case in cases():
        groups: dict[str, list[Variant]] = defaultdict(list)
        for variant in case.variants:
            groups[variant.registrations].append(variant)
        found += [Row(case, tuple(group)) for group in groups.values()]
    return [row for row in found if all(variant.data["verdict"] != "probe" for variant in row.variants)]


def settings(row: Row) -> str:
    """A pyproject.toml that registers what the row registers and requires what all its variants have."""
    everywhere = frozenset.intersection(*(variant.installed for variant in row.variants)) | row.case.beside()
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


def test_verdicts(tmp_path: Path) -> None:
    missed, false, counts = [], [], {True: 0, False: 0}
    for number, row in enumerate(rows()):
        folder = row.case.write(tmp_path / str(number))
        (folder / "pyproject.toml").write_text(settings(row), encoding="utf-8")
        found = check(Request((folder,), cache=False), Selection()).findings
        errors = [finding for finding in found if finding.severity is Severity.ERROR]
        counts[row.is_hazard] += 1
        if row.is_hazard and not found:
            missed.append(row.name)
        if not row.is_hazard and errors:
            false.append((row.name, [(finding.code, finding.message) for finding in errors]))
    print(f"\nhazards found: {counts[True] - len(missed)} of {counts[True]}; missed:")
    reasons = {**NO_RULE_YET, **NOT_IN_SOURCE}
    print("".join(f"  {name}: {reasons.get(name, 'NOT EXPECTED')}\n" for name in missed))
    print(f"harmless rows with an error: {len(false)} of {counts[False]}")
    print("".join(f"  {name}: {why}\n" for name, why in false))
    assert min(counts.values()) > 50
    assert set(missed) == {*NOT_IN_SOURCE, *NO_RULE_YET}
    assert len(false) <= MOST_FALSE * counts[False]

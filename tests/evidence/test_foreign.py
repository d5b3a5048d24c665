"""Models of other libraries and installed trees: what their tables are made from fits together.

The tables themselves are written by hand, with `scripts/write_evidence.py`.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from archives import Archive
from foreign import BARE, LIBRARIES, Settings, Trial, lacking, libraries, write_project
from foreign_table import table
from installed import TREES, Linted, Place, judgement, requirements
from installed_table import table as installed_table
from stamp import Stamp

from nequip_lint.declared.config import project_config
from nequip_lint.declared.metadata import read_metadata
from nequip_lint.toml import read_toml

STAMP = Stamp("l", "h", "v")
PICKLED = frozenset({("torch.nn.modules.linear", "Linear"), ("potential.model", "Potential")})


@pytest.mark.parametrize("name", libraries())
def test_a_project_around_a_library(name: str, tmp_path: Path) -> None:
    """It can be read, and its settings are the linter's."""
    data = read_toml(LIBRARIES / f"{name}.toml")
    chosen = data["settings"]["chosen by hand"]
    for settings in (Settings(tuple(data["internal"])), Settings(**chosen)):
        write_project(data, settings, tmp_path)
        found = project_config(read_metadata(tmp_path / "project"), None).patterns
        assert found.extern == set(settings.extern)
        assert found.mock == set(settings.mock)
    for file in tmp_path.rglob("*.py"):
        ast.parse(file.read_text(encoding="utf-8"))


def test_an_environment_has_all_that_is_required(tmp_path: Path) -> None:
    """Where something is absent, nothing is known to be optional, and the linter says less than it would."""
    needs = ["Requires-Dist: b>=2", 'Requires-Dist: c; extra == "more"']
    assert lacking(_environment(tmp_path / "whole", a=needs, b=[])) == ()
    assert lacking(_environment(tmp_path / "less", a=needs)) == ("b",)


def _environment(folder: Path, **requirements: list[str]) -> Path:
    for name, lines in requirements.items():
        info = folder / "lib" / "python3.11" / "site-packages" / f"{name}-2.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("\n".join([f"Name: {name}", "Version: 2", *lines]), encoding="utf-8")
    return folder


SAME = {"potential.model": "intern", "lib": "intern"}


def _trial(expected: Iterable[str] = (), refused: tuple[str, ...] = (), **others: Any) -> Trial:
    archive = Archive({**SAME, "torch.nn.modules.linear": "extern"}, PICKLED)
    trial = Trial(
        "lib 1", BARE, Settings(("lib",)), Counter(expected), refused, "", SAME, {}, frozenset(), archive
    )
    return replace(trial, **others)


def test_a_verdict_is_of_linter_and_gate() -> None:
    """Both have errors where there is no package without them, and nowhere else."""
    wrong = ["NQ101"]
    assert _trial().agrees
    assert _trial(wrong, ("NQ101",), archive=None).agrees
    assert not any(item.agrees for item in (_trial(wrong), _trial(refused=("NQ101",)), _trial(archive=None)))
    assert not _trial(wrong, ("NQ101",)).agrees
    assert not _trial(wrong, archive=None).agrees


def test_what_differs() -> None:
    """What is absent is in no archive; what only pickles name is in the exact closure, in no prediction."""
    linear = {"torch.nn.modules.linear": "extern"}
    found = _trial(predicted={**SAME, "gone": "absent"}, exact={**SAME, **linear}, pickled=frozenset(linear))
    assert (found.unequal, found.unpredicted) == ((), ())
    found = _trial(predicted={**SAME, "warp": "mock"}, exact=SAME)
    assert found.unequal == ("torch.nn.modules.linear not predicted, extern",)
    assert found.unpredicted == (*found.unequal, "warp mock predicted, not in it")
    text = table([found, _trial(["NQ201"] * 2, ("NQ201",), archive=None)], STAMP)
    assert "2 builds, 2 verdicts agree; 1 packages, 0 exact and 0 predicted closures equal" in text
    assert "| lib 1 | internal-packages alone | 2 NQ201 | NQ201 |" in text


def test_judgements_are_of_trees_in_the_table() -> None:
    data = read_toml(TREES)
    keys = [
        (item["requirement"], item["code"], item.get("about"), path)
        for item in data["judged"]
        for path in item["paths"]
    ]
    assert len(set(keys)) == len(keys)
    assert {item["requirement"] for item in data["judged"]} <= set(requirements())
    assert {item["verdict"] for item in data["judged"]} == {"true", "false"}
    assert len(set(requirements())) >= 20


def test_a_judgement_by_a_word_of_the_message() -> None:
    place = Place("timm==1.0.31", "NQ101", "timm/data/readers/reader_tfds.py")
    assert judgement(place, "built where PIL is not installed")["verdict"] == "false"
    assert judgement(place, "built where tensorflow is not installed")["verdict"] == "true"
    assert judgement(place, "built where jax is not installed") == {}
    errors = tuple((place, f"built where {name} is not installed") for name in ("PIL", "jax"))
    text = installed_table([Linted("timm==1.0.31", ("timm:Model",), 1, 3, 0, 0, errors)], STAMP)
    assert "1 trees, 0 crashes; of 2 errors: 1 false, 1 not judged." in text

"""Which releases a project is judged against, and what is said of findings that only some of them have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY, facts, write

from nequip_lint.declared.specifiers import allows, specifier_of
from nequip_lint.engine.run import Report, check
from nequip_lint.engine.selection import Selection
from nequip_lint.hazards.hazard import hazards
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.project.registrations import defaults
from nequip_lint.project.select import Combination, combinations
from nequip_lint.project.sources import Sources
from nequip_lint.rules.base import rules
from nequip_lint.summaries.codec import encode_facts
from nequip_lint.summaries.effects import Effects
from nequip_lint.summaries.releases import Summary, available, load
from nequip_lint.summarize import index

if TYPE_CHECKING:
    from pathlib import Path

ECOSYSTEM = REPOSITORY / "rules" / "ecosystem"
MODEL = "from nequip.nn import GraphModuleMixin\nimport torch\n"
CLASS = "class Net(GraphModuleMixin, torch.nn.Module):\n    pass\n"


def project(folder: Path, requirement: str, lines: str = "", registration: str = "") -> Path:
    """An extension with one model whose module has some more lines."""
    entry = '[project.entry-points."nequip.extension"]\ninit_always = "mypkg"\n'
    metadata = f'[project]\nname = "mypkg"\ndependencies = {json.dumps([requirement, "torch"])}\n'
    files = {"pyproject.toml": metadata + entry, "mypkg/__init__.py": registration}
    return write(folder, {**files, "mypkg/model.py": MODEL + lines + CLASS})


def lint(folder: Path) -> Report:
    return check(Request((folder,), cache=False), Selection())


def said(report: Report) -> list[tuple[str, str]]:
    """The code of each finding, and the releases that its message names at the end."""
    ends = [(item.code, item.message.rpartition(" (with ")) for item in report.findings]
    return [(code, end.rstrip(")") if start else "") for code, (start, _, end) in ends]


# nequip's registries, release by release

COMMON = {"triton", "io", "opt_einsum_fx", "numpy", "openequivariance"}
CUEQ = {"cuequivariance", "cuequivariance_torch"}


@pytest.mark.parametrize("release", available()["nequip"].releases, ids=lambda item: item.version)
def test_defaults_of_every_release(release) -> None:  # type: ignore[no-untyped-def]
    version = tuple(map(int, release.version.split(".")))
    expected = set(COMMON)
    for since, names in (((0, 12), {"packaging"}), ((0, 14), CUEQ), ((0, 19, 1), {"sys"})):
        expected |= names if version >= since else set()
    found = defaults(Sources(summaries={"nequip": load(release.path)}))
    assert found == (expected, {"matplotlib"})


# Which releases are allowed


def _allowed(*requirements: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for combination in combinations(requirements, frozenset(), {}):
        for choice in combination:
            found.setdefault(choice.package, set()).add(choice.release.version if choice.release else "")
    return found


def test_nequip_brings_the_e3nn_that_it_allows() -> None:
    assert _allowed("nequip>=0.17") == {
        "nequip": {"0.17.0", "0.17.1", "0.18.0", "0.19.0", "0.19.1"},
        "e3nn": {"0.6.0"},
    }
    assert _allowed("nequip==0.16.2") == {"nequip": {"0.16.2"}, "e3nn": {"0.5.9"}}
    assert _allowed("nequip>=0.16.1,<0.17", "e3nn!=0.5.8") == {
        "nequip": {"0.16.1", "0.16.2"},
        "e3nn": {"0.5.6", "0.5.7", "0.5.9"},
    }


def test_the_project_narrows_nequip_through_e3nn_and_allegro() -> None:
    assert _allowed("nequip", "e3nn>=0.6")["nequip"] == {"0.17.0", "0.17.1", "0.18.0", "0.19.0", "0.19.1"}
    found = _allowed("nequip", "nequip-allegro==0.8.3")
    assert found["nequip"] == {"0.18.0", "0.19.0", "0.19.1"}
    assert found["allegro"] == {"0.8.3"}


def test_what_nothing_requires_is_taken_in_its_newest_release() -> None:
    assert _allowed() == {"nequip": {"0.19.1"}, "e3nn": {"0.6.0"}}
    assert _allowed("e3nn>=0.5.9") == {"e3nn": {"0.5.9", "0.6.0"}, "nequip": {"0.16.2", "0.19.1"}}


@pytest.mark.parametrize(
    ("requirement", "version", "expected"),
    [
        ("nequip", "0.10.0", True),
        ("nequip >= 0.12 , < 0.14", "0.13.0", True),
        ("nequip>=0.12,<0.14", "0.14.0", False),
        ("nequip[all] (==0.19); python_version > '3'", "0.19.0", True),
        ("nequip==0.19", "0.19.1", False),
        ("nequip~=0.16.1", "0.16.2", True),
        ("nequip~=0.16.1", "0.17.0", False),
        ("nequip==0.16.*", "0.16.2", True),
        ("nequip @ https://example.org/nequip.zip", "0.10.0", True),
    ],
)
def test_specifiers(requirement: str, version: str, expected: bool) -> None:
    assert allows(specifier_of(requirement), version) is expected


# What is said of findings


def test_sys_is_refused_before_0_19_1(tmp_path: Path) -> None:
    report = lint(project(tmp_path, "nequip>=0.12", "import sys\n"))
    assert said(report) == [("NQ202", "nequip 0.12.0 to 0.19.0")]
    assert report.summaries == ("e3nn 0.5.6 to 0.6.0", "nequip 0.12.0 to 0.19.1")


def test_sys_is_accepted_from_0_19_1_on(tmp_path: Path) -> None:
    report = lint(project(tmp_path, "nequip>=0.19.1", "import sys\n"))
    assert said(report) == []
    assert report.summaries == ("e3nn 0.6.0", "nequip 0.19.1")


def test_a_finding_that_all_releases_have_names_none(tmp_path: Path) -> None:
    assert said(lint(project(tmp_path, "nequip>=0.12", "from e3nn import o3\n"))) == [("NQ203", "")]


def test_a_suppression_that_one_release_needs_is_used(tmp_path: Path) -> None:
    assert said(lint(project(tmp_path, "nequip>=0.12", "import sys  # noqa: NQ202\n"))) == []
    newest = lint(project(tmp_path, "nequip>=0.19.1", "import sys  # noqa: NQ202\n"))
    assert said(newest) == [("NQ002", "")]


def test_a_registration_that_one_release_needs_is_used(tmp_path: Path) -> None:
    call = (
        "from nequip.scripts._package_utils import register_libraries_as_external_for_packaging as register\n"
        'register(extern_modules=["sys"])\n'
    )
    assert said(lint(project(tmp_path, "nequip>=0.12", "import sys\n", call))) == []


def test_a_release_without_summary_is_said(tmp_path: Path) -> None:
    report = lint(project(tmp_path, "nequip>=99"))
    assert {code for code, _ in said(report)} == {"NQ004"}
    assert report.notes == ("no summary fits nequip>=99; the newest is 0.19.1",)


HAZARDS = {
    "clean": "",
    "sys": "import sys\n",
    "registered-later": "import cuequivariance\nimport packaging\n",
    "required-later": "import requests\n",
    "heavy": "from nequip.data import register_fields\nfrom nequip.model.utils import model_builder\n",
    "heavy-below": "from e3nn import o3\nfrom e3nn.io import CartesianTensor\n",
    "added-later": "from e3nn.math._bessel import bessel\nfrom nequip.nn.norm import RMSNorm\n",
    "guarded": "try:\n    from nequip.nn._tp_scatter_oeq import OpenEquivarianceTensorProductScatter\n"
    "except ImportError:\n    import triton\n",
}


@pytest.mark.parametrize("lines", HAZARDS.values(), ids=HAZARDS)
def test_releases_that_are_passed_over_have_the_same_findings(tmp_path: Path, lines: str) -> None:
    """Judged by itself, every allowed combination gives what the report says of its releases."""
    folder = project(tmp_path, "nequip>=0.10", lines)
    together = lint(folder)
    (assembled,) = assemble(Request((folder,), cache=False))
    for combination in assembled.combinations:
        beside = assembled.beside(combination)
        alone = {(code, hit.span.line) for code, rule in rules().items() for hit in rule(beside)}
        expected = {
            (item.code, item.span.line)
            for item, (_, releases) in zip(together.findings, said(together), strict=True)
            if not releases or _has(combination, releases)
        }
        assert alone == expected, combination


def _has(combination: Combination, releases: str) -> bool:
    """Whether `nequip 0.12.0 to 0.13.0, 0.15.0 and e3nn 0.5.6` names a combination."""
    versions = {item.distribution: item.release.version for item in combination if item.release}
    parts = (part.partition(" ") for part in releases.split(" and "))
    return all(_is_within(name, versions[name], runs) for name, _, runs in parts)


def _is_within(name: str, version: str, runs: str) -> bool:
    known = [item.version for item in available()[name].releases]
    ends = (run.split(" to ") for run in runs.split(", "))
    return any(known.index(run[0]) <= known.index(version) <= known.index(run[-1]) for run in ends)


@pytest.mark.parametrize("package", sorted(available()))
def test_index_is_what_the_summaries_give(package: str) -> None:
    folder = ECOSYSTEM / package
    assert json.loads((folder / "index.json").read_text(encoding="utf-8")) == json.loads(
        json.dumps(index(folder))
    )
    named = {f"{item.distribution}-{item.version}.json" for item in available()[package].releases}
    assert named | {"hashes.json", "index.json"} == {path.name for path in folder.iterdir()}


EFFECTS = {
    "imports": "import scipy",
    "decorations": "import triton\n@triton.autotune(configs=[], key=[])\ndef f(): ...",
    "gpu_calls": "import torch\nNAME = torch.cuda.get_device_name(0)",
    "guarded_reads": "import torch\nif torch.cuda.is_available():\n    A = 1\nB = A",
    "library_uses": "try:\n    import numba\nexcept ImportError:\n    numba = None\n@numba.jit\ndef f(): ...",
    "calls": "import multiprocessing\nmultiprocessing.set_start_method('spawn')",
    "stops": "raise RuntimeError('no')",
    "settings": "import os\nHOME = os.environ['DATA']",
}
"""A file for each kind of fact that a hazard is about."""


def test_whatever_a_hazard_is_about_is_an_effect() -> None:
    fields = {hazard.field for hazard in hazards()}
    assert fields == EFFECTS.keys()
    for field, text in {**EFFECTS, "": "import torch\nprint(torch.zeros(1))"}.items():
        modules = {"lib": encode_facts(facts(text, "lib", is_package=True), "lib/__init__.py")}
        found = Effects(Summary("lib", "lib", "1", (), frozenset(), (), modules)).of_importing("lib")
        assert field in {item[0] for item in found or ()} if field else not found

"""Rule pages as tests: their form, the real failure they describe, what the linter says of their examples."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from page import OPTIONAL_KEYS, REQUIRED_KEYS, SECTIONS, SEVERITIES, STAGES, THEN, Marker, Page, read_page
from pythons import interpreter
from reproduce import Machines, Outcome, reproduce
from wheels import Unreachable

from nequip_lint.rules.base import rules

if TYPE_CHECKING:
    from page import Tree

ROOT = Path(__file__).parents[2]
PAGES = [read_page(path) for path in sorted((ROOT / "rules").glob("NQ*.md"))]
MOST_LINES = 200

every_page = pytest.mark.parametrize("page", PAGES, ids=[page.code for page in PAGES])


def test_there_are_pages() -> None:
    assert PAGES


# The form of a page


@every_page
def test_front_matter_is_complete(page: Page) -> None:
    meta = page.meta
    assert set(REQUIRED_KEYS) <= set(meta) <= {*REQUIRED_KEYS, *OPTIONAL_KEYS}
    assert meta["code"] == page.code
    assert meta["severity"] in SEVERITIES
    assert meta["fails"] in (*STAGES, *THEN)
    assert meta["fix"] in ("none", "safe", "unsafe")
    assert re.fullmatch(r"\d+\.\d+\.\d+", meta["since"])
    assert set(meta["needs"]) - {"stand-ins"} == {"nequip", "build", "load"}


@every_page
def test_failure_is_described(page: Page) -> None:
    meta = page.meta
    assert (meta["error"] is None) == (meta["fails"] == "lint-only")
    assert (meta["fails"] == "incomplete") == ("symptom" in meta)
    assert meta["fails"] != "lint-only" or page.code.startswith("NQ00")
    assert meta.get("source", "works") == "works"
    assert "source" not in meta or meta["fails"] == "forward"
    assert meta["archive"]
    assert meta["fails"] != "incomplete" or meta["error"] in meta["archive"]


@every_page
def test_sections_are_in_order(page: Page) -> None:
    assert page.title == f"{page.meta['name']} ({page.code})"
    assert tuple(page.sections) == SECTIONS
    assert all(page.sections.values())
    assert page.length < MOST_LINES


@every_page
def test_examples_are_marked(page: Page) -> None:
    marked = page.bad.markers()
    assert {(marker.code, marker.severity) for marker in marked} == {(page.code, page.meta["severity"])}
    assert not page.good.markers()
    assert page.good.files != page.bad.files
    assert "mypkg/model.py" in page.bad.files


# The real failure


def _reproduce(page: Page, tree: Tree, machines: Machines, folder: Path) -> Outcome:
    try:
        then = page.meta["fails"] if page.meta["fails"] in THEN else None
        loads = page.meta.get("loads", 1)
        return reproduce(tree, machines, folder, page.meta.get("modifier"), loads, then)
    except Unreachable as error:
        pytest.skip(str(error))


def _run_elsewhere(page: Page, tree: Tree, folder: Path) -> tuple[int, str]:
    """Run one file of an example on the Python that the page names; its status and what it complained of."""
    major, minor = map(int, page.meta["python"].split("."))
    command = [interpreter(major, minor), str(folder / page.meta["runs"])]
    tree.write(folder)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.real
@every_page
def test_bad_example_fails_as_described(page: Page, tmp_path: Path) -> None:
    meta = page.meta
    outcome = _reproduce(page, page.bad, Machines.of(meta["needs"]), tmp_path)
    if "python" in meta:
        assert outcome.stage is None, outcome.error
        status, error = _run_elsewhere(page, page.bad, tmp_path / "other")
        assert status == 1
        assert re.search(meta["error"], error), error
    elif meta["fails"] == "lint-only":
        assert outcome == Outcome(members=frozenset(meta["archive"]))
    elif meta["fails"] == "incomplete":
        assert outcome.members == set(meta["archive"]) - {meta["error"]}
        assert outcome.stage == meta["symptom"]["stage"], outcome.error
        assert meta["symptom"]["error"] in outcome.error
    else:
        assert outcome.stage == meta["fails"], outcome.error
        assert re.search(meta["error"], outcome.error), outcome.error
    if meta["fails"] == "forward" and "source" not in meta:
        assert re.search(meta["error"], outcome.source_error)
    else:
        assert not outcome.source_error


@pytest.mark.real
@every_page
def test_good_example_passes(page: Page, tmp_path: Path) -> None:
    """With all libraries everything works; where the bad example failed, the archive is whole as well."""
    machines = Machines.of(page.meta["needs"])
    whole = Outcome(members=frozenset(page.meta["archive"]))
    present = machines.with_everything()
    assert _reproduce(page, page.good, present, tmp_path / "present") == whole
    if "python" in page.meta:
        assert _run_elsewhere(page, page.good, tmp_path / "other") == (0, "")
    if present != machines:
        outcome = _reproduce(page, page.good, machines, tmp_path / "needed")
        assert outcome.members == whole.members
        # torch.package does not record an external library that is absent at build (nequip issue 557).
        lost = [f'No module named "{name}" in self-contained' for name in machines.standins]
        assert outcome.stage is None or any(message in outcome.error for message in lost)


# The linter


def _lint(arguments: list[str], folder: Path) -> tuple[int, Any]:
    """Run ``nequip-lint`` in ``folder``; return its exit status and the JSON on its standard output."""
    command = [sys.executable, "-m", "nequip_lint"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1) and done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def _findings(tree: Tree, folder: Path) -> tuple[int, list[Marker]]:
    tree.write(folder)
    status, report = _lint(["check", ".", "--format", "json", "--strict"], folder)
    found = [Marker(one["code"], one["path"], one["line"], one["severity"]) for one in report["findings"]]
    return status, found


@every_page
def test_linter_reports_the_bad_example(page: Page, tmp_path: Path) -> None:
    status, found = _findings(page.bad, tmp_path)
    marked = page.bad.markers()
    assert (set(found), len(found), status) == (marked, len(marked), 1)


@every_page
def test_linter_accepts_the_good_example(page: Page, tmp_path: Path) -> None:
    assert _findings(page.good, tmp_path) == (0, [])


# Registry, command, pages and changelog name the same rules

JUDGES_THE_OTHERS = {"NQ002"}
"""Rules about the findings of the other rules: the engine itself holds them, after all others have run."""


def test_registry_and_pages_agree() -> None:
    assert set(rules()) | JUDGES_THE_OTHERS == {page.code for page in PAGES}
    assert not set(rules()) & JUDGES_THE_OTHERS


def test_command_shows_what_the_pages_say() -> None:
    _, listed = _lint(["rule", "--format", "json"], ROOT)
    shown = {rule["code"]: (rule["name"], rule["severity"]) for rule in listed["rules"]}
    assert shown == {page.code: (page.meta["name"], page.meta["severity"]) for page in PAGES}


def test_changelog_names_every_rule() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\bNQ\d{3}\b", changelog)) == {page.code for page in PAGES}

"""The fix of each rule on the bad example of its page: what the page promises, and for real."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fix_support import CODES, Result, fix_folder
from page import Page, Tree, read_page
from reproduce import Machines, Outcome, reproduce
from wheels import Unreachable

if TYPE_CHECKING:
    from pathlib import Path as PathType

PAGES = [read_page(path) for path in sorted((Path(__file__).parents[2] / "rules").glob("NQ*.md"))]
WITH_FIX = [page for page in PAGES if page.meta["fix"] != "none"]
_MARKER = re.compile(r"  # (error|warning): NQ\d{3}$", re.MULTILINE)

every_page = pytest.mark.parametrize("page", PAGES, ids=[page.code for page in PAGES])
every_fix = pytest.mark.parametrize("page", WITH_FIX, ids=[page.code for page in WITH_FIX])


def bare(tree: Tree) -> Tree:
    """An example without the comments that announce its findings."""
    return Tree({path: _MARKER.sub("", text) for path, text in tree.files.items()})


def fixed(page: Page, folder: PathType) -> Result:
    bare(page.bad).write(folder)
    return fix_folder(folder, unsafe=True)


def test_pages_and_fixes_agree() -> None:
    assert {page.code for page in WITH_FIX} == CODES


@every_page
def test_the_page_tells_how_safe_the_fix_is(page: Page) -> None:
    start = {"none": "There is no automatic fix", "safe": "Safe", "unsafe": "Unsafe"}[page.meta["fix"]]
    assert page.sections["Fix safety"].startswith(start)


@every_fix
def test_the_fixed_example_is_clean(page: Page, tmp_path: PathType) -> None:
    result = fixed(page, tmp_path)
    assert result.codes == [page.code]
    assert result.left == []
    safe = {finding.fix.is_safe for finding in result.fixed.fixed if finding.fix is not None}
    assert safe == {page.meta["fix"] == "safe"}
    assert fix_folder(tmp_path, unsafe=True).fixed.changes == ()


@every_fix
def test_safe_fixes_alone_leave_unsafe_ones(page: Page, tmp_path: PathType) -> None:
    bare(page.bad).write(tmp_path)
    result = fix_folder(tmp_path)
    assert bool(result.fixed.changes) == (page.meta["fix"] == "safe")
    assert page.meta["fix"] == "safe" or result.left == [page.code]


@pytest.mark.real
@every_fix
def test_the_fixed_example_works_for_real(page: Page, tmp_path: PathType) -> None:
    """It builds, loads and computes with all libraries; where the bad one failed, its archive is whole."""
    machines = Machines.of(page.meta["needs"])
    present = machines.with_everything()
    tree = Tree(fixed(page, tmp_path / "fixed").files)
    whole = Outcome(members=frozenset(page.meta["archive"]))
    assert _reproduce(page, tree, present, tmp_path / "present") == whole
    if present != machines:
        outcome = _reproduce(page, tree, machines, tmp_path / "needed")
        assert outcome.members == whole.members
        # torch.package does not record an external library that is absent at build (nequip issue 557).
        lost = [f'No module named "{name}" in self-contained' for name in machines.standins]
        assert outcome.stage is None or any(text in outcome.error for text in lost), outcome.error


def _reproduce(page: Page, tree: Tree, machines: Machines, folder: PathType) -> Outcome:
    try:
        return reproduce(tree, machines, folder, page.meta.get("modifier"), page.meta.get("loads", 1))
    except Unreachable as error:
        pytest.skip(str(error))


@every_page
def test_a_second_run_changes_nothing(page: Page, tmp_path: PathType) -> None:
    """Also where nothing can be fixed."""
    page.bad.write(tmp_path)
    fix_folder(tmp_path, unsafe=True)
    assert fix_folder(tmp_path, unsafe=True).fixed.changes == ()

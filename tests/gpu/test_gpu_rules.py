"""Pages of rules that say "without a GPU": with one, their bad examples work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from page import Page, read_page
from reproduce import Machines, Outcome, reproduce
from wheels import Unreachable

if TYPE_CHECKING:
    from page import Tree

pytestmark = pytest.mark.real

RULES = Path(__file__).parents[2] / "rules"
INSTALLED = Machines(nequip=True, build=("triton",), load=("triton",), standins={})


def _on_the_gpu(page: Page, tree: Tree, machines: Machines, folder: Path) -> Outcome:
    try:
        return reproduce(tree, machines, folder, page.meta.get("modifier"), device="cuda")
    except Unreachable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("kind", ["bad", "good"])
@pytest.mark.parametrize("code", ["NQ102", "NQ103", "NQ104"])
def test_the_example_works_where_there_is_a_gpu(code: str, kind: str, tmp_path: Path) -> None:
    page = read_page(RULES / f"{code}.md")
    machines = INSTALLED if code == "NQ104" else Machines.of(page.meta["needs"])
    outcome = _on_the_gpu(page, getattr(page, kind), machines, tmp_path)
    assert outcome == Outcome(members=outcome.members)
    assert set(page.meta["archive"]) <= outcome.members

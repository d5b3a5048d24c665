"""The many ways of one kind: what fails for real is found in each, and what works is not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from forms import ELSEWHERE, UNPACKAGED, WORKS, Form, forms

from nequip_lint.facts.collect import details_of, facts_of
from nequip_lint.values import Severity

if TYPE_CHECKING:
    from nequip_lint.facts.details.module import Details
    from nequip_lint.facts.values import Facts

OF_MACHINES = {"NQ101", "NQ103", "NQ104", "NQ105", "NQ107", "NQ313"}


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.name)
def test_is_found_where_it_fails(form: Form, tmp_path: Path) -> None:
    found = form.findings(tmp_path)
    if form.outcome == WORKS:
        assert [item for item in found if item.severity is Severity.ERROR] == []
    else:
        assert bool(found) is not form.missed
    if form.codes is not None:
        assert sorted({item.code for item in found}) == list(form.codes)


def test_what_does_not_run_unpackaged_needs_another_machine() -> None:
    """A library, a GPU or a variable that this one lacks; all else fails because it is packaged."""
    idle = [form for form in forms() if form.outcome.startswith(UNPACKAGED)]
    assert idle
    assert {code for form in idle for code in form.codes or ()} == OF_MACHINES
    assert all(form.codes for form in idle)


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the outcomes are those of Python 3.11")
@pytest.mark.parametrize(
    "form", [form for form in forms() if form.outcome != ELSEWHERE], ids=lambda form: form.name
)
def test_outcome_is_the_real_one(form: Form, tmp_path: Path) -> None:
    if pytest.importorskip("torch").cuda.is_available():
        pytest.skip("the outcomes are those of a machine without a GPU")
    measured = form.measured(tmp_path)
    assert (measured == WORKS) is (form.outcome == WORKS)
    if measured not in (WORKS, "WRONG"):
        assert measured in form.outcome


NOISE = (
    "# globals() locals() exec( NameError handle.remove() __reduce__ __module__ __file__ modules.pop() yield "
    "del sys.modules[x] torch cuda numpy pickle setattr vars __dict__ ModuleType environ lambda random"
)


def test_comments_say_nothing() -> None:
    """Neither one that names what would speak against a hazard, nor one that names a hazard."""
    texts = sorted({text for form in forms() for name, text in form.files.items() if name.endswith(".py")})
    assert len(texts) > 1000
    differ = [text for text in texts if _of_text(text) != _of_text(f"{text.rstrip()}\n{NOISE}\n")]
    assert not differ


def _of_text(text: str) -> tuple[Facts, Details]:
    facts = facts_of(text.encode(), "mypkg.model", "model.py", False)
    return facts, details_of(text.encode(), facts)

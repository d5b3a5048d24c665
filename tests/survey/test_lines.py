"""When a package need not be looked at again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nequip_pack.survey.lines import CRASH, MEMORY, TIME, Limits, Line, Outcome, line_of

LIMITS = Limits(60, 4)
STEPS = {"info": Outcome("1", 0, content={"a": [1]}), "check": Outcome("1", 6, "it is missing")}
LINE = Line("/a.nequip.zip", "0" * 64, 3, 1.5, LIMITS, STEPS)


def test_plain_data_and_back() -> None:
    assert line_of(json.loads(json.dumps(LINE.as_json()))) == LINE
    assert LINE.short == ["check"]


@pytest.mark.parametrize("content", [{}, {"version": 2}, {**LINE.as_json(), "more": 1}, {"version": 1}])
def test_other_data(content: dict[str, object]) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        line_of(content)


def test_results_that_hold() -> None:
    assert LINE.answers({"info": "1", "check": "1"}, LIMITS)
    assert LINE.answers({"info": "1"}, Limits(1, 1))
    assert not LINE.answers({"info": "1", "verify": "1"}, LIMITS)
    assert not LINE.answers({"info": "2"}, LIMITS)


@pytest.mark.parametrize(("stopped", "same", "other"), [(TIME, 1, 0), (MEMORY, 1, 0), (CRASH, 0, 0)])
def test_what_was_stopped(stopped: str, same: int, other: int) -> None:
    line = replace(LINE, steps={"info": Outcome("1", stopped=stopped)})
    assert line.answers({"info": "1"}, LIMITS) == bool(same)
    assert line.answers({"info": "1"}, Limits(60, 8)) == bool(other)

"""What the gate says of closures: each refusal and each loss with its own rule and help."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from nequip_lint.cache.entries import Cache
from nequip_lint.gate.closure import judge_closure
from nequip_lint.gate.environment import Environment
from nequip_lint.hazards import imports, refusals
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import hazards as import_hazards
from nequip_lint.pages import codes
from nequip_lint.project.sources import Sources
from nequip_lint.snapshot import world

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_lint.gate.judgement import Judgement


class Registered(NamedTuple):
    """Registrations of a build."""

    intern: tuple[str, ...] = ("pkg",)
    extern: tuple[str, ...] = ()
    mock: tuple[str, ...] = ()


def judged(folder: Path, text: str, allowed: frozenset[tuple[str, str]] = frozenset()) -> Judgement:
    """The judgement of a build whose one root has this text, where nothing else is installed."""
    (folder / "pkg" / "space").mkdir(parents=True)
    (folder / "pkg" / "__init__.py").touch()
    (folder / "pkg" / "part.py").write_text("import absent\n")
    (folder / "pkg" / "model.py").write_text(text)
    environment = Environment(Sources(installed=[folder]), {}, (), {}, Cache(None))
    return judge_closure(environment, ["pkg.model"], Registered(), False, lambda name: True, allowed)


REFUSALS = [
    ("import installed", "NQ201", refusals.UNREGISTERED),
    ("import io", "NQ202", refusals.DISALLOWED),
    ("import pkg.space", "NQ209", refusals.NAMESPACE),
    ("def f():\n    from ... import above", "NQ211", imports.ABOVE_TOP),
]


@pytest.mark.parametrize(("text", "code", "cause"), REFUSALS, ids=[code for _, code, _ in REFUSALS])
def test_a_refusal_has_its_own_rule_and_help(tmp_path: Path, text: str, code: str, cause: Cause) -> None:
    (tmp_path / "installed.py").touch()
    found = judged(tmp_path, text)
    assert [(item.code, item.help) for item in found.errors] == [(code, cause.help)]
    assert str(Reason(cause)) in found.errors[0].message
    assert found.beyond_allowing == {code}


def test_a_loss_can_be_allowed(tmp_path: Path) -> None:
    found = judged(tmp_path, "def f():\n    import pkg.part\n")
    assert [(item.code, item.module) for item in found.errors] == [("NQ101", "pkg.part")]
    assert "(absent is not installed on the building machine)" in found.errors[0].message
    assert found.errors[0].help == f"build where it imports, or {imports.ABSENT.help}"
    assert not found.beyond_allowing


def test_an_allowed_loss_is_kept_with_its_cause(tmp_path: Path) -> None:
    text = "def f():\n    import pkg.part\n"
    found = judged(tmp_path, text, frozenset({("NQ101", "pkg.part")}))
    assert not found.errors
    assert [(loss.code, loss.module, loss.why.parts) for loss in found.allowed] == [
        ("NQ101", "pkg.part", ("absent",))
    ]


def test_every_cause_names_a_rule_that_there_is() -> None:
    import_hazards()
    modules = [module for name, module in sys.modules.items() if name.startswith("nequip_lint.hazards.")]
    found = [value for part in (*modules, world) for value in vars(part).values() if isinstance(value, Cause)]
    assert len(found) > 20
    assert {cause.code for cause in found} <= {*codes(), ""}

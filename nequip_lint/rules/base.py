"""What a rule is: a function from a project to hits, known by its code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from nequip_lint.facts.values import Facts
from nequip_lint.plugins import import_all
from nequip_lint.project.model import Project
from nequip_lint.values import Chain, Span


class Hit(NamedTuple):
    """A hazard before the page of its rule gives it name and severity; `detail` is for the rule's fix."""

    path: str
    span: Span
    message: str
    help: str
    module: str = ""
    chain: Chain = ()
    detail: str = ""


Check = Callable[[Project], Iterator[Hit]]
_RULES: dict[str, Check] = {}


def rule(code: str) -> Callable[[Check], Check]:
    """Register a function as the rule with a code."""

    def register(check: Check) -> Check:
        _RULES[code] = check
        return check

    return register


@cache
def rules() -> dict[str, Check]:
    """All rules by code, in order."""
    import_all("nequip_lint.rules", os.path.dirname(__file__), "nq")  # noqa: PTH120  pathlib costs more
    return dict(sorted(_RULES.items()))


def at(
    facts: Facts,
    span: Span,
    message: str,
    help: str,
    module: str = "",
    chain: Chain = (),
    detail: str = "",
) -> Hit:
    """A hit in a source file; `module` is the one that the hazard is about, by default the file's own."""
    return Hit(facts.path, span, message, help, module or facts.module, chain, detail)

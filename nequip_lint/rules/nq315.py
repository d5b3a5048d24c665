"""NQ315 random-number-at-import: a random value that a module makes when it is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details import Invocation
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live

_TORCH = ("rand", "randn", "randint", "randperm", "normal", "rand_like", "randn_like")

_HELP = "keep them in a buffer, or give the generator a seed"


@rule("NQ315")
def random_number_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each call at import that draws from a generator without a seed."""
    for facts, call in live(project, lambda details: details.invocations):
        if call.spot.place.at_import and _draws(call.name) and not _is_seeded(facts, call):
            message = (
                f"a loaded package computes with other numbers than your model: {call.name} is called when "
                f"{facts.module} is imported, and again at each load"
            )
            yield hit(project, facts, call.spot, message, _HELP)


def _draws(function: str) -> bool:
    owner, _, name = function.rpartition(".")
    return (owner == "torch" and name in _TORCH) or owner in ("numpy.random", "random")


def _is_seeded(facts: Facts, call: Invocation) -> bool:
    is_given = "generator" in dict(call.keywords)
    return is_given or any(other.name.endswith("seed") for other in facts.calls)

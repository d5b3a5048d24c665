"""NQ315 random-number-at-import: a random value that a module makes when it is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Probe
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, probes

_TORCH = ("rand", "randn", "randint", "randperm", "normal", "rand_like", "randn_like")

_HELP = "keep them in a buffer, or give the generator a seed"


@rule("NQ315")
def random_number_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each call at import that draws from a generator without a seed."""
    for facts, probe in probes(project, "call"):
        if probe.place.at_import and _draws(probe) and not _is_seeded(facts, probe):
            message = (
                f"a loaded package computes with other numbers than your model: {probe.name} is called when "
                f"{facts.module} is imported, and again at each load"
            )
            yield hit(project, facts, probe, message, _HELP)


def _draws(probe: Probe) -> bool:
    owner, _, name = probe.name.rpartition(".")
    return (owner == "torch" and name in _TORCH) or owner in ("numpy.random", "random")


def _is_seeded(facts: Facts, probe: Probe) -> bool:
    given = any(text.startswith("generator=") for text in probe.detail)
    return given or any(call.name.endswith("seed") for call in facts.calls)

"""NQ309 name-put-into-builtins: packaged code that adds names to `builtins`."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live

_HELP = "import it where it is used"


@rule("NQ309")
def name_put_into_builtins(project: Project) -> Iterator[Hit]:
    """One hit for each name."""
    for facts, spot, added in _added(project):
        message = (
            f"the packaged model raises NameError where it uses {added}: that is put into builtins "
            "here, but packaged modules have builtins of their own"
        )
        yield hit(project, facts, spot, message, _HELP)


def _added(project: Project) -> Iterator[tuple[Facts, Spot, str]]:
    for facts, item in live(project, lambda details: details.assigned):
        head, _, name = item.name.partition(".")
        if head == "builtins" and name and not item.is_item:
            yield facts, item.spot, name

"""NQ309 name-put-into-builtins: packaged code that adds names to `builtins`."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, probes

_HELP = "import it where it is used"


@rule("NQ309")
def name_put_into_builtins(project: Project) -> Iterator[Hit]:
    """One hit for each name."""
    for facts, probe in probes(project, "set", "call"):
        if probe.kind == "set":
            head, _, name = probe.name.partition(".")
            added = name if head == "builtins" else ""
        else:
            given = probe.detail if probe.name == "setattr" else ()
            added = given[1].strip("'\"") if len(given) == 3 and given[0] == "builtins" else ""
        if added:
            message = (
                f"the packaged model raises NameError where it uses {added}: that is put into builtins "
                "here, but packaged modules have builtins of their own"
            )
            yield hit(project, facts, probe, message, _HELP)

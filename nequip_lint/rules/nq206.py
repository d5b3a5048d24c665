"""NQ206 malformed-registration: a registered name that matches no import, or too few."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.registering import malformed


@rule("NQ206")
def malformed_registration(project: Project) -> Iterator[Hit]:
    """One hit for each name, or string in place of a list, that does not register what it seems to."""
    for item in malformed(project):
        facts, call = item.item.facts, item.item.call
        what = f"{item.parameter} has {item.name!r}, {item.reason}"
        message = f"this registers nothing, and a build that needs the library is refused: {what}"
        if item.tops and "." in item.name:
            message = f"a build that needs {item.tops[0]} is refused: {what}"
        top = item.tops[0] if item.tops else item.name
        yield at(facts, call.span, message, item.help, top, detail=item.name)

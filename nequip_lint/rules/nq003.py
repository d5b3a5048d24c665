"""NQ003 unused-registration: a registered library that nothing in the project or its packages imports."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.registering import unneeded


@rule("NQ003")
def unused_registration(project: Project) -> Iterator[Hit]:
    """One hit for each such name; none where no roots are known, and so not what is packaged."""
    for item, name in unneeded(project):
        message = f"{name} is registered for packaging, but nothing that this project packages imports it"
        yield at(item.facts, item.call.span, message, f'take "{name}" out of this call', name)

"""NQ003 unused-registration: a registered library that nothing in the project or its packages imports."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.registering import malformed, owned_registrations


@rule("NQ003")
def unused_registration(project: Project) -> Iterator[Hit]:
    """One hit for each such name; none where no roots are known, and so not what is packaged."""
    if not project.roots:
        return
    used = {module.partition(".")[0] for module in project.packaged.modules}
    used |= {(item.module or "").partition(".")[0] for facts in project.files for item in facts.imports}
    wrong = {(item.item.call.span, item.name) for item in malformed(project)}
    for item in owned_registrations(project):
        for name in (*(item.extern or ()), *(item.mock or ())):
            if name.partition(".")[0] not in used and len(name) > 1 and (item.call.span, name) not in wrong:
                message = (
                    f"{name} is registered for packaging, but nothing that this project packages imports it; "
                    "remove it from the registration"
                )
                yield at(item.facts, item.call.span, message, name)

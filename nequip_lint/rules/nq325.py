"""NQ325 import-by-c-code: a call for which C code imports a module that the package does not name."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.machine.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live, when
from nequip_lint.runs.implicit import unnamed


@rule("NQ325")
def import_by_c_code(project: Project) -> Iterator[Hit]:
    """One hit for each module and file, at the first such call."""
    seen: set[tuple[str, str]] = set()
    calls = ((facts, item) for facts, item in live(project, lambda details: details.implicit) if item.module)
    for facts, item in unnamed(project.packaged, calls):
        key = (facts.module, item.module)
        if key in seen or catches(item.spot.place.caught, "ModuleNotFoundError"):
            continue
        seen.add(key)
        message = (
            f"{when(project, facts, item.spot)} fails (ModuleNotFoundError), unless nequip-pack made the "
            f"package: C code imports {item.module} for {item.text}, and no import statement names that"
        )
        yield hit(project, facts, item.spot, message, f"write `import {item.module}` in this file")

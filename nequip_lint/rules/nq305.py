"""NQ305 postponed-dataclass-annotations: dataclass fields whose annotations are strings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live

_UNDOTTED = re.compile(r"(?:\s*(\w+)\s*\.)?\s*\w+")
"""What `dataclasses._is_type` reads of an annotation (CPython 3.10 to 3.14)."""


@rule("NQ305")
def postponed_dataclass_annotations(project: Project) -> Iterator[Hit]:
    """One hit for each dataclass, at the first field that is looked up by name."""
    seen: set[tuple[str, str]] = set()
    for facts, field in live(project, lambda details: details.fields):
        match = _UNDOTTED.match(field.annotation)
        key = (facts.module, field.spot.owner)
        if match is None or match[1] or key in seen:
            continue
        seen.add(key)
        message = (
            f"loading the package fails: the annotation of {field.spot.owner}.{field.name} is a string at "
            "run time, for which dataclasses look into sys.modules, where the modules of a package are not"
        )
        help = f"do without `from __future__ import annotations` and without quotes in {facts.module}"
        yield hit(project, facts, field.spot, message, help)

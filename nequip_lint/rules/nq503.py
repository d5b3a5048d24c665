"""NQ503 source-encoding: a file in another encoding than UTF-8, with characters that get lost."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, packaged

_HELP = "save the file as UTF-8 and remove the declaration"


@rule("NQ503")
def source_encoding(project: Project) -> Iterator[Hit]:
    """One hit for each file, at the first such string or name."""
    for facts in packaged(project):
        for probe in facts.probes:
            if probe.kind == "encoding":
                message = (
                    f"in a package strings of {facts.module} change, and names are invalid: it declares the "
                    f"encoding {probe.name}, but torch.package stores its text as UTF-8 and keeps the "
                    "declaration"
                )
                yield hit(project, facts, probe, message, _HELP)

"""NQ503 source-encoding: a file in another encoding than UTF-8, with characters that get lost."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, at, rule
from nequip_lint.rules.live import packaged

_HELP = "save the file as UTF-8 and remove the declaration"


@rule("NQ503")
def source_encoding(project: Project) -> Iterator[Hit]:
    """One hit for each file, at the first such string or name."""
    for facts, details in packaged(project):
        for item in details.foreign:
            message = (
                f"in a package strings of {facts.module} change, and names are invalid: it declares the "
                f"encoding {item.encoding}, but torch.package stores its text as UTF-8 and keeps the "
                "declaration"
            )
            yield at(facts, item.span, message, _HELP, chain=project.packaged.chain(facts.module))

"""NQ407 sentinel-identity: a module-level `object()` kept on a module and compared by identity."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.kept import held
from nequip_lint.rules.live import hit

_HELP = "use None, a class or an enum member"


@rule("NQ407")
def sentinel_identity(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, kept in held(project, "sentinel"):
        message = (
            f"the packaged model takes another path, since `is` with {kept.what} is false: {kept.spot.owner} "
            f"keeps it in {kept.name}, but a loaded package has another {kept.what} than its pickle"
        )
        yield hit(project, facts, kept.spot, message, _HELP)

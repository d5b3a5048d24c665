"""NQ407 sentinel-identity: a module-level `object()` kept on a module and compared by identity."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.held import held
from nequip_lint.rules.probed import hit

_HELP = "use None, a class or an enum member"


@rule("NQ407")
def sentinel_identity(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, probe in held(project, "sentinel"):
        what = probe.detail[1]
        message = (
            f"the packaged model takes another path, since `is` with {what} is false: {probe.owner} keeps "
            f"it in {probe.name}, but a loaded package has another {what} than its pickle"
        )
        yield hit(project, facts, probe, message, _HELP)

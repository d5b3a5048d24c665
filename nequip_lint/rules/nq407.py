"""NQ407 sentinel-identity: a module-level `object()` kept on a module and compared by identity."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.held import held
from nequip_lint.rules.probed import hit


@rule("NQ407")
def sentinel_identity(project: Project) -> Iterator[Hit]:
    """One hit for each attribute."""
    for facts, probe in held(project, "sentinel"):
        what = probe.detail[1]
        message = (
            f"{probe.owner} keeps {what} in {probe.name} and compares with `is`, but a loaded package has "
            f"another {what} than the one in the pickle: the test is false there; use None, a class or an "
            "enum member"
        )
        yield hit(project, facts, probe, message)

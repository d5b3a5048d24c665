"""NQ314 module-name-comparison: a test whether `__module__` or `__name__` is an own module."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.probed import hit, is_internal, probes

_HELP = "use isinstance or an attribute"


@rule("NQ314")
def module_name_comparison(project: Project) -> Iterator[Hit]:
    """One hit for each comparison with the name of an internal module."""
    for facts, probe in probes(project, "compare"):
        if is_internal(project, probe.detail[0]):
            message = (
                f"this test is false in a package: {probe.name} is compared with {probe.detail[0]!r}, but "
                f"reads '<torch_package_0>.{probe.detail[0]}' there"
            )
            yield hit(project, facts, probe, message, _HELP)

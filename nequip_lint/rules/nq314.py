"""NQ314 module-name-comparison: a test whether `__module__` or `__name__` is an own module."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, is_internal, live

_HELP = "use isinstance or an attribute"


@rule("NQ314")
def module_name_comparison(project: Project) -> Iterator[Hit]:
    """One hit for each comparison with the name of an internal module."""
    for facts, item in live(project, lambda details: details.comparisons):
        if is_internal(project, item.value):
            message = (
                f"this test is false in a package: {item.name} is compared with {item.value!r}, but "
                f"reads '<torch_package_0>.{item.value}' there"
            )
            yield hit(project, facts, item.spot, message, _HELP)

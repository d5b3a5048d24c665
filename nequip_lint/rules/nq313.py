"""NQ313 environment-variable-at-import: `os.environ[...]` without a default when a module is imported."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.details import Item
from nequip_lint.facts.values import Facts
from nequip_lint.project.evaluate import catches
from nequip_lint.project.model import Project
from nequip_lint.rules.base import Hit, rule
from nequip_lint.rules.live import hit, live

_HELP = "use os.environ.get with a default"


@rule("NQ313")
def environment_variable_at_import(project: Project) -> Iterator[Hit]:
    """One hit for each variable and file."""
    seen: set[tuple[str, str]] = set()
    for facts, item in live(project, lambda details: details.items):
        place = item.spot.place
        if item.owner != "os.environ" or item.access != "load" or not place.at_import or place.guards:
            continue
        key = (facts.module, item.key.shown)
        if key in seen or catches(place.caught, item.exception) or _is_set_here(project, facts, item):
            continue
        seen.add(key)
        message = (
            "loading the package raises KeyError on a machine without this variable: "
            f"os.environ[{item.key.shown}] is read when {facts.module} is imported"
        )
        yield hit(project, facts, item.spot, message, _HELP)


def _is_set_here(project: Project, facts: Facts, item: Item) -> bool:
    """Whether the file gives the variable a value itself."""
    stores = (other for other in project.sources.details(facts).items if other.access == "store")
    is_stored = any(other.owner == item.owner and other.key == item.key for other in stores)
    return is_stored or any(call.name.endswith("environ.setdefault") for call in facts.calls)

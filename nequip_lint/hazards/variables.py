"""An environment variable that a module reads at import and cannot do without."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, Scene, hazard

HELP = "use os.environ.get with a default"
CAUSE = Cause("NQ313", "{} is not set, and read at import")


@hazard
def unset_variables(scene: Scene) -> Iterator[Event]:
    """Every read of a variable that is known not to be set; a computed name is known only where none is."""
    for item in scene.facts.settings:
        is_known = bool(item.name) or scene.target.environment == {}
        if item.demanded and is_known and scene.judge.lacks(item.name):
            text = f"os.environ[{item.name!r}]" if item.name else "os.environ[…]"
            yield Event(item.span, item.place, "KeyError", Reason(CAUSE, (item.name,)), text)


def message(facts: Facts, event: Event) -> str:
    """What happens to the model."""
    return (
        "loading the package raises KeyError on a machine without this variable: "
        f"{event.text} is read when {facts.module} is imported"
    )

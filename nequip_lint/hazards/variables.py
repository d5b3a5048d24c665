"""An environment variable that a module reads at import and cannot do without."""

from __future__ import annotations

from collections.abc import Iterable

from nequip_lint.facts.values import Facts, Setting
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, hazard
from nequip_lint.hazards.scene import Scene

HELP = "use os.environ.get with a default"
CAUSE = Cause("NQ313", "{} is not set, and read at import")


def _demands(_: Facts, item: Setting) -> bool:
    return item.demanded


@hazard("settings", _demands)
def unset_variables(scene: Scene, item: Setting) -> Iterable[Event]:
    """Every read of a variable that is known not to be set; a computed name is known only where none is."""
    is_known = bool(item.name) or scene.target.environment == {}
    if not is_known or not scene.judge.lacks(item.name):
        return ()
    text = f"os.environ[{item.name!r}]" if item.name else "os.environ[…]"
    return (Event(item, "KeyError", Reason(CAUSE, (item.name,)), text),)


def message(facts: Facts, event: Event) -> str:
    """What happens to the model."""
    return (
        "loading the package raises KeyError on a machine without this variable: "
        f"{event.text} is read when {facts.module} is imported"
    )

"""A `raise`, `assert` or exit at module level."""

from __future__ import annotations

from collections.abc import Iterable

from nequip_lint.facts.values import Facts, Stop
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, hazard
from nequip_lint.hazards.scene import Scene

HELP = "move it into the function that needs the check, or below `if __name__ == '__main__':`"
CAUSE = Cause("NQ107", "`{}` runs at import", "let it go on there")


@hazard("stops")
def stops(_: Scene, item: Stop) -> Iterable[Event]:
    """Every such statement."""
    return (Event(item, item.exception, Reason(CAUSE, (item.text,)), item.text),)


def message(facts: Facts, stop: Stop) -> str:
    """What happens to the model."""
    if stop.exception == "SystemExit":
        effect = "the build ends: torch.package imports every module that packaged code names, this one too"
    else:
        effect = f"a package lacks {facts.module}, and the build says nothing: its import ends here"
    return f"where `{stop.text}` runs, {effect}"

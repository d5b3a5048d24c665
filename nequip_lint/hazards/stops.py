"""A `raise`, `assert` or exit at module level."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.facts.values import Facts, Stop
from nequip_lint.hazards.cause import Cause, Reason
from nequip_lint.hazards.hazard import Event, Scene, hazard

HELP = "move it into the function that needs the check, or below `if __name__ == '__main__':`"
CAUSE = Cause("NQ107", "`{}` runs at import", "let it go on there")


@hazard
def stops(scene: Scene) -> Iterator[Event]:
    """Every such statement."""
    for item in scene.facts.stops:
        yield Event(item.span, item.place, item.exception, Reason(CAUSE, (item.text,)), item.text)


def message(facts: Facts, stop: Stop) -> str:
    """What happens to the model."""
    if stop.exception == "SystemExit":
        effect = "the build ends: torch.package imports every module that packaged code names, this one too"
    else:
        effect = f"a package lacks {facts.module}, and the build says nothing: its import ends here"
    return f"where `{stop.text}` runs, {effect}"

"""What ``nequip-pack rehearse --all-machines`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nequip_pack.cli.say import say, show_stage
from nequip_pack.cli.table import show_table
from nequip_pack.errors import Refused
from nequip_pack.machines import Tried, Untried, every_machine

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nequip_pack.machines import Outcome, Settings
    from nequip_pack.rehearsal import Rehearsed

_HEAD: Final = ("machine", "built there", "built here, loaded there", "lost there")
_HERE: Final = ("this machine", "passed", "passed", "nothing")
_SHOWN: Final = 3


def show_machines(done: Rehearsed, settings: Settings) -> None:
    """Try all machines and show what came of it.

    Args:
        done: the rehearsal on this machine, whose package was kept.
        settings: of it.

    Raises:
        Refused: if a machine fails that the registrations promise to serve.
    """
    found = list(every_machine(done, settings, show_stage))
    tried = [item for item in found if isinstance(item, Tried)]
    say("")
    show_table([_HEAD, _HERE, *map(_row, tried)])
    for line in map(_line, found):
        if line:
            say(line)
    _refuse(done.path, tried)


def _line(item: Tried | Untried) -> str:
    """What the table has no room for, '' where that is nothing."""
    if isinstance(item, Untried):
        return f"not tried: {item.name} ({item.why})"
    if item.must_load or item.load.passed:
        return ""
    return f"{item.name}, built here, loaded there: {item.load.error}"


def _row(item: Tried) -> tuple[str, ...]:
    build = "not tried" if item.build is None else _word(item.build)
    load = "needs it" if item.load.lacked and not item.must_load else _word(item.load)
    return item.name, build, load, _lost(item)


def _word(outcome: Outcome) -> str:
    return "passed" if outcome.passed else "failed"


def _lost(item: Tried) -> str:
    if item.build is None:
        return f"{item.required_by} requires it, so that nothing is built there"
    if not item.build.passed:
        return "the package"
    more = f" and {len(item.lost) - _SHOWN} more" if len(item.lost) > _SHOWN else ""
    return f"{', '.join(item.lost[:_SHOWN])}{more}" or "nothing"


def _refuse(path: Path, tried: Iterable[Tried]) -> None:
    broken = [(item.name, word, outcome) for item in tried for word, outcome in item.broken()]
    if not broken:
        return
    names = ", ".join(f"{name} ({word})" for name, word, _ in broken)
    texts = (f"{name}, {word}:\n{outcome.details}\n{outcome.error}" for name, word, outcome in broken)
    raise Refused(
        f"the registrations promise to serve machines that fail: {names}",
        where=path,
        remedy="import what they lack inside the function that needs it, or let the extension require it",
        details="\n\n".join(texts),
    )

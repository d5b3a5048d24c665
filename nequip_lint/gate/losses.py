"""Internal modules that a machine with everything would archive, and this one would not."""

from __future__ import annotations

from typing import NamedTuple

from nequip_lint.closure.packaged import Closure, packaged_set
from nequip_lint.closure.world import World
from nequip_lint.hazards.cause import Reason
from nequip_lint.values import Chain


class Loss(NamedTuple):
    """A dropped module.

    `module` does not import here, and `why` tells the cause. `with_it` are modules that nothing else in the
    archive reaches, `chain` the statements that lead to it, and on to the one that fails.
    """

    module: str
    why: Reason
    with_it: tuple[str, ...]
    chain: Chain

    @property
    def code(self) -> str:
        """The rule that its cause falls under."""
        return self.why.cause.code


def losses(full: Closure, here: Closure, machine: World, everything: World) -> tuple[Loss, ...]:
    """The modules that are dropped on this machine, each with what goes with it.

    Args:
        full: the largest closure of the same roots.
        here: the closure on this machine.
        machine: this machine, which tells why a module does not import.
        everything: the world of the largest closure.
    """
    missing = set(full.of("intern")) - set(here.of("intern"))
    found = []
    for module in here.of("dropped"):
        below = set(packaged_set([module], everything).of("intern"))
        with_it = tuple(sorted((missing & below) - {module} - set(here.of("dropped"))))
        failure = machine.failure(module)
        assert failure is not None
        chain = (*here.chain(module), *failure.chain)
        found.append(Loss(module, failure.why, with_it, chain))
    return tuple(found)

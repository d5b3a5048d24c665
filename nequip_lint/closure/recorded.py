"""What nequip-pack archives where it differs from torch.package, and what only pickles name."""

from __future__ import annotations

from collections.abc import Iterable

from nequip_lint.closure.packaged import Closure, Verdict
from nequip_lint.hazards import refusals
from nequip_lint.hazards.cause import Reason
from nequip_lint.machine.target import Patterns


def registered_absent(closure: Closure, patterns: Patterns, action: str) -> frozenset[str]:
    """The modules with a registered action that are reached and not installed.

    Args:
        closure: on some machine.
        patterns: the registrations in force.
        action: extern or mock.
    """
    return frozenset(name for name in closure.of("absent") if patterns.action(name) == action)


def recorded(closure: Closure, patterns: Patterns) -> Closure:
    """A closure in which the registered externals that are not installed are external all the same.

    torch.package, and nequip with it, forgets them (nequip issue 557), nequip-pack records them. A mock that
    is not installed stays out: code that asks whether it is there gets the answer of the building machine.
    """
    lost = sorted(registered_absent(closure, patterns, "extern"))
    kept = dict.fromkeys(lost, Verdict("extern", Reason(refusals.RECORDED)))
    return closure._replace(modules={**closure.modules, **kept})


def with_generated(closure: Closure, generated: Iterable[str]) -> Closure:
    """A closure with the modules that pickling makes, of which no import tells.

    Args:
        closure: of the roots that pickles name.
        generated: such as the code of a `torch.fx.GraphModule`.
    """
    made = dict.fromkeys(sorted(generated), Verdict("intern", Reason(refusals.GENERATED)))
    return closure._replace(modules={**closure.modules, **made})

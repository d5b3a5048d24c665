"""What C code imports for packaged code: modules that no import statement names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nequip_lint.closure.packaged import Closure, Verdict
from nequip_lint.facts.details.needs import Implicit
from nequip_lint.facts.values import Facts
from nequip_lint.hazards.cause import Reason
from nequip_lint.hazards.refusals import CALLED
from nequip_lint.project.sources import Sources


def needed(item: Implicit) -> str:
    """The module that a call may import: numpy where other code may ask an array for such a method."""
    return item.module or "numpy"


def unnamed(closure: Closure, items: Iterable[tuple[Facts, Implicit]]) -> Iterator[tuple[Facts, Implicit]]:
    """The calls whose module the closure does not have as external.

    Args:
        closure: the packaged set.
        items: calls of its modules.
    """
    external = frozenset(closure.of("extern"))
    return ((facts, item) for facts, item in items if needed(item) not in external)


def implicit_externals(closure: Closure, sources: Sources) -> frozenset[str]:
    """The modules that a packager has to record besides those that imports name.

    Args:
        closure: the packaged set.
        sources: for the source of its modules.
    """
    known = (sources.facts(name) for name in closure.of("intern"))
    files = [facts for facts in known if facts is not None and not facts.problem]
    items = ((facts, item) for facts in files for item in sources.details(facts).implicit)
    found = {needed(item) for _, item in unnamed(closure, items)} - closure.modules.keys()
    return frozenset(name for name in found if name != "numpy" or sources.knows(name))


def with_implicit(closure: Closure, sources: Sources) -> Closure:
    """A closure with the modules that a packager records for calls of C code."""
    added = dict.fromkeys(sorted(implicit_externals(closure, sources)), Verdict("extern", Reason(CALLED)))
    return closure._replace(modules={**closure.modules, **added})

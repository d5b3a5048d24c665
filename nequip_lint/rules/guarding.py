"""Guards around a function: what keeps it from coming to a line on a machine, other than a test there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nequip_lint.closure.world import World
from nequip_lint.facts.details.bodies import Conduct
from nequip_lint.facts.names import last_part, resolve
from nequip_lint.facts.values import Condition, Facts, negated
from nequip_lint.machine.evaluate import Judge
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of
from nequip_lint.runs.functions import CONSTRUCTORS
from nequip_lint.values import Span

_HARMLESS = frozenset(
    (
        *(
            "abstractmethod",
            "cached_property",
            "classmethod",
            "compile_mode",
            "final",
            "override",
            "property",
        ),
        *("staticmethod", "setter", "cache", "lru_cache", "overload", "no_grad", "inference_mode"),
        *("model_builder", "model_modifier", "jit", "script", "compile", "export", "ignore", "unused"),
    )
)
"""Decorators of functions that run all the same."""
_CHECKS = re.compile(r"need|require|ensure|check|assert|verify|must|missing|available", re.IGNORECASE)
"""What functions are called that raise where something is not there."""
_TO_THE_END = 10**9


class Guarded(NamedTuple):
    """A file on a machine, and the tests under which it defines the name that is asked about."""

    project: Project
    world: World
    facts: Facts
    tests: frozenset[Condition] = frozenset()

    def is_kept_away(self, span: Span, around: tuple[Condition, ...] = ()) -> bool:
        """Whether a function surely ends before a place in it, or only runs behind a test.

        Args:
            span: the place.
            around: the tests that it stands under.
        """
        found = self.project.sources.details(self.facts).conducts
        bodies = (item for item in found if item.name and item.span.line <= span.line <= item.span.end_line)
        conduct = next(bodies, None)
        if conduct is None:
            return False
        if any(map(self._may_end, conduct.decorators)) or self._is_checked(conduct, span.line, around):
            return True
        if conduct.owner and conduct.name not in CONSTRUCTORS:
            return self._is_made_here(conduct) and self._is_never_made(conduct, found)
        called = [item for item in found if not conduct.owner and conduct.name in item.calls]
        return bool(called) and not any(conduct.name in item.sure for item in called)

    def _is_made_here(self, conduct: Conduct) -> bool:
        """Whether objects of a class are made where they are used: those of a module come from a pickle."""
        return (self.facts.module, conduct.owner) not in self.project.packaged_classes

    def _is_never_made(self, conduct: Conduct, found: Iterable[Conduct]) -> bool:
        """Whether the constructor of a method's class surely raises."""
        makers = (item for item in found if item.owner == conduct.owner and item.name in CONSTRUCTORS)
        return any(self._ends(self.facts, one) or self._is_checked(one, _TO_THE_END) for one in makers)

    def _ends(self, facts: Facts, conduct: Conduct) -> bool:
        """Whether code surely raises on the machine, or where the name is not defined."""
        judge = Judge(facts, self.world.target, self.world.importable)
        opposite = {negated(test) for test in self.tests}
        return any(judge.all(tests) is True or not opposite.isdisjoint(tests) for tests in conduct.stops)

    def _may_end(self, decorator: str) -> bool:
        """Whether a decorator keeps a function from running, as far as is known."""
        full = resolve(self.facts, decorator)
        if not decorator or full.startswith("torch.") or full.rpartition(".")[2] in _HARMLESS:
            return False
        found = list(self._functions(decorator))
        return not found or any(self._ends(*item) for item in found)

    def _is_checked(self, conduct: Conduct, line: int, around: tuple[Condition, ...] = ()) -> bool:
        """Whether code before a line surely raises, itself or in a call, or says that it checks."""
        judge = Judge(self.facts, self.world.target, self.world.importable)
        for name, at, tests in conduct.checks:
            if at > line or judge.all([test for test in tests if test not in around]) is not True:
                continue
            found = list(self._functions(name))
            is_named = _CHECKS.search(last_part(self.facts, name)) is not None
            if any(self._ends(*item) for item in found) or (is_named and all(one.stops for _, one in found)):
                return True
        return False

    def _functions(self, name: str) -> Iterator[tuple[Facts, Conduct]]:
        """The functions that a name stands for, with their files."""
        is_own = any(item.name == name for item in self.facts.functions)
        full = f"{self.facts.module}.{name}" if is_own else resolve(self.facts, name)
        place = definition_of(self.project.sources, full)
        owner = self.project.sources.facts(place[0]) if place is not None else None
        if place is None or owner is None:
            return
        for conduct in self.project.sources.details(owner).conducts:
            if (conduct.owner, conduct.name) == ("", place[1]):
                yield owner, conduct

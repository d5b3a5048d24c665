"""The project model: everything that rules ask about one linted project."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from nequip_lint.closure.import_time import import_time_set
from nequip_lint.closure.packaged import Closure, packaged_set
from nequip_lint.facts.values import Facts
from nequip_lint.machine.evaluate import catches
from nequip_lint.project.registered import Registered


class Project(Registered):
    """One project: its files, what it declares, and what follows from both.

    The arguments are those of :class:`~nequip_lint.project.linted.Linted`.
    """

    @cached_property
    def packaged(self) -> Closure:
        """The largest packaged set."""
        return packaged_set(self.roots, self.full_world, ways=self.ways)

    @cached_property
    def interned(self) -> list[str]:
        """The modules whose source the archive holds, sorted."""
        return self.packaged.of("intern")

    @cached_property
    def sourced(self) -> dict[str, Facts]:
        """The facts of these modules, linted and installed ones, as far as their source could be read."""
        found = self._at_hand(self.interned)
        return {name: facts for name, facts in found.items() if not facts.problem}

    def _at_hand(self, modules: Iterable[str]) -> dict[str, Facts]:
        """Own files that are not linted, excluded ones for example, are left out."""
        others = (name for name in modules if name in self.owned or name.partition(".")[0] not in self.tops)
        found = ((name, self.owned.get(name) or self.sources.source(name)) for name in others)
        return {name: facts for name, facts in found if facts is not None}

    @cached_property
    def packaged_classes(self) -> frozenset[tuple[str, str]]:
        """The module and name of every `nn.Module` in the linted and in the packaged files."""
        files = {**self.owned, **self.sourced}
        places = ((facts.module, item.name) for facts in files.values() for item in facts.classes)
        return frozenset(place for place in places if self.ancestry.kind(*place))

    @cached_property
    def loaded(self) -> frozenset[str]:
        """The packaged modules that loading a package runs, and not only some function of the model."""
        kept = frozenset(self.interned)
        return frozenset(import_time_set(self.roots, self.full_world, kept.__contains__))

    @cached_property
    def executed(self) -> dict[str, Facts]:
        """The modules whose module-level code runs in some build: the packaged set, and linted modules of the
        import-time set.
        """
        owned = {module: facts for module, facts in self._imported("").items() if module in self.owned}
        return owned | self._at_hand((*self.interned, *self.packaged.of("dropped")))

    def _imported(self, raised: str) -> dict[str, Facts]:
        starts = (*self.entry_points, *self.roots, *self.uncovered)
        follows = (lambda item: not catches(item.place.caught, raised)) if raised else None
        return import_time_set(starts, self.full_world, self._may_register, follows)

    @cached_property
    def _let_through(self) -> dict[str, frozenset[str]]:
        """By exception: what runs before anything on the way catches it; filled when asked."""
        return {}

    def is_felt(self, module: str, exception: str) -> bool:
        """Whether a failing import matters: the module is packaged, or nothing on the way catches that.

        Args:
            module: one of those that run.
            exception: with which it fails.
        """
        if exception not in self._let_through:
            self._let_through[exception] = frozenset(self._imported(exception))
        return module in self.packaged.modules or module in self._let_through[exception]

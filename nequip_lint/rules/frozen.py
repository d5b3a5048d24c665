"""What a model keeps of a choice that depends on an optional library, and trusts on other machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from nequip_lint.facts.details.choices import Choice
from nequip_lint.facts.values import Condition, Facts
from nequip_lint.held.deciding import decides
from nequip_lint.project.model import Project
from nequip_lint.project.roots import resolve_local
from nequip_lint.rules.lacking import Lacking, Used, given, needs
from nequip_lint.values import Span

_MAKING = "__init__"
_RESTORING = frozenset({"__setstate__", "__getstate__", "__reduce__", "__reduce_ex__"})


class Frozen(NamedTuple):
    """A use of a library that is not there, or the choice of what uses it.

    `attribute` keeps the choice, `name` is what is used, `error` what that raises.
    """

    facts: Facts
    span: Span
    attribute: str
    library: str
    name: str
    error: str


def frozen(project: Project) -> Iterator[Frozen]:
    """The uses of absent libraries that a kept choice leads to, in owned files that are packaged."""
    for name in project.interned:
        facts = project.owned.get(name)
        if facts is not None and not facts.problem and project.sources.details(facts).choices:
            yield from _File(project, facts).found()


class _File(Lacking):
    """The choices of one file."""

    def found(self) -> Iterator[Frozen]:
        """One for each attribute, at the first such use."""
        seen: set[tuple[str, str]] = set()
        for owner, choice in self._kept:
            ways = (self._under, self._by_text, self._looked_up)
            for item in (*(one for way in ways for one in way(owner, choice)), *self._chosen(choice)):
                if (owner, choice.name) not in seen:
                    seen.add((owner, choice.name))
                    yield item

    @cached_property
    def _kept(self) -> list[tuple[str, Choice]]:
        """The choices of constructors that nothing makes again, by the class."""
        made = [item for item in self.details.choices if item.spot.function == _MAKING]
        again = {(i.spot.owner, i.name) for i in self.details.choices if i.spot.function != _MAKING}
        restored = {item.owner for item in self.details.bodies if item.name in _RESTORING}
        return [
            (item.spot.owner, item)
            for item in made
            if (item.spot.owner, item.name) not in again
            and item.spot.owner not in restored
            and not decides(self.project, (self.facts.module, item.spot.owner))
        ]

    def _under(self, owner: str, choice: Choice) -> Iterator[Frozen]:
        """Uses under a kept flag that is False on this machine, and was not where the model was made."""
        if self.bare.truth(choice.test) is not False or self.full.truth(choice.test) is False:
            return
        for used in self.uses:
            tests = list(_flat(used.spot.place.guards))
            flags = [item for item in tests if item.kind == "name" and item.text == choice.name]
            others = [item for item in tests if item not in flags]
            if used.spot.owner == owner and flags and all(map(self._may_hold, others)):
                yield from self._missing(used, choice.name)

    def _by_text(self, owner: str, choice: Choice) -> Iterator[Frozen]:
        """Uses under a comparison with a text that is kept only where a library is there."""
        texts = self._texts(choice)
        for item in self.details.selected if texts else ():
            if item.name == choice.name and item.spot.owner == owner and texts.intersection(item.texts):
                for used in self.uses:
                    inside = item.spot.span.line <= used.spot.span.line <= item.spot.span.end_line
                    if inside and all(map(self._may_hold, _flat(used.spot.place.guards))):
                        yield from self._missing(used, choice.name)

    def _looked_up(self, owner: str, choice: Choice) -> Iterator[Frozen]:
        """Names of own modules that are made of such a text, and not defined without the library."""
        texts = self._texts(choice)
        for item in self.details.looked_up if texts else ():
            module = resolve_local(self.facts, item.owner)
            facts = self.project.owned.get(module)
            if item.name != choice.name or item.spot.owner != owner or facts is None:
                continue
            other = Lacking(self.project, facts)
            for text in sorted(texts):
                name = f"{item.start}{text}{item.end}"
                places = [binding.place for binding in other.scene.bindings.get(name, ())]
                if places and all(other.bare.all(place.guards) is False for place in places):
                    used = f"{module}.{name}"
                    yield Frozen(self.facts, item.spot.span, choice.name, "", used, "AttributeError")

    def _texts(self, choice: Choice) -> frozenset[str]:
        """The texts that a choice keeps only where libraries are there, if something asks for them."""
        asked = {item.name for item in self.details.selected}
        if choice.name not in asked.union(item.name for item in self.details.looked_up):
            return frozenset()
        found = {option.text for option in choice.options if option.text and self.is_only_there(option)}
        for option in choice.options:
            other = self.own(option.name) if option.is_call else None
            if other is not None:
                found |= given(self.project, other)
        return frozenset(found)

    def _may_hold(self, test: Condition) -> bool:
        """Whether a test holds on the machine, or asks about values that no machine decides."""
        holds = self.bare.truth(test)
        asks_object = test.kind == "unknown" or test.text.startswith("self.")
        return bool(holds) or (holds is None and asks_object)

    def _missing(self, used: Used, attribute: str) -> Iterator[Frozen]:
        found = self.lacks(used)
        if found is not None:
            yield Frozen(self.facts, used.spot.span, attribute, found[0], used.name, found[1])
        other = self.own(used.name)
        inner = needs(self.project, other) if other is not None else None
        if inner is not None:
            yield Frozen(self.facts, used.spot.span, attribute, *inner)

    def _chosen(self, choice: Choice) -> Iterator[Frozen]:
        """Functions and classes that are kept where a library is there, and that need it."""
        for option in choice.options:
            other = self.own(option.name) if self.is_only_there(option) else None
            inner = needs(self.project, other) if other is not None else None
            if inner is not None:
                yield Frozen(self.facts, choice.spot.span, choice.name, *inner)


def _flat(tests: Iterable[Condition]) -> Iterator[Condition]:
    """Tests of which all hold, those inside of others too."""
    for test in tests:
        if test.kind == "all":
            yield from _flat(test.parts)
        else:
            yield test

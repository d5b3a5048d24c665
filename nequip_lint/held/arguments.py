"""What objects hold of the arguments with which they are made, or that functions put into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nequip_lint.facts.details.kept import A_FIELD, Given, Kept
from nequip_lint.facts.values import Facts
from nequip_lint.held.binding import Binding, is_at
from nequip_lint.held.deciding import decides
from nequip_lint.held.items import Definition, Items
from nequip_lint.held.values import DEEPEST, MADE, OPEN, Holding
from nequip_lint.project.model import Project

Settle = Callable[[Facts, Kept, int], Iterator[Holding]]
"""From something that is kept, and how many calls may still be followed, to what is held in the end."""


class Arguments:
    """Follows arguments into objects.

    Args:
        project: the project.
        items: what functions and classes keep and give back.
        classes: those of which a model may hold objects; others add to them.
        settle: tells what something is in the end.
    """

    def __init__(
        self, project: Project, items: Items, classes: dict[Definition, None], settle: Settle
    ) -> None:
        self._project = project
        self._items = items
        self._binding = Binding(items)
        self._classes = classes
        self._settle = settle

    def of_object(
        self, facts: Facts, item: Kept, target: Definition, depth: int = DEEPEST
    ) -> Iterator[Holding]:
        """The arguments that an object keeps of those with which it is made.

        Args:
            facts: of the file in which it is made.
            item: what is made, and what is given to it.
            target: its class.
            depth: how many calls to follow.
        """
        if decides(self._project, target):
            return
        for one in self._items.of_class(target):
            if one.category == "collects":
                yield from (each for given in item.given for each in self._each(facts, item, given))
            if one.holder == A_FIELD and not any(_is_field(given, one.given[0]) for given in item.given):
                yield Holding(self._items.file(target), one._replace(given=()))
            if one.spot.function == "__init__" and one.holder not in ("self", A_FIELD):
                yield from self._into_given(facts, item, target, one)
            if one.spot.function != "__init__" or not one.name.startswith("self."):
                continue
            if one.category in ("argument", "elements", "inside"):
                yield from self.passed(facts, item, one, target)
                yield from self._by_default(facts, item, one, target)
            elif one.category in MADE:
                inner = self.inside(facts, item, target, one)
                if inner != one and depth:
                    yield from self._settle(self._items.file(target), inner, depth - 1)

    def _by_default(self, facts: Facts, item: Kept, into: Kept, target: Definition) -> Iterator[Holding]:
        """What stands for an argument that is not given."""
        position = self._items.position(target, into.what)
        if position is None or any(
            is_at(given, position, into.what) or (given.keyword == "" and given.position < 0)
            for given in item.given
        ):
            return
        for one in self._items.of_class(target):
            if (one.name, one.holder, one.spot.function) == ("default", into.what, "__init__"):
                yield from self._settle(self._items.file(target), one._replace(name=into.name), DEEPEST)

    def passed(
        self, facts: Facts, item: Kept, into: Kept, target: Definition, depth: int = 3
    ) -> Iterator[Holding]:
        """What a call gives for one argument.

        Args:
            facts: of the file with the call.
            item: what is called, and what is given.
            into: where the argument is kept, or given back.
            target: the function or class.
            depth: how many calls to follow.
        """
        position = self._items.position(target, into.what)
        is_rest = position is None and self._items.rest(target, into.what)
        for given in item.given:
            is_meant = position is not None and is_at(given, position, into.what)
            if not is_meant and not (is_rest and is_rest(given)):
                continue
            if into.category == "elements" and given.what == "a generator":
                continue
            is_own = item.name.startswith("self.")
            name = item.name if is_own else f"{target[1]}.{into.name.removeprefix('self.')}"
            if given.category == "under" and (into.category == "inside" or into.name.startswith("self.")):
                given = given._replace(category="function")
            yield from self._each(facts, item, given, depth, name)

    def _each(
        self, facts: Facts, item: Kept, given: Given, depth: int = 3, name: str = ""
    ) -> Iterator[Holding]:
        """What one given argument is."""
        inner = item._replace(category=given.category, what=given.what, given=())
        if given.category in MADE and depth:
            yield from self._settle(facts, inner, depth - 1)
        elif given.category not in OPEN:
            yield Holding(facts, inner._replace(name=name or item.name))

    def put(self, facts: Facts, call: Kept, depth: int = DEEPEST) -> Iterator[Holding]:
        """What a function puts into the arguments that belong to a model.

        Args:
            facts: of the file with the call.
            call: what is called, and what is given.
            depth: how many calls to follow.
        """
        target = self._items.definition(call.what)
        if target is not None and "." in target[1]:
            yield from self._by_method(facts, call, target)
        for item in self._items.of_function(target) if target is not None and depth else ():
            assert target is not None
            if item.name == "call":
                yield from self.put(
                    self._items.file(target), self._binding.bound(call, target, item), depth - 1
                )
            yield from self._into_given(facts, call, target, item)

    def _by_method(
        self, facts: Facts, call: Kept, target: Definition, depth: int = DEEPEST
    ) -> Iterator[Holding]:
        """What a method of the object, its own or an inherited one, keeps of its arguments."""
        owner, _, method = target[1].rpartition(".")
        if decides(self._project, (target[0], owner)):
            return
        if not self._items.has_own(target):
            for base in self._items.bases((target[0], owner)) if depth else ():
                yield from self._by_method(facts, call, (base[0], f"{base[1]}.{method}"), depth - 1)
            return
        for one in self._items.of_class((target[0], owner)):
            is_kept = one.name.startswith("self.") and one.category in ("argument", "elements", "inside")
            if is_kept and one.spot.function == method and not self._items.resets(target, one.name):
                name = one.name if call.holder == "self" else one.name.replace("self", owner, 1)
                for found in self.passed(facts, call._replace(name=one.name), one, target):
                    yield Holding(found.facts, found.kept._replace(name=name))

    def _into_given(self, facts: Facts, call: Kept, target: Definition, item: Kept) -> Iterator[Holding]:
        """What a called function or class keeps in an argument that belongs to a model."""
        position = self._items.position(target, item.holder)
        for given in call.given if position is not None else ():
            is_ours = given.category == "self" or self._items.definition(given.what) in self._classes
            if is_ours and position is not None and is_at(given, position, item.holder):
                inner = self.inside(facts, call, target, item)
                yield from self._settle(self._items.file(target), inner, DEEPEST)

    def inside(self, facts: Facts, call: Kept, target: Definition, one: Kept) -> Kept:
        """A fact of a function with what one of its calls gives it, arguments around that call included."""
        bound = self._binding.bound(call, target, one)
        return self._binding.closed(facts, bound._replace(spot=call.spot))._replace(spot=one.spot)


def _is_field(given: Given, field: Given) -> bool:
    """Whether an argument is the one for a field, or may be it."""
    is_spread = given.position < 0 and not given.keyword
    return is_spread or given.keyword == field.keyword or given.position == field.position

"""What the arguments of functions stand for where these are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from nequip_lint.facts.details.bodies import Called
from nequip_lint.facts.details.kept import ARGUMENT, INNER, Given, Kept
from nequip_lint.facts.values import Facts
from nequip_lint.held.items import Definition, Items
from nequip_lint.project.roots import resolve_local

_UNKNOWN = "fine"


class Binding:
    """Puts into a fact about a function what one of its calls gives it.

    Args:
        items: what functions and classes keep and give back.
    """

    def __init__(self, items: Items) -> None:
        self._items = items

    def bound(self, call: Kept, target: Definition, one: Kept) -> Kept:
        """A fact of a function, with the arguments of a call in it.

        Args:
            call: made of what the function gives back; its arguments are those of the function around it.
            target: the function or class that is called.
            one: of the facts of it.
        """
        given = tuple(item for each in one.given for item in self._given(call, target, each))
        argument, put = _of_key(one.what)
        what = put(self._key(call, target, argument)) if argument else one.what
        return one._replace(what=what, given=given)

    def closed(self, facts: Facts, one: Kept) -> Kept:
        """A fact with the defaults of those arguments of its own function that no call gives."""
        argument, put = _of_key(one.what)
        if argument:
            found = self._unless_given(facts, one, argument)
            is_text = found is not None and found.category == "text"
            one = one._replace(what=put(found.what if found is not None and is_text else ""))
        given = (self._closed(facts, one, item) for item in one.given)
        return one._replace(given=tuple(given))

    def at(self, call: Kept, target: Definition, argument: str) -> Iterator[Given]:
        """What a call gives for an argument, or what stands for that by default."""
        position = self._items.position(target, argument)
        found = [item for item in call.given if position is not None and is_at(item, position, argument)]
        yield from found
        is_spread = any(item.position < 0 and not item.keyword for item in call.given)
        default = self._items.default(target, argument) if not found and not is_spread else None
        if default is not None:
            yield Given(position or 0, "", default.category, default.what)

    def _given(self, call: Kept, target: Definition, item: Given) -> Iterator[Given]:
        if item.category != "argument":
            yield item
            return
        found = list(self.at(call, target, item.what)) or [item._replace(category=_UNKNOWN, what="")]
        yield from (item._replace(category=each.category, what=each.what) for each in found)

    def _key(self, call: Kept, target: Definition, argument: str) -> str:
        for item in self.at(call, target, argument):
            if item.category in ("text", "argument"):
                return item.what if item.category == "text" else f"{ARGUMENT}{item.what}"
        return ""

    def _closed(self, facts: Facts, one: Kept, item: Given) -> Given:
        found = self._unless_given(facts, one, item.what) if item.category == "argument" else None
        return item if found is None else item._replace(category=found.category, what=found.what)

    def _unless_given(self, facts: Facts, one: Kept, argument: str) -> Kept | None:
        owner, function = one.spot.owner, one.spot.function
        is_made = function == "__init__"
        target = (facts.module, owner if is_made else f"{owner}.{function}".removeprefix("."))
        position = self._items.position(target, argument)
        calls = self._calls.get(target, ())
        is_given = any(_gives(call, position, argument) for call in calls)
        every = (given for each in self._handed_up.get(target, ()) for given in each)
        is_handed = (
            any(is_at(given, position, argument) for given in every) if position is not None else False
        )
        return None if is_given or is_handed else self._items.default(target, argument)

    @cached_property
    def _handed_up(self) -> dict[Definition, list[tuple[Given, ...]]]:
        """What classes give to the `__init__` that they inherit."""
        found: dict[Definition, list[tuple[Given, ...]]] = {}
        for definition in self._items.classes():
            for item in self._items.of_class(definition):
                if item.name == "super" and item.spot.function == "__init__":
                    for target in self._initialized(self._items.bases(definition)):
                        found.setdefault(target, []).append(item.given)
        return found

    @cached_property
    def _calls(self) -> dict[Definition, list[Called]]:
        """The calls of each function and class, those of the `__init__` that classes inherit included."""
        found: dict[Definition, list[Called]] = {}
        for facts, body in self._items.bodies():
            for call in body.calls:
                for target in self._called(facts, call.name):
                    found.setdefault(target, []).append(call)
        return found

    def _called(self, facts: Facts, name: str) -> Iterator[Definition]:
        target = self._items.definition(resolve_local(facts, name.removesuffix(".__init__")))
        if target is None and "." not in name:
            target = (facts.module, name)
        if target is not None:
            yield from self._initialized([target])

    def _initialized(self, targets: Iterable[Definition], depth: int = 8) -> Iterator[Definition]:
        """The functions and classes themselves, and for a class without an `__init__` those with one."""
        for target in targets:
            yield target
            if depth and self._items.is_class(target) and not self._items.initializes(target):
                yield from self._initialized(self._items.bases(target), depth - 1)


def _gives(call: Called, position: int | None, argument: str) -> bool:
    is_at = position is not None and position < len(call.arguments)
    return is_at or not {argument, "**"}.isdisjoint(call.keywords)


def is_at(given: Given, position: int, name: str) -> bool:
    """Whether a given argument is the one with a position and a name."""
    return given.keyword == name if given.position < 0 else given.position == position


def _of_key(what: str) -> tuple[str, Callable[[str], str]]:
    """The argument that is the first key of a table, '' where none is, and what puts another key there."""
    name, bracket, keys = what.partition("[")
    key, _, inner = keys.removesuffix("]").partition(INNER)
    rest = f"{INNER}{inner}" if inner else ""
    argument = key[1:] if bracket and key.startswith(ARGUMENT) else ""
    return argument, lambda found: f"{name}[{found}{rest}]"

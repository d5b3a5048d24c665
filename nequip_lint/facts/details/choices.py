"""What attributes and results are set to, and the tests that choose it."""

from typing import NamedTuple

from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import Condition


class Option(NamedTuple):
    """What something is set to under some tests: a name, what a call of it gives, or a text."""

    tests: tuple[Condition, ...]
    name: str
    is_call: bool = False
    text: str = ""


class Choice(NamedTuple):
    """An assignment to an attribute (`self.name`), or a result (`return`) of a function at module level.

    `test` is the test that it stands for, `options` what it may be.
    """

    spot: Spot
    name: str
    test: Condition
    options: tuple[Option, ...] = ()


class Selected(NamedTuple):
    """Code that runs where an attribute has one of some texts; its spot is all of that code."""

    spot: Spot
    name: str
    texts: tuple[str, ...]


class LookedUp(NamedTuple):
    """A `getattr` of `owner` by a text that is made of an attribute, between a start and an end."""

    spot: Spot
    owner: str
    start: str
    name: str
    end: str

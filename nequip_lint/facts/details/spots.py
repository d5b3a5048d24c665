"""Where facts stand, and the arguments that they tell."""

from typing import NamedTuple

from nequip_lint.facts.values import Place
from nequip_lint.values import Span


class Spot(NamedTuple):
    """Where a fact stands: with the class and the outermost function around it, '' where there is none."""

    span: Span
    place: Place
    owner: str = ""
    function: str = ""


class Term(NamedTuple):
    """An argument or an index, as far as rules ask about it.

    `shown` is how one would write it. `name` is its dotted name; `literal` holds its value if that is a
    constant; `called` is the dotted name of what it calls, `attribute` the attribute that it reads. `base`
    and `key` are of a subscript. `start` is the text with which a formatted string or a sum begins, and
    `names` are all names and attributes in it, those with which `__name__` and its like are asked for
    included; `parts` the dotted names that a display holds.
    """

    shown: str
    name: str = ""
    literal: tuple[object, ...] = ()
    called: str = ""
    attribute: str = ""
    base: str = ""
    key: "Term | None" = None
    start: str = ""
    names: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def string(self) -> str | None:
        """The string that it is, None where it is something else."""
        found = self.literal[0] if self.literal else None
        return found if isinstance(found, str) else None

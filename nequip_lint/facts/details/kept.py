"""What objects keep and functions give back."""

from typing import NamedTuple

from nequip_lint.facts.details.spots import Spot

UNEQUAL = "unequal"
"""The category of an object of a library that is equal to itself alone."""
UNRESTORABLE = ("restore", "lacking", "hooked", "sharing")
"""Categories of what is not the same once it was pickled."""


class Given(NamedTuple):
    """An argument of a call: by its position, -1 for one by keyword, with what it is, as in `Kept`."""

    position: int
    keyword: str
    category: str
    what: str


MODEL = "a model"
"""In what an object of a class is kept whose name stands for something else: every model of that class."""
ARGUMENT = "@"
"""What a key begins with that an argument gives."""
INNER = "]["
"""What stands between the keys of a table in a table."""
ARRAY, RANDOM = NUMPY = "array", "random"
"""The categories of what numpy makes."""
A_FIELD = "a field"
"""The `holder` that no argument can have as its name."""


class Kept(NamedTuple):
    """What an object keeps or a function gives back, that pickling refuses or changes, or may.

    `name` is the attribute; `return` for a result, `class` for what is true of every object of a class,
    `call` for a call that may put something into its arguments, `fluent` for a method that gives its object
    back, `newclass` for a function that makes a class, `inner` for what the function that it gives back
    gives, `decorator` for what it puts in the place of a class, `entry`, `member` and `value` for what names
    at module level hold, `default` for what stands for an argument. `holder` is what keeps it: `self`, the
    name of an argument, the class of which an object is made in the function, or `A_FIELD` for what stands
    for a field that is not given; of entries it is the key.
    category: `function`, `class`, `native`, `torch`, `method`, `sentinel`, `getattr`, `delegate` or `moved`;
    `restore` for what cannot be made again, `lacking`, `hooked` and `sharing` for what is made again without
    a part of its state, a hook or shared memory, `filters` where a `__getstate__` leaves out what the
    attribute `what` lists, `transient` for what is wrong then with a class whose `holder` is that list;
    `named class` for a class whose name an argument says, and its module the argument `what`;
    `made` for what the function or class `what` gives, called with what is `given`, `class.method()` for what
    that method of it gives, `function()()` for an object of the class that it makes; `named` for what a name
    is bound to, `table[key]` for an entry, `table[@name]` for one whose key is an argument; `argument` for
    the argument `what` of the function, `typed` for an object of the class `what` with which that is
    annotated, `elements` for its elements, `inside` for something that holds it;
    `under` for the function under a decorator; `compiled` for what `torch.compile` makes of what is given;
    `text` for a text; `array` and `random` for objects of numpy that only a numpy with their parts can make
    again; `fine` for what is none of these.
    """

    spot: Spot
    name: str
    category: str
    what: str
    holder: str = "self"
    given: tuple[Given, ...] = ()

    @property
    def where(self) -> str:
        """In what it is kept, in words."""
        return "what it returns" if self.name == "return" else self.name

    @property
    def keeper(self) -> str:
        """The class or the function that does it, as a message names it."""
        return self.spot.owner or f"{self.spot.function}()"


class Planted(NamedTuple):
    """Where a function puts a class that it makes into a module."""

    spot: Spot

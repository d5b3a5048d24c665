"""Names and texts: of modules and classes, in comparisons, in source and pickles that are constants."""

from typing import NamedTuple

from nequip_lint.facts.details.spots import Spot

OWN_NAMES = frozenset({"__name__", "__package__", "__module__", "__spec__"})
"""Names of what tells the name of a module."""


OWN = "__module__"
"""Stands for the name of a module in texts that are made of one."""


class Imported(NamedTuple):
    """An import in a string that holds source: of a module or, where `name` is given, of a name in it."""

    spot: Spot
    module: str
    name: str = ""


class Embedded(NamedTuple):
    """A class or function that a pickle names which the file has as a constant and reads with `function`."""

    spot: Spot
    function: str
    module: str
    name: str


class ClassText(NamedTuple):
    """A text that is made of a class in a function, and is no message."""

    spot: Spot


class Field(NamedTuple):
    """An annotated name of a class, whose annotation is a string at run time.

    `decorators` are the absolute names of what the class is given to: decorators, and calls after it. `names`
    are those in the annotation. With `is_of_function` it is an argument of a function, or its result.
    """

    spot: Spot
    name: str
    annotation: str
    decorators: tuple[str, ...]
    names: frozenset[str] = frozenset()
    is_of_function: bool = False


FIRST = "*"
"""Stands for the first part of a name, whatever becomes of it."""


class Comparison(NamedTuple):
    """A comparison of `__module__` or `__name__` (`name`) with a string; `FIRST` for a part that differs."""

    spot: Spot
    name: str
    value: str


class Misnamed(NamedTuple):
    """A call of `function` with a name made of that of the module, which has a mark in a package."""

    spot: Spot
    function: str


class Chain(NamedTuple):
    """A dotted name behind a plain import, or behind the module's loader."""

    spot: Spot
    name: str


class Moved(NamedTuple):
    """A class of the file that claims to be of another module."""

    spot: Spot
    name: str
    module: str


class Held(NamedTuple):
    """A name at module level, and the dotted names in what is assigned to it or put into it.

    `addresses` are strings in it that may be the dotted names of classes and functions, as hydra wants them.
    """

    name: str
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

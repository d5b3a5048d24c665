"""What functions and modules do: the facts from which is told what runs, and when."""

from typing import NamedTuple

from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.values import Condition, GpuCall
from nequip_lint.values import Span


class LateImport(NamedTuple):
    """An import in a function, of a module by its absolute name; `statement` is all of it."""

    spot: Spot
    module: str
    statement: str


class LateGpuCall(NamedTuple):
    """A call in a function that may need a GPU."""

    spot: Spot
    call: GpuCall


class Called(NamedTuple):
    """A name that some code calls: `text` is the first argument where that is a string, or what is decorated.

    `keywords` are the names of its arguments; `is_real` tells of a number with a fraction among them.
    `arguments` are the dotted names that are given by position, `self.name[]` for an element, '' for anything
    else. `is_plain`: nothing tests whether it is called, or catches what it raises.
    """

    name: str
    span: Span
    text: str = ""
    keywords: tuple[str, ...] = ()
    is_real: bool = False
    arguments: tuple[str, ...] = ()
    is_plain: bool = True


SCRIPT = "__main__"
"""The name of the body with what stands under tests that hold in no package: `__name__ == "__main__"`."""


class Body(NamedTuple):
    """What the body of a function does: a method, or a function that no other one surrounds.

    With neither owner nor name it is the code of the module itself, class bodies included, but for `SCRIPT`.
    `reads` and `stores` are the dotted names that it reads and assigns to, with each part of a chain from its
    start, `?` standing for what has no name; `items` those whose items it sets, `changes` those on which it
    calls a method that changes them; `calls` those that it calls, decorators and what a class statement calls
    included; `texts` are the words among its strings. `gives`: it gives something back; `results` are the
    dotted names among that. `filled` are those of `reads` that it only puts something into, `instead` those
    that it reads once, where an argument is not given: each after the argument.
    """

    owner: str
    name: str
    span: Span
    decorators: tuple[str, ...]
    reads: frozenset[str]
    stores: frozenset[str]
    items: frozenset[str]
    changes: frozenset[str]
    calls: tuple[Called, ...]
    texts: frozenset[str] = frozenset()
    gives: bool = False
    results: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    instead: frozenset[tuple[str, str]] = frozenset()


class Employment(NamedTuple):
    """One use of a library: `name` is the chain of attributes as written, `how` the role of `facts/roles.py`.

    `is_annotation`: nothing evaluates it, or it is a plain annotation.
    """

    spot: Spot
    name: str
    library: str
    how: str
    is_annotation: bool


class Conduct(NamedTuple):
    """What a function surely does and how it ends: as `Body`, one for each function and for the module.

    `arguments` are the names of those that may be given by position, then of the others, `**` and `*` before
    those of the rest; `calls` what it calls, `sure` under no test; `stops` are the tests under which it
    raises; `checks` the calls whose result is not used, and those of a `with`, with lines and tests; `asked`
    the attributes of `self` that it reads under no test;
    `switched` its arguments that are True by default, and the keywords that its calls set to True.
    """

    owner: str
    name: str
    span: Span
    arguments: tuple[str, ...]
    decorators: tuple[str, ...]
    calls: frozenset[str]
    sure: frozenset[str]
    stops: tuple[tuple[Condition, ...], ...]
    checks: tuple[tuple[str, int, tuple[Condition, ...]], ...]
    switched: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()


class LateUse(NamedTuple):
    """A use of an imported name, or of another name of the same object, that puts it to work.

    `how` is one of the words of `facts/roles.py`, `inner` the function inside of the function, and `loops`
    counts the loops around it.
    """

    spot: Spot
    name: str
    how: str
    inner: str = ""
    loops: int = 0


class Alias(NamedTuple):
    """A name at module level that an assignment gives to what is imported; `full` is its dotted name."""

    name: str
    full: str

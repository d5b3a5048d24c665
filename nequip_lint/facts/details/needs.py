"""What code asks of where it runs: functions that some rule knows, files, variables, imports."""

from typing import NamedTuple

from nequip_lint.facts.details.spots import Spot, Term


class Invocation(NamedTuple):
    """A call of a function that some rule knows; `name` is resolved through the imports.

    A decorator without parentheses is one too; its argument is what it decorates. `chosen` counts the loops
    around it, and the tests of what kind an object is, which go through the parts of a model.
    """

    spot: Spot
    name: str
    positional: tuple[Term, ...] = ()
    keywords: tuple[tuple[str, Term], ...] = ()
    chosen: int = 0

    def argument(self, position: int, keyword: str) -> Term | None:
        """An argument by its position or its name; None where it is not given."""
        if position < len(self.positional):
            return self.positional[position]
        return dict(self.keywords).get(keyword)

    @property
    def first(self) -> Term | None:
        """The first argument, whatever its name."""
        every = [*self.positional, *(term for _, term in self.keywords)]
        return every[0] if every else None


class SpecRead(NamedTuple):
    """A read of an attribute of the spec that `find_spec` gives for something."""

    spot: Spot
    asked: Term


class FileRead(NamedTuple):
    """A read of a file beside the source; `is_demand` where it only has to be there.

    `through` are functions that may give the path, by absolute names; none where the path is at hand.
    """

    spot: Spot
    name: str
    is_demand: bool = False
    through: tuple[str, ...] = ()


class Variable(NamedTuple):
    """A read of an environment variable.

    `name` is `@0` for the first argument of the function. `bound` is the name at module level, or in the body
    of a class, that is made of it, `default` the text that stands for one that is not
    set. `is_demanded`: it raises where that is so.
    """

    spot: Spot
    name: str
    bound: str = ""
    default: str = ""
    is_demanded: bool = False


class Demand(NamedTuple):
    """A read of an environment variable that raises where it is not set.

    `name` is `@0` for the first argument of the function, '' for one that is computed.
    """

    spot: Spot
    name: str
    exception: str


class Unbound(NamedTuple):
    """A read in a function of a name that only tried imports of some modules bind."""

    spot: Spot
    name: str
    modules: tuple[str, ...]


class Implicit(NamedTuple):
    """A call (`text`) for which C code imports a module; '' where only other code may make it do so."""

    spot: Spot
    text: str
    module: str

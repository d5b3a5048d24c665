"""The facts of a packaged file that only rules about packaged files ask for."""

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
    `names` are all names and attributes in it.
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

    @property
    def string(self) -> str | None:
        """The string that it is, None where it is something else."""
        found = self.literal[0] if self.literal else None
        return found if isinstance(found, str) else None


class Invocation(NamedTuple):
    """A call of a function that some rule knows; `name` is resolved through the imports.

    A decorator without parentheses is one too; its argument is what it decorates.
    """

    spot: Spot
    name: str
    positional: tuple[Term, ...] = ()
    keywords: tuple[tuple[str, Term], ...] = ()

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


class FileRead(NamedTuple):
    """A read of a file beside the source; `is_demand` where it only has to be there."""

    spot: Spot
    name: str
    is_demand: bool = False


class Item(NamedTuple):
    """An access to an item of a mapping that a process has once, or of `__path__`.

    `access` is `load`, `store`, `del`, or `get` for a result of `sys.modules.get` that is used at once;
    `exception` is what that raises where there is no such item.
    """

    spot: Spot
    owner: str
    key: Term
    access: str
    exception: str = "KeyError"


class Assigned(NamedTuple):
    """An assignment that outlives the statement: at import to an attribute of something imported, in a
    function to anything at module level, or to an attribute of the class; `is_item` where to an item of it.
    """

    spot: Spot
    name: str
    is_item: bool = False


class Field(NamedTuple):
    """A field of a dataclass whose annotation is a string at run time."""

    spot: Spot
    name: str
    annotation: str


class Comparison(NamedTuple):
    """A comparison of `__module__` or `__name__` (`name`) with a string."""

    spot: Spot
    name: str
    value: str


class Chain(NamedTuple):
    """A dotted name behind a plain import, or behind the module's loader."""

    spot: Spot
    name: str


class Kept(NamedTuple):
    """An attribute of an instance that pickling refuses or changes.

    category: `function`, `class`, `native`, `torch`, `method`, `sentinel`, `getattr` or `moved`.
    """

    spot: Spot
    name: str
    category: str
    what: str


class Moved(NamedTuple):
    """A class of the file that claims to be of another module."""

    spot: Spot
    name: str
    module: str


class Unbound(NamedTuple):
    """A read in a function of a name that only tried imports of some modules bind."""

    spot: Spot
    name: str
    modules: tuple[str, ...]


class Syntax(NamedTuple):
    """A piece of syntax that Python has from some version on."""

    span: Span
    name: str
    since: tuple[int, int]


class Foreign(NamedTuple):
    """The first text other than ASCII in a file that declares another encoding than UTF-8."""

    span: Span
    encoding: str


class Body(NamedTuple):
    """What the body of a function does: a method, or a function that no other one surrounds.

    With neither owner nor name it is the code of the module itself, class bodies included. `reads` and
    `stores` are the dotted names that it reads and assigns to, with each part of a chain from its start, `?`
    standing for what has no name; `calls` those that it calls, with their lines.
    """

    owner: str
    name: str
    span: Span
    decorators: tuple[str, ...]
    reads: frozenset[str]
    stores: frozenset[str]
    calls: tuple[tuple[str, int], ...]


class Employment(NamedTuple):
    """One use of a library: `name` is the chain of attributes as written, `how` the role of `facts/roles.py`.

    `is_annotation`: nothing evaluates it, or it is a plain annotation.
    """

    spot: Spot
    name: str
    library: str
    how: str
    is_annotation: bool


class Details(NamedTuple):
    """All of this for one module; `derived` are the classes with bases, `constructs` the names that it calls
    and that look like those of classes.
    """

    invocations: tuple[Invocation, ...] = ()
    reads: tuple[FileRead, ...] = ()
    items: tuple[Item, ...] = ()
    assigned: tuple[Assigned, ...] = ()
    fields: tuple[Field, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    chains: tuple[Chain, ...] = ()
    kept: tuple[Kept, ...] = ()
    moved: tuple[Moved, ...] = ()
    unbound: tuple[Unbound, ...] = ()
    bodies: tuple[Body, ...] = ()
    derived: frozenset[str] = frozenset()
    constructs: tuple[str, ...] = ()
    syntax: tuple[Syntax, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    problem: str = ""

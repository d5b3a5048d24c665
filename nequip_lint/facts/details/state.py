"""What outlives a statement, and what is another one in each process."""

from typing import NamedTuple

from nequip_lint.facts.details.spots import Spot, Term
from nequip_lint.values import Span


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


DEFAULT = "{}"
"""What a change of an argument is about that is by default a container, the same one in all calls."""


class Assigned(NamedTuple):
    """An assignment that outlives the statement: at import to an attribute of something imported, in a
    function to anything at module level, or to an attribute of the class; `is_item` where to an item of it.

    A call of a method that changes such an object is one too: `method` is its name. `key` is the item, and
    `value` what it is set to, where these are strings; `about` the dotted name of the item, or of what is
    registered. A name that begins with `@0` is the first argument of
    the function, or a part of it; one that begins with `self` is of the instance, or of the class where no
    method sets it.
    """

    spot: Spot
    name: str
    is_item: bool = False
    method: str = ""
    key: str = ""
    value: str = ""
    about: str = ""


class Identity(NamedTuple):
    """A comparison in a function, or a look-up (`how` is `key`) of `left` in `right`, both dotted names."""

    spot: Spot
    left: str
    right: str
    how: str


class Made(NamedTuple):
    """What an assignment at module level makes: a `call` of something, a `text`, a `table` with its keys.

    A `set` holds texts, or is a list in the order of such; a `value` is another container, or a number with a
    fraction. Names in the body of a class come after that of the class.

    Of an attribute that a method sets, as `Class.self.name`, it may be the `name` of something else, too.
    """

    name: str
    how: str
    called: str = ""
    keys: tuple[str, ...] = ()


class Wrapped(NamedTuple):
    """An attribute of something imported that is set to what uses its old value; or a hook of all modules."""

    spot: Spot
    name: str
    is_hook: bool = False


class Unstable(NamedTuple):
    """A number or an order (`what`) that each process has another one of.

    `of` is '' where that is certain, else what it is if this is a set of texts: an absolute name, or `@0` for
    the first argument of the function. `bound` is the name at module level, or in the body of a class, that
    is made of it.
    """

    spot: Spot
    what: str
    of: str = ""
    bound: str = ""


class Claim(NamedTuple):
    """A refusal to run where a mark is there, which the same code leaves on `owner`, as it is written."""

    spot: Spot
    owner: str


class Numbered(NamedTuple):
    """An attribute (`self.name`) in which a method puts what `id()` says, or something under such a key."""

    spot: Spot
    name: str


class Strict(NamedTuple):
    """A call that makes warnings errors, those of others too, and is not taken back."""

    spot: Spot


class Constant(NamedTuple):
    """An attribute of an instance that one statement sets, and nothing else in the file sets or deletes."""

    span: Span
    name: str

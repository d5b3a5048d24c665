"""What pickles hold. No value is ever called, compared or hashed by what it stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final


class BadPickle(ValueError):
    """Bytes that are no pickle, or ask for more than any pickle of a model does."""


class NoOperation(BadPickle):
    """An operation that no protocol has, or bytes that end before the pickle does: no unpickler goes on."""


@dataclass(frozen=True, slots=True, eq=False)
class Global:
    """A class or function by name; each appears once in one pickle."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Inert:
    """What a call of a class or function would give.

    Attributes:
        callable: a :class:`Global`, or what another call gives.
        arguments: positional ones.
        options: keyword arguments.
        new: whether it is made as ``copyreg.__newobj__`` does, without calling ``__init__``.
        states: the states that it is given, in order.
        items: what is appended or added to it, in order.
        pairs: the keys and values that are set on it, in order.
    """

    __slots__ = ("arguments", "callable", "items", "new", "options", "pairs", "states")

    def __init__(
        self, callable: Any, arguments: tuple[Any, ...], options: Any = None, new: bool = False
    ) -> None:
        self.callable = callable
        self.arguments = arguments
        self.options = options
        self.new = new
        self.states: tuple[Any, ...] = ()
        self.items: list[Any] | None = None
        self.pairs: list[tuple[Any, Any]] | None = None

    @property
    def state(self) -> Any:
        """The last state, which is the only one in pickles that Python wrote; ``None`` without any."""
        return self.states[-1] if self.states else None


class Ordered(dict[Any, Any]):
    """An ``OrderedDict``, which may have a state too."""

    __slots__ = ("states",)

    def __init__(self) -> None:
        super().__init__()
        self.states: tuple[Any, ...] = ()


class Key:
    """A key of a dictionary whose hash a pickle could choose, so that many collide; equal to itself only."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


@dataclass(frozen=True, slots=True, eq=False)
class Persistent:
    """What the loader looks up outside of the pickle, by any identifier."""

    identifier: Any


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor's values are: the member ``storage``; offset and strides count elements.

    Attributes:
        storage: the member.
        kind: torch's name of the storage's type, for example ``FloatStorage``.
        offset: of the first element.
        shape: lengths of the dimensions.
        stride: elements from one index to the next, by dimension.
        rest: further arguments: whether it requires a gradient, its hooks, its metadata.
    """

    storage: str
    kind: str
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    rest: tuple[Any, ...] = field(default=(), compare=False)

    @property
    def key(self) -> str:
        """The key of the storage in the pickle."""
        return self.storage.removeprefix(".data/").removesuffix(".storage")


@dataclass(slots=True, eq=False)
class Pickled:
    """The content of one pickle.

    Attributes:
        content: plain data, :class:`Tensor`, :class:`Inert`, :class:`Global`, :class:`Persistent`.
        globals: the modules and names that it asks for.
        storages: the members that hold its tensors.
        calls: every call, in order, whether its result is part of the content or thrown away.
        built: every ``OrderedDict`` that is given a state, whether it is part of the content or thrown away.
        lookups: everything but storages that the loader looks up outside of the pickle.
        blobs: all bytes in it, whether they are part of the content or thrown away.
        late: whether something is changed after it was an argument of a call.
        end: the number of bytes that it takes.
    """

    content: Any = None
    globals: set[tuple[str, str]] = field(default_factory=set)
    storages: set[str] = field(default_factory=set)
    calls: list[Inert] = field(default_factory=list)
    built: list[Ordered] = field(default_factory=list)
    lookups: list[Persistent] = field(default_factory=list)
    blobs: list[bytes | bytearray] = field(default_factory=list)
    late: bool = False
    end: int = 0

    @property
    def modules(self) -> set[str]:
        """The modules that its classes and functions come from."""
        return {module for module, _ in self.globals}


_INT_KEY: Final = 1 << 60


def key(value: Any) -> Any:
    """The value if it can be hashed without risk, else a :class:`Key`."""
    kind = type(value)
    if kind is str or kind is bytes or value is None or kind is bool:
        return value
    return value if kind is int and -_INT_KEY < value < _INT_KEY else Key(value)

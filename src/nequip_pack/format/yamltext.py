"""YAML that somebody else wrote, read within bounds.

The parser's events are made into plain data one by one, so that a text is refused as soon as it passes a
bound. What readers understand differently (a key twice) is refused too, and merge keys, sets and objects of
Python are not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import DamagedError

if TYPE_CHECKING:
    from nequip_pack.format.archive import Archive

TEXT_LIMIT: Final = 4 * 1024 * 1024
"""The most bytes of a YAML member; a package's have a few thousand."""

UNFOLDED_LIMIT: Final = 4 * 1024 * 1024
"""The most characters that a text has when every alias is written out; a node counts as NODE_SIZE more."""

NODE_SIZE: Final = 40
DEPTH_LIMIT: Final = 100
NUMBER_LIMIT: Final = 100
"""The most characters of a number or a date."""

KEY_LIMIT: Final = 2**53
"""No number that is a key may reach it: Python's hash of a larger one can be made to equal many others."""

_DIRECTIVE_LIMIT: Final = 10
_DIRECTIVE: Final = re.compile(r"(?:\A|[\n\r\x85\u2028\u2029])%")
_TAG: Final = "tag:yaml.org,2002:"
_TEXT: Final = f"{_TAG}str"
_SCALARS: Final = frozenset(
    f"{_TAG}{name}" for name in ("null", "bool", "int", "float", "timestamp", "binary")
)
_COLLECTIONS: Final = (None, "!", f"{_TAG}map", f"{_TAG}seq")


class NotYamlError(DamagedError):
    """A member that is no YAML at all, or has a tag that is not known."""


class _PastBound(Exception):
    """A bound that a text passed, in words."""


def read_yaml(archive: Archive, name: str) -> Any:
    """The content of a YAML member as plain data.

    Raises:
        NotYamlError: if it is none.
        DamagedError: if it passes a bound, or holds what cannot be made, such as the 99th of a month.
    """
    import yaml

    try:
        return _value(archive.read(name, TEXT_LIMIT).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotYamlError(f"the member {name} is no text", where=archive.path, why=str(error)) from error
    except yaml.YAMLError as error:
        raise NotYamlError(f"{name} is not YAML", where=archive.path, why=str(error)) from error
    except _PastBound as error:
        raise DamagedError(f"the member {name} cannot be read", where=archive.path, why=str(error)) from error


@dataclass(slots=True)
class _Open:
    """A list or a mapping to which nodes are still added; ``key`` waits for its value."""

    value: Any
    anchor: str | None
    size: int = NODE_SIZE
    key: Any = None
    has_key: bool = False

    def add(self, value: Any, size: int) -> None:
        self.size += size
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.has_key:
            self.value[self.key] = value
            self.has_key = False
        else:
            _check_key(value, self.value)
            self.key, self.has_key = value, True


@dataclass(slots=True)
class _Builder:
    """Makes plain data of events."""

    loader: Any
    stack: list[_Open] = field(default_factory=lambda: [_Open([], None)])
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    size: int = 0

    def add(self, value: Any, size: int, anchor: str | None) -> None:
        """Put a whole node, of a size, into the collection that is open."""
        self.size += size
        self._keep(value, size, anchor)
        if self.size > UNFOLDED_LIMIT:
            raise _PastBound(f"with its aliases written out it has more than {UNFOLDED_LIMIT} characters")
        self.stack[-1].add(value, size)

    def open(self, value: Any, event: Any) -> None:
        """Begin a list or a mapping."""
        if event.tag not in _COLLECTIONS:
            raise _unknown(event.tag)
        if len(self.stack) > DEPTH_LIMIT:
            raise _PastBound(f"it is nested deeper than {DEPTH_LIMIT}")
        self.stack.append(_Open(value, event.anchor))

    def close(self) -> None:
        """End it; its own content was counted already."""
        done = self.stack.pop()
        self._keep(done.value, done.size, done.anchor)
        self.size += NODE_SIZE
        self.stack[-1].add(done.value, done.size)

    def alias(self, name: str | None) -> None:
        """The node of an anchor once more."""
        if name is None or name not in self.anchors:
            raise _PastBound(f"its alias {str(name)[:NUMBER_LIMIT]} stands for nothing whole")
        self.add(*self.anchors[name], None)

    def scalar(self, event: Any) -> None:
        """A text, a number or another single value."""
        self.add(_scalar(self.loader, event), NODE_SIZE + len(event.value), event.anchor)

    def _keep(self, value: Any, size: int, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = (value, size)


def _value(text: str) -> Any:
    import yaml

    if sum(1 for _ in _DIRECTIVE.finditer(text)) > _DIRECTIVE_LIMIT:
        raise _PastBound(f"it has more than {_DIRECTIVE_LIMIT} directives")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    builder = _Builder(loader)
    documents = builder.stack[0].value
    while loader.check_event():
        event = loader.get_event()
        if isinstance(event, yaml.ScalarEvent):
            builder.scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            builder.open({}, event)
        elif isinstance(event, yaml.SequenceStartEvent):
            builder.open([], event)
        elif isinstance(event, yaml.CollectionEndEvent):
            builder.close()
        elif isinstance(event, yaml.AliasEvent):
            builder.alias(event.anchor)
        if len(documents) > 1:
            raise _PastBound("it has more than one document")
    return documents[0] if documents else None


def _scalar(loader: Any, event: Any) -> Any:
    """The value of a single node, by the tag that it has or that its look gives it."""
    import yaml

    tag = event.tag
    if tag in (None, "!"):
        tag = loader.resolve(yaml.ScalarNode, event.value, event.implicit)
    if tag == _TEXT:
        return _text(event.value)
    if tag not in _SCALARS:
        raise _unknown(tag)
    if tag != f"{_TAG}binary" and len(event.value) > NUMBER_LIMIT:
        raise _PastBound(f"a number or date has {len(event.value)} characters, more than {NUMBER_LIMIT}")
    try:
        return loader.construct_object(yaml.ScalarNode(tag, event.value))
    except (ValueError, OverflowError, LookupError, TypeError, AttributeError, yaml.YAMLError) as error:
        shown = event.value[:NUMBER_LIMIT]
        raise _PastBound(f"{shown!r} is no {tag.removeprefix(_TAG)}") from error


def _unknown(tag: str) -> Exception:
    import yaml

    error: Exception = yaml.YAMLError(f"the tag {tag[:NUMBER_LIMIT]!r} is not known here")
    return error


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise _PastBound(f"a text has a surrogate, {error.object[error.start]!r}") from error
    return value


def _check_key(key: Any, mapping: dict[Any, Any]) -> None:
    if key is not None and not isinstance(key, (str, int, float)):
        raise _PastBound(f"a key is a {type(key).__name__}")
    if not isinstance(key, str) and key is not None and not abs(key) < KEY_LIMIT:
        raise _PastBound(f"a key is the number {key}, which is {KEY_LIMIT} or more")
    if key in mapping:
        raise _PastBound(f"it has the key {str(key)[:NUMBER_LIMIT]!r} twice")

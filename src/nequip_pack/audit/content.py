"""What pickles set on objects: attributes that an unpickler, torch or a model calls by their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from nequip_pack.audit.findings import Level
from nequip_pack.audit.held import TABLES, graph_body
from nequip_pack.audit.names import GETATTR, GRAPH, PARTIAL, STREAM, name_of
from nequip_pack.audit.tables import callables, methods
from nequip_pack.pickles.values import Global, Inert, Key, Ordered, Persistent, Pickled, Tensor
from nequip_pack.pickles.walk import everything

Told = tuple[Level, str]
_CALLED: Final = frozenset({"__setstate__", "append", "extend", "add", "__class__"})
"""Attributes of an object that an unpickler calls, or asks for what it is, by their name."""
_TRACES: Final = "_graphmodule_graph_node_meta_stack_trace"
"""What torch asks for something as it makes a graph again."""
_METHODS: Final = frozenset({"forward", "__call__", "_call_impl", "_wrapped_call_impl"})
_HOOKS: Final = {
    ("torch._utils", "_rebuild_tensor_v3"): 5,
    ("torch._utils", "_rebuild_parameter"): 2,
    ("torch._utils", "_rebuild_parameter_with_state"): 2,
    ("torch._utils", "_rebuild_qtensor"): 6,
}
"""The place of a tensor's hooks among the arguments (torch 2.13, ``torch/_utils.py``)."""
_EMPTY: Final[tuple[Any, ...]] = (None, {}, [], ())
_MOST: Final = 16
"""The most parts of a state; Python writes a dictionary, or two."""
_MADE_WHOLE: Final = frozenset(
    {
        *(("builtins", name) for name in ("bytes", "bytearray", "type")),
        *(("_codecs", "encode"), GETATTR, GRAPH, STREAM),
    }
)
"""What is judged by its arguments, so that nothing may be added to it later."""


def set_by(pickled: Pickled) -> Iterator[Told]:
    """What a pickle sets that runs, or may run, without being called by the pickle itself."""
    seen: set[tuple[int, bool]] = set()
    for value in everything(pickled):
        if _has_hooks(value):
            yield Level.EYES, "a tensor has hooks, which run in every backward pass"
        if (body := graph_body(value)) is not None:
            yield from _of_pairs("a graph", body, True, seen)
        if type(value) is Inert or type(value) is Ordered:
            yield from _of_object(value, seen)


def _of_object(value: Inert | Ordered, seen: set[tuple[int, bool]]) -> Iterator[Told]:
    owner = str(value.callable) if type(value) is Inert else "collections.OrderedDict"
    if len(value.states) > 1:
        yield Level.REFUSE, f"an object of {owner} is given {len(value.states)} states"
    if type(value) is Inert and _is_added_to(value):
        what = "is changed after it was made, in a way that no build writes"
        yield Level.REFUSE, f"an object of {owner} {what}"
    parts = [part for state in value.states for part in _parts(state)]
    if len(parts) > _MOST:
        yield Level.REFUSE, f"the state of an object of {owner} is made by too many calls to be followed"
    parts += [value.pairs] if type(value) is Inert and value.pairs else []
    has_tables = any(isinstance(part, dict) and any(name in part for name in TABLES) for part in parts)
    is_module = has_tables or (type(value) is Inert and _is_of_torch(value))
    for part in parts:
        yield from _of_pairs(owner, part, is_module or not isinstance(part, dict), seen)


def _parts(state: Any) -> list[Any]:
    """The dictionaries, and what may be a list of pairs, in a state: dictionaries are updated with either."""
    waiting, found = [state], list[Any]()
    for part in waiting[:1] + (list(state[:2]) if type(state) is tuple else []):
        while type(part) is Inert and not part.new and len(found) <= _MOST:
            found += [added for added in (part.pairs, part.items) if added]
            found.append(part.arguments)
            part = part.arguments[0] if part.arguments else None
        found += [part] if isinstance(part, (dict, list, tuple)) else []
    return found


def _of_pairs(owner: str, part: Any, is_module: bool, seen: set[tuple[int, bool]]) -> Iterator[Told]:
    """What names and values say, once for all objects that have the same."""
    if (id(part), is_module) in seen:
        return
    seen.add((id(part), is_module))
    pairs = part.items() if isinstance(part, dict) else part
    for pair in pairs:
        if type(pair) not in (tuple, list) or len(pair) != 2:
            continue
        name, content = pair
        if type(name) is Key and type(name.value) is Inert:
            yield Level.REFUSE, f"an object of {owner} has an attribute with a computed name"
        elif type(name) is str:
            yield from _of_attribute(owner, name, content, is_module)


def _of_attribute(owner: str, name: str, content: Any, is_module: bool) -> Iterator[Told]:
    is_table = name in (*TABLES, _TRACES) or name.endswith("_hooks")
    if name in _CALLED or (is_table and _has_state(content)):
        yield Level.REFUSE, f"loading this file would call what it sets as {name!r} of {owner}"
    elif name in methods() and _may_be_called(content, is_module):
        yield Level.REFUSE, f"loading this file may call what it sets as {name!r} of {owner}"
    elif name in _METHODS:
        yield Level.EYES, f"an object of {owner} has {name!r} replaced by what the pickle gives it"
    elif name.endswith("_hooks") and content not in _EMPTY:
        yield Level.EYES, f"an object of {owner} has hooks ({name}), which run when it is used"


def _may_be_called(content: Any, is_module: bool) -> bool:
    """Whether an attribute can be called; of what is no module, only what is there to be called counts."""
    if type(content) is Global:
        return True
    is_partial = type(content) is Inert and name_of(content.callable) in (GETATTR, PARTIAL)
    return is_partial or (is_module and type(content) in (Inert, Persistent))


def _has_state(content: Any) -> bool:
    return type(content) in (Inert, Ordered) and bool(content.states)


def _is_added_to(value: Inert) -> bool:
    is_whole = name_of(value.callable) in _MADE_WHOLE and not value.new
    is_filled = value.items is not None or value.pairs is not None
    return (is_whole and (is_filled or bool(value.states))) or (_is_of_torch(value) and is_filled)


def _is_of_torch(value: Inert) -> bool:
    """Whether this is an object of a class of torch, all of which have states alone."""
    allowed = callables().get(name_of(value.callable))
    return value.new and allowed is not None and allowed.use == "class"


def _has_hooks(value: Any) -> bool:
    if type(value) is Tensor:
        return any(isinstance(part, dict) and part for part in value.rest)
    if type(value) is not Inert:
        return False
    place = _HOOKS.get(name_of(value.callable), len(value.arguments))
    return any(part not in _EMPTY for part in value.arguments[place : place + 1])

"""What pickles hand to what they call: functions that may only be called, and objects that they shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from nequip_pack.audit.held import graph_body
from nequip_pack.audit.names import name_of
from nequip_pack.audit.tables import callables
from nequip_pack.pickles.values import Global, Inert, Ordered, Persistent, Pickled
from nequip_pack.pickles.walk import children, everything

_CALLED: Final = frozenset({"call", "shape"})


def handed_on(pickled: Pickled) -> Iterator[Global]:
    """The functions that a pickle names other than to call them, although they may only be called.

    Whoever gets one may call it with arguments that nobody has judged.
    """
    every = list(everything(pickled))
    identifiers = {id(value.identifier) for value in every if type(value) is Persistent}
    parts = (part for value in every if id(value) not in identifiers for part in _parts(value))
    for part in {id(part): part for part in parts if type(part) is Global}.values():
        allowed = callables().get(name_of(part))
        if allowed is not None and allowed.use in _CALLED:
            yield part


def opened(call: Inert) -> Iterator[Any]:
    """The arguments of a call whose attributes the pickle sets: what is called may call some of these."""
    options = call.options.values() if isinstance(call.options, dict) else ()
    return filter(_is_shaped, (*call.arguments, *options))


def _is_shaped(value: Any) -> bool:
    is_stated = type(value) in (Inert, Ordered) and bool(value.states)
    return is_stated or (type(value) is Inert and value.new) or graph_body(value) is not None


def _parts(value: Any) -> Iterator[Any]:
    """What an object refers to, but for the function that makes it."""
    parts = iter(children(value))
    if type(value) is Inert:
        next(parts)
    return parts

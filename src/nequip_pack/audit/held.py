"""What a ``torch.fx.GraphModule`` holds, as its pickle tells: its source may use modules and tensors of it.

Unpickling traces the source: it is run with stand-ins for tensors, and calls of modules are noted, not made
(torch 2.13, ``torch/fx/graph_module.py``, ``_deserialize_graph_module``). Everything else that it calls runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from nequip_pack.audit.names import GRAPH, name_of
from nequip_pack.audit.tables import callables
from nequip_pack.pickles.values import Inert, Persistent, Tensor
from nequip_pack.pickles.walk import LEAVES

TABLES: Final = ("_parameters", "_buffers", "_modules")
"""Where every module keeps what it holds (torch 2.13, ``torch/nn/modules/module.py``)."""
_TENSORS: Final = "torch._utils"
_MISSING: Final = object()


def leads_to(body: Any, path: Sequence[str], of_tensors: frozenset[str]) -> str:
    """What a dotted name below ``self`` is: ``module``, ``tensor``, ``number``; '' for anything else.

    Args:
        body: what the graph holds.
        path: the parts of the name, without ``self``.
        of_tensors: the attributes of tensors that generated source may use.
    """
    owner: Any = body
    for index, name in enumerate(path):
        value = _attribute(owner, name)
        rest = path[index + 1 :]
        if _is_tensor(value):
            return "tensor" if of_tensors.issuperset(rest) else ""
        if _is_plain(value):
            return "" if rest else "number"
        if not _has_modules(value):
            return ""
        owner = value
    return "module"


def graph_body(value: Any) -> Mapping[Any, Any] | None:
    """The dictionary of a GraphModule; ``None`` for anything else."""
    if type(value) is Persistent and type(value.identifier) is tuple and value.identifier:
        arguments = value.identifier[-1]
    elif type(value) is Inert and name_of(value.callable) == GRAPH:
        arguments = value.arguments
    else:
        return None
    body = arguments[0] if type(arguments) is tuple and arguments else None
    return body if type(body) is dict else None


def _attribute(owner: Any, name: str) -> Any:
    """What an attribute of a module is: Python looks into its dictionary, then torch into its tables."""
    state = _state(owner)
    if name in state and name not in TABLES:
        return state[name]
    for table in TABLES:
        held = _pairs(state.get(table))
        if name in held:
            return held[name]
    return _MISSING


def _state(owner: Any) -> Mapping[Any, Any]:
    if type(owner) is dict:
        return owner
    body = graph_body(owner)
    if body is not None:
        return body
    state = owner.state if type(owner) is Inert else None
    return state if type(state) is dict else {}


def _pairs(value: Any) -> Mapping[Any, Any]:
    if isinstance(value, dict):
        return value
    pairs = value.pairs if type(value) is Inert else None
    return {name: held for name, held in pairs or () if type(name) is str}


def _has_modules(value: Any) -> bool:
    """Whether this is a module: all of them keep what they hold in tables."""
    return "_modules" in _state(value) and not (type(value) is Inert and not value.new and _is_listed(value))


def _is_listed(value: Inert) -> bool:
    return name_of(value.callable) in callables() and name_of(value.callable) != GRAPH


def _is_tensor(value: Any) -> bool:
    if type(value) is Tensor:
        return True
    return type(value) is Inert and name_of(value.callable)[0] == _TENSORS and _is_listed(value)


def _is_plain(value: Any) -> bool:
    parts = value if type(value) is tuple else (value,)
    return all(type(part) in LEAVES for part in parts)

"""Classes and functions in pickles by module and name, and those that the audit treats by themselves."""

from __future__ import annotations

from typing import Any, Final

from nequip_pack.pickles.values import Global

Name = tuple[str, str]
GETATTR: Final[Name] = ("builtins", "getattr")
GRAPH: Final[Name] = ("torch.fx.graph_module", "reduce_graph_module")
PARTIAL: Final[Name] = ("functools", "partial")
STREAM: Final[Name] = ("torch.storage", "_load_from_bytes")


def name_of(value: Any) -> Name:
    """Module and name of a class or function; both '' for anything else."""
    return (value.module, value.name) if type(value) is Global else ("", "")

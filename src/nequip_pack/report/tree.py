"""The imports of a package as a tree: each module below the one whose import first led to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nequip_pack.snapshot.recorded import Recorded


@dataclass(slots=True)
class Node:
    """A module, what became of it, the statement that led to it, and the modules that it led to."""

    name: str
    action: str
    statement: str = ""
    line: int = 0
    below: list[Node] = field(default_factory=list)


def tree(closure: Recorded) -> list[Node]:
    """The roots first, then what only pickles name.

    A module whose recorded way leads back to it, or to none of the package's modules, stands by itself.
    """
    nodes = {name: Node(name, action) for name, action in sorted(closure.actions.items())}
    tops = []
    for name, node in nodes.items():
        way = closure.ways.get(name)
        if way is None or name in closure.roots or not _leads_up(name, closure, nodes):
            tops.append(node)
            continue
        node.statement, node.line = way.statement, way.line
        nodes[way.by].below.append(node)
    return sorted(tops, key=lambda node: (node.name not in closure.roots, node.name))


def _leads_up(name: str, closure: Recorded, nodes: Mapping[str, Node]) -> bool:
    """Whether the ways from a module end at a root or at a module without one: a package can say anything."""
    seen = {name}
    while (way := closure.ways.get(name)) is not None and name not in closure.roots:
        name = way.by
        if name in seen or name not in nodes:
            return False
        seen.add(name)
    return True

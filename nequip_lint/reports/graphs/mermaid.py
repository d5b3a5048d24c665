"""Graphs of imports as a flowchart of Mermaid, which GitHub and many documentation tools draw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nequip_lint.reports.graphs.imports import ImportGraph
from nequip_lint.text import escaped

MOST_EDGES = 500
"""With more, Mermaid draws nothing, and a diagram's text cannot change that (its setting `maxEdges`)."""
FIRST_WAYS = f"Mermaid draws up to {MOST_EDGES} imports; shown is the first that led to each module"
_SHAPES = {
    "intern": ("[", "]"),
    "extern": ("([", "])"),
    "mock": ("{{", "}}"),
    "refused": ("{", "}"),
    "dropped": ("[/", "/]"),
    "absent": (">", "]"),
}
_ROOT, _OTHER = ("[[", "]]"), ("(", ")")


def too_many(graphs: Iterable[ImportGraph]) -> bool:
    """Whether Mermaid would refuse a diagram of every import."""
    return sum(1 for graph in graphs for _ in graph.edges()) > MOST_EDGES


def lines(graphs: Iterable[ImportGraph]) -> Iterator[str]:
    """One flowchart, with a box around each graph."""
    yield "flowchart LR"
    for number, graph in enumerate(graphs):
        ids = {module: f"m{number}_{place}" for place, module in enumerate(graph.modules)}
        yield f"  subgraph g{number}[{_quoted(graph.title)}]"
        yield from (f"    {_node(graph, module, name)}" for module, name in ids.items())
        yield "  end"
        yield from (f"  {ids[importer]} --> {ids[module]}" for importer, module in graph.edges())


def _node(graph: ImportGraph, module: str, name: str) -> str:
    is_root = module in graph.roots and not graph.told(module)
    start, end = _ROOT if is_root else _SHAPES.get(graph.modules[module].action, _OTHER)
    return f"{name}{start}{_quoted(*filter(None, (module, graph.told(module))))}{end}"


def _quoted(*texts: str) -> str:
    """Lines of text as one label; what could mean anything to Mermaid is written as its number."""
    plain = (re.sub(r"[^\w. ,:/-]|_", lambda met: f"#{ord(met[0])};", escaped(text)) for text in texts)
    label = "<br>".join(plain)
    return f'"{label}"'

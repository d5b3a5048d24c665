"""A graph of imports in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from nequip_lint.reports.graphs.imports import ImportGraph
from nequip_lint.text import escaped

_LOOKS = {
    "intern": "shape=box",
    "extern": "shape=ellipse",
    "mock": "shape=hexagon, style=dashed",
    "refused": "shape=octagon, color=red",
    "dropped": "shape=box, style=dashed, color=red",
    "absent": "shape=ellipse, style=dashed",
}
_OTHER = "shape=plaintext"
"""Of an action that a package names and nobody knows."""


def lines(graph: ImportGraph) -> Iterator[str]:
    """One digraph, whose nodes have the names of their modules; roots have two outlines."""
    yield "digraph {"
    yield f"  label={_quoted(graph.title)};"
    yield "  labelloc=t;"
    yield "  rankdir=LR;"
    for module in graph.modules:
        told = graph.told(module)
        label = f", label={_quoted(module, told)}" if told else ""
        root = ", peripheries=2" if module in graph.roots else ""
        yield f"  {_quoted(module)} [{_LOOKS.get(graph.modules[module].action, _OTHER)}{root}{label}];"
    for importer, module in graph.edges():
        yield f"  {_quoted(importer)} -> {_quoted(module)};"
    yield "}"


def _quoted(*texts: str) -> str:
    """Lines of text as one string, in which nothing has a meaning for Graphviz."""
    plain = (escaped(text).replace("\\", r"\\").replace('"', r"\"") for text in texts)
    lines = r"\n".join(plain)
    return f'"{lines}"'

"""A graph of imports as a tree for terminals: each module shown whole once."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from nequip_lint.reports.graphs.imports import ImportGraph
from nequip_lint.text import escaped

_COLUMNS = 80
_LEAST = 40
_AGAIN = "  (*)"
_LEGEND = "(*): what it imports is shown above"
_UNREACHED = "no import leads to these, but the model's pickles or calls of C code do:"
_OUTSIDE = ("extern", "mock")
_BRANCH, _LAST, _EDGE, _ROOM = "|- ", "`- ", "|  ", "   "


def lines(graph: ImportGraph) -> Iterator[str]:
    """The tree below each root, a module's externals and mocks in one entry."""
    drawing = _Drawing(graph)
    yield graph.title
    for root in graph.roots:
        yield from drawing.below(root)
    others = [name for name in (*graph.unreached, *graph.modules) if name not in drawing.shown]
    if others:
        yield _UNREACHED
        yield from drawing.group(others)
    if drawing.has_marks:
        yield _LEGEND


class _Entry:
    """One entry of the tree, the columns before its first line, and those before what is below it."""

    __slots__ = ("before", "below", "module", "text")

    def __init__(self, text: str, module: str = "", before: str = "", below: str = "") -> None:
        self.text = text
        self.module = module
        self.before = before
        self.below = below


class _Drawing:
    """What was drawn of a graph so far."""

    def __init__(self, graph: ImportGraph) -> None:
        self.shown: set[str] = set()
        self.has_marks = False
        self._graph = graph

    def below(self, root: str) -> Iterator[str]:
        """The lines of a module and of all that it imports."""
        return self._drawn([_Entry(root, root)])

    def group(self, modules: Iterable[str]) -> Iterator[str]:
        """The lines of modules that nothing imports."""
        return self._drawn(self._entries(modules, ""))

    def _drawn(self, entries: list[_Entry]) -> Iterator[str]:
        pending = entries[::-1]
        while pending:
            entry = pending.pop()
            imported = self._graph.imports.get(entry.module, ())
            is_again = entry.module in self.shown
            yield from _wrapped(entry, self._label(entry, is_again and bool(imported)), bool(imported))
            if entry.module and not is_again:
                self.shown.add(entry.module)
                pending += self._entries(imported, entry.below)[::-1]

    def _label(self, entry: _Entry, is_again: bool) -> str:
        if not entry.module:
            return entry.text
        self.has_marks |= is_again
        verdict = self._graph.modules[entry.module]
        root = "  (root)" if entry.module in self._graph.roots else ""
        reason = f": {verdict.reason}" if verdict.reason else ""
        told = "" if verdict.action == "intern" and not reason else f"  {verdict.action}{reason}"
        return f"{entry.text}{root}{told}{_AGAIN if is_again else ''}"

    def _entries(self, modules: Iterable[str], left: str) -> list[_Entry]:
        """Entries for externals and for mocks, then one for each other module."""
        actions = {name: self._graph.modules[name].action for name in modules}
        outside = {
            action: sorted(name for name, own in actions.items() if own == action) for action in _OUTSIDE
        }
        self.shown.update(name for names in outside.values() for name in names)
        texts = [f"{action}: {', '.join(names)}" for action, names in outside.items() if names]
        named = [name for name, action in actions.items() if action not in _OUTSIDE]
        entries = [*map(_Entry, texts), *(_Entry(name, name) for name in named)]
        for entry in entries:
            is_last = entry is entries[-1]
            entry.before = left + (_LAST if is_last else _BRANCH)
            entry.below = left + (_ROOM if is_last else _EDGE)
        return entries


def _wrapped(entry: _Entry, text: str, goes_on: bool) -> list[str]:
    """An entry in as many lines as the width asks for; no name is cut."""
    after = entry.below + (_EDGE if goes_on else _ROOM)
    return textwrap.wrap(
        escaped(text),
        max(_COLUMNS, len(after) + _LEAST),
        initial_indent=entry.before,
        subsequent_indent=after,
        break_long_words=False,
        break_on_hyphens=False,
    )

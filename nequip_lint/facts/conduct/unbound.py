"""Names that only an import binds whose failure a `try` passes over, where functions read them.

Whatever hints at somebody who asks before the name is used speaks against it: a flag that the `try` sets, the
library's name in a string, another import of it, a reader that awaits NameError, a constructor that needs the
library as well, a decorator that nobody knows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.needs import Unbound
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.names import Names, bound_names
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.facts.tries import suppressed
from nequip_lint.facts.values import Import
from nequip_lint.source.nodes import walk

_ENDS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_AWAITS = frozenset({"NameError", "Exception", "BaseException"})
_HINTS = frozenset({"globals", "exec", "NameError"})
_REPORTS = frozenset({"print", "warn", "warning", "info", "debug", "error", "exception", "log"})
_KNOWN_DECORATORS = frozenset(
    {"abstractmethod", "cached_property", "classmethod", "compile_mode", "final", "override", "property"}
)


class UnboundReads(Kind):
    """Every read of such a name that runs under a decorator that is known, if under any."""

    field = "unbound"
    nodes = (ast.Name, ast.Try, ast.With, ast.If, ast.IfExp, ast.Global)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._tried = [item for item in file.imports if _may_pass(item)]
        self._names = {name for item in self._tried for name in bound_names(item)}
        self._lines: set[int] = set()
        self._tested: set[ast.AST] = set()
        self._asked: set[str] = set()

    @classmethod
    def applies(cls, file: File) -> bool:
        """Whether an import may be passed over."""
        return any(map(_may_pass, file.imports))

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Keep a read; note the imports that are passed over, and the names that somebody asks for."""
        if isinstance(node, ast.Name):
            self._read(node, site)
        elif isinstance(node, ast.If | ast.IfExp):
            self._tested.update(walk(node.test))
        elif isinstance(node, ast.Global):
            self._asked.update(node.names)
        elif isinstance(node, ast.Try | ast.With) and not site.depth and not site.place.guards:
            self._lines.update(inner.lineno for inner in _merely_tried(node, self.file.names))

    def _read(self, node: ast.Name, site: Site) -> None:
        is_read = isinstance(node.ctx, ast.Load) and node.id in self._names and not site.hides(node.id)
        if not is_read or not site.function or not self._is_plain(site):
            return
        if node in self._tested or not _AWAITS.isdisjoint(site.place.caught):
            self._asked.add(node.id)
        self.found.append((node.id, spot_of(node, site)))

    def _is_plain(self, site: Site) -> bool:
        """Whether no decorator of the function or the class around it may keep the function from running."""
        scope = site.outermost
        definitions = [] if scope is None else [scope.node, *([scope.outer.node] if scope.outer else [])]
        names = (self.file.full(dotted(item)) for node in definitions for item in _decorators(node))
        return all(n.startswith("torch.") or n.rpartition(".")[2] in _KNOWN_DECORATORS for n in names)

    def facts(self) -> tuple[Unbound, ...]:
        """The reads of the names that nothing else binds or asks for, nor may bind unseen."""
        if not self.found or not _HINTS.isdisjoint(self.file.spelled):
            return ()
        passed = [item for item in self._tried if item.span.line in self._lines]
        modules = _only_bound_by(passed, self.file) if passed else {}
        reads: list[tuple[str, Spot]] = [read for read in self.found if read[0] in modules]
        needed = {
            (spot.owner, _top(modules[name][0]))
            for name, spot in reads
            if spot.owner and spot.function == "__init__"
        }
        return tuple(
            Unbound(spot, name, tuple(modules[name]))
            for name, spot in reads
            if name not in self._asked and (spot.owner, _top(modules[name][0])) not in needed
        )


def _may_pass(item: Import) -> bool:
    """Whether the failure of an import at the top of a file ends in a handler."""
    place = item.place
    return place.at_import and not place.guards and not _ENDS.isdisjoint(place.caught)


def _merely_tried(node: ast.Try | ast.With, names: Names) -> Iterable[ast.stmt]:
    """The imports of a statement that does nothing but import what it can."""
    if isinstance(node, ast.Try):
        is_mere = (
            not node.orelse and not node.finalbody and all(_goes_on(item, names) for item in node.handlers)
        )
    else:
        is_mere = bool(suppressed(node, names))
    is_mere = is_mere and all(isinstance(item, ast.Import | ast.ImportFrom) for item in node.body)
    return node.body if is_mere else ()


def _goes_on(handler: ast.ExceptHandler, names: Names) -> bool:
    """Whether a handler does nothing, or only tells."""
    return all(isinstance(item, ast.Pass) or _only_tells(item, names) for item in handler.body)


def _only_tells(node: ast.stmt, names: Names) -> bool:
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    called = names.last(dotted(value.func)) if isinstance(value, ast.Call) else ""
    return isinstance(value, ast.Constant) or called in _REPORTS


def _only_bound_by(passed: Iterable[Import], file: File) -> dict[str, list[str]]:
    """Names that nothing else binds, with the modules of the imports that do."""
    given = list(passed)
    others = [item for item in file.imports if item not in given]
    if any(bound == "*" and item.place.at_import for item in others for _, bound in item.names):
        return {}
    taken = file.bound | {name for item in others if item.place.at_import for name in bound_names(item)}
    asked = {_top(item.module or "") for item in others}
    found: dict[str, list[str]] = {}
    for item in given:
        top = _top(item.module or "")
        named = re.compile(rf"{re.escape(top)}\b")
        if top not in asked and not any(map(named.match, file.strings)):
            for name in bound_names(item):
                found.setdefault(name, []).append(item.module or "")
    return {name: modules for name, modules in found.items() if name not in taken}


def _top(module: str) -> str:
    return module.partition(".")[0]


def _decorators(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, Function | ast.ClassDef):
        yield from (item.func if isinstance(item, ast.Call) else item for item in node.decorator_list)

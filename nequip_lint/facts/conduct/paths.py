"""Reads of files beside the source: whatever is made from `__file__`, `__path__` or `__spec__`.

A program that is to run in the folder of the source demands that folder.
"""

from __future__ import annotations

import ast
from typing import ClassVar

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.needs import FileRead
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.source.nodes import children, walk

_READERS = frozenset(
    (
        *("open", "read_text", "read_bytes", "load", "loadtxt", "genfromtxt", "fromfile", "read_csv"),
        *("CDLL", "LoadLibrary", "load_library", "load_file", "safe_open"),
        *("listdir", "scandir", "iterdir", "glob", "iglob", "rglob", "walk"),
        *("read", "connect", "read_json", "read_parquet", "read_hdf", "loadmat", "memmap", "File", "ZipFile"),
    )
)
_GOES_THERE = frozenset({"os.chdir", "contextlib.chdir"})
_TESTS = frozenset({"exists", "isfile", "is_file", "isdir", "is_dir"})
_BESIDE = frozenset({"__file__", "__path__"})
_OF_SOURCES = frozenset({"inspect.getfile", "inspect.getsourcefile", "inspect.getabsfile"})
"""Functions that give the path of a source."""
_LAST_PARTS = ("name", "stem", "suffix")
"""Attributes of a `pathlib.Path` that tell nothing of its folder."""


class FileReads(Kind):
    """Every such read, also through names that hold such a path."""

    field = "reads"
    nodes: ClassVar[tuple[type[ast.AST], ...]] = (
        *(ast.Call, ast.Assign, ast.AnnAssign, ast.NamedExpr),
        *(ast.Assert, ast.If),
    )
    words = ("__file__", "__path__", "__spec__", "getfile", "getsourcefile", "getabsfile")

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._names: set[str] = set()
        self._seen: set[ast.AST] = set()

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Keep a read or a demand; follow an assignment."""
        if isinstance(node, ast.Call):
            if node not in self._seen and self.file.last(node.func) in _READERS and self._is_beside(node):
                self._seen.update(walk(node))
                self.found.append(FileRead(spot_of(node, site), self.file.full(dotted(node.func))))
            self._goes_there(node, site)
        elif isinstance(node, ast.Assert | ast.If):
            self._demands(node, site)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if self._is_beside(node.value):
                self._names.update(item.id for item in targets if isinstance(item, ast.Name))

    def _goes_there(self, node: ast.Call, site: Site) -> None:
        """Keep a folder that a process has to enter: its own, or one that it starts."""
        name = self.file.full(dotted(node.func))
        folders = [item.value for item in node.keywords if item.arg == "cwd"]
        folders += node.args[:1] if name in _GOES_THERE else []
        if any(map(self._is_beside, folders)):
            self.found.append(FileRead(spot_of(node, site), name, True))

    def _demands(self, node: ast.Assert | ast.If, site: Site) -> None:
        """Keep a path that has to be there: `assert isdir(p)`, in a function `if not exists(p): raise`."""
        for item in _demanded(node, site):
            if isinstance(item, ast.Call) and self.file.last(item.func) in _TESTS and self._is_beside(item):
                name = self.file.full(dotted(item.func)) or self.file.last(item.func)
                self.found.append(FileRead(spot_of(item, site), name, True))

    def _is_beside(self, node: ast.AST) -> bool:
        """Whether an expression is made from such a path, and not from its last part alone."""
        pending = [node]
        while pending:
            item = pending.pop()
            if isinstance(item, ast.Name) and (item.id in _BESIDE or item.id in self._names):
                return True
            if isinstance(item, ast.Attribute) and _is_of_module(item):
                return True
            if isinstance(item, ast.Call) and self.file.full(dotted(item.func)) in _OF_SOURCES:
                return True
            if not self._is_last_part(item):
                pending += children(item)
        return False

    def _is_last_part(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call):
            return self.file.last(node.func) == "basename"
        return isinstance(node, ast.Attribute) and node.attr in _LAST_PARTS


class PathGivers(FileReads):
    """The functions of a file that give a path beside the source, and the names at its top that hold one."""

    field = "beside"
    nodes = (ast.Assign, ast.AnnAssign, ast.Return)

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Keep the function of a `return`; follow an assignment."""
        if not isinstance(node, ast.Return):
            before = set(self._names)
            super().visit(node, site, parent)
            self.found += [] if site.depth else sorted(self._names - before)
        elif node.value is not None and not site.owner and self._is_beside(node.value):
            calls = (item for item in walk(node) if isinstance(item, ast.Call))
            if not any(self.file.last(item.func) in _READERS for item in calls):
                self.found.append(site.function)


class ReadsThrough(Kind):
    """Reads of files whose path an own function gives."""

    field = "reads"
    nodes = (ast.Call,)
    words = tuple(sorted(_READERS))

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._seen: set[ast.AST] = set()

    def visit(self, node: ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep a read with the functions that are called for its path."""
        if node in self._seen or self.file.last(node.func) not in _READERS:
            return
        self._seen.update(walk(node))
        inner = (item for item in walk(node) if isinstance(item, ast.Call) and item is not node)
        named = [item for item in walk(node) if isinstance(item, ast.Name | ast.Attribute)]
        held = (dotted(item) for item in named if dotted(item).partition(".")[0] in self.file.names)
        names = (*(dotted(item.func) for item in inner), *held)
        given = tuple(dict.fromkeys(full for name in names if (full := self._own(name))))
        if given:
            self.found.append(FileRead(spot_of(node, site), self.file.full(dotted(node.func)), False, given))

    def _own(self, name: str) -> str:
        """The absolute name of a function of the same package; '' for any other."""
        full = f"{self.file.module}.{name}" if name in self.file.bound else self.file.full(name)
        return full if full.partition(".")[0] == self.file.module.partition(".")[0] else ""


def _is_of_module(node: ast.Attribute) -> bool:
    return node.attr == "__path__" or dotted(node).startswith("__spec__.")


def _demanded(node: ast.Assert | ast.If, site: Site) -> list[ast.expr]:
    """What a statement demands to be true; a `raise` at import is a fact of its own."""
    test: ast.expr = node.test
    if isinstance(node, ast.If):
        if not isinstance(test, ast.UnaryOp) or not isinstance(test.op, ast.Not) or not site.function:
            return []
        if not any(isinstance(item, ast.Raise) for item in node.body):
            return []
        test = test.operand
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]

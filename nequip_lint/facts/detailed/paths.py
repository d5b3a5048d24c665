"""Reads of files beside the source: whatever is made from `__file__`, `__path__` or `__spec__`."""

from __future__ import annotations

import ast

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details import FileRead
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import last_name, spot_of
from nequip_lint.source.nodes import walk

_READERS = frozenset(
    (
        *("open", "read_text", "read_bytes", "load", "loadtxt", "genfromtxt", "fromfile", "read_csv"),
        *("CDLL", "LoadLibrary", "load_library", "load_file", "safe_open"),
        *("listdir", "scandir", "iterdir"),
    )
)
_TESTS = frozenset({"exists", "isfile", "is_file", "isdir", "is_dir"})
_BESIDE = frozenset({"__file__", "__path__"})


class FileReads(Kind):
    """Every such read, also through names that hold such a path."""

    field = "reads"
    nodes = (ast.Call, ast.Assign, ast.AnnAssign, ast.Assert, ast.If)
    words = ("__file__", "__path__", "__spec__")

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._names: set[str] = set()
        self._seen: set[ast.AST] = set()

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Keep a read or a demand; follow an assignment."""
        if isinstance(node, ast.Call):
            if node not in self._seen and last_name(node.func) in _READERS and self._is_beside(node):
                self._seen.update(walk(node))
                self.found.append(FileRead(spot_of(node, site), self.file.full(dotted(node.func))))
        elif isinstance(node, ast.Assert | ast.If):
            self._demands(node, site)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if self._is_beside(node.value):
                self._names.update(item.id for item in targets if isinstance(item, ast.Name))

    def _demands(self, node: ast.Assert | ast.If, site: Site) -> None:
        """Keep a path that has to be there: `assert isdir(p)`, in a function `if not exists(p): raise`."""
        for item in _demanded(node, site):
            if isinstance(item, ast.Call) and last_name(item.func) in _TESTS and self._is_beside(item):
                name = self.file.full(dotted(item.func)) or last_name(item.func)
                self.found.append(FileRead(spot_of(item, site), name, True))

    def _is_beside(self, node: ast.AST) -> bool:
        """Whether an expression is made from such a path."""
        for child in walk(node):
            if isinstance(child, ast.Name) and (child.id in _BESIDE or child.id in self._names):
                return True
            if isinstance(child, ast.Attribute) and (
                child.attr == "__path__" or dotted(child).startswith("__spec__.")
            ):
                return True
        return False


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

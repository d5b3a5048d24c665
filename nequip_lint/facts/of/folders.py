"""Folders that a package adds to its `__path__`, where more of its submodules lie."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.site import Site

_NAME = "__path__"
_SAME = frozenset({"abspath", "realpath", "normpath", "fspath", "str", "Path", "resolve", "absolute"})
_METHODS = frozenset({"joinpath", "resolve", "absolute"})
_Parts = tuple[str, ...]


class Folders(Kind):
    """The added folders, relative to that of the `__init__.py`; what is computed otherwise is left out."""

    field = "folders"
    nodes = (ast.Assign, ast.AugAssign, ast.Expr)
    words = (_NAME,)
    functions = AT_IMPORT

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._known: dict[str, _Parts] = {}

    def visit(self, node: ast.stmt, site: Site, parent: ast.AST) -> None:
        """Follow a statement; keep the folders that it adds."""
        if site.depth or site.place.guards or not self.file.is_package:
            return
        for added in _added(node):
            parts = _parts(added, self._known)
            if parts:
                self.found.append("/".join(parts))
        _note(node, self._known)

    def facts(self) -> tuple[str, ...]:
        """Each folder once."""
        return tuple(dict.fromkeys(self.found))


def _added(node: ast.stmt) -> Iterable[ast.expr]:
    """The expressions that a statement at the top level adds to `__path__`."""
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return _listed(node.value) if any(dotted(target) == _NAME for target in targets) else ()
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return ()
    function, arguments = dotted(node.value.func), node.value.args
    if function in (f"{_NAME}.append", f"{_NAME}.insert"):
        return arguments[-1:]
    return _listed(arguments[0]) if function == f"{_NAME}.extend" and arguments else ()


def _listed(node: ast.expr) -> Iterator[ast.expr]:
    """The items of a list that is written out, or of a sum of such lists."""
    if isinstance(node, ast.List | ast.Tuple):
        yield from node.elts
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from (*_listed(node.left), *_listed(node.right))


def _note(node: ast.stmt, known: dict[str, _Parts]) -> None:
    """Keep what a name at the top level holds if that is a path, and forget what it held."""
    if isinstance(node, ast.Assign):
        parts = _parts(node.value, known)
        for target in node.targets:
            if isinstance(target, ast.Name):
                known.pop(target.id, None)
                known.update({target.id: parts} if parts is not None else {})


def _parts(node: ast.expr, known: dict[str, _Parts]) -> _Parts | None:
    """A path relative to the folder of the package; None where it is not known."""
    if isinstance(node, ast.Name):
        return ("__init__.py",) if node.id == "__file__" else known.get(node.id)
    if isinstance(node, ast.Subscript):
        is_first = isinstance(node.slice, ast.Constant) and node.slice.value == 0
        return () if is_first and dotted(node.value) == _NAME else None
    if isinstance(node, ast.Attribute):
        return _above(_parts(node.value, known)) if node.attr == "parent" else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _below(_parts(node.left, known), [node.right])
    return _called(node, known) if isinstance(node, ast.Call) else None


def _called(node: ast.Call, known: dict[str, _Parts]) -> _Parts | None:
    """What a function of `os.path` or a method of `Path` gives."""
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else dotted(function)
    if isinstance(function, ast.Attribute) and name in _METHODS:
        start, names = function.value, node.args
    elif node.args:
        start, names = node.args[0], node.args[1:]
    else:
        return None
    parts = _parts(start, known)
    if name in ("join", "joinpath"):
        return _below(parts, names)
    if name == "dirname":
        return _above(parts)
    return parts if name in _SAME else None


def _above(parts: _Parts | None) -> _Parts | None:
    if parts is None:
        return None
    return parts[:-1] if parts and parts[-1] != ".." else (*parts, "..")


def _below(parts: _Parts | None, names: list[ast.expr]) -> _Parts | None:
    """A path and pieces that are written out."""
    texts = [node.value for node in names if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    if len(texts) < len(names) or any(text.startswith("/") for text in texts):
        return None
    for piece in "/".join(texts).split("/"):
        if piece not in ("", ".") and parts is not None:
            parts = _above(parts) if piece == ".." else (*parts, piece)
    return parts

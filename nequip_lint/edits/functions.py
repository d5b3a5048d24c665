"""Functions: statements put first in their bodies, and which of them other readers than Python compile."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.parents import parents_below
from nequip_lint.edits.source import Source
from nequip_lint.facts.conditions import dotted
from nequip_lint.values import Finding

_COMPILERS = frozenset({"jit", "njit", "script", "script_method", "kernel", "cfunc"})
_GAP = cst.EmptyLine(indent=False)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def insert_first(
    edits: TreeEdits, function: cst.FunctionDef, lines: Sequence[cst.SimpleStatementLine]
) -> None:
    """Put statements before all others of a function, but behind its docstring.

    Raises:
        Declined: the docstring shares its line with something else, or is all there is.
    """
    name, body = function.name.value, function.body
    has_docstring = function.get_docstring(clean=False) is not None
    if has_docstring and isinstance(body, cst.SimpleStatementSuite):
        raise Declined(f"{name} is written in one line with its docstring")
    first = body.body[0]
    if has_docstring and isinstance(first, cst.SimpleStatementLine) and len(first.body) > 1:
        raise Declined(f"the docstring of {name} shares its line with a statement")
    if has_docstring and len(body.body) == 1:
        raise Declined(f"{name} has nothing but a docstring")
    edits.update(body, lambda updated: _with_lines(updated, lines, int(has_docstring)))


def _with_lines(
    body: cst.BaseSuite, lines: Sequence[cst.SimpleStatementLine], index: int
) -> cst.IndentedBlock:
    if isinstance(body, cst.SimpleStatementSuite):
        only = cst.SimpleStatementLine(body.body, [_GAP], trailing_whitespace=body.trailing_whitespace)
        return cst.IndentedBlock([*lines, only])
    block = cst.ensure_type(body, cst.IndentedBlock)
    following: cst.CSTNode = block.body[index]
    above: list[cst.EmptyLine] = list(getattr(following, "leading_lines", ()))
    comments = len(above)
    while comments and above[comments - 1].comment is not None:
        comments -= 1
    gap = [] if _is_import(following) else [_GAP]
    start = [lines[0].with_changes(leading_lines=above[:comments]), *lines[1:]]
    moved = following.with_changes(leading_lines=[*gap, *above[comments:]])
    return block.with_changes(body=[*block.body[:index], *start, moved, *block.body[index + 1 :]])


def _is_import(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and isinstance(node.body[0], cst.Import | cst.ImportFrom)


def decorated(source: Source, finding: Finding) -> tuple[cst.FunctionDef, cst.Decorator]:
    """The decorator of a finding, and the function that it stands at.

    Raises:
        Declined: it stands at no function.
    """
    for node in source.nodes_at(finding.span):
        decorator = source.parents.get(node)
        function = source.parents.get(decorator) if isinstance(decorator, cst.Decorator) else None
        if isinstance(decorator, cst.Decorator) and isinstance(function, cst.FunctionDef):
            return function, decorator
    raise Declined("the decorator is not found again")


def called_by(decorator: cst.Decorator) -> str:
    """The dotted name that stands behind the @ of a decorator; '' for another expression."""
    called = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
    return get_full_name_for_node(called) or ""


def compiled(function: cst.FunctionDef) -> str:
    """The decorator by which a function, or one inside it, is compiled from its source; '' for none."""
    names = (called_by(node) for node in parents_below(function) if isinstance(node, cst.Decorator))
    return next((name for name in names if name.rpartition(".")[2] in _COMPILERS), "")


def qualified(source: Source, function: cst.FunctionDef) -> str:
    """The name of a function, behind that of the class that it is a method of."""
    owners = (node.name.value for node in source.around(function) if isinstance(node, cst.ClassDef))
    return ".".join([*list(owners)[::-1], function.name.value])


def reached_by_forward(tree: ast.Module) -> set[str]:
    """The functions of a module, methods with their class, that some `forward` calls by name, or is.

    TorchScript compiles these when a model is scripted, and refuses import statements in them.
    """
    plain = {node.name: node for node in tree.body if isinstance(node, _Function)}
    found: set[str] = set()
    for owner in (node for node in tree.body if isinstance(node, ast.ClassDef)):
        methods = {node.name: node for node in owner.body if isinstance(node, _Function)}
        pending = [(f"{owner.name}.forward", methods["forward"])] if "forward" in methods else []
        while pending:
            name, function = pending.pop()
            if name not in found:
                found.add(name)
                called = set(_called(function))
                pending += [(f"{owner.name}.{m}", methods[m]) for own, m in called if own and m in methods]
                pending += [(m, plain[m]) for own, m in called if not own and m in plain]
    return found


def _called(function: _Function) -> Iterator[tuple[bool, str]]:
    """The names that a function calls, and whether they are attributes of `self`."""
    for node in ast.walk(function):
        name = dotted(node.func) if isinstance(node, ast.Call) else ""
        if name:
            yield name.startswith("self."), name.removeprefix("self.")

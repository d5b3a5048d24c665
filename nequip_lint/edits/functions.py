"""Functions: statements put first in their bodies, and their decorators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.parents import parents_below
from nequip_lint.edits.source import Source
from nequip_lint.values import Finding

_COMPILERS = frozenset({"jit", "njit", "script", "script_method", "kernel", "cfunc"})
_GAP = cst.EmptyLine(indent=False)


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


def insert_where_used(
    edits: TreeEdits,
    function: cst.FunctionDef,
    nodes: Iterable[cst.CSTNode],
    lines: Sequence[cst.SimpleStatementLine],
) -> None:
    """Put statements first in the innermost block of a function that has all of some nodes.

    Raises:
        Declined: that is the function's own, and :func:`insert_first` declines.
    """
    blocks = [_blocks(edits.source, node, function) for node in nodes]
    common = [block for block in blocks[0] if all(block in other for other in blocks)] if blocks else []
    if not common or common[0] is function.body:
        insert_first(edits, function, lines)
        return
    edits.update(common[0], lambda updated: _with_lines(updated, lines, 0))


def _blocks(source: Source, node: cst.CSTNode, function: cst.FunctionDef) -> list[cst.IndentedBlock]:
    """The blocks of a function around a node, the innermost first."""
    around = list(source.around(node))
    inside = around[: around.index(function)]
    return [item for item in inside if isinstance(item, cst.IndentedBlock)]


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

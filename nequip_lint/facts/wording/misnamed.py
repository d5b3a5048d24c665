"""Names of operators and types that are made of the name of a module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.wording import Misnamed
from nequip_lint.facts.kind import Kind
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.facts.wording.name_parts import is_marked
from nequip_lint.source.nodes import walk

_NAMING = frozenset({"custom_op", "triton_op", "define", "Library", "namedtuple", "NamedTuple"})
_DEEPEST = 4


class MisnamedThings(Kind):
    """Every such name with the mark that modules of a package have in theirs."""

    field = "misnamed"
    nodes = (ast.Call,)
    words = ("__name__", "__module__")

    def visit(self, node: ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep a call whose first argument is such a name."""
        if self.file.last(node.func) not in _NAMING:
            return
        given = [*node.args, *(item.value for item in node.keywords)][:1]
        if any(is_marked(part, self.file.module) for item in given for part in self._parts(item)):
            self.found.append(Misnamed(spot_of(node, site), self.file.full(dotted(node.func))))

    def _parts(self, node: ast.expr, depth: int = _DEEPEST) -> Iterator[ast.expr]:
        """What a text is put together of."""
        inner = self._inner(node)
        if not depth or not inner:
            yield node
            return
        for item in inner:
            yield from self._parts(item, depth - 1)

    def _inner(self, node: ast.expr) -> list[ast.expr]:
        """The parts of a text, and what names and functions of the file stand for; none for a plain one."""
        match node:
            case ast.JoinedStr(values=values):
                return [item.value for item in values if isinstance(item, ast.FormattedValue)]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return [left, right]
            case ast.BinOp(left=ast.Constant(), op=ast.Mod(), right=right):
                return right.elts if isinstance(right, ast.Tuple) else [right]
            case ast.Name(id=name):
                return self._constants.get(name, [])
            case ast.Call(func=ast.Name(id=name)):
                return self._results.get(name, [])
        return []

    @cached_property
    def _constants(self) -> dict[str, list[ast.expr]]:
        """What the top of the file binds names to."""
        found: dict[str, list[ast.expr]] = {}
        for item in self.file.tree.body:
            if isinstance(item, ast.Assign | ast.AnnAssign) and item.value is not None:
                targets = item.targets if isinstance(item, ast.Assign) else [item.target]
                for name in filter(None, map(dotted, targets)):
                    found.setdefault(name, []).append(item.value)
        return found

    @cached_property
    def _results(self) -> dict[str, list[ast.expr]]:
        """What the functions of the file return."""
        functions = [item for item in self.file.tree.body if isinstance(item, Function)]
        return {
            item.name: [each.value for each in walk(item) if isinstance(each, ast.Return) and each.value]
            for item in functions
        }

"""The part of a file that libcst reads scopes from: the statements that have some words in them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper

from nequip_lint.edits.source import Source

_CLAUSES = (
    *(cst.BaseCompoundStatement, cst.Else, cst.Finally),
    *(cst.ExceptHandler, cst.ExceptStarHandler, cst.MatchCase),
)
_PARTS = ("body", "orelse", "handlers", "finalbody", "cases")


class Extract:
    """A module of the statements with some words, those around them included; all others are left out.

    Of a large class with one use of a name, one method with one statement is left.

    Args:
        source: the file.
        words: as identifiers, or in strings.
    """

    def __init__(self, source: Source, words: Collection[str]) -> None:
        self._originals: dict[cst.CSTNode, cst.CSTNode] = {}
        self._kept: set[cst.CSTNode] = set()
        for node in source.having(words):
            for parent in source.around(node):
                if parent in self._kept:
                    break
                self._kept.add(parent)
        statements = [source.statement(index) for index in source.naming(words)]
        body = [self._narrowed(statement) for statement in statements if statement in self._kept]
        self.metadata = MetadataWrapper(cst.Module(body), unsafe_skip_copy=True)

    def original(self, node: cst.CSTNode) -> cst.CSTNode:
        """What stands in the file for a node of the module; most nodes are the same."""
        return self._originals.get(node, node)

    def _narrowed(self, node: Any) -> Any:
        if isinstance(node, cst.IndentedBlock):
            body = [self._narrowed(statement) for statement in node.body if statement in self._kept]
            new: cst.CSTNode = node.with_changes(body=body)
        elif isinstance(node, _CLAUSES):
            parts = {name: value for name in _PARTS if (value := getattr(node, name, None)) is not None}
            new = node.with_changes(
                **{
                    name: self._narrowed(value)
                    if isinstance(value, cst.CSTNode)
                    else [*map(self._narrowed, value)]
                    for name, value in parts.items()
                }
            )
        else:
            return node
        self._originals[new] = node
        return new

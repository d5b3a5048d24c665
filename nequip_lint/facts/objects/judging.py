"""How far a value has been looked into, and the way on from there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from nequip_lint.facts.objects.surroundings import Held, Surroundings


class Judging(NamedTuple):
    """A value that is being judged, as those see it who judge one form of values.

    `known` is what names stand for there, `depth` how many names and containers may still be looked into,
    `judge` judges what stands in a value.
    """

    known: Surroundings
    depth: int
    judge: Callable[[ast.AST, Surroundings, int], Iterator[Held]]

    def inner(self, node: ast.AST) -> Iterator[Held]:
        """What pickling makes of a part of the value, or of what a name in it stands for."""
        return self.judge(node, self.known, self.depth - 1)

    def each(self, nodes: Iterable[ast.AST]) -> Iterator[Held]:
        """The same of several parts, one after the other."""
        for node in nodes:
            yield from self.inner(node)

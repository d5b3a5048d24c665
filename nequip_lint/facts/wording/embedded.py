"""Pickles that a file has as constants, also packed or written as text: what they name."""

from __future__ import annotations

import ast
import pickletools
from collections.abc import Iterator, Mapping
from functools import lru_cache

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.wording import Embedded
from nequip_lint.facts.kind import Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.terms import last_name, spot_of
from nequip_lint.facts.variables import literal
from nequip_lint.facts.wording.unpacking import FAILURES, LONGEST, UNPACKING

_DEEPEST = 8
_READING = ("pickle.loads", "_pickle.loads", "dill.loads", "cloudpickle.loads")


class EmbeddedPickles(Kind):
    """Every class and function that such a pickle names."""

    field = "embedded"
    nodes = (ast.Call,)
    words = ("loads",)

    def visit(self, node: ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep what the constant names that is read."""
        function = self.file.full(dotted(node.func))
        data = self._bytes(node.args[0]) if function in _READING and node.args else None
        if isinstance(data, bytes):
            for module, name in dict.fromkeys(_named(data)):
                self.found.append(Embedded(spot_of(node, site), function, module, name))

    def _bytes(self, node: ast.expr, depth: int = _DEEPEST) -> bytes | str | None:
        """The constant that an expression is made of; None for anything else."""
        match node:
            case ast.Constant(value=bytes() | str() as value):
                return value if len(value) <= LONGEST else None
            case ast.Name(id=name) if depth:
                return self._bytes_at_top(name, depth)
            case ast.Call(func=ast.Attribute(attr="encode", value=owner)) if depth:
                inner = self._bytes(owner, depth - 1)
                return inner.encode("utf-8", "replace") if isinstance(inner, str) else None
            case ast.Call(func=ast.Attribute() | ast.Name() as called, args=[given, *rest]) if depth:
                name = _way(rest) if last_name(called) == "decode" else self.file.full(dotted(called))
                return _unpacked(name, self._bytes(given, depth - 1))
        return None

    def _bytes_at_top(self, name: str, depth: int) -> bytes | str | None:
        """The one constant that the top of the file binds to a name."""
        found = _bound_at_top(self.file.tree).get(name, [])
        return self._bytes(found[0], depth - 1) if len(found) == 1 else None


@lru_cache(maxsize=4)
def _bound_at_top(tree: ast.Module) -> Mapping[str, list[ast.expr]]:
    """What the top of a file binds names to."""
    found: dict[str, list[ast.expr]] = {}
    for item in tree.body:
        if isinstance(item, ast.Assign | ast.AnnAssign) and item.value is not None:
            for target in item.targets if isinstance(item, ast.Assign) else [item.target]:
                found.setdefault(dotted(target), []).append(item.value)
    return found


def _way(given: list[ast.expr]) -> str:
    """What `codecs.decode` is told to do."""
    value = literal(given[0]) if given else None
    return value if isinstance(value, str) else ""


def _unpacked(name: str, data: bytes | str | None) -> bytes | None:
    """What a function gives for some bytes; None for one that is not known, or where it fails."""
    unpack = UNPACKING.get(name) or UNPACKING.get(name.rpartition(".")[2])
    if unpack is None or data is None:
        return None
    try:
        return unpack(data.encode("ascii") if isinstance(data, str) else data)
    except (ValueError, OSError, EOFError, ArithmeticError, *FAILURES):
        return None


def _named(data: bytes) -> Iterator[tuple[str, str]]:
    """The modules and names of what a pickle names, as far as it can be read."""
    texts: list[str] = []
    memo: dict[int, str] = {}
    try:
        for opcode, value, _ in pickletools.genops(data):
            if opcode.name in ("GLOBAL", "INST") and isinstance(value, str):
                module, _, name = value.partition(" ")
                yield module, name
            elif opcode.name == "STACK_GLOBAL" and len(texts) > 1:
                yield texts[-2], texts[-1]
            elif "UNICODE" in opcode.name and isinstance(value, str):
                texts.append(value)
            elif opcode.name == "MEMOIZE":
                memo[len(memo)] = texts[-1] if texts else ""
            elif opcode.name in ("BINGET", "LONG_BINGET") and value in memo:
                texts.append(memo[value])
    except (ValueError, KeyError, IndexError):
        return

"""What depends on the hashes of texts, which are others in each process: numbers and the orders of sets."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.state import Made, Unstable
from nequip_lint.facts.kind import AT_IMPORT, File, Kind
from nequip_lint.facts.numbers import is_of_numbers
from nequip_lint.facts.site import Scope, Site
from nequip_lint.facts.state.text_sets import Sets
from nequip_lint.facts.terms import argument, spot_of
from nequip_lint.facts.wording.messages import Messages
from nequip_lint.source.nodes import walk

_MIXING = (ast.Mod, ast.BitAnd, ast.FloorDiv, ast.RShift, ast.BitXor, ast.Div)
_SEEDS = frozenset({"manual_seed", "seed", "Random", "default_rng", "RandomState", "SeedSequence"})
_LISTING = frozenset({"list", "tuple", "deque"})
_ORDERED = _LISTING | {"enumerate", "iter", "zip", "array", "tensor", "stack", "cat"}
_BLIND = frozenset({"sorted", "set", "frozenset", "len", "min", "max", "sum", "any", "all", "Counter"})
"""Functions that do not tell in which order they are given something."""
_DEEPEST = 4


class Unstables(Kind):
    """Every such number and order, `__hash__` methods aside.

    A list at the top of a file counts where it is used, as the set does that it is made of.
    """

    field = "unstable"
    nodes = (
        *(ast.BinOp, ast.Call, ast.ListComp, ast.For, ast.Subscript),
        *(ast.Assign, ast.AnnAssign, ast.Raise, ast.Assert),
    )

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._messages = Messages()
        self._blind: set[ast.AST] = set()
        self._bound: dict[ast.AST, str] = {}

    def visit(self, node: ast.stmt | ast.expr, site: Site, parent: ast.AST) -> None:
        """Keep a number or an order; note what is given to functions that do not see any."""
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.For) and not site.function:
            self._note(node, site)
        self._messages.note(node)
        if not isinstance(node, ast.expr | ast.For):
            return
        if isinstance(node, ast.Call) and self.file.last(node.func) in _BLIND:
            self._blind.update(node.args)
            return
        if node in self._blind or site.function in ("__hash__", "__repr__", "__str__"):
            return
        bound = self._bound.get(node, "")
        for what, of in self._depends(node, site):
            if not self._messages.tell(node, site):
                self.found.append(Unstable(spot_of(node, site), what, of, bound))

    def _depends(self, node: ast.expr | ast.For, site: Site) -> Iterator[tuple[str, str]]:
        """On what an expression depends, and where that is from."""
        if self._mixes(node, site.outermost):
            yield "hash()", ""
        found = (self._unordered(item, node, site) for item in self._walked(node, site))
        yield from (("the order of a set", of) for of in islice((of for of in found if of is not None), 1))

    def _note(self, node: ast.Assign | ast.AnnAssign | ast.For, site: Site) -> None:
        """Note the name at module level, or in the body of a class, that a statement is about."""
        name = next(_filled(node), "") if isinstance(node, ast.For) else _target(node)
        value = node if isinstance(node, ast.For) else node.value
        if name and value is not None and site.depth <= 1:
            bound = f"{site.owner}.{name}" if site.owner else name
            self._bound.update((item, bound) for item in walk(value))

    def _unordered(self, node: ast.expr, parent: ast.AST, site: Site) -> str | None:
        """Where a set is from: '' for the file, `@0` for an argument, or an absolute name; else None."""
        name = dotted(node)
        if name.partition(".")[0] in self.file.names and not site.hides(name.partition(".")[0]):
            return self.file.full(name)
        given = "" if isinstance(parent, ast.Subscript) else argument(name, site)
        if given:
            return given
        return "" if Sets(self.file, site).is_unordered(node) else None

    def _mixes(self, node: ast.AST, scope: Scope | None) -> bool:
        """Whether a number is made of the hash of a text."""
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, _MIXING) and _is_hash(node.left, scope)
        is_seed = isinstance(node, ast.Call) and self.file.last(node.func) in _SEEDS
        return is_seed and isinstance(node, ast.Call) and any(_is_hash(item, scope) for item in node.args[:1])

    def _walked(self, node: ast.AST, site: Site) -> Iterator[ast.expr]:
        """What something is put into the order of."""
        is_top = site.place.at_import
        match node:
            case ast.Call(func=ast.Name(id=name), args=given) if name in _ORDERED - (
                _LISTING if is_top else frozenset()
            ):
                yield from given
                yield from (item.generators[0].iter for item in given if isinstance(item, ast.GeneratorExp))
            case ast.Call(func=ast.Attribute(attr="join" | "stack" | "tensor" | "cat"), args=[given, *_]):
                yield given.generators[0].iter if isinstance(given, ast.GeneratorExp) else given
            case ast.Call(func=ast.Attribute(attr="pop", value=owner), args=[]):
                yield owner
            case ast.Call(func=ast.Attribute(attr="index", value=owner), args=[_]):
                yield owner
            case ast.Subscript(value=ast.Name() | ast.Attribute() as owner, slice=index):
                yield from [owner] if _is_position(index) else []
            case ast.ListComp(generators=[first, *_]) if not is_top:
                yield first.iter
            case ast.For(iter=given, body=body) if any(map(_keeps_order, body)):
                yield given


def _is_position(index: ast.expr) -> bool:
    is_number = isinstance(index, ast.Constant) and isinstance(index.value, int)
    return is_number or isinstance(index, ast.Slice | ast.UnaryOp)


class MadeSets(Kind):
    """The sets of texts at module level, and lists in their order."""

    field = "made"
    nodes = (ast.Assign, ast.AnnAssign)
    functions = AT_IMPORT

    def visit(self, node: ast.Assign | ast.AnnAssign, site: Site, parent: ast.AST) -> None:
        """Keep a name that is bound to one."""
        name = _target(node)
        if not site.depth and name and node.value is not None and Sets(self.file).is_unordered(node.value):
            self.found.append(Made(name, "set"))


def _target(node: ast.Assign | ast.AnnAssign) -> str:
    return dotted(node.targets[0] if isinstance(node, ast.Assign) else node.target)


def _filled(node: ast.For) -> Iterator[str]:
    """The names into which a loop puts something."""
    for item in walk(node):
        match item:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store()):
                yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend" | "add")):
                yield name


def _keeps_order(node: ast.stmt) -> bool:
    """Whether a statement of a loop puts something behind what it put there before, or numbers it."""
    for item in walk(node):
        match item:
            case ast.Yield() | ast.Call(func=ast.Attribute(attr="append")):
                return True
            case ast.Assign(targets=[ast.Subscript(value=owner)], value=value):
                length = ast.unparse(ast.Call(ast.Name("len"), [owner], []))
                if any(isinstance(part, ast.Call) and ast.unparse(part) == length for part in walk(value)):
                    return True
    return False


def _is_hash(node: ast.expr, scope: Scope | None, depth: int = _DEEPEST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="hash"), args=[given]):
            return not is_of_numbers(given, scope)
        case ast.Call(func=ast.Name(id="abs" | "int"), args=[inner]) if depth:
            return _is_hash(inner, scope, depth - 1)
        case ast.BinOp(left=left) if depth:
            return _is_hash(left, scope, depth - 1)
        case ast.Name(id=name) if scope is not None and depth:
            values = [item for item in scope.values.get(name, ()) if isinstance(item, ast.expr)]
            return len(values) == 1 and _is_hash(values[0], scope, depth - 1)
    return False

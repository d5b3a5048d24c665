"""What one walk over a module keeps, and where the walk stands."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from nequip_lint.facts.conditions import condition_of, dotted
from nequip_lint.facts.evaluated import Evaluated
from nequip_lint.facts.expressions import Literals, dunder_imports, strings_of
from nequip_lint.facts.gpu_calls import MARKS
from nequip_lint.facts.lines import Lines
from nequip_lint.facts.made import Making
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.spans import header_of, span_of
from nequip_lint.facts.values import (
    TRUE,
    Binding,
    Call,
    ClassFact,
    Condition,
    Decoration,
    FunctionFact,
    Import,
    Made,
    Place,
    Stop,
)
from nequip_lint.facts.walk import walk

UNKNOWN = Condition("unknown")
REGISTER = "register_libraries_as_external_for_packaging"
WATCHED = {"forward": "forward", "__init__": "init"}
"""Functions whose expressions are kept, and the word for where these are evaluated."""
_IN_FUNCTIONS = ("import",)
"""The words without which nothing in a function's body becomes a fact of this walk, registrations aside."""


class Record:
    """The facts found so far.

    Args:
        module: the dotted name of the file.
        is_package: whether it is an `__init__.py`.
        text: of the file.
    """

    def __init__(self, module: str, is_package: bool, text: str) -> None:
        self.has_dunder = "__import__" in text
        self.lines = Lines(text, _IN_FUNCTIONS)
        self.registers = REGISTER in text
        self.gpu_lines = Lines(text, MARKS)
        self.package = module if is_package else module.rpartition(".")[0]
        self.imports: list[Import] = []
        self.bindings: list[Binding] = []
        self.classes: list[ClassFact] = []
        self.functions: list[FunctionFact] = []
        self.decorations: list[Decoration] = []
        self.calls: list[Call] = []
        self.stops: list[Stop] = []
        self.literals: Literals = {}
        self.evaluated: list[Evaluated] = []
        self.deferred: list[tuple[str, Call]] = []
        self.making = Making(text)
        self.made: list[Made] = []
        self.postponed = False
        self.function = ""
        self.depth = 0

    def guarded(self) -> frozenset[str]:
        """Module-level names that are bound under some test and nowhere without one."""
        bound = [(binding.name, bool(binding.place.guards)) for binding in self.bindings]
        bound += [
            (name, bool(item.place.guards))
            for item in self.imports
            if item.place.at_import
            for name in bound_names(item)
        ]
        free = {name for name, under_test in bound if not under_test}
        return frozenset(name for name, under_test in bound if under_test) - free

    def name(self, name: str, node: ast.AST, place: Place, kind: str, value: Condition = TRUE) -> None:
        """Keep a name that the module binds."""
        self.bindings.append(Binding(name, header_of(node), kind, place, value))

    def bind(self, target: ast.expr, place: Place, value: ast.expr | None, kind: str) -> None:
        """Keep the names that a target at the top level binds."""
        if self.depth or not place.at_import:
            return
        condition = UNKNOWN if value is None else condition_of(value)
        for node in walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.name(node.id, node, place, kind, condition if node is target else UNKNOWN)

    def keep_literal(self, name: str, value: ast.expr, grows: bool) -> None:
        """Keep the strings that a name holds; one that holds something else, or grows, is forgotten."""
        literal = isinstance(value, ast.List | ast.Tuple | ast.Set | ast.Call | ast.BinOp)
        strings = strings_of(value, self.literals) if literal and not grows else None
        if strings is not None:
            self.literals[name] = strings
        else:
            self.literals.pop(name, None)

    def decorated(self, decorators: Iterable[ast.expr], target: str, place: Place) -> None:
        """Keep the decorators of a function or class by their dotted names."""
        for node in decorators:
            function = node.func if isinstance(node, ast.Call) else node
            keywords = (
                tuple(k.arg for k in node.keywords if k.arg is not None) if isinstance(node, ast.Call) else ()
            )
            name = dotted(function)
            if name:
                self.decorations.append(Decoration(name, span_of(node), keywords, target, place))

    def registrars(self) -> set[str]:
        """The names of nequip's registration function in this file."""
        pairs = (pair for item in self.imports for pair in item.names)
        return {REGISTER, *(bound for name, bound in pairs if name == REGISTER)}

    def annotations(self, nodes: Sequence[ast.expr], place: Place) -> None:
        """Annotations, which `from __future__ import annotations` keeps from being evaluated."""
        self.expressions(nodes, place._replace(at_import=False) if self.postponed else place, "annotation")

    def expressions(self, nodes: Sequence[ast.expr], place: Place, role: str = "") -> None:
        """Keep expressions that are evaluated at import or in a watched function, and their imports."""
        if not nodes:
            return
        if self.has_dunder:
            self.imports += dunder_imports(nodes, self.package, place)
        where = "import" if place.at_import else WATCHED.get(self.function, "")
        if not where and self.depth == 1 and self.gpu_lines.numbers:
            where = self.function
        if where:
            self.evaluated.append(Evaluated(tuple(nodes), place, role, where))

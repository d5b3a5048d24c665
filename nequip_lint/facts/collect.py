"""One walk over the `ast` tree of a module, from source text to facts."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from nequip_lint.facts import imports as import_facts
from nequip_lint.facts.conditions import condition_of, dotted
from nequip_lint.facts.evaluated import Evaluated, annotations_of
from nequip_lint.facts.expressions import (
    Literals,
    constructed_in,
    dunder_imports,
    literal_arguments,
    strings_of,
)
from nequip_lint.facts.gpu_calls import MARKS, gpu_calls_of
from nequip_lint.facts.lines import Lines
from nequip_lint.facts.made import Making
from nequip_lint.facts.modifiers import modifiers_of
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.pragmas import pragmas_of
from nequip_lint.facts.probes import probes_of
from nequip_lint.facts.settings import settings_of
from nequip_lint.facts.source import Problem, decode
from nequip_lint.facts.spans import header_of, span_of
from nequip_lint.facts.touches import library_names, touches_of
from nequip_lint.facts.trees import Parse, parse
from nequip_lint.facts.tries import caught_by, importable, leaves, suppressed
from nequip_lint.facts.uses import uses_of
from nequip_lint.facts.values import (
    FALSE,
    TRUE,
    Binding,
    Call,
    ClassFact,
    Condition,
    Decoration,
    Facts,
    FunctionFact,
    Import,
    Made,
    Place,
    Stop,
    negated,
)
from nequip_lint.facts.walk import children, walk

_UNKNOWN = Condition("unknown")
_REGISTER = "register_libraries_as_external_for_packaging"
_IN_FUNCTIONS = ("import",)
"""The words without which nothing in a function's body becomes a fact of this walk, registrations aside."""
_WATCHED = {"forward": "forward", "__init__": "init"}
_PICKLING = frozenset({"__getstate__", "__reduce__", "__reduce_ex__", "__reduce_package__"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def facts_of(data: bytes, module: str, path: str, is_package: bool, parse: Parse = parse) -> Facts:
    """The facts of one source file.

    Args:
        data: the bytes of the file.
        module: its dotted name.
        path: where it lies, kept for reports.
        is_package: whether it is an `__init__.py`.
        parse: makes the tree of its text, or has it already.
    """
    text = decode(data)
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(text, Problem) or isinstance(tree, Problem):
        problem = tree if isinstance(tree, Problem) else Problem("cannot be read")
        return Facts(module, path, is_package, problem=problem.reason, problem_span=problem.span)
    try:
        collector = _Collector(module, is_package, text)
        collector.block(tree.body, Place(at_import=True))
        uses = uses_of(tree, text, collector.imports, collector.guarded(), condition_of)
        gpu_calls = gpu_calls_of(collector.evaluated, collector.imports, text)
        touches = touches_of(collector.evaluated, collector.imports, module, text)
        settings = settings_of(collector.evaluated, text)
    except RecursionError:
        return Facts(module, path, is_package, problem="is nested too deeply to be checked")
    return Facts(
        module,
        path,
        is_package,
        tuple(collector.imports),
        tuple(collector.bindings),
        tuple(collector.classes),
        tuple(collector.functions),
        tuple(collector.decorations),
        tuple(collector.calls),
        tuple(collector.stops),
        uses,
        pragmas_of(text),
        tuple(collector.literals.items()),
        gpu_calls=gpu_calls,
        touches=touches,
        modifiers=modifiers_of(tree, text),
        deferred=tuple(collector.deferred),
        settings=settings,
        made=tuple(collector.made),
    )


def with_probes(facts: Facts, data: bytes, parse: Parse = parse) -> Facts:
    """The same facts and the module's probes, which cost as much again: for packaged files only.

    Args:
        facts: of the file.
        data: its bytes.
        parse: makes the tree of its text, or has it already.
    """
    text = decode(data)
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(text, Problem) or isinstance(tree, Problem):
        return facts
    try:
        return facts._replace(probes=probes_of(tree, text, facts.imports, facts.bindings))
    except RecursionError:
        return facts


class _Collector:
    """Walks statements, knowing at each under which tests and handlers it stands."""

    def __init__(self, module: str, is_package: bool, text: str) -> None:
        self.has_dunder = "__import__" in text
        self.lines = Lines(text, _IN_FUNCTIONS)
        self.registers = _REGISTER in text
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

    def block(self, body: Sequence[ast.stmt], place: Place) -> Place:
        """Walk a block; returns the place of whatever follows its last statement in the same block."""
        for statement in body:
            place = self.statement(statement, place)
        return place

    def statement(self, node: ast.stmt, place: Place) -> Place:
        """Walk one statement; returns the place of the next one in the block."""
        if self.making.is_possible and place.at_import:
            self.made += self.making.made(node, place)
        match node:
            case ast.Import() | ast.ImportFrom():
                self.imports += import_facts.of_statement(node, self.package, place)
                self.postponed = self.postponed or import_facts.postpones_annotations(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, place)
            case ast.ClassDef():
                self._class(node, place)
            case ast.If():
                return self._if(node, place)
            case ast.Try():
                self._try(node, place)
            case ast.With() | ast.AsyncWith():
                self._expressions([item.context_expr for item in node.items], place)
                self.block(node.body, place._replace(caught=place.caught + suppressed(node)))
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(node, place)
            case ast.Match():
                self._expressions([node.subject], place)
                for case in node.cases:
                    self.block(case.body, place._replace(guards=(*place.guards, _UNKNOWN)))
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                self._assignment(node, place)
            case ast.Expr():
                self._expression_statement(node, place)
            case ast.Raise() | ast.Assert():
                return self._stop(node, place)
            case _:
                if type(node).__name__ == "TryStar":
                    self._try(node, place)  # type: ignore[arg-type]
                else:
                    self._expressions(_children(node), place)
        return place

    def _if(self, node: ast.If, place: Place) -> Place:
        test = condition_of(node.test)
        self._expressions([node.test], place, "test")
        self.block(node.body, place._replace(guards=(*place.guards, test)))
        otherwise = place._replace(guards=(*place.guards, negated(test)))
        self.block(node.orelse, otherwise)
        return otherwise if leaves(node.body) and not node.orelse else place

    def _try(self, node: ast.Try, place: Place) -> None:
        inner = place._replace(caught=place.caught + caught_by(node.handlers))
        tried: list[str] = []
        for statement in node.body:
            first = len(self.imports)
            guards = (*place.guards, importable(tried)) if tried else place.guards
            self.statement(statement, inner._replace(guards=guards))
            tried += import_facts.tried(self.imports[first:], place.at_import)
        condition = importable(tried) if tried else _UNKNOWN
        for handler in node.handlers:
            if handler.type is not None:
                self._expressions([handler.type], place, "except")
            self.block(handler.body, place._replace(guards=(*place.guards, negated(condition))))
        self.block(node.orelse, place._replace(guards=(*place.guards, condition)))
        self.block(node.finalbody, place)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, place: Place) -> None:
        if isinstance(node, ast.While):
            self._expressions([node.test], place, "test")
        else:
            self._expressions([node.iter], place, "iterate")
        inner = place._replace(guards=(*place.guards, _UNKNOWN))
        if not isinstance(node, ast.While):
            self._bind(node.target, inner, None, "loop")
        self.block([*node.body, *node.orelse], inner)

    def _function(self, node: _Function, place: Place) -> None:
        arguments = node.args
        defaults = [*arguments.defaults, *(value for value in arguments.kw_defaults if value)]
        self._expressions(node.decorator_list, place, "decorator")
        self._expressions(defaults, place)
        if place.at_import:
            self._annotations(annotations_of(node), place)
            self._decorated(node.decorator_list, node.name, place)
            if self.depth == 0:
                self._name(node.name, node, place, "function")
                self.functions.append(_function_fact(node))
        outer, self.function = self.function, node.name if not self.function else "<nested>"
        self.depth += 1
        if self.registers or self._is_watched() or self.lines.within(node) or self.gpu_lines.within(node):
            self.block(node.body, Place(False, place.guards))
        self.depth -= 1
        self.function = outer

    def _is_watched(self) -> bool:
        return self.function in _WATCHED and bool(library_names(self.imports, self.package))

    def _class(self, node: ast.ClassDef, place: Place) -> None:
        self._expressions(node.decorator_list, place, "decorator")
        self._expressions(node.bases, place, "base")
        self._expressions([keyword.value for keyword in node.keywords], place)
        if place.at_import:
            self._decorated(node.decorator_list, node.name, place)
        if self.depth == 0 and place.at_import:
            self._name(node.name, node, place, "class")
            self.classes.append(
                ClassFact(node.name, header_of(node), tuple(map(dotted, node.bases)), _decides(node))
            )
        self.depth += 1
        self.block(node.body, place)
        self.depth -= 1

    def _decorated(self, decorators: Iterable[ast.expr], target: str, place: Place) -> None:
        for node in decorators:
            function = node.func if isinstance(node, ast.Call) else node
            keywords = (
                tuple(k.arg for k in node.keywords if k.arg is not None) if isinstance(node, ast.Call) else ()
            )
            name = dotted(function)
            if name:
                self.decorations.append(Decoration(name, span_of(node), keywords, target, place))

    def _assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, place: Place) -> None:
        if isinstance(node, ast.AnnAssign):
            self._annotations([node.annotation], place)
        if node.value is None:
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        kept = self.function == "__init__" and any(dotted(target).startswith("self.") for target in targets)
        self._expressions([node.value], place, "kept" if kept else "")
        for target in targets:
            self._expressions([target], place)
            self._bind(target, place, node.value, "assign")
            if isinstance(target, ast.Name) and self.depth == 0:
                self._literal(target.id, node.value, isinstance(node, ast.AugAssign))

    def _literal(self, name: str, value: ast.expr, grows: bool) -> None:
        """Keep the strings that a name holds; one that holds something else, or grows, is forgotten."""
        literal = isinstance(value, ast.List | ast.Tuple | ast.Set | ast.Call | ast.BinOp)
        strings = strings_of(value, self.literals) if literal and not grows else None
        if strings is not None:
            self.literals[name] = strings
        else:
            self.literals.pop(name, None)

    def _bind(self, target: ast.expr, place: Place, value: ast.expr | None, kind: str) -> None:
        if self.depth or not place.at_import:
            return
        condition = _UNKNOWN if value is None else condition_of(value)
        for node in walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._name(node.id, node, place, kind, condition if node is target else _UNKNOWN)

    def _name(self, name: str, node: ast.AST, place: Place, kind: str, value: Condition = TRUE) -> None:
        self.bindings.append(Binding(name, header_of(node), kind, place, value))

    def _expression_statement(self, node: ast.Expr, place: Place) -> None:
        self._expressions([node.value], place)
        if not isinstance(node.value, ast.Call):
            return
        name = dotted(node.value.func)
        if not place.at_import:
            if self.registers and name.rpartition(".")[2] in self._registrars():
                arguments = literal_arguments(node.value, self.literals)
                self.deferred.append((self.function, Call(name, span_of(node), arguments, place)))
            return
        if name in ("sys.exit", "exit", "quit", "os._exit"):
            self.stops.append(Stop(span_of(node), f"{name}()", place))
        elif name:
            self.calls.append(Call(name, span_of(node), literal_arguments(node.value, self.literals), place))

    def _registrars(self) -> set[str]:
        """The names of nequip's registration function in this file."""
        pairs = (pair for item in self.imports for pair in item.names)
        return {_REGISTER, *(bound for name, bound in pairs if name == _REGISTER)}

    def _stop(self, node: ast.Raise | ast.Assert, place: Place) -> Place:
        self._expressions(_children(node), place)
        if isinstance(node, ast.Raise):
            if place.at_import and node.exc is not None:
                self.stops.append(Stop(span_of(node), ast.unparse(node), place))
            return place
        test = condition_of(node.test)
        after = place._replace(guards=(*place.guards, test))
        if place.at_import and test != FALSE:
            failing = place._replace(guards=(*place.guards, negated(test)))
            self.stops.append(Stop(span_of(node), ast.unparse(node), failing))
        return place if test.kind in ("unknown", "true", "false", "typing", "python") else after

    def _annotations(self, nodes: Sequence[ast.expr], place: Place) -> None:
        """Annotations, which `from __future__ import annotations` keeps from being evaluated."""
        self._expressions(nodes, place._replace(at_import=False) if self.postponed else place, "annotation")

    def _expressions(self, nodes: Sequence[ast.expr], place: Place, role: str = "") -> None:
        if not nodes:
            return
        if self.has_dunder:
            self.imports += dunder_imports(nodes, self.package, place)
        where = "import" if place.at_import else _WATCHED.get(self.function, "")
        if not where and self.depth == 1 and self.gpu_lines.numbers:
            where = self.function
        if where:
            self.evaluated.append(Evaluated(tuple(nodes), place, role, where))


def _function_fact(node: _Function) -> FunctionFact:
    returned = node.body[-1]
    returns = None
    if isinstance(returned, ast.Return) and returned.value is not None:
        returns = condition_of(returned.value)
    decorators = _names(node.decorator_list)
    constructs = constructed_in(node.body) if decorators else ()
    return FunctionFact(node.name, header_of(node), decorators, constructs, returns)


def _decides(node: ast.ClassDef) -> bool:
    """Whether a class has a method by which pickling is its own affair."""
    return any(isinstance(item, _Function) and item.name in _PICKLING for item in node.body)


def _names(decorators: Iterable[ast.expr]) -> tuple[str, ...]:
    functions = (node.func if isinstance(node, ast.Call) else node for node in decorators)
    return tuple(name for name in map(dotted, functions) if name)


def _children(node: ast.stmt) -> list[ast.expr]:
    return [child for child in children(node) if isinstance(child, ast.expr)]

"""One walk over the statements of a module, knowing at each under which tests and handlers it stands."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from nequip_lint.facts import imports as import_facts
from nequip_lint.facts.conditions import condition_of, dotted
from nequip_lint.facts.evaluated import annotations_of
from nequip_lint.facts.expressions import constructed_in, literal_arguments
from nequip_lint.facts.record import UNKNOWN, WATCHED, Record
from nequip_lint.facts.spans import header_of, span_of
from nequip_lint.facts.touches import library_names
from nequip_lint.facts.tries import caught_by, importable, leaves, suppressed
from nequip_lint.facts.values import FALSE, Call, ClassFact, FunctionFact, Place, Stop, negated
from nequip_lint.facts.walk import children

_PICKLING = frozenset({"__getstate__", "__reduce__", "__reduce_ex__", "__reduce_package__"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Collector(Record):
    """Walks a module and records its facts."""

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
                self.expressions([item.context_expr for item in node.items], place)
                self.block(node.body, place._replace(caught=place.caught + suppressed(node)))
            case ast.For() | ast.AsyncFor() | ast.While():
                self._loop(node, place)
            case ast.Match():
                self.expressions([node.subject], place)
                for case in node.cases:
                    self.block(case.body, place.under(UNKNOWN))
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
                    self.expressions(_children(node), place)
        return place

    def _if(self, node: ast.If, place: Place) -> Place:
        test = condition_of(node.test)
        self.expressions([node.test], place, "test")
        self.block(node.body, place.under(test))
        otherwise = place.under(negated(test))
        self.block(node.orelse, otherwise)
        return otherwise if leaves(node.body) and not node.orelse else place

    def _try(self, node: ast.Try, place: Place) -> None:
        inner = place._replace(caught=place.caught + caught_by(node.handlers))
        tried: list[str] = []
        for statement in node.body:
            first = len(self.imports)
            self.statement(statement, inner.under(importable(tried)) if tried else inner)
            tried += import_facts.tried(self.imports[first:], place.at_import)
        condition = importable(tried) if tried else UNKNOWN
        for handler in node.handlers:
            if handler.type is not None:
                self.expressions([handler.type], place, "except")
            self.block(handler.body, place.under(negated(condition)))
        self.block(node.orelse, place.under(condition))
        self.block(node.finalbody, place)

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, place: Place) -> None:
        if isinstance(node, ast.While):
            self.expressions([node.test], place, "test")
        else:
            self.expressions([node.iter], place, "iterate")
        inner = place.under(UNKNOWN)
        if not isinstance(node, ast.While):
            self.bind(node.target, inner, None, "loop")
        self.block([*node.body, *node.orelse], inner)

    def _function(self, node: _Function, place: Place) -> None:
        arguments = node.args
        defaults = [*arguments.defaults, *(value for value in arguments.kw_defaults if value)]
        self.expressions(node.decorator_list, place, "decorator")
        self.expressions(defaults, place)
        if place.at_import:
            self.annotations(annotations_of(node), place)
            self.decorated(node.decorator_list, node.name, place)
            if self.depth == 0:
                self.name(node.name, node, place, "function")
                self.functions.append(_function_fact(node))
        outer, self.function = self.function, node.name if not self.function else "<nested>"
        self.depth += 1
        if self.registers or self._is_watched() or self.lines.within(node) or self.gpu_lines.within(node):
            self.block(node.body, Place(False, place.guards))
        self.depth -= 1
        self.function = outer

    def _is_watched(self) -> bool:
        return self.function in WATCHED and bool(library_names(self.imports, self.package))

    def _class(self, node: ast.ClassDef, place: Place) -> None:
        self.expressions(node.decorator_list, place, "decorator")
        self.expressions(node.bases, place, "base")
        self.expressions([keyword.value for keyword in node.keywords], place)
        if place.at_import:
            self.decorated(node.decorator_list, node.name, place)
        if self.depth == 0 and place.at_import:
            self.name(node.name, node, place, "class")
            self.classes.append(
                ClassFact(node.name, header_of(node), tuple(map(dotted, node.bases)), _decides(node))
            )
        self.depth += 1
        self.block(node.body, place)
        self.depth -= 1

    def _assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, place: Place) -> None:
        if isinstance(node, ast.AnnAssign):
            self.annotations([node.annotation], place)
        if node.value is None:
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        kept = self.function == "__init__" and any(dotted(target).startswith("self.") for target in targets)
        self.expressions([node.value], place, "kept" if kept else "")
        for target in targets:
            self.expressions([target], place)
            self.bind(target, place, node.value, "assign")
            if isinstance(target, ast.Name) and self.depth == 0:
                self.keep_literal(target.id, node.value, isinstance(node, ast.AugAssign))

    def _expression_statement(self, node: ast.Expr, place: Place) -> None:
        self.expressions([node.value], place)
        if not isinstance(node.value, ast.Call):
            return
        name = dotted(node.value.func)
        if not place.at_import:
            if self.registers and name.rpartition(".")[2] in self.registrars():
                arguments = literal_arguments(node.value, self.literals)
                self.deferred.append((self.function, Call(name, span_of(node), arguments, place)))
            return
        if name in ("sys.exit", "exit", "quit", "os._exit"):
            self.stops.append(Stop(span_of(node), f"{name}()", place))
        elif name:
            self.calls.append(Call(name, span_of(node), literal_arguments(node.value, self.literals), place))

    def _stop(self, node: ast.Raise | ast.Assert, place: Place) -> Place:
        self.expressions(_children(node), place)
        if isinstance(node, ast.Raise):
            if place.at_import and node.exc is not None:
                self.stops.append(Stop(span_of(node), ast.unparse(node), place))
            return place
        test = condition_of(node.test)
        after = place.under(test)
        if place.at_import and test != FALSE:
            failing = place.under(negated(test))
            self.stops.append(Stop(span_of(node), ast.unparse(node), failing))
        return place if test.kind in ("unknown", "true", "false", "typing", "python") else after


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

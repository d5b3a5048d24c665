"""What functions surely do, and how they end: the facts from which is told what guards them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import condition_of, dotted
from nequip_lint.facts.details.bodies import Conduct
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.names import Names
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.values import Condition, negated
from nequip_lint.source.positions import span_of
from nequip_lint.values import Span


class _Doing:
    """What one function does, as far as it has been walked."""

    def __init__(self, node: Function | None, owner: str, names: Names) -> None:
        self._names = names
        self._head = (owner, node.name, span_of(node)) if node is not None else ("", "", Span(1, 1, 1, 1))
        called = [] if node is None else node.decorator_list
        self._decorators = tuple(dotted(item.func if isinstance(item, ast.Call) else item) for item in called)
        given = None if node is None else node.args
        every = () if given is None else (*given.posonlyargs, *given.args, *given.kwonlyargs)
        more = given.kwarg if given is not None else None
        rest = given.vararg if given is not None else None
        named = [f"**{more.arg}"] if more is not None else []
        named += [f"*{rest.arg}"] if rest is not None else []
        self._arguments = (*(item.arg for item in every), *named)
        self._switched = set() if given is None else set(_true_by_default(given))
        self._calls: list[str] = []
        self._sure: set[str] = set()
        self._asked: set[str] = set()
        self._stops: list[tuple[Condition, ...]] = []
        self._checks: list[tuple[str, int, tuple[Condition, ...]]] = []

    def note(self, node: ast.AST, site: Site) -> None:
        """Note what may end the function, and the calls in it."""
        guards = site.place.guards
        if isinstance(node, ast.Call):
            self._called(node, site)
        elif isinstance(node, ast.Raise) and not site.place.caught:
            self._stops.append(guards)
        elif isinstance(node, ast.Assert):
            self._stops.append((*guards, negated(condition_of(node.test, self._names))))
        elif isinstance(node, ast.Expr):
            self._check(node.value, site)
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "self" and not (guards or site.is_inner):
                self._asked.add(node.attr)
        elif isinstance(node, ast.With):
            for item in node.items:
                self._check(item.context_expr, site)
                self._entered(item.context_expr, site)

    def _called(self, node: ast.Call, site: Site) -> None:
        name = dotted(node.func)
        if not name and isinstance(node.func, ast.Attribute):
            name = f"?.{node.func.attr}"
        self._calls.append(name or "?")
        self._switched.update(item.arg for item in node.keywords if item.arg and _is_true(item.value))
        if not site.place.guards and not site.is_inner:
            self._sure.add(name or "?")

    def _entered(self, node: ast.expr, site: Site) -> None:
        name = dotted(node.func) if isinstance(node, ast.Call) else ""
        if name and not site.place.guards and not site.is_inner:
            self._sure.update((f"{name}().__enter__", f"{name}().__exit__"))

    def _check(self, node: ast.expr, site: Site) -> None:
        name = dotted(node.func) if isinstance(node, ast.Call) else ""
        if name and not site.is_inner:
            self._checks.append((name, node.lineno, site.place.guards))

    def conduct(self) -> Conduct:
        """All of it."""
        calls, sure = frozenset(self._calls), frozenset(self._sure)
        stops, checks = tuple(self._stops), tuple(self._checks)
        switched, asked = frozenset(self._switched), frozenset(self._asked)
        return Conduct(
            *self._head, self._arguments, self._decorators, calls, sure, stops, checks, switched, asked
        )


_FUNCTIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef})


class Conducts(Kind):
    """The functions and methods that no other function surrounds, and the code of the module itself."""

    field = "conducts"
    nodes = (
        *(ast.FunctionDef, ast.AsyncFunctionDef),
        *(ast.Call, ast.Raise, ast.Assert, ast.Expr, ast.With, ast.Attribute),
    )

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._doings: dict[ast.AST | None, _Doing] = {None: _Doing(None, "", file.names)}

    def visit(self, node: ast.AST, site: Site, parent: ast.AST) -> None:
        """Note a function, or what one does."""
        outermost = site.outermost
        if node.__class__ not in _FUNCTIONS:
            self._doings[None if outermost is None else outermost.node].note(node, site)
        elif outermost is None and isinstance(node, Function):
            self._doings[node] = _Doing(node, site.owner, self.file.names)

    def facts(self) -> tuple[Conduct, ...]:
        """The module first."""
        return tuple(doing.conduct() for doing in self._doings.values())


def _true_by_default(arguments: ast.arguments) -> Iterator[str]:
    plain = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(plain), reversed(arguments.defaults), strict=False)]
    pairs += [
        (item, value)
        for item, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if value
    ]
    return (item.arg for item, value in pairs if _is_true(value))


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True

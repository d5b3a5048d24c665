"""What methods set attributes to and functions give back, with the tests that choose it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from nequip_lint.facts.conditions import condition_of, dotted
from nequip_lint.facts.details.choices import Choice, LookedUp, Option, Selected
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.names import Names
from nequip_lint.facts.site import Function, Scope, Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.facts.values import Condition, negated
from nequip_lint.source.positions import span_of

_Tests = tuple[Condition, ...]
_Giving = ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return


class Choices(Kind):
    """Every assignment to an attribute of `self`, and every result of a function at module level."""

    field = "choices"
    nodes = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return)

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._tests: dict[Scope | None, Mapping[str, Condition]] = {}

    def visit(self, node: _Giving, site: Site, parent: ast.AST) -> None:
        """Keep what an attribute is set to, or a result."""
        value = node.value
        if value is None or not site.function or site.is_inner:
            return
        for name in _names_of(node, site):
            names = self.file.names
            test = _with_known(condition_of(value, names), self._known(site.outermost))
            options = tuple(_options(value, site.place.guards, names))
            self.found.append(Choice(spot_of(node, site), name, test, options))

    def _known(self, scope: Scope | None) -> Mapping[str, Condition]:
        if scope not in self._tests:
            self._tests[scope] = _known(scope, self.file.names)
        return self._tests[scope]


def _names_of(node: _Giving, site: Site) -> Iterator[str]:
    if isinstance(node, ast.Return):
        yield from () if site.owner else ("return",)
        return
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if _is_attribute(target) and site.owner:
            yield dotted(target)


def _is_attribute(node: ast.expr) -> bool:
    """Whether an expression is `self.name`."""
    name = dotted(node)
    return name.startswith("self.") and name.count(".") == 1


def _options(value: ast.expr, tests: _Tests, names: Names) -> Iterator[Option]:
    if isinstance(value, ast.IfExp):
        test = condition_of(value.test, names)
        yield from _options(value.body, (*tests, test), names)
        yield from _options(value.orelse, (*tests, negated(test)), names)
        return
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield Option(tests, "", text=value.value)
    is_call = isinstance(value, ast.Call)
    name = dotted(value.func) if isinstance(value, ast.Call) else dotted(value)
    if name:
        yield Option(tests, name, is_call)


def _known(scope: Scope | None, names: Names) -> Mapping[str, Condition]:
    """The tests that a method's arguments stand for by default, and names that it binds once."""
    if scope is None or not isinstance(scope.node, Function):
        return {}
    arguments = scope.node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    pairs = [*zip(reversed(plain), reversed(arguments.defaults), strict=False)]
    keyword = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    pairs += [(item, value) for item, value in keyword if value is not None]
    found = {item.arg: condition_of(value, names) for item, value in pairs}
    for name, values in scope.values.items():
        if name not in scope.arguments and len(values) == 1 and isinstance(values[0], ast.expr):
            found[name] = _with_known(condition_of(values[0], names), found)
    return found


def _with_known(test: Condition, known: Mapping[str, Condition]) -> Condition:
    """A test with what some names in it stand for."""
    if test.kind == "name":
        return known.get(test.text, test)
    return test._replace(parts=tuple(_with_known(part, known) for part in test.parts)) if test.parts else test


class Selections(Kind):
    """What runs under a comparison of an attribute with texts."""

    field = "selected"
    nodes = (ast.If,)
    words = ("self.",)

    def visit(self, node: ast.If, site: Site, parent: ast.AST) -> None:
        """Keep the body of a test."""
        match node.test:
            case ast.Compare(left=left, ops=[ast.Eq() | ast.In()], comparators=[right]) if _is_attribute(
                left
            ):
                texts = _texts(right)
                if texts:
                    last = node.body[-1]
                    span = span_of(node.body[0])._replace(
                        end_line=last.end_lineno or last.lineno, end_column=(last.end_col_offset or 0) + 1
                    )
                    spot = spot_of(node.body[0], site)._replace(span=span)
                    self.found.append(Selected(spot, dotted(left), texts))


def _texts(node: ast.expr) -> tuple[str, ...]:
    items = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return tuple(i.value for i in items if isinstance(i, ast.Constant) and isinstance(i.value, str))


class LookUps(Kind):
    """Every `getattr` by a text that is an attribute, or has one inside."""

    field = "looked_up"
    nodes = (ast.Call,)
    words = ("getattr",)

    def visit(self, node: ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep a look-up without a default."""
        if dotted(node.func) != "getattr" or len(node.args) != 2:
            return
        owner, text = dotted(node.args[0]), node.args[1]
        parts = text.values if isinstance(text, ast.JoinedStr) else _summed(text)
        named = [item.value if isinstance(item, ast.FormattedValue) else item for item in parts]
        places = [number for number, item in enumerate(named) if _is_attribute(item)]
        if owner and len(places) == 1:
            before, after = _joined(named[: places[0]]), _joined(named[places[0] + 1 :])
            if before is not None and after is not None:
                attribute = dotted(named[places[0]])
                self.found.append(LookedUp(spot_of(node, site), owner, before, attribute, after))


def _summed(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [*_summed(node.left), *_summed(node.right)]
    return [node]


def _joined(parts: list[ast.expr]) -> str | None:
    """Texts in a row as one; None where one of them is not at hand."""
    texts = [item.value for item in parts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return "".join(texts) if len(texts) == len(parts) else None

"""What a module puts around functions of others each time that it is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.conduct.changing import attribute_set
from nequip_lint.facts.details.state import Wrapped
from nequip_lint.facts.kind import Kind
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.facts.tries import leaves
from nequip_lint.facts.variables import literal
from nequip_lint.source.nodes import walk

_SETTLING = frozenset(
    {
        *("abs", "absolute", "ceil", "clamp", "clamp_max", "clamp_min", "clip", "clone", "contiguous", "cpu"),
        *("detach", "double", "float", "floor", "half", "nan_to_num", "relu", "round", "sign", "to", "trunc"),
    }
)
"""Functions that leave what they gave as it is when they are given it again."""
_HOOKS = frozenset(
    {
        *("register_module_forward_hook", "register_module_forward_pre_hook"),
        *("register_module_full_backward_hook", "register_module_full_backward_pre_hook"),
        *("register_module_module_registration_hook", "register_module_parameter_registration_hook"),
        *("register_module_buffer_registration_hook",),
    }
)


class Wrappings(Kind):
    """Attributes of something imported that are set to what uses their old value; hooks of all modules."""

    field = "wrapped"
    nodes = (ast.Assign, ast.AugAssign, ast.Call)

    def visit(self, node: ast.Assign | ast.AugAssign | ast.Call, site: Site, parent: ast.AST) -> None:
        """Keep what comes a second time at the second import."""
        if isinstance(node, ast.Call):
            attribute = attribute_set(node)
            if self.file.last(node.func) in _HOOKS and node.args and self._changes(node.args[0]):
                self.found.append(Wrapped(spot_of(node, site), self.file.full(dotted(node.func)), True))
            elif attribute is not None and len(node.args) == 3:
                self._set(attribute, node.args[2], site, node)
        elif isinstance(node, ast.AugAssign):
            if dotted(node.target).partition(".")[0] in self.file.names:
                self.found.append(Wrapped(spot_of(node, site), self.file.full(dotted(node.target))))
        else:
            for target in node.targets:
                self._set(target, node.value, site, target)

    def _set(self, target: ast.expr, value: ast.expr, site: Site, node: ast.expr) -> None:
        name = dotted(target)
        if not isinstance(target, ast.Attribute) or name.partition(".")[0] not in self.file.names:
            return
        full = self.file.full(name)
        old = {full} | {key for key, kept in self._assigned if kept == full}
        if any(self._uses(item, old) for item in self._meant(value)):
            self.found.append(Wrapped(spot_of(node, site), full))

    @cached_property
    def _functions(self) -> dict[str, Function]:
        return {node.name: node for node in self.file.tree.body if isinstance(node, Function)}

    @cached_property
    def _assigned(self) -> list[tuple[str, str]]:
        """The names at module level that are assigned something imported, each with its absolute name."""
        found = (node for node in self.file.tree.body if isinstance(node, ast.Assign))
        pairs = ((target, node.value) for node in found for target in node.targets)
        return [
            (target.id, self.file.full(dotted(value)))
            for target, value in pairs
            if isinstance(target, ast.Name) and dotted(value)
        ]

    def _meant(self, value: ast.expr) -> Iterator[ast.AST]:
        """A value, and the functions of the file that it names."""
        yield value
        names = (item.id for item in walk(value) if isinstance(item, ast.Name))
        yield from (self._functions[name] for name in names if name in self._functions)

    def _uses(self, node: ast.AST, old: set[str]) -> bool:
        """Whether something makes more of an old value than to pass its arguments on."""
        if isinstance(node, Function) and not self._adds(node, old):
            return False
        return any(
            isinstance(item, ast.Name | ast.Attribute) and self._is_old(item, old) for item in _asked(node)
        )

    def _is_old(self, node: ast.expr, old: set[str]) -> bool:
        return bool(dotted(node)) and (dotted(node) in old or self.file.full(dotted(node)) in old)

    def _adds(self, function: Function, old: set[str]) -> bool:
        """Whether a function returns something else than what the old one gives for the same arguments."""
        plain = {item.arg for item in ast.walk(function.args) if isinstance(item, ast.arg)}
        for item in walk(function):
            if not isinstance(item, ast.Return) or item.value is None:
                continue
            call = _value(function, item.value)
            if not isinstance(call, ast.Call) or not self._is_old(call.func, old):
                return True
            if any(map(_is_computed, call.args)) or not _names(call.args) <= plain:
                return True
        return False

    def _changes(self, node: ast.expr) -> bool:
        """Whether a hook gives something back."""
        function = self._functions.get(dotted(node))
        if function is None:
            return isinstance(node, ast.Lambda)
        returns = [item.value for item in walk(function) if isinstance(item, ast.Return)]
        given = [value for value in returns if value is not None]
        given = [value for value in given if literal(value) is None and not _is_none(value)]
        is_settled = all(_settles(function, value) for value in given)
        return bool(given) and not is_settled and not self._is_for_own(function)

    def _is_for_own(self, hook: Function) -> bool:
        """Whether a hook leaves all modules alone but those of own classes: each package has others."""
        first = hook.args.args[0].arg if hook.args.args else ""
        given = [item for item in hook.body if not _is_text(item)]
        first_step = given[0] if given else None
        if not isinstance(first_step, ast.If):
            return False
        test = first_step.test
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self._asks_own(test.operand, first) and leaves(first_step.body)
        is_rest_silent = all(isinstance(item, ast.Pass) or _gives_nothing(item) for item in given[1:])
        return self._asks_own(test, first) and is_rest_silent and not first_step.orelse

    def _asks_own(self, test: ast.expr, first: str) -> bool:
        """Whether a test is that something is of an own class."""
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            return any(self._asks_own(item, first) for item in test.values)
        match test:
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), given]):
                named = given.elts if isinstance(given, ast.Tuple) else [given]
            case ast.Compare(
                left=ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=name)]),
                ops=[ast.Is() | ast.Eq()],
                comparators=[given],
            ):
                named = [given]
            case _:
                return False
        return name == first and all(self._is_own(dotted(item)) for item in named)

    def _is_own(self, name: str) -> bool:
        top = self.file.module.partition(".")[0]
        return name in self.file.classes or self.file.full(name).startswith(f"{top}.")


def _settles(hook: Function, node: ast.expr) -> bool:
    """Whether a second hook of the same kind leaves what the first one made of its last argument."""
    call = _value(hook, node)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    given = [dotted(call.func.value), *map(dotted, call.args[:1])]
    is_of_output = any(item.arg in given for item in hook.args.args[-1:])
    return is_of_output and call.func.attr.removesuffix("_") in _SETTLING


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _gives_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Return) and (node.value is None or _is_none(node.value))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _asked(node: ast.AST) -> Iterator[ast.expr]:
    """The names in something, those that `getattr` is given included."""
    for item in walk(node):
        if isinstance(item, ast.Call) and dotted(item.func) == "getattr" and len(item.args) > 1:
            name = literal(item.args[1])
            if isinstance(name, str):
                yield ast.Attribute(item.args[0], name, ast.Load())
        if isinstance(item, ast.Name | ast.Attribute):
            yield item


def _value(function: Function, node: ast.expr) -> ast.expr:
    """What a function returns, where a name stands for a value that is assigned once."""
    if not isinstance(node, ast.Name):
        return node
    found = [
        item.value
        for item in walk(function)
        if isinstance(item, ast.Assign) and any(dotted(target) == node.id for target in item.targets)
    ]
    return found[0] if len(found) == 1 else node


def _names(nodes: list[ast.expr]) -> set[str]:
    return {item.id for node in nodes for item in walk(node) if isinstance(item, ast.Name)}


def _is_computed(node: ast.expr) -> bool:
    return not isinstance(node, ast.Name | ast.Starred)

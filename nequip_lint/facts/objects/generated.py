"""Functions and classes that code makes of text, or of the code of other functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.objects.surroundings import Held, Surroundings
from nequip_lint.facts.site import Function
from nequip_lint.source.nodes import walk

_TAKES = frozenset({"get", "pop", "setdefault"})


def of_text(node: ast.expr, known: Surroundings) -> Iterator[Held]:
    """A function or class that a function takes out of the names which `exec` filled.

    Args:
        node: what takes it out: a subscript, or a call of a method.
        known: what names stand for there.
    """
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=key):
            pass
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr), args=[key, *_]) if (
            attr in _TAKES
        ):
            pass
        case _:
            return
    calls = [item for item in walk(known.scope.node) if isinstance(item, ast.Call)]
    executed = [item for item in calls if dotted(item.func) == "exec"]
    if not any(dotted(given) == name for item in executed for given in item.args[1:]):
        return
    for word, category in (("def", "function"), ("class", "class")):
        if any(_defines(text, word, key) for text in _texts(known)):
            yield Held(category, f"a {category} that exec makes")


def _texts(known: Surroundings) -> Iterator[ast.Constant | ast.JoinedStr]:
    """The texts of a function, and those of what it names at the top of its module, functions included."""
    for item in walk(known.scope.node):
        value = known.module.defined.get(item.id) if isinstance(item, ast.Name) else item
        is_other = isinstance(value, Function) and value is not known.scope.node
        for part in walk(value) if value is not None and is_other else (value,):
            if isinstance(part, ast.Constant | ast.JoinedStr):
                yield part


def _defines(node: ast.Constant | ast.JoinedStr, word: str, key: ast.expr) -> bool:
    """Whether a text defines a function or class of a name, which may itself be put into it."""
    if isinstance(node, ast.Constant):
        name = re.escape(key.value) if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
        return (
            bool(name) and isinstance(node.value, str) and bool(re.search(rf"\b{word} {name}\b", node.value))
        )
    for before, after in zip(node.values, node.values[1:], strict=False):
        is_put = isinstance(after, ast.FormattedValue) and dotted(after.value) == dotted(key) != ""
        text = before.value if isinstance(before, ast.Constant) else ""
        if is_put and isinstance(text, str) and text.endswith(f"{word} "):
            return True
    return False


def of_call(node: ast.Call, known: Surroundings) -> Iterator[Held]:
    """A function that `eval` makes, or `types.FunctionType`."""
    full = known.full(dotted(node.func))
    if full == "eval" and node.args and _starts_as_lambda(node.args[0], known):
        yield Held("function", "a lambda that eval makes")
    elif full == "types.FunctionType" and not _has_own_name(node, known):
        yield Held("function", "a function of types.FunctionType")


def _starts_as_lambda(node: ast.expr, known: Surroundings) -> bool:
    """Whether a text begins with `lambda`, as far as that is written out."""
    match node:
        case ast.Constant(value=str(text)):
            return text.lstrip().startswith("lambda")
        case ast.JoinedStr(values=[first, *_]) | ast.BinOp(left=first):
            return _starts_as_lambda(first, known)
        case ast.Call(func=function, args=[first, *_]) if dotted(function) == "compile":
            return _starts_as_lambda(first, known)
        case ast.Name(id=name):
            value = known.value(name)[0]
            return isinstance(value, ast.expr) and value is not node and _starts_as_lambda(value, known)
    return False


def _has_own_name(node: ast.Call, known: Surroundings) -> bool:
    """Whether a function is given a name that the module has."""
    named = [item.value for item in node.keywords if item.arg == "name"] + node.args[2:3]
    texts = [item.value for item in named if isinstance(item, ast.Constant)]
    every = {*known.module.defined, *known.module.repeated}
    return bool(named) and (not texts or texts[0] in every)

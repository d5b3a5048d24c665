"""Strings that are made of the name of a module, as `f"{cls.__module__}.{cls.__qualname__}"`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.wording import OWN
from nequip_lint.facts.names import Names, looks_like_class
from nequip_lint.facts.terms import last_name
from nequip_lint.facts.variables import literal

_REST = re.compile(r"[.:][\w.:]+")
_ANY = "x"


def own_text(node: ast.expr, names: Names) -> str:
    """The name of something in a module that a string gives; '' for anything else.

    The module is `OWN` where the string does not tell which one is meant.

    Args:
        node: a formatted string, a sum, or a call.
        names: what imports bind in the file.
    """
    parts = list(_parts(node))
    module = _module(parts[0], names) if parts else ""
    rest = "".join(map(_written, parts[1:]))
    return f"{module}{rest}" if module and _REST.fullmatch(rest) else ""


def _module(node: ast.expr, names: Names) -> str:
    if is_module_name(node):
        return OWN
    name = dotted(node)
    owner, _, last = name.rpartition(".")
    module = names.full(owner) if owner.partition(".")[0] in names else ""
    return module if last == "__name__" and not looks_like_class(module) else ""


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    """What a string is put together of, in order."""
    match node:
        case ast.JoinedStr(values=values):
            yield from (item.value if isinstance(item, ast.FormattedValue) else item for item in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from (*_parts(left), *_parts(right))
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=ast.Tuple(elts=given)):
            yield from _filled(text.split("%s"), given)
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str(text))), args=given):
            yield from _filled(text.split("{}"), given)
        case ast.Call(
            func=ast.Attribute(attr="join", value=ast.Constant(value=str(text))),
            args=[ast.List(elts=given) | ast.Tuple(elts=given)],
        ):
            yield from _filled(["", *[text] * (len(given) - 1), ""], given)
        case _:
            yield node


def _filled(texts: list[str], given: list[ast.expr]) -> Iterator[ast.expr]:
    """A text with what is put between its pieces; nothing where these do not fit."""
    if len(texts) != len(given) + 1:
        return
    for index, text in enumerate(texts):
        yield from [ast.Constant(text)] if text else []
        yield from given[index : index + 1]


def is_module_name(node: ast.AST) -> bool:
    """Whether an expression is `__name__`, `__package__` or the `__module__` of something."""
    name = last_name(node) if isinstance(node, ast.expr) else ""
    return name == "__module__" or (isinstance(node, ast.Name) and name in ("__name__", "__package__"))


def _written(node: ast.expr) -> str:
    value = literal(node)
    return value if isinstance(value, str) else _ANY

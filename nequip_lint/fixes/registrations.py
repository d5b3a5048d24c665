"""Registration calls in the tree of a file, and more names in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import libcst as cst

from nequip_lint.edits.declined import Declined
from nequip_lint.edits.sequences import Literal, appended, has_room
from nequip_lint.edits.source import Source
from nequip_lint.project.registrations import PARAMETERS
from nequip_lint.values import Span


def registered_at(source: Source, span: Span) -> cst.Call:
    """The call at a place that is a statement of its own.

    Raises:
        Declined: there is none.
    """
    for node in source.nodes_at(span):
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.Call):
            return node.value
    raise Declined("the registration is not found again")


def argument(call: cst.Call, parameter: str) -> cst.BaseExpression | None:
    """What a registration passes for a parameter, by name or by place; None where that cannot be seen."""
    for item in call.args:
        if item.keyword is not None and item.keyword.value == parameter:
            return item.value
    index = PARAMETERS.index(parameter)
    placed = [item for item in call.args if item.keyword is None]
    if index < len(placed) and not any(item.star for item in placed):
        return placed[index].value
    return None


def list_of(source: Source, call: cst.Call, parameter: str) -> Literal | None:
    """The literal with room that a registration passes, itself or by a name for it."""
    node: cst.CSTNode | None = argument(call, parameter)
    if isinstance(node, cst.Name):
        values = list(_values(source, node.value))
        node = values[0] if len(values) == 1 else None
    return node if isinstance(node, Literal) and has_room(node) else None


def strings(source: Source, node: cst.CSTNode, text: str) -> Iterator[cst.SimpleString]:
    """The string constants with a text in an expression, or in what a name stands for in the file."""
    if isinstance(node, cst.SimpleString) and node.evaluated_value == text:
        yield node
    elif isinstance(node, cst.Name):
        for value in _values(source, node.value):
            yield from strings(source, value, text)
    for child in node.children:
        yield from strings(source, child, text)


def _values(source: Source, name: str) -> Iterator[cst.BaseExpression]:
    """What is assigned to a name at the top level."""
    for node in source.simple({name}):
        targets = [item.target for item in node.targets] if isinstance(node, cst.Assign) else []
        if any(isinstance(target, cst.Name) and target.value == name for target in targets):
            yield cst.ensure_type(node, cst.Assign).value


def with_names(node: Any, names: Iterable[str]) -> Any:
    """A literal with more names at its end, in the quotes that those before them have."""
    return appended(node, [cst.Element(string(name, node)) for name in names])


def with_argument(call: cst.Call, parameter: str, names: Sequence[str]) -> Any:
    """A registration that passes one more list."""
    elements = [cst.Element(string(name, call)) for name in names]
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return appended(call, [cst.Arg(cst.List(elements), cst.Name(parameter), equal)])


def string(name: str, beside: cst.CSTNode) -> cst.SimpleString:
    """A name as a literal, in the quotes that a node has."""
    text = cst.Module([]).code_for_node(beside)
    quote = "'" if "'" in text and '"' not in text else '"'
    return cst.SimpleString(f"{quote}{name}{quote}")

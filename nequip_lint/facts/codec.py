"""Facts to and from the short JSON of the summaries: only what closures and registrations need."""

from __future__ import annotations

from typing import Any

from nequip_lint.facts.values import (
    TRUE,
    Binding,
    Call,
    ClassFact,
    Condition,
    Decoration,
    Facts,
    FunctionFact,
    Import,
    Place,
    Stop,
)
from nequip_lint.values import Span


def encode_facts(facts: Facts, path: str) -> list[Any]:
    """The facts of a module as JSON values.

    Args:
        facts: of the module.
        path: the file's path, relative to the folder of importable code.
    """
    return [
        path,
        int(facts.is_package),
        [_import(item) for item in facts.imports],
        [_binding(item) for item in facts.bindings],
        [[item.name, item.span.line, list(item.bases)] for item in facts.classes],
        [_function(item) for item in facts.functions if item.returns is not None],
        [
            [d.name, d.span.line, list(d.keywords), d.target, _place(d.place)]
            for d in facts.decorations
            if "." in d.name and "tri" in d.name
        ],
        [_call(item) for item in facts.calls if "register_libraries" in item.name],
        [[stop.span.line, stop.reason, _place(stop.place)] for stop in facts.stops],
        [[name, list(value)] for name, value in facts.literals if name.endswith("_MODULES")],
    ]


def decode_facts(module: str, encoded: list[Any]) -> Facts:
    """The facts of a module from the JSON values that `encode_facts` makes."""
    path, is_package, imports, bindings, classes, functions, decorations, calls, stops, literals = encoded
    return Facts(
        module,
        path,
        bool(is_package),
        tuple(_decode_import(item) for item in imports),
        tuple(Binding(b[0], _line(b[1]), b[2], _decode_place(b[3]), _condition(b[4])) for b in bindings),
        tuple(ClassFact(c[0], _line(c[1]), tuple(c[2])) for c in classes),
        tuple(FunctionFact(f[0], _line(f[1]), (), (), _condition(f[2])) for f in functions),
        tuple(Decoration(d[0], _line(d[1]), tuple(d[2]), d[3], _decode_place(d[4])) for d in decorations),
        tuple(_decode_call(item) for item in calls),
        tuple(Stop(_line(s[0]), s[1], _decode_place(s[2])) for s in stops),
        literals=tuple((name, tuple(value)) for name, value in literals),
    )


def _line(line: int) -> Span:
    return Span(line, 1, line, 1)


def _import(item: Import) -> list[Any]:
    names = [name if name == bound else [name, bound] for name, bound in item.names]
    encoded = [item.span.line, item.module, names, item.bound, _place(item.place), int(item.walked)]
    return encoded if item.written == item.module else [*encoded, item.written]


def _decode_import(item: list[Any]) -> Import:
    line, module, names, bound, place, walked, *written = item
    pairs = tuple((name, name) if isinstance(name, str) else (name[0], name[1]) for name in names)
    text = written[0] if written else module
    return Import(_line(line), module, pairs, bound, _decode_place(place), bool(walked), text)


def _place(place: Place) -> Any:
    if not place.guards and not place.caught:
        return int(place.at_import)
    return [int(place.at_import), [_shorten(guard) for guard in place.guards], list(place.caught)]


def _decode_place(item: Any) -> Place:
    if isinstance(item, int):
        return Place(bool(item))
    return Place(bool(item[0]), tuple(_condition(guard) for guard in item[1]), tuple(item[2]))


def _shorten(condition: Condition) -> Any:
    if not condition.text and not condition.parts:
        return condition.kind
    return [condition.kind, condition.text, *(_shorten(part) for part in condition.parts)]


def _condition(item: Any) -> Condition:
    if item == 1:
        return TRUE
    if isinstance(item, str):
        return Condition(item)
    return Condition(item[0], item[1], tuple(_condition(part) for part in item[2:]))


def _binding(item: Binding) -> list[Any]:
    value = 1 if item.value == TRUE else _shorten(item.value)
    return [item.name, item.span.line, item.kind, _place(item.place), value]


def _function(item: FunctionFact) -> list[Any]:
    assert item.returns is not None
    return [item.name, item.span.line, _shorten(item.returns)]


def _call(item: Call) -> list[Any]:
    arguments = [[name, None if value is None else list(value)] for name, value in item.arguments]
    return [item.name, item.span.line, arguments, _place(item.place)]


def _decode_call(item: list[Any]) -> Call:
    name, line, arguments, place = item
    given = tuple((key, None if value is None else tuple(value)) for key, value in arguments)
    return Call(name, _line(line), given, _decode_place(place))

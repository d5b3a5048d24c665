"""Facts to and from the JSON of the summaries: what closures, imports and registrations need.

What a fact looks like there follows from its fields: a list of them, those at the end left out that have
their default. Left out is what only rules about linted files ask: details, comments, columns, and of uses and
uses those that cannot end an import.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, NamedTuple, get_args, get_origin

from nequip_lint.facts.names import binding_import, bound_names, resolve
from nequip_lint.facts.values import (
    TRUE,
    Condition,
    Decoration,
    Facts,
    FunctionFact,
    GuardedRead,
    Import,
    LibraryUse,
    Place,
    negated,
)
from nequip_lint.project.references import References
from nequip_lint.values import Span

_UNKNOWN = Condition("unknown")
_LEFT_OUT = ("module", "path", "problem_span", "pragmas", "modifiers", "folders")


_REFERENCES = "references"


def encode_facts(facts: Facts, path: str) -> dict[str, Any]:
    """The facts of a module as JSON values, by their names; what is empty is left out.

    Args:
        facts: of the module.
        path: the file's path, relative to the folder of importable code.
    """
    kept, kinds = _kept(facts)._asdict(), Facts.__annotations__
    named = {name: value for name, value in kept.items() if value and name not in _LEFT_OUT}
    return {"path": path} | {name: _codec(kinds[name]).encode(value) for name, value in named.items()}


def decode_facts(module: str, encoded: dict[str, Any]) -> Facts:
    """The facts of a module from the JSON values that `encode_facts` makes."""
    kinds = Facts.__annotations__
    told = {name: value for name, value in encoded.items() if name != _REFERENCES}
    given: dict[str, Any] = {name: _codec(kinds[name]).decode(value) for name, value in told.items()}
    given.setdefault("is_package", False)
    return Facts(module, **given)


def encode_references(references: References, packages: frozenset[str]) -> dict[str, Any]:
    """What the functions of a module refer to as a JSON value, by its name; nothing where that is empty.

    Methods are left out, and so are constants.

    Args:
        references: of the module.
        packages: top-level names; what lies outside of them is left out.
    """
    functions = {name: names for name, names in references.items() if name and "." not in name}
    kept = {name: [each for each in names if _leads_on(each, packages)] for name, names in functions.items()}
    named = {name: names for name, names in kept.items() if names}
    return {_REFERENCES: named} if named else {}


def _leads_on(name: str, packages: frozenset[str]) -> bool:
    return name.partition(".")[0] in packages and not name.rpartition(".")[2].isupper()


def decode_references(encoded: dict[str, Any]) -> References:
    """What the definitions of a module refer to, from the same values."""
    return {name: tuple(names) for name, names in encoded.get(_REFERENCES, {}).items()}


def _kept(facts: Facts) -> Facts:
    """The facts that summaries hold."""
    return facts._replace(
        functions=tuple(
            FunctionFact(item.name, item.span, returns=item.returns)
            for item in facts.functions
            if _tells(item)
        ),
        decorations=tuple(item for item in facts.decorations if _is_of_triton(facts, item)),
        literals=tuple(item for item in facts.literals if item[0].endswith("_MODULES")),
        library_uses=tuple(item for item in facts.library_uses if _may_fail(facts, item)),
        guarded_reads=tuple(item for item in facts.guarded_reads if _may_lack(facts, item)),
    )


class _Codec(NamedTuple):
    """How values of a type are written, and how they are read."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


@cache
def _codec(kind: Any) -> _Codec:
    if kind in _SHORT:
        return _SHORT[kind]
    parts = get_args(kind)
    if isinstance(kind, UnionType):
        (inner,) = (_codec(part) for part in parts if part is not NoneType)
        return _Codec(*(partial(_unless_none, change) for change in inner))
    if get_origin(kind) is tuple and parts[-1] is ...:
        each = _codec(parts[0])
        return _Codec(partial(_listed, list, each.encode), partial(_listed, tuple, each.decode))
    if get_origin(kind) is tuple:
        every = [_codec(part) for part in parts]
        encode, decode = ([each[side] for each in every] for side in (0, 1))
        return _Codec(partial(_each, list, encode), partial(_each, tuple, decode))
    return _of_fact(kind) if hasattr(kind, "_fields") else _Codec(_same, _same)


def _of_fact(kind: Any) -> _Codec:
    """By its fields; those at the end that have their default are left out."""
    every = [_codec(part) for part in kind.__annotations__.values()]
    defaults = [kind._field_defaults.get(name, _NEEDED) for name in kind._fields]

    def encode(value: Any) -> list[Any]:
        length = len(value)
        while length and value[length - 1] == defaults[length - 1]:
            length -= 1
        return [each.encode(item) for each, item in zip(every, value[:length], strict=False)]

    def decode(value: Any) -> Any:
        return kind(*(each.decode(item) for each, item in zip(every, value, strict=False)))

    return _Codec(encode, decode)


_NEEDED = object()


def _same(value: Any) -> Any:
    return value


def _unless_none(change: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else change(value)


def _listed(make: Callable[[Any], Any], change: Callable[[Any], Any], value: Any) -> Any:
    return make(map(change, value))


def _each(make: Callable[[Any], Any], changes: list[Callable[[Any], Any]], value: Any) -> Any:
    return make(change(item) for change, item in zip(changes, value, strict=True))


def _pair(value: tuple[str, str]) -> Any:
    """A pair of names, of which one is enough where they are equal."""
    return value[0] if value[0] == value[1] else list(value)


def _decode_pair(item: Any) -> tuple[str, str]:
    return (item, item) if isinstance(item, str) else (item[0], item[1])


def _place(place: Place) -> Any:
    if not place.guards and not place.caught:
        return int(place.at_import)
    return [int(place.at_import), [_shorten(guard) for guard in place.guards], list(place.caught)]


def _decode_place(item: Any) -> Place:
    if isinstance(item, int):
        return Place(bool(item))
    return Place(bool(item[0]), tuple(_condition(guard) for guard in item[1]), tuple(item[2]))


def _shorten(condition: Condition) -> Any:
    if condition == TRUE:
        return 1
    if not condition.text and not condition.parts:
        return condition.kind
    return [condition.kind, condition.text, *(_shorten(part) for part in condition.parts)]


def _condition(item: Any) -> Condition:
    if item == 1:
        return TRUE
    if isinstance(item, str):
        return Condition(item)
    return Condition(item[0], item[1], tuple(_condition(part) for part in item[2:]))


_SHORT: dict[Any, _Codec] = {
    Span: _Codec(lambda span: span.line, lambda line: Span(line, 1, line, 1)),
    Place: _Codec(_place, _decode_place),
    Condition: _Codec(_shorten, _condition),
    bool: _Codec(int, bool),
    tuple[str, str]: _Codec(_pair, _decode_pair),
}
"""What stands in nearly every fact."""


def _is_of_triton(facts: Facts, item: Decoration) -> bool:
    return resolve(facts, item.name).startswith("triton.")


def _tells(item: FunctionFact) -> bool:
    """Whether a function returns a test that can be judged."""
    return item.returns is not None and item.returns != _UNKNOWN


def _may_fail(facts: Facts, use: LibraryUse) -> bool:
    """Whether a name is at work at import where the library that binds it may be absent."""
    item = binding_import(facts, use) if use.where == "import" else None
    if item is None or not item.place.caught or _is_stdlib(item):
        return False
    return Condition("importable", item.module or "") not in use.place.guards


def _is_stdlib(item: Import) -> bool:
    return (item.module or "").partition(".")[0] in sys.stdlib_module_names


def _may_lack(facts: Facts, use: GuardedRead) -> bool:
    """Whether a name is read at import outside of the tests that it is bound under, as far as these tell."""
    bound = [item.place.guards for item in facts.bindings if item.name == use.name]
    bound += [item.place.guards for item in facts.imports if use.name in bound_names(item)]
    tests = {test for guards in bound for test in guards}
    if use.is_tested or not use.place.at_import or _UNKNOWN in tests.union(use.place.guards):
        return False
    alone = {guards[0] for guards in bound if len(guards) == 1}
    return tests.isdisjoint(use.place.guards) and not any(negated(test) in alone for test in alone)

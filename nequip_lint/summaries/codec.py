"""Facts to and from the short JSON of the summaries: what closures, imports and registrations need.

Left out is what only rules about linted files ask: details, comments, columns, lines of bindings, and of uses
and touches those that cannot end an import.
"""

from __future__ import annotations

import sys
from typing import Any

from nequip_lint.facts.names import binding_import, bound_names, resolve
from nequip_lint.facts.values import (
    TRUE,
    Binding,
    Call,
    ClassFact,
    Condition,
    Decoration,
    Facts,
    FunctionFact,
    GpuCall,
    Import,
    Made,
    Place,
    Setting,
    Stop,
    Touch,
    Use,
    negated,
)
from nequip_lint.values import Span

_NOWHERE = Span(1, 1, 1, 1)
_UNKNOWN = Condition("unknown")
_AT_IMPORT = Place(at_import=True)
_PLAIN_BINDINGS = {
    "a": ("assign", _UNKNOWN),
    "c": ("class", TRUE),
    "f": ("function", TRUE),
    "l": ("loop", _UNKNOWN),
}
"""Bindings under no test, whose value is not known: one string of this letter and the name."""
_LETTERS = {key: letter for letter, key in _PLAIN_BINDINGS.items()}


def encode_facts(facts: Facts, path: str) -> list[Any]:
    """The facts of a module as JSON values; empty lists at the end are left out.

    Args:
        facts: of the module.
        path: the file's path, relative to the folder of importable code.
    """
    parts: list[Any] = [
        path,
        int(facts.is_package),
        [_import(item) for item in facts.imports],
        [_binding(item) for item in facts.bindings],
        [[item.name, item.span.line, *([1] if item.decides else []), *item.bases] for item in facts.classes],
        [[f.name, f.span.line, _shorten(f.returns)] for f in facts.functions if _tells(f)],
        [_decoration(item) for item in facts.decorations if resolve(facts, item.name).startswith("triton.")],
        [_call(item) for item in facts.calls],
        [[s.span.line, s.text, _place(s.place), s.exception] for s in facts.stops],
        [[name, *value] for name, value in facts.literals if name.endswith("_MODULES")],
        [[g.name, g.text, g.span.line, list(g.raises), _place(g.place)] for g in facts.gpu_calls],
        [[function, _call(item)] for function, item in facts.deferred],
        facts.problem,
        [[t.name, t.span.line, t.how, _place(t.place)] for t in facts.touches if _may_fail(facts, t)],
        [[use.name, use.span.line, _place(use.place)] for use in facts.uses if _may_lack(facts, use)],
        [[item.name, item.span.line, int(item.demanded), _place(item.place)] for item in facts.settings],
        [[item.name, item.span.line, _place(item.place)] for item in facts.made],
    ]
    while parts and not parts[-1]:
        parts.pop()
    return parts


def decode_facts(module: str, encoded: list[Any]) -> Facts:
    """The facts of a module from the JSON values that `encode_facts` makes."""
    parts = [*encoded, *((),) * (17 - len(encoded))]
    path, is_package, imports, bindings, classes, functions, decorations, calls, stops = parts[:9]
    literals, gpu_calls, deferred, problem, touches, uses, settings, made = parts[9:]
    return Facts(
        module,
        path,
        bool(is_package),
        tuple(map(_decode_import, imports)),
        tuple(map(_decode_binding, bindings)),
        tuple(_decode_class(item) for item in classes),
        tuple(FunctionFact(f[0], _line(f[1]), (), (), _condition(f[2])) for f in functions),
        tuple(Decoration(d[0], _line(d[1]), tuple(d[2]), d[3], _decode_place(d[4])) for d in decorations),
        tuple(map(_decode_call, calls)),
        tuple(Stop(_line(s[0]), s[1], _decode_place(s[2]), s[3]) for s in stops),
        tuple(Use(name, _line(line), _decode_place(place)) for name, line, place in uses),
        literals=tuple((name, tuple(value)) for name, *value in literals),
        problem=problem or "",
        gpu_calls=tuple(
            GpuCall(g[0], g[1], _line(g[2]), tuple(g[3]), _decode_place(g[4])) for g in gpu_calls
        ),
        touches=tuple(
            Touch(name, _line(line), how, "import", _decode_place(place))
            for name, line, how, place in touches
        ),
        deferred=tuple((function, _decode_call(item)) for function, item in deferred),
        settings=tuple(Setting(s[0], _line(s[1]), bool(s[2]), _decode_place(s[3])) for s in settings),
        made=tuple(Made(name, _line(line), _decode_place(place)) for name, line, place in made),
    )


def _line(line: int) -> Span:
    return Span(line, 1, line, 1)


def _import(item: Import) -> list[Any]:
    """Line, module, what it binds (a name or a list); place, walked and spelling where they are unusual."""
    names = [name if name == bound else [name, bound] for name, bound in item.names]
    bound: Any = [*names, {"as": item.bound}] if names and item.bound else names or item.bound
    parts = [item.span.line, item.module, bound, _place(item.place), int(item.walked), item.written]
    usual = (1, 1, item.module)
    while len(parts) > 3 and parts[-1] == usual[len(parts) - 4]:
        parts.pop()
    return parts


def _decode_class(item: list[Any]) -> ClassFact:
    name, line, *bases = item
    decides = bases[:1] == [1]
    return ClassFact(name, _line(line), tuple(bases[decides:]), decides)


def _decode_import(item: list[Any]) -> Import:
    line, module, names, *rest = item
    place, walked, written = [*rest, *[1, 1, module][len(rest) :]]
    if isinstance(names, str):
        return Import(_line(line), module, (), names, _decode_place(place), bool(walked), written)
    bound = ""
    if names and isinstance(names[-1], dict):
        *names, last = names
        bound = last["as"]
    pairs = tuple((name, name) if isinstance(name, str) else (name[0], name[1]) for name in names)
    return Import(_line(line), module, pairs, bound, _decode_place(place), bool(walked), written)


def _place(place: Place) -> Any:
    if not place.guards and not place.caught:
        return int(place.at_import)
    return [int(place.at_import), [_shorten(guard) for guard in place.guards], list(place.caught)]


def _decode_place(item: Any) -> Place:
    if isinstance(item, int):
        return _AT_IMPORT if item else Place(False)
    return Place(bool(item[0]), tuple(_condition(guard) for guard in item[1]), tuple(item[2]))


def _shorten(condition: Condition | None) -> Any:
    assert condition is not None
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


def _binding(item: Binding) -> Any:
    letter = _LETTERS.get((item.kind, item.value))
    if letter is not None and item.place == _AT_IMPORT:
        return letter + item.name
    return [item.name, item.kind, _place(item.place), _shorten(item.value)]


def _decode_binding(item: Any) -> Binding:
    if isinstance(item, str):
        kind, value = _PLAIN_BINDINGS[item[0]]
        return Binding(item[1:], _NOWHERE, kind, _AT_IMPORT, value)
    return Binding(item[0], _NOWHERE, item[1], _decode_place(item[2]), _condition(item[3]))


def _tells(item: FunctionFact) -> bool:
    """Whether a function returns a test that can be judged."""
    return item.returns is not None and item.returns != _UNKNOWN


def _may_fail(facts: Facts, touch: Touch) -> bool:
    """Whether a name is at work at import where the library that binds it may be absent."""
    item = binding_import(facts, touch) if touch.where == "import" else None
    if item is None or not item.place.caught or _is_stdlib(item):
        return False
    return Condition("importable", item.module or "") not in touch.place.guards


def _is_stdlib(item: Import) -> bool:
    return (item.module or "").partition(".")[0] in sys.stdlib_module_names


def _may_lack(facts: Facts, use: Use) -> bool:
    """Whether a name is read at import outside of the tests that it is bound under, as far as these tell."""
    bound = [item.place.guards for item in facts.bindings if item.name == use.name]
    bound += [item.place.guards for item in facts.imports if use.name in bound_names(item)]
    tests = {test for guards in bound for test in guards}
    if use.is_tested or not use.place.at_import or _UNKNOWN in tests.union(use.place.guards):
        return False
    alone = {guards[0] for guards in bound if len(guards) == 1}
    return tests.isdisjoint(use.place.guards) and not any(negated(test) in alone for test in alone)


def _decoration(item: Decoration) -> list[Any]:
    return [item.name, item.span.line, list(item.keywords), item.target, _place(item.place)]


def _call(item: Call) -> list[Any]:
    arguments = [[name, None if value is None else list(value)] for name, value in item.arguments]
    return [item.name, item.span.line, arguments, _place(item.place)]


def _decode_call(item: list[Any]) -> Call:
    name, line, arguments, place = item
    given = tuple((key, None if value is None else tuple(value)) for key, value in arguments)
    return Call(name, _line(line), given, _decode_place(place))

"""What names at module level hold: values, entries of tables, members of enumerations."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import ARGUMENT, NUMPY, UNEQUAL, Kept
from nequip_lint.facts.details.spots import Spot
from nequip_lint.facts.names import looks_like_class
from nequip_lint.facts.objects.categories import UNDECIDED
from nequip_lint.facts.objects.decorated import decorated
from nequip_lint.facts.objects.named_classes import makes_class, members, of_class
from nequip_lint.facts.objects.pickled_values import judged
from nequip_lint.facts.objects.surroundings import Held, Module, Surroundings, assigned
from nequip_lint.facts.objects.tables import Entry, as_table, branches, entries_in, entries_of
from nequip_lint.facts.site import Function, Scope, Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.facts.values import AT_IMPORT

FINE = "fine"
"""The category of an entry of which nothing is known that pickling refuses."""
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum"})
_DECIDE = frozenset({"__new__", "__init__", "__reduce__", "__reduce_ex__", "__getstate__", "_missing_"})
_TELLING = ast.Call | ast.Lambda | ast.Name | ast.Attribute | ast.BinOp | ast.UnaryOp
_NOTHING = ast.parse("def nothing(): pass").body[0]


def of_names(module: Module) -> Iterator[Kept]:
    """What the names at module level hold, for the files that import them.

    Args:
        module: what the names of the file stand for.
    """
    known = _at_top(module)
    for name, value in module.defined.items():
        if isinstance(value, Function):
            yield from (_kept("value", name, "", held, value) for held in decorated(value, known))
        elif isinstance(value, ast.ClassDef):
            yield from _of_body(value, known)
        elif isinstance(value, ast.Call) and makes_class(value, module.file.names):
            yield from _of_made_enum(name, value, module)
        else:
            yield from _entries(name, value, known)
        if isinstance(value, _TELLING):
            for held in judged(value, known):
                if held.category not in UNDECIDED or held.what.partition(".")[0] == _top(module):
                    yield _kept("value", name, "", held, value)


def _of_body(node: ast.ClassDef, known: Surroundings) -> Iterator[Kept]:
    """What the tables hold that the body of a class assigns, and what its static methods are."""
    for name, value in assigned(node):
        yield from _entries(f"{node.name}.{name}", value, known)
        if isinstance(value, ast.Call) and dotted(value.func) == "staticmethod":
            for held in (item for given in value.args[:1] for item in judged(given, known)):
                yield _kept("value", f"{node.name}.{name}", "", held, value)


def of_function(function: Function, known: Surroundings, spot: Spot) -> Iterator[Kept]:
    """What the tables of a function hold, and what it gives back for each text that an argument may be.

    Args:
        function: at module level, or a method.
        known: what names stand for in it.
        spot: where it stands.
    """
    for name, values in known.scope.values.items():
        if len(values) == 1 and not isinstance(values[0], ast.List | ast.Tuple):
            yield from _entries(f"{known.shown}.{name}", values[0], known)
    argument, entries = branches(function)
    if argument in known.scope.arguments:
        found = [*_shown("branch", known.shown, entries, known)]
        yield from found
        if found:
            full = f"{known.file.module}.{known.shown}[{ARGUMENT}{argument}]"
            yield Kept(spot, "result" if spot.owner else "return", "named", full)


def _of_made_enum(name: str, value: ast.Call, module: Module) -> Iterator[Kept]:
    """The members of an enumeration that a call makes, if its class is not found by its name."""
    for category, what in of_class(name, value, module):
        for member in members(value, module.file.names):
            yield _kept("member", name, member, Held(category, what), value)


def of_defaults(function: Function, known: Surroundings) -> Iterator[tuple[str, ast.expr, Held]]:
    """What stands for arguments that are not given, if pickling refuses it.

    Args:
        function: whose arguments these are; one that is None by default and assigned once stands for that.
        known: what names stand for in the function.
    """
    given = function.args
    plain = [*given.posonlyargs, *given.args]
    pairs: list[tuple[ast.arg, ast.expr | None]] = [
        *zip(reversed(plain), reversed(given.defaults), strict=False),
        *zip(given.kwonlyargs, given.kw_defaults, strict=True),
    ]
    for argument, default in pairs:
        is_none = isinstance(default, ast.Constant) and default.value is None
        assigned = known.scope.values.get(argument.arg, ())
        value = assigned[0] if is_none and len(assigned) == 1 else default
        if isinstance(value, ast.expr):
            is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
            own = known.file.module.partition(".")[0]
            for held in [Held("text", value.value)] if is_text else judged(value, known):  # type: ignore[attr-defined]
                is_own = held.category in ("made", "named") and held.what.partition(".")[0] == own
                if held.category not in UNDECIDED or is_text or is_own:
                    yield argument.arg, value, held


def of_enum(node: ast.ClassDef, module: Module) -> Iterator[Kept]:
    """What the members of an enumeration hold, if pickling refuses one of them.

    Args:
        node: a class.
        module: what the names of the file stand for.
    """
    if not any(module.file.last(base) in _ENUMS for base in node.bases):
        return
    names = {target.id for item in node.body for target in _targets(item)}
    names |= {item.name for item in node.body if isinstance(item, Function)}
    if not _DECIDE.isdisjoint(names):
        return
    members = list(_members(node, module))
    if any(held.category != FINE for _, held, _ in members):
        for name, held, value in members:
            yield _kept("member", node.name, name, held, value)


def _members(node: ast.ClassDef, module: Module) -> Iterator[tuple[str, Held, ast.AST]]:
    known = _at_top(module)
    for item in node.body:
        if isinstance(item, Function):
            if any(module.file.last(one) == "member" for one in item.decorator_list):
                yield item.name, Held("function", f"the function {item.name} in its body"), item
            continue
        for target in _targets(item):
            value = _wrapped(item.value, module)  # type: ignore[attr-defined]
            is_method = isinstance(item.value, ast.Lambda) or isinstance(value, Function)  # type: ignore[attr-defined]
            if not is_method and not target.id.startswith("_"):
                yield target.id, _of_member(value, known), item


def _of_member(value: ast.AST, known: Surroundings) -> Held:
    """What pickling refuses in the value of a member, or an object that equals no other one."""
    held = _refused(value, known)
    if held.category != FINE or not isinstance(value, ast.Call):
        return held
    full = known.full(dotted(value.func))
    is_module = full.startswith("torch.nn.") and looks_like_class(full)
    return Held(UNEQUAL, full) if full == "functools.partial" or is_module else held


def _wrapped(value: ast.expr, module: Module) -> ast.expr:
    """What `enum.member` is given, or the value itself."""
    is_member = isinstance(value, ast.Call) and module.file.last(value.func) == "member" and value.args
    return value.args[0] if isinstance(value, ast.Call) and is_member else value


def _targets(item: ast.stmt) -> list[ast.Name]:
    found = item.targets if isinstance(item, ast.Assign) else []
    return [target for target in found if isinstance(target, ast.Name)]


def _entries(name: str, value: ast.AST, known: Surroundings) -> Iterator[Kept]:
    table = as_table(value, known) if not isinstance(value, ast.Name) else None
    if table is not None:
        yield from _shown("entry", name, entries_in(table, f"{known.file.module}.{name}", known), known)


def _shown(how: str, name: str, entries: list[Entry], known: Surroundings) -> Iterator[Kept]:
    """What a table holds, if pickling refuses some of it, and what the tables hold that it holds."""
    found = [(key, _refused(value, known), value) for key, value in entries]
    if all(held.category == FINE for _, held, _ in found):
        return
    for key, held, value in found:
        shown = "" if key is None else str(key)
        yield _kept(how, name, shown, held, value)
        inner = as_table(value, known) if how == "entry" and not isinstance(value, ast.Name) else None
        for part, one in entries_of(inner) if inner is not None else ():
            yield _kept(how, name, f"{shown}][{'' if part is None else part}", _refused(one, known), one)
    if name in known.module.filled:
        yield _kept(how, name, "", Held(FINE, ""), entries[0][1])


def _refused(value: ast.AST, known: Surroundings) -> Held:
    """What pickling refuses in a value, or may."""
    own = _top(known.module)
    every = [item for item in judged(value, known) if item.category not in ("argument", "elements")]
    sure = [item for item in every if item.category not in UNDECIDED or item.what.partition(".")[0] == own]
    sure.sort(key=lambda item: item.category in NUMPY)
    return sure[0] if sure else Held(FINE, "")


def _kept(how: str, name: str, key: str, held: Held, node: ast.AST) -> Kept:
    spot = spot_of(node, Site(AT_IMPORT))  # type: ignore[arg-type]
    if how == "member":
        return Kept(spot._replace(owner=name), how, held.category, held.what, key, held.given)
    return Kept(spot._replace(function=name), how, held.category, held.what, key, held.given)


def _at_top(module: Module) -> Surroundings:
    return Surroundings(Scope(_NOTHING, None), module)  # type: ignore[arg-type]


def _top(module: Module) -> str:
    return module.file.module.partition(".")[0]

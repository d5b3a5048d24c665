"""Tables, the keys under which code takes something from them, and functions that choose as tables do."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import ARGUMENT
from nequip_lint.facts.objects.surroundings import Surroundings
from nequip_lint.facts.site import Function

Table = ast.Dict | ast.List | ast.Tuple
Entry = tuple[object, ast.expr]
_WRITTEN_OTHERWISE = frozenset({"lower", "upper", "strip", "casefold"})
_COPIES = frozenset(
    {"dict", "collections.OrderedDict", "types.MappingProxyType", "copy.copy", "copy.deepcopy"}
)
_DEEPEST = 4


def as_table(node: ast.AST | None, known: Surroundings, depth: int = _DEEPEST) -> Table | None:
    """A value as a table that is written out, where it is one: a copy of another one, or made of others."""
    if depth == 0:
        return None
    if isinstance(node, ast.Dict) and None in node.keys:
        return _merged(_spread(node), known, depth)
    if isinstance(node, ast.Dict | ast.List) or (
        isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load)
    ):
        return node
    if isinstance(node, ast.DictComp):
        return ast.Dict([node.key], [node.value])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _merged([node.left, node.right], known, depth)
    if isinstance(node, ast.Call) and known.full(dotted(node.func)) in _COPIES:
        keys: list[ast.expr | None] = [ast.Constant(item.arg) for item in node.keywords]
        return _merged([*node.args, ast.Dict(keys, [item.value for item in node.keywords])], known, depth)
    return as_table(known.value(node.id)[0], known, depth - 1) if isinstance(node, ast.Name) else None


def _spread(node: ast.Dict) -> list[ast.expr]:
    """The parts of a display with `**` in it, each a table."""
    pairs = zip(node.keys, node.values, strict=True)
    return [value if key is None else ast.Dict([key], [value]) for key, value in pairs]


def _merged(parts: list[ast.expr], known: Surroundings, depth: int) -> ast.Dict | None:
    """Several tables as one, in which those that come later count; None where one is not known."""
    tables = [table for part in parts if isinstance(table := as_table(part, known, depth - 1), ast.Dict)]
    pairs = [pair for table in tables for pair in zip(table.keys, table.values, strict=True)]
    texts = [key.value if isinstance(key, ast.Constant) else None for key, _ in pairs]
    kept = [
        pair
        for number, pair in enumerate(pairs)
        if texts[number] is None or texts[number] not in texts[number + 1 :]
    ]
    return (
        ast.Dict([key for key, _ in kept], [value for _, value in kept])
        if len(tables) == len(parts)
        else None
    )


def entries_of(table: Table) -> list[Entry]:
    """The values of a table with their keys, None for a key that is no literal."""
    if not isinstance(table, ast.Dict):
        return list(enumerate(table.elts))
    pairs = zip(table.keys, table.values, strict=True)
    return [(key.value if isinstance(key, ast.Constant) else None, value) for key, value in pairs]


def path_of(node: ast.Subscript, known: Surroundings) -> tuple[ast.expr, list[object]]:
    """The table of a subscript of subscripts, and the keys that lead into it."""
    keys: list[object] = []
    root: ast.expr = node
    while isinstance(root, ast.Subscript):
        keys.insert(0, key_of(root.slice, known))
        root = root.value
    return root, keys


def leaves(value: ast.AST | None, name: str, keys: list[object], known: Surroundings) -> list[ast.AST]:
    """What some keys lead to in a table; all that they may lead to, where one is not known."""
    if not keys:
        return [value] if value is not None else []
    table = as_table(value, known)
    entries = entries_in(table, name, known) if table is not None else []
    chosen = [item for key, item in entries if keys[0] is not None and key == keys[0]]
    return [
        leaf for item in chosen or [item for _, item in entries] for leaf in leaves(item, "", keys[1:], known)
    ]


def key_of(index: ast.expr, known: Surroundings) -> object:
    """The key that an index is: a literal, `@name` for an argument, None for one that is not known."""
    if isinstance(index, ast.Constant):
        return index.value
    while isinstance(index, ast.Call) and isinstance(index.func, ast.Attribute) and not index.args:
        if index.func.attr not in _WRITTEN_OTHERWISE:
            return None
        index = index.func.value
    if not isinstance(index, ast.Name):
        return None
    values = known.scope.values.get(index.id, ())
    if len(values) == 1 and isinstance(values[0], ast.Constant | ast.Call):
        return key_of(values[0], known)
    return f"{ARGUMENT}{index.id}" if index.id in known.scope.arguments and not values else None


def is_argument(key: object) -> bool:
    """Whether a key is what an argument says."""
    return isinstance(key, str) and key.startswith(ARGUMENT)


def table_of(node: ast.expr, known: Surroundings) -> tuple[ast.AST | None, str]:
    """What an expression that may be a table is in this file, and its absolute name, '' where it has none."""
    if not isinstance(node, ast.Name):
        name = known.class_name(node)
        return known.in_class(node) or (None if name else node), name
    value, is_local = known.value(node.id)
    inner = f"{known.shown}." if is_local else ""
    return value, f"{known.file.module}.{inner}{node.id}"


def entries_in(value: Table, name: str, known: Surroundings) -> list[Entry]:
    """The entries of a table, with what the module puts into it later."""
    owner, _, last = name.rpartition(".")
    later = known.module.added.get(last, []) if owner == known.file.module else []
    replaced = {key for key, _ in later}
    return [item for item in entries_of(value) if item[0] is None or item[0] not in replaced] + [*later]


def added(node: ast.AST) -> Iterator[tuple[str, Entry]]:
    """What a statement at the top of a module puts into a table: the name of that, and the entry."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)], value=value):
            yield name, (key.value if isinstance(key, ast.Constant) else None, value)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="update")) as call):
            yield from ((name, (item.arg, item.value)) for item in call.keywords if item.arg)
            tables = (item for item in call.args if isinstance(item, ast.Dict))
            yield from ((name, item) for table in tables for item in entries_of(table))


def branches(function: Function) -> tuple[str, list[Entry]]:
    """The argument that a function compares with texts, '' where it does not, and what it gives for each."""
    found: list[tuple[str, object, ast.expr]] = []
    for item in function.body:
        if isinstance(item, ast.If):
            found += _of_if(item)
        elif isinstance(item, ast.Match):
            found += _of_match(item)
    names = {name for name, _, _ in found}
    if len(names) != 1:
        return "", []
    return names.pop(), [(key, value) for _, key, value in found]


def _of_if(node: ast.If) -> Iterator[tuple[str, object, ast.expr]]:
    given = _given(node.body)
    match node.test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(value=key)]):
            keys: list[object] = [key]
        case ast.Compare(
            left=ast.Name(id=name),
            ops=[ast.In()],
            comparators=[ast.Tuple() | ast.List() | ast.Set() as every],
        ):
            keys = [item.value for item in every.elts if isinstance(item, ast.Constant)]
        case _:
            return
    if given is not None:
        yield from ((name, key, given) for key in keys)
    if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        yield from _of_if(node.orelse[0])


def _of_match(node: ast.Match) -> Iterator[tuple[str, object, ast.expr]]:
    for case in node.cases:
        given = _given(case.body)
        parts = case.pattern.patterns if isinstance(case.pattern, ast.MatchOr) else [case.pattern]
        for part in parts if given is not None and case.guard is None else ():
            if (
                isinstance(part, ast.MatchValue)
                and isinstance(part.value, ast.Constant)
                and given is not None
            ):
                yield dotted(node.subject), part.value.value, given


def _given(body: list[ast.stmt]) -> ast.expr | None:
    """What some statements give back, if that is all that they do."""
    item = body[0] if len(body) == 1 else None
    return item.value if isinstance(item, ast.Return) else None

"""What is taken out of tables, modules and classes by a key or a name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.objects.categories import OPEN
from nequip_lint.facts.objects.judging import Judging
from nequip_lint.facts.objects.surroundings import Held, Surroundings, is_library
from nequip_lint.facts.objects.tables import as_table, is_argument, key_of, leaves, table_of


def of_name(name: str, known: Surroundings, key: str = "") -> Iterator[Held]:
    """What another own file binds a name to, or a class of this file an attribute.

    Args:
        name: a dotted name.
        known: what names stand for there.
        key: what is taken out of it, in brackets.
    """
    head, dot, _ = name.partition(".")
    value, is_local = known.value(head) if name else (None, True)
    is_here = not is_local and isinstance(value, ast.ClassDef) and bool(dot or key)
    full = f"{known.file.module}.{name}" if is_here else known.full(name)
    is_ours = full.partition(".")[0] == known.file.module.partition(".")[0]
    is_ours = is_ours or (not key and is_library(full.partition(".")[0]))
    if is_here or (head in known.names and is_ours and not is_local):
        yield Held("named", f"{full}{key}")


def entry(root: ast.expr, keys: list[object], at: Judging) -> Iterator[Held]:
    """What a table holds under some keys, or under each, where it is not known which one is meant.

    Args:
        root: the table.
        keys: the keys, one for each table in a table; None for one that is not known.
        at: where it is taken.
    """
    known = at.known
    path = "".join(f"[{'' if key is None else key}]" for key in keys)
    value, name = table_of(root, known)
    if as_table(value, known) is not None:
        if any(map(is_argument, keys)) and name:
            yield Held("named", f"{name}{path}")
        elif keys[0] is not None or name.rpartition(".")[2] not in known.module.filled:
            yield from _each(leaves(value, name, keys, known), at)
    elif value is None and not isinstance(root, ast.Name) and name:
        yield Held("named", f"{name}{path}")
    elif isinstance(root, ast.Call) and dotted(root.func) == "globals":
        yield from _of_module(known.file.module, keys[0])
    else:
        yield from of_name(dotted(root), known, path)


def _each(nodes: Sequence[ast.AST], at: Judging) -> Iterator[Held]:
    """What is true of one of some values, since it is true of all of them."""
    if len(nodes) == 1:
        yield from at.inner(nodes[0])
        return
    found = [[item for item in at.inner(node) if item.category not in OPEN] for node in nodes]
    if found and all(found):
        yield found[0][0]


def _of_module(owner: str, key: object) -> Iterator[Held]:
    if isinstance(key, str):
        yield Held("named", f"{owner}[{key}]" if is_argument(key) else f"{owner}.{key}")


def of_get(node: ast.Call, at: Judging) -> Iterator[Held]:
    """What `get` takes out of a table.

    Args:
        node: the call.
        at: where it stands.
    """
    if isinstance(node.func, ast.Attribute):
        yield from entry(node.func.value, [key_of(node.args[0], at.known)], at)


def is_get(node: ast.Call, known: Surroundings) -> bool:
    """Whether a call is `get` of a table that is written out, or may be one of another own file."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "get" or not node.args:
        return False
    is_imported = dotted(node.func).partition(".")[0] in known.names
    return is_imported or as_table(table_of(node.func.value, known)[0], known) is not None


def of_getattr(owner: ast.expr, name: ast.expr, at: Judging) -> Iterator[Held]:
    """What `getattr` takes out of an own module, or out of a class.

    Args:
        owner: the first argument.
        name: the second one.
        at: where it is called.
    """
    known = at.known
    key = key_of(name, known)
    full = known.full(dotted(owner))
    is_imported = dotted(owner).partition(".")[0] in known.names
    if is_imported and full.partition(".")[0] == known.file.module.partition(".")[0]:
        yield from _of_module(full, key)
    elif isinstance(key, str) and not is_argument(key):
        yield from at.inner(ast.Attribute(owner, key, ast.Load()))

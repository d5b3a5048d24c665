"""Which states a `__getstate__` thins out that a class inherits."""

from __future__ import annotations

from nequip_lint.facts.details.kept import Kept
from nequip_lint.held.items import Definition, Items


def is_left_out(items: Items, key: Definition, item: Kept) -> bool:
    """Whether a class inherits a `__getstate__` that leaves out what it lists, for good.

    Args:
        items: what classes keep.
        key: the class.
        item: says what it lists, and which methods make that for `__init__`.
    """
    makers = {each.keyword for each in item.given}
    for facts, body in items.bodies() if makers else ():
        is_own = (facts.module, body.owner, body.name) == (*key, "__init__")
        if not is_own and any(name.rpartition(".")[2] in makers for name in body.reads):
            return False
    return _filters(items, key, item.holder)


def _filters(items: Items, key: Definition, name: str, depth: int = 8) -> bool:
    found = any((one.category, one.what) == ("filters", name) for one in items.of_class(key))
    bases = items.bases(key) if depth and not found else ()
    return found or any(_filters(items, base, name, depth - 1) for base in bases)

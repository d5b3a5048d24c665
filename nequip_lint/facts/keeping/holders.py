"""Who keeps a value."""

from __future__ import annotations

import ast

from nequip_lint.facts.keeping.keeping import RESULT, Keeping
from nequip_lint.facts.keeping.wholes import whole_of
from nequip_lint.facts.objects.pickled_values import judged
from nequip_lint.facts.objects.surroundings import Surroundings


def holder_of(item: Keeping, known: Surroundings) -> str:
    """What keeps a value: `self`, an argument, a class; '' for what no object keeps.

    Args:
        item: what is kept, and under which name.
        known: what names stand for there.
    """
    name = item.name.partition(".")[0]
    name = name if item.name == RESULT else whole_of(name, known.scope)
    if item.name == RESULT or name == "self":
        return "self"
    if name in known.scope.arguments:
        return name
    value, is_local = known.value(name)
    found = judged(value, known) if is_local and isinstance(value, ast.Call) else ()
    return next((held.what for held in found if held.category == "made"), "")

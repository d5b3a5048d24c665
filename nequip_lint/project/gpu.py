"""Decorators that need a GPU when they are evaluated."""

from __future__ import annotations

from nequip_lint.facts.names import resolve
from nequip_lint.facts.values import Decoration, Facts
from nequip_lint.project.summaries import parse_version

_AUTOTUNE = frozenset({"triton.autotune", "triton.runtime.autotune", "triton.runtime.autotuner.autotune"})
_HARMLESS_WITH = frozenset({"warmup", "rep"})
_FIRST_BROKEN, _LAST_BROKEN = (3, 2), (3, 3, 1)


def is_autotune(facts: Facts, item: Decoration) -> bool:
    """Whether a decorator is triton's autotune in the form that asks for the active driver.

    With `warmup` or `rep` given it does not ask (measured with triton 3.0 to 3.9).
    """
    return resolve(facts, item.name) in _AUTOTUNE and _HARMLESS_WITH.isdisjoint(item.keywords)


def breaks_without_gpu(facts: Facts, item: Decoration, triton: str) -> bool:
    """Whether the decorator raises on a machine without a GPU.

    Args:
        facts: of the decorator's module.
        item: the decorator.
        triton: the installed version; triton 3.2.0 to 3.3.1 raise `0 active drivers`.
    """
    version = parse_version(triton) if triton else ()
    return _FIRST_BROKEN <= version <= _LAST_BROKEN and is_autotune(facts, item)

"""Extensions of nequip, which are internal through their own entry points wherever they are installed."""

from __future__ import annotations

from functools import cache

from nequip_lint.summaries.releases import available, load


@cache
def extension(top: str) -> str:
    """The distribution that brings an extension, by its import name; '' for what is not known to be one."""
    index = available().get(top)
    if index is None:
        return ""
    newest = index.releases[-1]
    entry_points = load(newest.path).extensions
    is_one = any(value.partition(":")[0].partition(".")[0].strip() == top for value in entry_points)
    return newest.distribution if is_one else ""


def is_nequips(top: str) -> bool:
    """Whether a package is nequip, what it packages by itself, or an extension of it: never a library."""
    return top in ("nequip", "e3nn") or bool(extension(top))

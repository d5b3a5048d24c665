"""The linter in a process of its own: within one process it takes what it has read for unchanged."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any, TypeVar

import libcst  # noqa: F401  here once, not in every fork

from nequip_lint.rules.base import rules

_Answer = TypeVar("_Answer")
rules()


def in_fork(function: Callable[..., _Answer], *arguments: Any) -> _Answer:
    """Call a function of a module in a fork of this process.

    Raises:
        Exception: what the function raised.
    """
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(function, arguments)

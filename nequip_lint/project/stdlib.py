"""Which names the standard library of this Python has, read from its files, nothing imported."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path

_LIB = Path(os.__file__).parent
_MADE_AT_IMPORT = frozenset({"os.path", "typing.io", "typing.re"})
DISALLOWED = frozenset({"sys", "io"})
"""Never externed implicitly (`torch/package/package_exporter.py` 2.13: `_DISALLOWED_MODULES`)."""


def is_stdlib(module: str) -> bool:
    """Whether the top-level name of `module` belongs to the standard library."""
    return module.partition(".")[0] in sys.stdlib_module_names


def is_implicitly_external(module: str) -> bool:
    """Whether torch.package externs `module` before it looks at any pattern."""
    top = module.partition(".")[0]
    return top == "torch" or (top in sys.stdlib_module_names and top not in DISALLOWED)


@cache
def has(module: str) -> bool:
    """Whether a module of the standard library exists.

    Args:
        module: its dotted name, the top-level name being one of the standard library's.
    """
    if "." not in module:
        return True
    if module in _MADE_AT_IMPORT:
        return module == "os.path" or sys.version_info < (3, 13)
    base = _LIB.joinpath(*module.split("."))
    return base.with_suffix(".py").is_file() or (base / "__init__.py").is_file()

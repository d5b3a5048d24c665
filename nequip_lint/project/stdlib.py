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
ADDED = {"tomllib": 11, "compression": 14, "annotationlib": 14}
REMOVED = {
    **dict.fromkeys(("asynchat", "asyncore", "distutils", "imp", "smtpd"), 12),
    **dict.fromkeys(("aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "lib2to3"), 13),
    **dict.fromkeys(("mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes", "sndhdr"), 13),
    **dict.fromkeys(("spwd", "sunau", "telnetlib", "uu", "xdrlib"), 13),
}
"""The minor version of Python 3 that added or removed a module (docs.python.org)."""
HERE = (sys.version_info[0], sys.version_info[1])


def is_stdlib(module: str, python: tuple[int, int] = HERE) -> bool:
    """Whether the top-level name of `module` belongs to the standard library of a Python."""
    return module.partition(".")[0] in _names(python)


def is_implicitly_external(module: str, python: tuple[int, int] = HERE) -> bool:
    """Whether torch.package externs `module` before it looks at any pattern."""
    top = module.partition(".")[0]
    return top == "torch" or (top in _names(python) and top not in DISALLOWED)


@cache
def _names(python: tuple[int, int]) -> frozenset[str]:
    if python == HERE:
        return sys.stdlib_module_names
    minor = python[1]
    missing = {name for name, since in ADDED.items() if minor < since}
    missing |= {name for name, until in REMOVED.items() if minor >= until}
    return (sys.stdlib_module_names | ADDED.keys() | REMOVED.keys()) - missing


@cache
def has(module: str) -> bool:
    """Whether a module of the standard library exists; submodules are those of this Python.

    Args:
        module: its dotted name, the top-level name being one of the standard library's.
    """
    top, dot, _ = module.partition(".")
    if not dot or top not in sys.stdlib_module_names:
        return True
    if module in _MADE_AT_IMPORT:
        return module == "os.path" or sys.version_info < (3, 13)
    base = _LIB.joinpath(*module.split("."))
    return base.with_suffix(".py").is_file() or (base / "__init__.py").is_file()

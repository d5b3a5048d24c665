"""Read TOML on every supported Python."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from nequip_lint.contents import read_bytes
from nequip_lint.errors import LintError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # the same parser under its older name


_DEEPEST_KEY = 50
_DEEP_KEY = re.compile(r"(?:\.[^.,=\[\]{}#\n]*)" f"{{{_DEEPEST_KEY}}}")
_NO_PARTS = str.maketrans("", "", " \t\r\"'")


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        LintError: the file cannot be read or is not TOML.
    """
    try:
        table = _parsed(read_bytes(path).decode("utf-8"))
    except OSError as error:
        raise LintError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:  # also of a number with more digits than Python reads
        raise LintError(f"{path}: is not valid TOML ({error}); correct it, then run again") from error
    except RecursionError as error:
        raise LintError(f"{path}: is nested too deeply to be read; correct it, then run again") from error
    return table


def _parsed(text: str) -> dict[str, Any]:
    """A TOML text as a table; a key of many parts takes the parser the square of its length.

    Raises:
        ValueError: it is no TOML, or has such a key.
    """
    if text.count(".") > _DEEPEST_KEY and _DEEP_KEY.search(text.translate(_NO_PARTS)):
        raise ValueError(f"a key, or a line, has more than {_DEEPEST_KEY} parts with dots between them")
    table: dict[str, Any] = tomllib.loads(text)
    return table

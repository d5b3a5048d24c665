"""Read TOML on every supported Python."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from nequip_lint.contents import read_bytes
from nequip_lint.errors import LintError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # the same parser under its older name


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises:
        LintError: the file cannot be read or is not TOML.
    """
    try:
        table: dict[str, Any] = tomllib.loads(read_bytes(path).decode("utf-8"))
    except OSError as error:
        raise LintError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LintError(f"{path}: is not valid TOML ({error}); correct it, then run again") from error
    return table

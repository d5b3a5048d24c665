"""One YAML file of a configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from nequip_lint import disk
from nequip_lint.contents import read_bytes
from nequip_lint.errors import LintError

_HEADER = re.compile(r"(?:\s*#\s*@(?!package\s).*\n)*\s*#\s*@package\s+(\S+)\s*(?:\n|\Z)")
"""Only in the first lines: hydra looks no further than to the first that is none of a header."""


class File(NamedTuple):
    """A file as it is: its values, and the package that its header names, None without one."""

    path: Path
    content: Mapping[str, Any]
    package: str | None


def file_of(folder: Path, name: str) -> Path:
    """The file that a configuration's name stands for, as hydra looks it up.

    Args:
        folder: of the configurations.
        name: with or without its ending.
    """
    return folder / name if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"


def read(path: Path) -> File:
    """Read a file; nothing in it is run.

    Raises:
        LintError: it is not there, or holds no YAML mapping.
    """
    import yaml

    if not disk.is_file(path):
        raise LintError(f"{path}: there is no such configuration{_hint(path)}")
    try:
        text = read_bytes(path).decode("utf-8")
        content = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        why = " ".join(str(error).split()) or "it is nested too deeply"
        raise LintError(f"{path}: is not readable YAML: {why}") from error
    if content is not None and not isinstance(content, Mapping):
        raise LintError(f"{path}: holds no configuration, which is a mapping of names to values")
    header = _HEADER.match(text)
    return File(path, content or {}, header[1] if header else None)


def _hint(path: Path) -> str:
    if not disk.is_folder(path.parent):
        return f"; {path.parent} is not a folder"
    names = [name[:-5] for name in disk.names_in(path.parent) if name.endswith(".yaml")]
    near = get_close_matches(path.stem, names, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; its folder has {', '.join(names)}" if names else f"; {path.parent} has none"

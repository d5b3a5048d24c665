"""The table `[tool.nequip-lint]`, read into one value; all mistakes are reported together."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from nequip_lint import disk
from nequip_lint.declared.locate import NO_PACKAGES, holds_packages
from nequip_lint.declared.metadata import FILES, Metadata, own_table
from nequip_lint.errors import LintError
from nequip_lint.machine.target import Patterns
from nequip_lint.toml import read_toml

_LISTS = ("select", "ignore", "exclude", "roots", "internal-packages", "extern-modules", "mock-modules")
KEYS = (*_LISTS, "per-file-ignores", "environment", "target-python", "baseline")

IN_FILE = "file"
"""The origin of what the settings say, where others can say it too."""


class Config(NamedTuple):
    """The settings of one project, the file that they come from, and its table as it stands there."""

    root: Path
    path: Path
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    environment: Path | None = None
    python: tuple[int, int] = (sys.version_info[0], sys.version_info[1])
    patterns: Patterns = Patterns()
    baseline: Path | None = None
    table: Mapping[str, Any] = MappingProxyType({})

    def is_excluded(self, path: Path) -> bool:
        """Whether a file is not to be linted; this binds for paths on the command line too."""
        return any(self.matches(path, pattern) for pattern in self.exclude)

    def matches(self, path: Path, pattern: str) -> bool:
        """Whether a pattern names a file or a folder above it, relative to the project's root."""
        try:
            relative = path.relative_to(self.root)
        except ValueError:
            return fnmatch(path.as_posix(), pattern)
        parts = (relative, *relative.parents)
        return any(fnmatch(part.as_posix(), pattern.rstrip("/")) for part in parts if part.as_posix() != ".")

    def ignored_for(self, path: Path) -> tuple[str, ...]:
        """The codes that `per-file-ignores` switch off for a file."""
        return tuple(
            c for pattern, codes in self.per_file_ignores if self.matches(path, pattern) for c in codes
        )


def project_config(metadata: Metadata, override: Path | None) -> Config:
    """The settings from a project's pyproject.toml, or from the file that `--config` names.

    Raises:
        LintError: a key is not known or a value has the wrong shape; all of them are named.
    """
    table, where = metadata.settings, metadata.root / FILES[0]
    if override is not None:
        data = read_toml(override)
        table, where = own_table(data, data), override
    if not isinstance(table, dict):
        raise LintError(f"{where}: [tool.nequip-lint] is no table; write its keys below that line")
    problems = [*_problems(table), *_no_environment(metadata.root, table.get("environment"))]
    if problems:
        raise LintError(f"{where}: [tool.nequip-lint]: {'; '.join(problems)}")
    return _config(metadata.root, where, table)


def _problems(table: dict[str, Any]) -> Iterable[str]:
    for key, value in table.items():
        if key not in KEYS:
            import difflib

            near = difflib.get_close_matches(key, KEYS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(sorted(KEYS))}"
            yield f"unknown key {key!r}, {hint}"
        elif key in _LISTS and not _is_list(value):
            yield f"{key} must be a list of strings"
        elif key == "per-file-ignores" and not (
            isinstance(value, dict) and all(_is_list(codes) for codes in value.values())
        ):
            yield "per-file-ignores must map patterns to lists of codes"
        elif key in ("environment", "baseline") and not isinstance(value, str):
            yield f"{key} must be a path"
        elif key == "target-python" and _python(value) is None:
            yield 'target-python must look like "3.10"'


def _no_environment(root: Path, environment: object) -> Iterable[str]:
    if not isinstance(environment, str):
        return
    if not disk.surely(disk.is_folder, root / environment):
        yield f"environment: {root / environment} is no folder"
    elif environment and not holds_packages(root / environment):
        yield f"environment: {root / environment}: {NO_PACKAGES}"


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _python(value: object) -> tuple[int, int] | None:
    parts = value.split(".") if isinstance(value, str) else ()
    if len(parts) != 2 or not all(part.isdecimal() and len(part) < 4 for part in parts):
        return None
    return int(parts[0]), int(parts[1])


def _config(root: Path, path: Path, table: dict[str, Any]) -> Config:
    environment = table.get("environment")
    return Config(
        root,
        path,
        tuple(table.get("select", ())),
        tuple(table.get("ignore", ())),
        tuple(table.get("exclude", ())),
        tuple(table.get("roots", ())),
        tuple((key, tuple(codes)) for key, codes in table.get("per-file-ignores", {}).items()),
        root / environment if environment else None,
        _python(table.get("target-python", "")) or Config(root, path).python,
        Patterns(
            frozenset(table.get("internal-packages", ())),
            frozenset(table.get("extern-modules", ())),
            frozenset(table.get("mock-modules", ())),
        ),
        root / table["baseline"] if table.get("baseline") else None,
        table,
    )

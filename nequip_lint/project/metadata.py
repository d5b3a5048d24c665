"""What a project declares: name, requirements and entry points, from its metadata files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from nequip_lint.contents import read_bytes
from nequip_lint.errors import LintError
from nequip_lint.project.ini import read_ini
from nequip_lint.toml import read_toml

GROUP = "nequip.extension"
FILES = ("pyproject.toml", "setup.cfg", "setup.py")


class Metadata(NamedTuple):
    """A project's declarations.

    `path` is the file in which entry points stand or belong; `extensions` are the values of the group
    `nequip.extension`; `settings` is what stands at `[tool.nequip-lint]`, a table if it is right.
    """

    root: Path
    path: Path
    name: str = ""
    requirements: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    settings: Any = {}  # noqa: RUF012  a NamedTuple default, never written to


def read_metadata(root: Path) -> Metadata:
    """Merge what `pyproject.toml`, `setup.cfg` and `setup.py` of a folder declare.

    Raises:
        LintError: a file is not what its name says.
    """
    parts = [
        reader(root / name)
        for name, reader in zip(FILES, (_pyproject, _setup_cfg, _setup_py), strict=True)
        if (root / name).is_file()
    ]
    if not parts:
        return Metadata(root, root / FILES[0])
    with_extensions = [part for part in parts if part.extensions]
    return Metadata(
        root,
        (with_extensions or parts)[0].path,
        next((part.name for part in parts if part.name), ""),
        tuple(item for part in parts for item in part.requirements),
        tuple(item for part in parts for item in part.optional),
        tuple(item for part in parts for item in part.extensions),
        parts[0].settings,
    )


def _pyproject(path: Path) -> Metadata:
    data = read_toml(path)
    project = _table(data.get("project"))
    extras = _table(project.get("optional-dependencies"))
    entry_points = _table(_table(project.get("entry-points")).get(GROUP))
    poetry = _table(_table(data.get("tool")).get("poetry"))
    plugins = _table(_table(poetry.get("plugins")).get(GROUP))
    return Metadata(
        path.parent,
        path,
        str(project.get("name") or poetry.get("name") or ""),
        _texts(project.get("dependencies")) + _poetry_requirements(_table(poetry.get("dependencies"))),
        tuple(item for group in extras.values() for item in _texts(group)),
        _texts(entry_points.values()) + _texts(plugins.values()),
        own_table(data, {}),
    )


def own_table(data: dict[str, Any], default: dict[str, Any]) -> Any:
    """What a TOML file has at `[tool.nequip-lint]`, which need not be a table.

    Args:
        data: of the file.
        default: where it has nothing there.
    """
    return _table(data.get("tool")).get("nequip-lint", default)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, Iterable) or isinstance(value, str):
        return ()
    return tuple(item for item in value if isinstance(item, str))


def _poetry_requirements(table: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, entry in table.items() if not _table(entry).get("optional"))


def _setup_cfg(path: Path) -> Metadata:
    try:
        parser = read_ini(read_bytes(path).decode("utf-8-sig"))
    except OSError as error:
        raise LintError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise LintError(f"{path}: is not a valid setup.cfg ({error}); correct it, then run again") from error
    extras = parser["options.extras_require"] if parser.has_section("options.extras_require") else {}
    return Metadata(
        path.parent,
        path,
        parser.get("metadata", "name", fallback=""),
        _lines(parser.get("options", "install_requires", fallback="")),
        tuple(item for group in extras.values() for item in _lines(group)),
        _entry_values(_lines(parser.get("options.entry_points", GROUP, fallback=""))),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip() and line.strip()[0] != "#")


def _entry_values(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line.partition("=")[2].strip() for line in lines if "=" in line)


def _setup_py(path: Path) -> Metadata:
    try:
        given = _setup_keywords(read_bytes(path))
    except OSError as error:
        raise LintError(f"{path}: cannot be read ({error.strerror})") from error
    extras = _table(given.get("extras_require"))
    return Metadata(
        path.parent,
        path,
        str(given.get("name") or ""),
        _texts(given.get("install_requires")),
        tuple(item for group in extras.values() for item in _texts(group)),
        _entry_values(_setup_entries(given.get("entry_points"))),
    )


def _setup_entries(given: object) -> tuple[str, ...]:
    """The lines of our group in `entry_points=`: a table of lists or texts, or one text in INI form."""
    if not isinstance(given, str):
        entries = _table(given).get(GROUP, ())
        return _lines(entries) if isinstance(entries, str) else _texts(entries)
    try:
        parser = read_ini(given, delimiters=("=",))
    except ValueError:
        return ()
    items = parser[GROUP].items() if parser.has_section(GROUP) else ()
    return tuple(f"{key}={value}" for key, value in items)


def _setup_keywords(source: bytes) -> dict[str, object]:
    """The literal keyword arguments of the `setup` call; ast is imported only where there is a setup.py."""
    import ast

    from nequip_lint.facts.conditions import dotted
    from nequip_lint.source.text import Problem, decode
    from nequip_lint.source.tree import parse

    given: dict[str, object] = {}
    text = decode(source)
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(tree, Problem):
        return given
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "setup":
            for keyword in node.keywords:
                try:
                    given[keyword.arg or ""] = ast.literal_eval(keyword.value)
                except (ValueError, TypeError, RecursionError, MemoryError):
                    continue
    return given

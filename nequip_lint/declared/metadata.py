"""What a project declares: name, requirements and entry points, from its metadata files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from nequip_lint import disk
from nequip_lint.contents import read_bytes
from nequip_lint.declared import poetry as of_poetry
from nequip_lint.declared.ini import lines_in, read_ini
from nequip_lint.declared.requirement_files import NAME, requirements_in
from nequip_lint.errors import LintError
from nequip_lint.toml import read_toml

GROUP = "nequip.extension"
FILES = ("pyproject.toml", "setup.cfg", "setup.py")


class Metadata(NamedTuple):
    """A project's declarations.

    `path` is the file in which entry points stand or belong; `extensions` are the values of the group
    `nequip.extension`; `settings` is what stands at `[tool.nequip-lint]`, a table if it is right. `is_open`
    tells that there are requirements which cannot be read. `style` is how `path` is written: `project` and
    `poetry` for tables of `pyproject.toml`, `setup.cfg`, `setup.py`; '' where nothing declares a project.
    `python` tells which Pythons are allowed, as it is written.
    """

    root: Path
    path: Path
    name: str = ""
    requirements: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    settings: Any = {}  # noqa: RUF012  a NamedTuple default, never written to
    is_open: bool = False
    style: str = ""
    python: str = ""


class _Part(NamedTuple):
    """What one file declares; requirements are None where it leaves them to others."""

    path: Path
    name: str = ""
    requirements: tuple[str, ...] | None = None
    optional: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    settings: Any = {}  # noqa: RUF012  a NamedTuple default, never written to
    is_open: bool = False
    style: str = ""
    """How entry points that are missing are written there; '' where they do not belong there."""
    python: str = ""


def read_metadata(root: Path) -> Metadata:
    """Merge what `pyproject.toml`, `setup.cfg` and `setup.py` of a folder declare.

    Where none of them tells the requirements, `requirements.txt` does.

    Raises:
        LintError: a file is not what its name says.
    """
    parts = [
        reader(root / name)
        for name, reader in zip(FILES, (_pyproject, _setup_cfg, _setup_py), strict=True)
        if disk.is_file(root / name)
    ]
    stated = [part.requirements for part in parts if part.requirements is not None]
    listed = requirements_in(root / NAME) if not stated else ()
    with_extensions = [part for part in parts if part.extensions]
    homes = [part for part in parts if part.style]
    home = next(iter((*with_extensions, *homes, *parts)), _Part(root / FILES[0]))
    return Metadata(
        root,
        home.path,
        next((part.name for part in parts if part.name), ""),
        tuple(item for items in stated for item in items) + listed,
        tuple(item for part in parts for item in part.optional),
        tuple(item for part in parts for item in part.extensions),
        parts[0].settings if parts else {},
        not stated and not listed and any(part.is_open for part in parts),
        home.style,
        next((part.python for part in parts if part.python), ""),
    )


def _pyproject(path: Path) -> _Part:
    data = read_toml(path)
    project, tool = _table(data.get("project")), _table(data.get("tool"))
    extras = _table(project.get("optional-dependencies"))
    entry_points = _table(_table(project.get("entry-points")).get(GROUP))
    poetry = _table(tool.get("poetry"))
    plugins = _table(_table(poetry.get("plugins")).get(GROUP))
    computed = _texts(project.get("dynamic"))
    return _Part(
        path,
        str(project.get("name") or poetry.get("name") or ""),
        _stated(project, poetry, tool, path.parent),
        tuple(item for group in extras.values() for item in _texts(group)),
        _texts(entry_points.values())
        + _texts(plugins.values())
        + _entry_values(_dynamic_entries(tool, path.parent)),
        own_table(data, {}),
        "dependencies" in computed,
        _style(project, poetry, is_computed="entry-points" in computed),
        str(project.get("requires-python") or of_poetry.python(_table(poetry.get("dependencies")))),
    )


def _style(project: dict[str, Any], poetry: dict[str, Any], *, is_computed: bool) -> str:
    if project and not is_computed:
        return "project"
    return "poetry" if "name" in poetry and not project else ""


def _stated(
    project: dict[str, Any], poetry: dict[str, Any], tool: dict[str, Any], root: Path
) -> tuple[str, ...] | None:
    """The requirements that a `pyproject.toml` states, or has in files that it names."""
    files = _dynamic_files(tool, "dependencies")
    files += _texts(_table(_hooks(tool).get("requirements_txt")).get("files"))
    if "dependencies" not in project and "dependencies" not in poetry and not files:
        return None
    found = _texts(project.get("dependencies")) + of_poetry.requirements(_table(poetry.get("dependencies")))
    return found + tuple(item for name in files for item in requirements_in(root / name))


def _dynamic_files(tool: dict[str, Any], key: str) -> tuple[str, ...]:
    """The files from which setuptools takes what is declared to be dynamic."""
    table = _table(_table(_table(tool.get("setuptools")).get("dynamic")).get(key))
    named = table.get("file")
    return (named,) if isinstance(named, str) else _texts(named)


def _hooks(tool: dict[str, Any]) -> dict[str, Any]:
    return _table(_table(_table(tool.get("hatch")).get("metadata")).get("hooks"))


def _dynamic_entries(tool: dict[str, Any], root: Path) -> Iterator[str]:
    for name in _dynamic_files(tool, "entry-points"):
        yield from lines_in(_text(root / name), GROUP)


def _text(path: Path) -> str:
    """The text of a file that another one names; '' where it is not there."""
    try:
        return read_bytes(path).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""


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


def _setup_cfg(path: Path) -> _Part:
    try:
        parser = read_ini(read_bytes(path).decode("utf-8-sig"))
    except OSError as error:
        raise LintError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise LintError(f"{path}: is not a valid setup.cfg ({error}); correct it, then run again") from error
    extras = parser["options.extras_require"] if parser.has_section("options.extras_require") else {}
    entries = _lines(parser.get("options.entry_points", GROUP, fallback=""))
    for name in _named(parser.get("options", "entry_points", fallback="")):
        entries += lines_in(_text(path.parent / name), GROUP)
    required = parser.get("options", "install_requires", fallback=None)
    return _Part(
        path,
        parser.get("metadata", "name", fallback=""),
        None if required is None else _required(required, path.parent),
        tuple(item for group in extras.values() for item in _required(group, path.parent)),
        _entry_values(entries),
        style="setup.cfg" if parser.has_section("metadata") or parser.has_section("options") else "",
        python=parser.get("options", "python_requires", fallback=""),
    )


def _required(text: str, root: Path) -> tuple[str, ...]:
    """The requirements in an option of `setup.cfg`, or in the files that it names."""
    files = _named(text)
    return tuple(item for name in files for item in requirements_in(root / name)) if files else _lines(text)


def _named(text: str) -> tuple[str, ...]:
    """The files that an option is read from: `file: a.txt, b.txt`."""
    kind, colon, names = text.strip().partition(":")
    is_file = bool(colon) and kind.strip() == "file"
    return tuple(filter(None, map(str.strip, names.replace("\n", ",").split(",")))) if is_file else ()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip() and line.strip()[0] != "#")


def _entry_values(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line.partition("=")[2].strip() for line in lines if "=" in line)


def _setup_py(path: Path) -> _Part:
    from nequip_lint.declared.setup_program import declared

    try:
        found = declared(path, GROUP)
    except OSError as error:
        raise LintError(f"{path}: cannot be read ({error.strerror})") from error
    return _Part(
        path,
        found.name,
        None if found.is_open else found.requirements,
        found.optional,
        _entry_values(found.entries),
        is_open=found.is_open,
        style="setup.py",
        python=found.python,
    )

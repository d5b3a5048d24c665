"""The lines that declare something where a project declares the like, in the syntax of that file."""

from __future__ import annotations

from pathlib import Path

from nequip_lint import disk
from nequip_lint.contents import read_bytes
from nequip_lint.declared.metadata import FILES, GROUP, Metadata
from nequip_lint.values import Span

_ENTRY_POINT = {
    "project": '[project.entry-points."{group}"]\n{key} = "{top}"',
    "poetry": '[tool.poetry.plugins."{group}"]\n{key} = "{top}"',
    "setup.cfg": "[options.entry_points]\n{group} =\n    {key} = {top}",
    "setup.py": 'entry_points={{"{group}": ["{key} = {top}"]}},',
}
_REQUIREMENT = {
    "project": '[project]\ndependencies = [..., "{name}"]',
    "poetry": '[tool.poetry.dependencies]\n{name} = "*"',
    "setup.cfg": "[options]\ninstall_requires =\n    {name}",
    "setup.py": 'install_requires=[..., "{name}"],',
}
_NEEDLES = {
    "project": (f'[project.entry-points."{GROUP}"]', GROUP, "[project.entry-points", "[project]"),
    "poetry": (GROUP, "[tool.poetry]"),
    "setup.cfg": (GROUP, "[options.entry_points]", "[metadata]", "[options]"),
    "setup.py": (GROUP, "entry_points", "setup("),
}
"""What marks the line where entry points stand or belong, the nearest first."""


_PROJECT = """\
[project]
name = "{top}"
version = "0.1"
dependencies = ["nequip"]
"""


def is_alone(metadata: Metadata) -> bool:
    """Whether no file declares a project around some code; what is installed has its own metadata."""
    is_known = bool(metadata.name) or metadata.root == Path()
    return not is_known and not any(disk.is_file(metadata.root / name) for name in FILES)


def file_of(metadata: Metadata, name: str) -> str:
    """A file of a project by its name, as one that is to be made where there is no project.

    Args:
        metadata: of the project.
        name: of the file.
    """
    return f"a new {name}" if is_alone(metadata) else name


def entry_point(metadata: Metadata, top: str) -> str:
    """How to declare the entry point that makes a package internal.

    Args:
        metadata: of the project.
        top: the package.
    """
    key = top if metadata.extensions else "init_always"
    lines = _ENTRY_POINT[_style(metadata)].format(group=GROUP, key=key, top=top)
    if is_alone(metadata):
        start = "make a project of it: write a new pyproject.toml, and run `pip install -e .` beside it"
        return f"{start}:\n{_PROJECT.format(top=top)}{lines}"
    return f"declare the entry point in {_file(metadata)}:\n{lines}"


def requirement(metadata: Metadata, distribution: str) -> str:
    """How to declare that a distribution is required."""
    lines = _REQUIREMENT[_style(metadata)].format(name=distribution)
    return f"declare {distribution} as a requirement in {_file(metadata)}:\n{lines}"


def place(metadata: Metadata) -> tuple[str, Span] | None:
    """The line where entry points stand or belong; None where there is no file for them."""
    if not disk.is_file(metadata.path):
        return None
    lines = read_bytes(metadata.path).decode("utf-8", errors="replace").splitlines()
    numbered = list(enumerate(lines, 1))
    for needle in _NEEDLES[_style(metadata)]:
        for number, line in numbered:
            if needle in line and line.lstrip()[0] != "#":
                return str(metadata.path), Span(number, 1, number, len(line) + 1)
    return str(metadata.path), Span(1, 1, 1, 1)


def internal_package(metadata: Metadata, top: str) -> str:
    """How to make a package internal that is packaged without nequip."""
    more = "" if is_alone(metadata) else "..., "
    lines = f'[tool.nequip-lint]\ninternal-packages = [{more}"{top}"]'
    return f"name it in {file_of(metadata, FILES[0])}:\n{lines}"


def _style(metadata: Metadata) -> str:
    return metadata.style or "project"


def _file(metadata: Metadata) -> str:
    return file_of(metadata, Path(metadata.path).name)

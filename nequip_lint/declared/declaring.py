"""The lines that declare something where a project declares the like, in the syntax of that file."""

from __future__ import annotations

from pathlib import Path

from nequip_lint import disk
from nequip_lint.contents import read_bytes
from nequip_lint.declared.metadata import GROUP, Metadata
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


def entry_point(metadata: Metadata, top: str) -> str:
    """How to declare the entry point that makes a package internal.

    Args:
        metadata: of the project.
        top: the package.
    """
    key = top if metadata.extensions else "init_always"
    return f"declare the entry point in {_file(metadata)}:\n" + _ENTRY_POINT[_style(metadata)].format(
        group=GROUP, key=key, top=top
    )


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


def internal_package(top: str) -> str:
    """How to make a package internal that is packaged without nequip."""
    return f'name it in pyproject.toml:\n[tool.nequip-lint]\ninternal-packages = [..., "{top}"]'


def _style(metadata: Metadata) -> str:
    return metadata.style or "project"


def _file(metadata: Metadata) -> str:
    return Path(metadata.path).name

"""How to register a library in a project: the lines, where they go, and what has to be done before."""

from __future__ import annotations

from nequip_lint.project.model import Project
from nequip_lint.project.registrations import FUNCTION
from nequip_lint.rules.places import obstacle

WRITE = "nequip-lint registrations --write"


def as_extern(project: Project, name: str) -> str:
    """How to register a library as extern in a project."""
    lines = _lines(project, "extern", name)
    return f"register it:\n{lines}" if project.uses_nequip else f"write into {_file(project)}:\n{lines}"


def by_hand(project: Project, name: str) -> str:
    """How to register a library of which nobody but the reader knows whether a model needs it."""
    what = "as extern if a packaged model needs it, else as mock"
    where = "register it" if project.uses_nequip else f"register it in {_file(project)}"
    return f"{where}, {what}:\n{_lines(project, 'extern', name)}"


def by_writing(project: Project, action: str, name: str, why: str) -> str:
    """What `registrations --write` does for a library, or what to do where it finds no place.

    Args:
        project: the project.
        action: `extern` or `mock`.
        name: of the library.
        why: that action.
    """
    lines, first = _lines(project, action, name), obstacle(project)
    if not project.uses_nequip:
        start = f"write into {_file(project)}" if first else f"run `{WRITE}`, which adds to {_file(project)}"
        return f"{start} ({why}):\n{lines}"
    start = f"{first.first}; then " if first else ""
    return f"{start}run `{WRITE}`, which adds this call ({why}):\n{lines}"


def _file(project: Project) -> str:
    """The file of the settings; without nequip nothing but its lack keeps these from being written."""
    return "pyproject.toml" if obstacle(project) is None else "a new pyproject.toml"


def _lines(project: Project, action: str, name: str) -> str:
    if project.uses_nequip:
        return f'{FUNCTION}({action}_modules=["{name}"])'
    more = "" if obstacle(project) else "..., "
    return f'[tool.nequip-lint]\n{action}-modules = [{more}"{name}"]'

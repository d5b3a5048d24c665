"""How to register a library in a project: the lines, and where they go."""

from __future__ import annotations

from nequip_lint.project.model import Project
from nequip_lint.project.registrations import FUNCTION

WRITE = "nequip-lint registrations --write"


def as_extern(project: Project, name: str) -> str:
    """How to register a library as extern in a project."""
    lines = _lines(project, "extern", name)
    return f"register it:\n{lines}" if project.uses_nequip else f"write into pyproject.toml:\n{lines}"


def by_hand(project: Project, name: str) -> str:
    """How to register a library of which nobody but the reader knows whether a model needs it."""
    what = "as extern if a packaged model needs it, else as mock"
    where = "register it" if project.uses_nequip else "register it in pyproject.toml"
    return f"{where}, {what}:\n{_lines(project, 'extern', name)}"


def by_writing(project: Project, action: str, name: str, why: str) -> str:
    """What `registrations --write` does for a library.

    Args:
        project: the project.
        action: `extern` or `mock`.
        name: of the library.
        why: that action.
    """
    place = "adds this call" if project.uses_nequip else "adds to pyproject.toml"
    return f"run `{WRITE}`, which {place} ({why}):\n{_lines(project, action, name)}"


def _lines(project: Project, action: str, name: str) -> str:
    if project.uses_nequip:
        return f'{FUNCTION}({action}_modules=["{name}"])'
    return f'[tool.nequip-lint]\n{action}-modules = [..., "{name}"]'

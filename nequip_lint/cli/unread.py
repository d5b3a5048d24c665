"""What no answer can rest on: linted files that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable

from nequip_lint.cli.streams import complain
from nequip_lint.project.model import Project
from nequip_lint.reports.paths import shown


def tell_unread(projects: Iterable[Project]) -> bool:
    """Say on stderr which files of some projects cannot be read; whether there are any.

    Args:
        projects: that an answer is about.
    """
    unread = {facts.path: facts.problem for project in projects for facts in project.files if facts.problem}
    for path, problem in unread.items():
        complain(f"nequip-lint: note: {shown(path)} {problem}; what it imports is not known")
    return bool(unread)

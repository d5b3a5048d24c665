"""Import a module of the project in the file that its entry point names."""

from __future__ import annotations

from nequip_lint.editing.base import Declined
from nequip_lint.editing.imports import insert_import, statement_importing
from nequip_lint.fixes.source import Splices, source_of
from nequip_lint.project.model import Project
from nequip_lint.values import Edit


def import_at_entry(project: Project, module: str) -> tuple[Edit, ...]:
    """The edits that import a module there.

    Raises:
        Declined: the file is not among the linted ones.
    """
    entry = _entry(project, module.partition(".")[0])
    facts = project.owned.get(entry)
    if facts is None:
        raise Declined(f"{entry or 'the package'}/__init__ is not among the linted files")
    source = source_of(project, facts.path)
    package = entry if facts.is_package else entry.rpartition(".")[0]
    splices = Splices(source)
    insert_import(splices, source.tree, statement_importing(module, package))
    return splices.edits()


def _entry(project: Project, top: str) -> str:
    """The module that nequip imports, in the package `top` where that has one; '' for none."""
    entries = (*project.entry_points, *sorted(project.uncovered))
    return min(entries, key=lambda name: name.partition(".")[0] != top, default="")

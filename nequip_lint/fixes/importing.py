"""Import a module of the project in the file that its entry point names."""

from __future__ import annotations

import ast

from nequip_lint.fixes.base import Declined
from nequip_lint.fixes.source import Source, Splices, source_of
from nequip_lint.project.model import Project
from nequip_lint.values import Edit


def import_at_entry(project: Project, module: str) -> tuple[Edit, ...]:
    """The edits that import a module there, behind the other imports.

    Raises:
        Declined: the file is not among the linted ones.
    """
    entry = (*project.entry_points, *sorted(project.uncovered), "")[0]
    facts = project.owned.get(entry)
    if facts is None:
        raise Declined(f"{entry or 'the package'}/__init__ is not among the linted files")
    source = source_of(project, facts.path)
    splices = Splices(source)
    _insert(source, splices, _statement(entry if facts.is_package else "", module))
    return splices.edits()


def _insert(source: Source, splices: Splices, text: str) -> None:
    """A line behind the last import, else behind the docstring or first, set off by blank lines."""
    imports = [node for node in source.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    docstring = source.tree.body[:1] if ast.get_docstring(source.tree, clean=False) is not None else []
    above = (imports or docstring)[-1:]
    line = (above[0].end_lineno or above[0].lineno) + 1 if above else 1
    rest = "\n".join(source.lines[line - 1 :])
    before = "\n" if above and not imports else ""
    after = "\n" if not imports and rest.strip() and not rest.startswith("\n") else ""
    last = len(source.lines) + 1
    end = "\n" if line == last else ""
    splices.replace_lines(min(line, last), min(line, last), f"{end}{before}{text}\n{after}")


def _statement(package: str, module: str) -> str:
    """The import of a module, relative where the importing file is the `__init__` of a package above it."""
    if not package or not module.startswith(f"{package}."):
        return f"import {module}"
    parent, _, name = module.removeprefix(package).rpartition(".")
    return f"from {parent or '.'} import {name}"

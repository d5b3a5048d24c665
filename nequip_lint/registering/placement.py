"""Put registrations in place: into a call that runs, or a module that the entry point imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import libcst as cst

from nequip_lint.declared.metadata import FILES
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.imports import insert_import
from nequip_lint.edits.sequences import has_room
from nequip_lint.edits.text import applied, read_raw
from nequip_lint.edits.toml_edit import Toml
from nequip_lint.engine.changed_file import ChangedFile
from nequip_lint.engine.changes import Change
from nequip_lint.engine.project_files import ProjectFiles
from nequip_lint.errors import LintError
from nequip_lint.fixes.registrations import argument, with_argument, with_names
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import FUNCTION, Registration
from nequip_lint.registering.proposal import Proposal
from nequip_lint.registering.proposals import arguments, to_register
from nequip_lint.rules.registering import not_reached, owned_registrations

_HOME = "nequip.scripts._package_utils"
"""Where nequip has the function since 0.12.0."""
_TITLE = '"""Says what a package of this model does with the libraries that it needs."""\n\n'


def placed(project: Project, listed: Iterable[Proposal]) -> tuple[Change, ...]:
    """The changes that register what the proposals say, a registration module before its import.

    Args:
        project: the project.
        listed: its proposals.

    Raises:
        LintError: there is no place for them, or a file cannot be changed.
    """
    wanted = to_register(listed)
    if not wanted:
        return ()
    if not project.uses_nequip:
        return (_configured(project, wanted),)
    files = ProjectFiles(project)
    waiting = [item for item, names in not_reached(project) if files.needs_import_alone(item)]
    covered = {name for item in waiting for name in (*(item.extern or ()), *(item.mock or ()))}
    left = {action: [n for n in names if n not in covered] for action, names in wanted.items()}
    calls = [*filter(files.is_own, owned_registrations(project)), *waiting]
    modules = [Path(item.facts.path) for item in waiting]
    fresh = {
        action: names
        for action, names in left.items()
        if names and not _extended(files, calls, action, names)
    }
    if fresh:
        home = Path(calls[0].facts.path) if calls else files.new_module()
        _add_call(files, home, calls[0].call.name if calls else files.name_in(home, FUNCTION), fresh)
        modules += [] if calls else [home]
    for module in dict.fromkeys(modules):
        files.import_from_entry(module)
    return files.changes()


def _configured(project: Project, wanted: Mapping[str, Sequence[str]]) -> Change:
    """The settings of a project that is packaged without nequip, and so without its calls.

    Raises:
        LintError: there is no pyproject.toml, or it cannot be changed.
    """
    path = project.metadata.root / FILES[0]
    lines = "; ".join(f"{action}-modules = {list(names)}" for action, names in wanted.items())
    if not path.is_file():
        raise LintError(f"{path}: there is no such file; write into it, below [tool.nequip-lint]: {lines}")
    try:
        toml = Toml(path)
        table = toml.table("tool", "nequip-lint")
        for action, names in wanted.items():
            table[f"{action}-modules"] = [*table.get(f"{action}-modules", ()), *names]
        raw = read_raw(path)
        return Change(path, path.read_bytes(), applied(raw, toml.edits()))
    except Declined as reason:
        raise LintError(f"{path}: {reason}; write below [tool.nequip-lint]: {lines}") from reason


def _extended(files: ProjectFiles, calls: Iterable[Registration], action: str, names: Sequence[str]) -> bool:
    """Whether some call that runs everywhere could be given the names."""
    for item in calls:
        if item.call in item.facts.calls and not item.call.place.guards:
            file = files.file(Path(item.facts.path))
            if _extend(file, file.call(item.call.span), f"{action}_modules", names):
                return True
    return False


def _extend(file: ChangedFile, call: cst.Call, parameter: str, names: Sequence[str]) -> bool:
    if any(item.star for item in call.args):
        return False
    value = argument(call, parameter)
    if value is None:
        if not call.args or not has_room(call):
            return False
        file.edits.update(call, lambda updated: with_argument(updated, parameter, names))
        return True
    if isinstance(value, cst.Call) or not has_room(value):
        return False
    file.edits.update(value, lambda updated: with_names(updated, names))
    return True


def _add_call(files: ProjectFiles, home: Path, name: str, wanted: Mapping[str, Sequence[str]]) -> None:
    """A call of its own at the end of a file, and the import of the function where the file lacks it.

    Args:
        files: of the project.
        home: the file.
        name: of the function there; '' where it is not imported.
        wanted: names by action.
    """
    edits = files.file(home).edits
    call = f"{name or FUNCTION}({arguments(wanted)})\n"
    if not home.exists():
        edits.append(f"{_TITLE}from {_HOME} import {FUNCTION}\n\n{call}")
        return
    if not name:
        insert_import(edits, f"from {_HOME} import {FUNCTION}")
    edits.append(f"\n{call}")

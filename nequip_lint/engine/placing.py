"""Put registrations in place: into a call that runs, or a module that the entry point imports."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nequip_lint.editing.imports import insert_import
from nequip_lint.editing.sequences import append, brackets_of
from nequip_lint.editing.splices import Splices
from nequip_lint.engine.changes import Change
from nequip_lint.engine.project_files import ProjectFiles
from nequip_lint.engine.proposals import Proposal, arguments, to_register
from nequip_lint.errors import LintError
from nequip_lint.facts.spans import span_of
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import FUNCTION, Registration
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
        settings = ", ".join(f"{action}-modules = {list(names)}" for action, names in wanted.items())
        raise LintError(
            f"{project.metadata.path}: this project does not use nequip, whose registration calls --write "
            f"writes; set in [tool.nequip-lint]: {settings}"
        )
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


def _extended(files: ProjectFiles, calls: Iterable[Registration], action: str, names: Sequence[str]) -> bool:
    """Whether some call that runs everywhere could be given the names."""
    for item in calls:
        if item.call not in item.facts.calls or item.call.place.guards:
            continue
        source = files.source(Path(item.facts.path))
        node = _node(source.tree, item)
        if node is not None and _extend(source, node, f"{action}_modules", names):
            return True
    return False


def _node(tree: ast.Module, item: Registration) -> ast.Call | None:
    """The call in the tree of its file."""
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.Expr))
    calls = (node.value for node in statements if span_of(node) == item.call.span)
    return next((node for node in calls if isinstance(node, ast.Call)), None)


def _extend(source: Splices, call: ast.Call, parameter: str, names: Sequence[str]) -> bool:
    positional = ("extern_modules", "mock_modules").index(parameter)
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in given or any(isinstance(item, ast.Starred) for item in call.args):
        return False
    value = given.get(parameter) or dict(enumerate(call.args)).get(positional)
    if value is None:
        brackets = brackets_of(source, call)
        if brackets is None or not brackets.items:
            return False
        append(source, brackets, f"{parameter}=[{', '.join(_quoted(names, source, call))}]")
        return True
    brackets = None if isinstance(value, ast.Call) else brackets_of(source, value)
    if brackets is None:
        return False
    append(source, brackets, *_quoted(names, source, value))
    return True


def _quoted(names: Iterable[str], source: Splices, beside: ast.expr) -> list[str]:
    """Names as literals, in the quotes that the text beside them has."""
    start, end = source.span(beside)
    text = source.text[start:end]
    quote = "'" if "'" in text and '"' not in text else '"'
    return [f"{quote}{name}{quote}" for name in names]


def _add_call(files: ProjectFiles, home: Path, name: str, wanted: Mapping[str, Sequence[str]]) -> None:
    """A call of its own at the end of a file, and the import of the function where the file lacks it.

    Args:
        files: of the project.
        home: the file.
        name: of the function there; '' where it is not imported.
        wanted: names by action.
    """
    source = files.source(home)
    call = f"{name or FUNCTION}({arguments(wanted)})\n"
    if not home.exists():
        source.insert(0, f"{_TITLE}from {_HOME} import {FUNCTION}\n\n{call}")
        return
    if not name:
        insert_import(source, source.tree, f"from {_HOME} import {FUNCTION}")
    is_open = bool(source.text) and not source.text.endswith("\n")
    source.insert(len(source.text), "\n" * is_open + "\n" + call)

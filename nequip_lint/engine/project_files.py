"""The files that a registration changes: those of the project, and the one that its entry point names."""

from __future__ import annotations

import os
from pathlib import Path

from nequip_lint.declared.files import source_file
from nequip_lint.edits.imports import insert_import, statement_importing
from nequip_lint.engine.changed_file import ChangedFile
from nequip_lint.engine.changes import Change
from nequip_lint.errors import LintError
from nequip_lint.facts.names import package_of
from nequip_lint.facts.values import Facts
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import Registration
from nequip_lint.rules.places import entry_obstacle

_NAMES = ("_extern", "_registrations")


class ProjectFiles:
    """The files of a project that change, and the module through which nequip comes to them.

    Args:
        project: the project.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._files: dict[Path, ChangedFile] = {}

    def file(self, path: Path) -> ChangedFile:
        """A file to change.

        Raises:
            LintError: it lies outside of the project, or cannot be read.
        """
        if path not in self._files:
            folder = Path(os.path.realpath(self.project.folder()))
            if not Path(os.path.realpath(path)).is_relative_to(folder):
                raise LintError(f"{path}: does not lie in {folder}, and is not changed")
            self._files[path] = ChangedFile(path) if path.exists() else ChangedFile(path, self._line_end())
        return self._files[path]

    def changes(self) -> tuple[Change, ...]:
        """All changes, in the order in which their files were asked for."""
        return tuple(file.change() for file in self._files.values() if file.edits.is_needed)

    def is_own(self, item: Registration) -> bool:
        """Whether a call stands in a file of the project, and not of an extension installed beside it."""
        return item.facts.module in self.project.owned

    def needs_import_alone(self, item: Registration) -> bool:
        """Whether a call that does not run would, were its module imported."""
        is_plain = item.call in item.facts.calls and not item.call.place.guards
        return is_plain and self.is_own(item) and not self._is_packaged(item.facts.module)

    def _is_packaged(self, module: str) -> bool:
        verdict = self.project.packaged.modules.get(module)
        return verdict is not None and verdict.action == "intern"

    def new_module(self) -> Path:
        """The file for the registrations, beside the module that the entry point names."""
        entry = self._entry("")
        package = package_of(entry)
        for name in _NAMES:
            if not self._is_packaged(f"{package}.{name}"):
                return Path(entry.path).parent / f"{name}.py"
        raise LintError(f"{entry.path}: {' and '.join(_NAMES)} beside it are packaged; register by hand")

    def name_in(self, path: Path, function: str) -> str:
        """The name under which a file imports a function when it is itself imported; '' where it does not."""
        facts = next((item for item in self.project.files if item.path == str(path)), None)
        imports = (item for item in facts.imports if item.place.at_import) if facts is not None else ()
        pairs = (pair for item in imports if not item.place.guards for pair in item.names)
        return next((bound for name, bound in pairs if name == function), "")

    def _line_end(self) -> str:
        """How lines end in the module that the entry point names."""
        return ChangedFile(Path(self._entry("").path)).end

    def _entry(self, top: str) -> Facts:
        """The facts of the module that nequip imports, in the package `top` where that has one.

        Raises:
            LintError: there is none among the linted files, or it cannot import a registration.
        """
        problem, found = entry_obstacle(self.project, top), self.project.entry(top)
        if problem is not None or found is None:
            raise LintError("" if problem is None else f"{problem}, then run this again")
        return found

    def import_from_entry(self, path: Path) -> None:
        """Let the entry point's module import a module of the project."""
        module = source_file(path, self.project.metadata.root).module
        entry = self._entry(module.partition(".")[0])
        if not _imports(entry, module):
            edits = self.file(Path(entry.path)).edits
            insert_import(edits, statement_importing(module, entry))


def _imports(facts: Facts, module: str) -> bool:
    """Whether importing a module imports another one, whatever the machine."""
    sure = [item for item in facts.imports if item.place.at_import and not item.place.guards]
    return any(module in (item.module, *(f"{item.module}.{name}" for name, _ in item.names)) for item in sure)

"""Whether `nequip-lint registrations --write` finds a place for a registration, and what to do first."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from nequip_lint import disk
from nequip_lint.declared.metadata import FILES
from nequip_lint.project.model import Project
from nequip_lint.rules.registering import owned_registrations


class Obstacle(NamedTuple):
    """A file or folder, what is wrong with it, and what to do first."""

    path: str
    why: str
    first: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}; {self.first}"


def obstacle(project: Project) -> Obstacle | None:
    """What keeps a registration from being written; None where nothing does, and for what a build packages.

    Args:
        project: the project.
    """
    if project.metadata.root == Path():
        return None
    if project.uses_nequip:
        return None if owned_registrations(project) else entry_obstacle(project, "")
    path = project.metadata.root / FILES[0]
    missing = Obstacle(str(path), "there is no such file", f"write a new {FILES[0]}")
    return None if disk.is_file(path) else missing


def entry_obstacle(project: Project, top: str) -> Obstacle | None:
    """What keeps the module that nequip imports from importing a registration; None where nothing does.

    Args:
        project: the project.
        top: the package whose module is asked for, where it has one; '' for any.
    """
    found = project.entry(top)
    if found is None:
        why = "the module that the entry point nequip.extension names is not among the linted files"
        first = "run this for the whole project, or add the entry point (NQ204)"
        return Obstacle(str(project.folder()), why, first)
    if not found.is_package and "." not in found.module:
        folder, name = found.module, Path(found.path).name
        why = "one file has no place for a registration"
        first = f"make a package of it: move it to {folder}/model.py, beside an empty {folder}/__init__.py"
        return Obstacle(found.path, why, first if name == f"{folder}.py" else "make it a package")
    verdict = project.packaged.modules.get(found.module)
    if verdict is not None and verdict.action == "intern":
        first = (
            f"import from submodules of {found.module} alone, since it is packaged with all that it imports"
        )
        return Obstacle(found.path, _why_packaged(project, found.module), first)
    return None


def _why_packaged(project: Project, module: str) -> str:
    chain = project.packaged.chain(module)
    last = chain[-1] if chain else None
    by = f"{last.path}:{last.line} ({last.statement})" if last is not None else "its own model classes"
    return (
        f"is packaged itself, because of {by}, and with it what it imports: a registration there would "
        "be refused"
    )

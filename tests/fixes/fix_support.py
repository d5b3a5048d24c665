"""Fix projects on disk, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from lint_support import REPOSITORY, write

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.source import Source
from nequip_lint.edits.text import read_raw
from nequip_lint.edits.uses import Scopes, Use
from nequip_lint.engine.changes import write as write_changes
from nequip_lint.engine.fixing import Fixed, fix
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PROJECT = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["nequip>=0.19", "torch", "e3nn"]

[project.entry-points."nequip.extension"]
init_always = "mypkg"

[tool.nequip-lint]
roots = ["mypkg.model"]
"""
EXTERN = """\
from nequip.scripts._package_utils import register_libraries_as_external_for_packaging

register_libraries_as_external_for_packaging(extern_modules=["fastops"])
"""
CODES = {path.stem.upper() for path in (REPOSITORY / "nequip_lint/fixes").glob("nq*.py")}
"""The rules that have fixes."""
BASE = {"pyproject.toml": PROJECT, "mypkg/__init__.py": "from . import _extern\n", "mypkg/_extern.py": EXTERN}


class Result(NamedTuple):
    """The files of a project after fixing, and what the engine says of it."""

    files: dict[str, str]
    fixed: Fixed

    @property
    def codes(self) -> list[str]:
        """The codes of what was fixed, in order."""
        return [finding.code for finding in self.fixed.fixed]

    @property
    def reasons(self) -> list[str]:
        """Why what remains was not fixed."""
        return [finding.unfixable for finding in self.fixed.report.findings]

    @property
    def left(self) -> list[str]:
        """The codes of what remains."""
        return [finding.code for finding in self.fixed.report.findings]


def fix_files(
    folder: Path, files: Mapping[str, str | bytes], *, unsafe: bool = False, select: str = ""
) -> Result:
    """Write a project, fix it, and read it again."""
    write(folder, files)
    return fix_folder(folder, unsafe=unsafe, select=select)


def fix_folder(
    folder: Path,
    *,
    unsafe: bool = False,
    select: str = "",
    paths: Sequence[str] = (".",),
    environment: Path | None = None,
) -> Result:
    """Fix a project that is there."""
    selection = Selection(tuple(select.split(",")) if select else ())
    linted = tuple(folder / path for path in paths)
    result = fix(Request(linted, cache=False, environment=environment), selection, unsafe=unsafe)
    write_changes(result.changes)
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return Result({str(path.relative_to(folder)): path.read_text(errors="replace") for path in paths}, result)


def fix_model(
    folder: Path, model: str, *, unsafe: bool = False, select: str = "", **more: str
) -> tuple[str, Result]:
    """Fix a project whose model has a text; the model's new text, and the rest."""
    files = {**BASE, "mypkg/model.py": model, **{f"mypkg/{name}.py": text for name, text in more.items()}}
    result = fix_files(folder, files, unsafe=unsafe, select=select)
    return result.files["mypkg/model.py"], result


def uses_in(path: Path, name: str) -> tuple[TreeEdits, list[Use]]:
    """What can change a file, and the uses of a name that imports at its top bind."""
    source = Source(str(path), read_raw(path))
    scopes = Scopes(source, {name})
    scope = scopes.around(source.statement(source.naming({name})[0]))
    return TreeEdits(source), scopes.uses(scope, name, scopes.imports_of(scope, name))

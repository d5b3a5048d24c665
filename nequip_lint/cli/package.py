"""`nequip-lint check` of packages; what reads them is the packager's, and imported only then."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_lint.cli.options import (
    FOR_MACHINES,
    FOR_PREDICTIONS,
    FOR_SOURCE,
    check_command,
    leave_out,
    libraries,
)
from nequip_lint.engine.run import Report
from nequip_lint.engine.selection import Selection
from nequip_lint.errors import LintError
from nequip_lint.values import Step

if TYPE_CHECKING:
    from nequip_lint.reports.recorded import PackageClosure

_FOR_FILES = (
    "fix",
    "diff",
    "unsafe_fixes",
    "add_noqa",
    "reason",
    "write_baseline",
    "baseline",
    "show_settings",
)
_ZIP = b"PK\x03\x04"


def packages_among(given: argparse.Namespace) -> list[str]:
    """The paths that are meant as packages, there or not."""
    return [path for path in given.paths if path.endswith(".zip") and not os.path.isdir(path)]  # noqa: PTH112  never raises


def is_about_packages(given: argparse.Namespace) -> bool:
    """Whether the paths are packages.

    Raises:
        LintError: source and packages are mixed, or an option does not fit.
    """
    packages = packages_among(given)
    if given.paths:
        check_command(Path(given.paths[0]))
    for path in filter(_is_archive, given.paths if not packages else ()):
        raise LintError(
            f"{path} is a checkpoint or another archive, no source; packages are named .nequip.zip"
        )
    if packages and len(packages) < len(given.paths):
        raise LintError(f"{packages[0]} is a package; lint packages and source in two calls")
    if packages:
        leave_out(given, FOR_SOURCE, "is for source; leave it out")
    else:
        leave_out(given, FOR_MACHINES, "is for packages (.nequip.zip); leave it out")
    changing = [name for name in _FOR_FILES if getattr(given, name)] if packages else []
    if changing:
        raise LintError(f"--{changing[0].replace('_', '-')} is for source; packages are only read")
    return bool(packages)


def closures_of(given: argparse.Namespace) -> list[PackageClosure]:
    """What is recorded of packages; none where the paths are source.

    Raises:
        LintError: source and packages are mixed, an option is for source, or a package cannot be read.
    """
    packages = packages_among(given)
    if not packages:
        return []
    if len(packages) < len(given.paths):
        raise LintError(f"{packages[0]} is a package; ask about packages and source in two calls")
    leave_out(given, FOR_PREDICTIONS, "is for source, of which a closure is predicted; leave it out")
    from nequip_pack.errors import NequipPackError

    try:
        return [_closure_of(path) for path in packages]
    except NequipPackError as error:
        raise LintError(str(error)) from error


def _closure_of(path: str) -> PackageClosure:
    from nequip_lint.reports.recorded import PackageClosure
    from nequip_pack.snapshot import recorded_closure

    found = recorded_closure(Path(path))
    steps = {
        name: Step(way.by, f"{path}/{found.members.get(way.by, way.by)}", way.line, way.statement)
        for name, way in found.ways.items()
    }
    return PackageClosure(path, found.roots, found.actions, steps, found.target)


def _is_archive(path: str) -> bool:
    """Whether a file is a zip archive, as checkpoints are."""
    if not os.path.isfile(path):  # noqa: PTH113  never raises
        return False
    with Path(path).open("rb") as opened:
        return opened.read(len(_ZIP)) == _ZIP


def check_packages(given: argparse.Namespace, selection: Selection) -> Report:
    """Lint packages for the machine that the arguments describe.

    Raises:
        LintError: one of them is missing, damaged, or something else.
    """
    from nequip_lint.engine.packagers import python_of
    from nequip_lint.snapshot.machine import Machine
    from nequip_pack.errors import NequipPackError
    from nequip_pack.snapshot import check_package

    present, absent = libraries(given)
    python = None if given.python is None else python_of(given.python)
    machine = Machine(python, bool(given.gpu), present, absent)
    try:
        checked = [check_package(Path(path), machine) for path in given.paths]
    except NequipPackError as error:
        raise LintError(str(error)) from error
    enabled = (tuple(f for f in item.findings if selection.enabled(f.code)) for item in checked)
    findings = (f for each in enabled for f in sorted(each, key=lambda f: (f.path, f.span, f.code)))
    notes = tuple(note for item in checked for note in item.notes)
    return Report(tuple(findings), sum(item.files for item in checked), notes, is_fixable=False)

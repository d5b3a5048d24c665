"""`nequip-lint check` of packages; what reads them is the packager's, and imported only then."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from nequip_lint.cli.options import libraries
from nequip_lint.engine.run import Report
from nequip_lint.engine.selection import Selection
from nequip_lint.errors import LintError

_FOR_SOURCE = {"environment": "--environment", "roots": "--root", "config": "--config"}
_FOR_FILES = ("fix", "diff", "unsafe_fixes", "add_noqa", "reason", "write_baseline", "baseline")
_ZIP = b"PK\x03\x04"
_FOR_PACKAGES = {"python": "--python", "gpu": "--gpu", "present": "--present", "absent": "--absent"}


def packages_among(given: argparse.Namespace) -> list[str]:
    """The paths that are meant as packages, there or not."""
    return [path for path in given.paths if path.endswith(".zip") and not os.path.isdir(path)]  # noqa: PTH112  never raises


def is_about_packages(given: argparse.Namespace) -> bool:
    """Whether the paths are packages.

    Raises:
        LintError: source and packages are mixed, or an option does not fit.
    """
    packages = packages_among(given)
    for path in filter(_is_archive, given.paths if not packages else ()):
        raise LintError(
            f"{path} is a checkpoint or another archive, no source; packages are named .nequip.zip"
        )
    if packages and len(packages) < len(given.paths):
        raise LintError(f"{packages[0]} is a package; lint packages and source in two calls")
    wrong = _FOR_SOURCE if packages else _FOR_PACKAGES
    for name, option in wrong.items():
        if getattr(given, name) != given.parser.get_default(name):
            kind = "source" if packages else "packages (.nequip.zip)"
            raise LintError(f"{option} is for {kind}; leave it out")
    changing = [name for name in _FOR_FILES if getattr(given, name)] if packages else []
    if changing:
        raise LintError(f"--{changing[0].replace('_', '-')} is for source; packages are only read")
    return bool(packages)


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
    return Report(tuple(findings), sum(item.files for item in checked), (), notes, is_fixable=False)

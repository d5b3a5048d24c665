"""`nequip-lint closure --checkpoint`: the exact closure; the packager, which tells it, is imported then."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_lint.cli.options import FOR_PREDICTIONS, leave_out
from nequip_lint.cli.package import packages_among
from nequip_lint.errors import LintError

if TYPE_CHECKING:
    from nequip_lint.closure.packaged import Closure
    from nequip_lint.machine.target import Target


def closure_of(given: argparse.Namespace) -> tuple[Closure, Target]:
    """What a build of a checkpoint packages on this machine, loading it; the paths are folders of own code.

    Raises:
        LintError: an option does not fit, the packager is not whole here, or the checkpoint does not load.
    """
    leave_out(given, FOR_PREDICTIONS, "is for a prediction from source; leave it out with --checkpoint")
    for package in packages_among(given):
        raise LintError(f"{package} is a package; ask about it and about --checkpoint in two calls")
    with redirect_stdout(sys.stderr):
        return _told(Path(given.checkpoint), tuple(map(Path, given.paths)))


def _told(checkpoint: Path, sources: tuple[Path, ...]) -> tuple[Closure, Target]:
    from nequip_pack.errors import NequipPackError
    from nequip_pack.plan import checkpoint_closure

    try:
        return checkpoint_closure(checkpoint, sources)
    except NequipPackError as error:
        raise LintError(str(error)) from error

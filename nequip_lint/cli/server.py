"""`nequip-lint server`."""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import sys
from pathlib import Path
from typing import TextIO

from nequip_lint.errors import LintError


def server(given: argparse.Namespace) -> int:
    """Serve until the editor ends it.

    Raises:
        LintError: the library that speaks the protocol is not installed, or there is nobody to speak with.
    """
    if importlib.util.find_spec("pygls") is None:
        from nequip_lint.install import install_command

        raise LintError(f"the language server needs pygls; run `{install_command('server')}`")
    if sys.stdin is None or not _is_open(sys.stdout):
        raise LintError(
            "the language server speaks over standard input and output, and one of them is closed"
        )
    from nequip_lint.server.app import make_server

    gc.enable()  # a run looks for no garbage, but this one lasts
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")  # the server closes it
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  until the process ends; no print may disturb
    make_server().start_io(stdout=output)
    return 0


def _is_open(stream: TextIO) -> bool:
    try:
        return stream.fileno() >= 0
    except (OSError, ValueError):
        return False

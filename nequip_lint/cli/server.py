"""`nequip-lint server`."""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import sys

from nequip_lint.errors import LintError


def server(given: argparse.Namespace) -> int:
    """Serve until the editor ends it.

    Raises:
        LintError: the library that speaks the protocol is not installed.
    """
    if importlib.util.find_spec("pygls") is None:
        raise LintError("the language server needs pygls; run `pip install 'nequip-pack[server]'`")
    from nequip_lint.server.app import make_server

    gc.enable()  # a run looks for no garbage, but this one lasts
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")  # the server closes it
    sys.stdout = sys.stderr
    make_server().start_io(stdout=output)
    return 0

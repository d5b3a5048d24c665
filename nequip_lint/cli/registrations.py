"""`nequip-lint registrations`."""

from __future__ import annotations

import argparse
import json

from nequip_lint.cli.options import request_of
from nequip_lint.engine.proposals import is_missing, proposals
from nequip_lint.project.assemble import assemble
from nequip_lint.reports.registrations import lines, project_json

_NO_ROOTS = "no roots: no class here is seen to be part of a model (name some with --root)"


def registrations(given: argparse.Namespace) -> int:
    """Print what to register, and with `--write` register it; the exit code."""
    found = [(item, proposals(item)) for item in assemble(request_of(given)) if item.project.roots]
    for assembled, _ in found:
        assembled.cache.save()
    if given.format == "json":
        documents = [project_json(str(item.project.folder()), listed) for item, listed in found]
        print(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))
    else:
        for _, listed in found:
            print("\n".join(lines(listed)))
        if not found:
            print(_NO_ROOTS)
    missing = any(is_missing(item) for _, listed in found for item in listed)
    return 1 if given.check and missing else 0

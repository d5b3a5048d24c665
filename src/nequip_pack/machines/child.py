"""The process that believes to be on another machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from nequip_pack.errors import NequipPackError, Refused
from nequip_pack.fresh import answer
from nequip_pack.machines.settings import Settings
from nequip_pack.writing.signals import StopSignals


def _answer(request: Mapping[str, Any]) -> bytes:
    found: dict[str, Any] = {"code": 0}
    try:
        with StopSignals():
            if "package" in request:
                _load(Path(request["package"]))
            else:
                found["closure"] = _build(Settings(**request["settings"]))
    except NequipPackError as error:
        error.where = "" if "package" in request else error.where  # nobody has seen that file
        found = {"code": error.exit_code, "error": str(error), "details": error.details}
    return json.dumps(found).encode()


def _load(package: Path) -> None:
    """Load a package and compare its outputs with those of the machine that built it."""
    from nequip_pack.format import open_archive, read_metadata
    from nequip_pack.verify.run import verify

    archive = open_archive(package)
    failed = verify(archive, read_metadata(archive), physics=False).failed
    if failed:
        raise Refused(f"it loads, but these differ: {', '.join(failed)}", where=package)


def _build(settings: Settings) -> dict[str, str]:
    """A whole rehearsal; returns what was packaged."""
    from nequip_pack.gate import LintGate

    return dict(settings.rehearse(gate=LintGate(lambda text: None)).closure)


def main() -> NoReturn:
    """Answer the one request of this process."""
    sys.exit(answer(_answer))

"""The fresh process that looks at one package: it says what it has found as it goes, a JSON value a line.

It ends when the process that asked is gone, which no time limit would tell it then.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from nequip_pack.errors import InputError
from nequip_pack.survey.steps import STEPS, failed

_GIGABYTE: Final = 1 << 30
_PIECE: Final = 1 << 20


def main() -> None:
    """Answer the request in the last word of the command line."""
    request = json.loads(sys.argv[-1])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _limit(request["gigabytes"])
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as output:
        os.dup2(2, 1)  # what a package prints goes elsewhere
        for answer in _answers(request):
            output.write(f"{json.dumps(answer, default=str)}\n")
            output.flush()


def _answers(request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    from nequip_pack.format.opened import opened_package

    path, names = Path(request["path"]), request["steps"]
    try:
        read = _bytes_of(path)
        yield read
        if read["sha256"] == request["known"]:
            return
        archive, metadata, _ = opened_package(path, seal=True)
    except Exception as error:
        for name in names:
            yield {name: asdict(failed(STEPS[name].version, error))}
        return
    for name in names:
        yield {name: asdict(STEPS[name].outcome(archive, metadata))}


def _bytes_of(path: Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError("this is not a regular file")
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
                size += len(piece)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise InputError("the package cannot be read", why=why) from error
    return {"sha256": digest.hexdigest(), "size": size}


def _limit(gigabytes: float) -> None:
    """Bound what this process and each that it starts may allocate, where the system can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        size = int(gigabytes * _GIGABYTE)
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os.killpg(0, signal.SIGKILL)

"""Rehearses one configuration after the other in one process, and tells how each ended.

Run as ``python rehearsal_worker.py CASES ANSWERS``. The cases are JSON, a name to ``config``, ``options`` and
``free``, which stands for the bytes of memory that are free; the answers are name to exit code and message.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import nequip_pack
from nequip_pack.errors import NequipPackError
from nequip_pack.rehearsal import memory


def outcome(config: Any, options: dict[str, Any], free: int | None) -> tuple[int, str]:
    """How a rehearsal ends that is not judged, for time's sake."""
    if free is not None:
        memory.available = lambda: free
    try:
        nequip_pack.rehearse(config, lint=False, **options)
    except NequipPackError as error:
        return error.exit_code, str(error)
    return 0, ""


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    available = memory.available
    answers = {}
    for name, case in json.loads(Path(sys.argv[1]).read_text()).items():
        answers[name] = outcome(case["config"], case.get("options", {}), case.get("free"))
        memory.available = available
    Path(sys.argv[2]).write_text(json.dumps(answers))

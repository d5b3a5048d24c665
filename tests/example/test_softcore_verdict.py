"""Of the example, trained: source lint, gate, dry run, closure and lint of the package give one verdict."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from closures import written

if TYPE_CHECKING:
    from softcore_support import Installed

pytestmark = pytest.mark.real
SITE = Path(sys.prefix)


def test_all_five_agree(example: Installed, checkpoint: Path, ours: Path, tmp_path: Path) -> None:
    def told(*words: object) -> dict[str, str]:
        command = ("-m", "nequip_lint", "closure", "--json", *map(str, words), str(example.project))
        done = example.python(*command, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        found, _ = json.JSONDecoder().raw_decode(done.stdout[done.stdout.index("{") :])
        return {name: entry["action"] for name, entry in found["modules"].items()}

    source, exact = told("--environment", SITE), told("--checkpoint", checkpoint)
    kept = {name: action for name, action in exact.items() if action in ("intern", "extern", "mock")}
    assert {name: action for name, action in written(ours).items() if name != "_mock"} == kept
    assert {name: exact.get(name) for name in source} == source

    words = ("build", "--dry-run", str(checkpoint), "--source", str(example.project))
    dry = example.python("-m", "nequip_pack", *words, cwd=tmp_path)
    assert dry.returncode == 0, dry.stdout
    shown = {line.split()[0] for line in dry.stdout.splitlines() if re.match(r"  [\w.-]+  ", line)}
    assert shown >= exact.keys()
    linted = example.python(
        "-m", "nequip_lint", "--environment", str(SITE), str(example.project), cwd=tmp_path
    )
    assert linted.returncode == 0, linted.stdout
    checked = example.python("-m", "nequip_lint", str(ours), cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout

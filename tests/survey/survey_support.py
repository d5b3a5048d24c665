"""Surveys in processes of their own, and what they wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from pack_support import rewrite

from nequip_pack.survey.output import read_lines

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.survey.lines import Line

OUTPUT = "survey.jsonl"
ID, MANIFEST = ".data/serialization_id", "model/manifest.json"
NET = "tinyplain/net.py"
NUMBER, BROKEN = 18, 10
"""How many packages there are, and how many of any crowd are broken."""


def fill(small: Path, folder: Path, number: int) -> None:
    """Copies with ids of their own, and the broken ones."""
    (folder / "deep" / "deeper").mkdir(parents=True)
    for count in range(number - BROKEN):
        place = folder / ("deep/deeper" if count % 3 else ".") / f"m{count:03}.nequip.zip"
        rewrite(small, place, {ID: f"{count:020}".encode(), MANIFEST: None})
    content = small.read_bytes()
    middle = len(content) // 2
    broken = {
        "cut": content[:middle],
        "headless": content[100:],
        "empty": b"",
        "text": b"no package",
        "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "longer": content + b"more",
        "zeros": b"\0" * len(content),
    }
    for name, damaged in broken.items():
        (folder / f"{name}.nequip.zip").write_bytes(damaged)
    (folder / "checkpoint.nequip.zip").write_bytes(small.with_name("a.ckpt").read_bytes())
    rewrite(small, folder / "unreadable.nequip.zip", {"model/package_metadata.txt": b"{", MANIFEST: None})
    os.mkfifo(folder / "pipe.nequip.zip")


def command(*words: object) -> list[str]:
    """The command line of a survey."""
    return [sys.executable, "-m", "nequip_pack", "survey", *map(str, words)]


def survey(*words: object, cwd: Path, code: int = 0, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a survey to its end, which must be this one."""
    done = subprocess.run(command(*words), cwd=cwd, capture_output=True, text=True, check=False, **options)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def lines(folder: Path, name: str = OUTPUT) -> dict[str, Line]:
    """The last line of each package, by its file's name."""
    return {line.path.rpartition("/")[2]: line for line in read_lines(folder / name)}


def found(folder: Path, name: str = OUTPUT) -> dict[str, Any]:
    """What was found, without how long it took."""
    return {key: {**line.as_json(), "seconds": 0} for key, line in lines(folder, name).items()}


def raw(folder: Path, name: str = OUTPUT) -> list[Any]:
    """All whole lines as JSON."""
    *whole, _ = (folder / name).read_bytes().split(b"\n")
    return [json.loads(text) for text in whole]

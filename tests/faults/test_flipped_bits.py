"""One flipped bit anywhere in a package: it is refused, or it changes nothing. Never something else."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import zipfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Show = Callable[[str, Mapping[str, Mapping[str, int]]], None]

pytestmark = pytest.mark.real

WORKER = Path(__file__).with_name("flip_worker.py")
CONTENTS = {
    "weights": ".storage",
    "code": ".py",
    "pickles": ".pkl",
    "manifest": "manifest.json",
    "references": "references.json",
    "metadata": "package_metadata.txt",
}


def regions(package: Path) -> dict[str, list[range]]:
    """Where in the file what lies."""
    found: dict[str, list[range]] = defaultdict(list)
    end = 0
    with zipfile.ZipFile(package) as archive:
        start = archive.start_dir
        for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
            assert info.header_offset >= end
            found["between members"].append(range(end, info.header_offset))
            content = info.header_offset + 30 + _lengths(package, info.header_offset)
            end = content + info.compress_size
            found["local headers"].append(range(info.header_offset, content))
            kind = next(
                (kind for kind, tail in CONTENTS.items() if info.filename.endswith(tail)), "other members"
            )
            found[kind].append(range(content, end))
    size = package.stat().st_size
    found["between members"].append(range(end, start))
    found["central directory"].append(range(start, size - 22))
    found["end record"].append(range(size - 22, size))
    assert sum(len(part) for parts in found.values() for part in parts) == size
    return {kind: [part for part in parts if part] for kind, parts in found.items() if any(parts)}


def _lengths(package: Path, offset: int) -> int:
    """The lengths of the name and of the extra field, padding included, in a local header."""
    with package.open("rb") as stream:
        stream.seek(offset + 26)
        return sum(int.from_bytes(stream.read(2), "little") for _ in range(2))


def _flips(package: Path, count: int, seed: int) -> list[tuple[str, int, int]]:
    """As many from every region; a region's bytes are equally likely."""
    dice, found = random.Random(seed), regions(package)
    every = []
    for index in range(count):
        kind = list(found)[index % len(found)]
        part = dice.choices(found[kind], [len(part) for part in found[kind]])[0]
        every.append((kind, dice.choice(part), dice.randrange(8)))
    return every


def _flip(package: Path, folder: Path, count: int, seed: int) -> dict[str, Counter[str]]:
    flips = _flips(package, count, seed)
    request, answers = folder / "request.json", folder / "answers.json"
    places = [(position, bit) for _, position, bit in flips]
    content = {"package": str(package), "folder": str(folder), "flips": places, "answers": str(answers)}
    request.write_text(json.dumps(content))
    done = subprocess.run(
        [sys.executable, str(WORKER), str(request)],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(answers.read_text())
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for flip, outcome in zip(flips, outcomes, strict=True):
        assert outcome in ("same", "refused 3", "refused 4", "refused 5"), (flip, outcome)
        table[flip[0]][outcome] += 1
    return table


def _check(table: Mapping[str, Counter[str]]) -> None:
    """What a member holds is never taken with a flipped bit."""
    for kind in (*CONTENTS, "other members"):
        assert set(table[kind]) <= {"refused 4"}, (kind, table[kind])


def test_a_tenth_of_the_flips(package: Path, tmp_path: Path, seed: int, show: Show) -> None:
    table = _flip(package, tmp_path, 30, seed)
    show("Flipped bits", table)
    _check(table)


@pytest.mark.matrix
def test_every_flip(package: Path, tmp_path: Path, seed: int, show: Show) -> None:
    table = _flip(package, tmp_path, 300, seed)
    show("Flipped bits", table)
    _check(table)

"""Pickles that were made to hang, to grow, to crash or to run: read, walked and compared within bounds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from crafted_pickles import READ, REFUSED

from nequip_pack.pickles.read import OPCODE_LIMIT, read
from nequip_pack.pickles.values import BadPickle

MEMORY = 400 * 1024 * 1024
"""Bytes of address space for a process that reads one of them, Python itself included."""

USE = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
from nequip_pack.compare.pickled import tensors
from nequip_pack.compare.structure import Structure
from nequip_pack.pickles.nested import inside
from nequip_pack.pickles.read import read
from nequip_pack.pickles.walk import is_plain, objects
data = Path(sys.argv[1]).read_bytes()
first, second = read(data), read(data)
assert first.end == len(data)
list(objects(first.content, *first.calls)), list(inside(first))
tensors(first.content), is_plain(first.content, 8)
lines = Structure(lambda *_: None).compare(first, second)
assert all("not compared deeper" in line for line in lines), lines
"""


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(kind: str) -> None:
    with pytest.raises(BadPickle):
        read(REFUSED[kind]())


@pytest.mark.parametrize("kind", READ)
def test_read_walked_and_compared(kind: str, tmp_path: Path) -> None:
    """In a process with little memory; the time limit is for a reader that hangs."""
    path = tmp_path / "crafted.pkl"
    path.write_bytes(READ[kind]())
    command = [sys.executable, "-c", USE, str(path), str(MEMORY)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]


LARGEST = {
    "dictionaries": b"}" * (OPCODE_LIMIT - 1) + b".",
    "places in the memo": b"}\x94" * (OPCODE_LIMIT // 2 - 1) + b".",
    "marks": b"(" * (OPCODE_LIMIT - 2) + b"N.",
    "calls": b"cbuiltins\nset\nq\x00" + b"h\x00)R" * (OPCODE_LIMIT // 3 - 2) + b".",
}


@pytest.mark.parametrize("kind", LARGEST)
def test_the_largest_stay_small(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "largest.pkl"
    path.write_bytes(LARGEST[kind])
    program = (
        "import resource, sys; from pathlib import Path; from nequip_pack.pickles.read import read\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "found = read(Path(sys.argv[1]).read_bytes())\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    assert int(done.stdout) < 250 * 1024  # kilobytes

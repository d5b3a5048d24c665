"""What the comparison of two pickles tells, and that it stays small on what was made to grow."""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from typing import Any

import pytest
from crafted_pickles import SET

from nequip_pack.compare.lines import changes
from nequip_pack.compare.structure import Structure
from nequip_pack.compare.told import LINES
from nequip_pack.pickles.read import read


def lines(a: bytes, b: bytes) -> list[str]:
    """The lines about two pickles without tensors of a package."""
    return Structure(lambda *_: None).compare(read(a), read(b))


def between(a: Any, b: Any, protocol: int = 4) -> list[str]:
    """The same for values."""
    return lines(pickle.dumps(a, protocol), pickle.dumps(b, protocol))


TEXT = "def forward(self, x):\n    y = x * 2\n    return y\n"

PAIRS: dict[str, tuple[Any, Any, list[str]]] = {
    "number": ({"a": [1, 2.5]}, {"a": [1, 2.75]}, ["a[1]: 2.5 -> 2.75"]),
    "kind of number": ({"a": 1}, {"a": 1.0}, ["a: 1 -> 1.0"]),
    "truth": ([1], [True], ["[0]: 1 -> True"]),
    "sign of zero": ([0.0], [-0.0], ["[0]: 0.0 -> -0.0"]),
    "no number": ([float("nan")], [float("nan")], []),
    "text": ({"a": "b"}, {"a": "c"}, ["a: 'b' -> 'c'"]),
    "characters that terminals obey": ({"a\x1b[2J": 1}, {"a\x1b[2J": 2}, ["a\\x1b[2J: 1 -> 2"]),
    "key": ({"a": 1}, {"b": 1}, ["a: only in the first (1)", "b: only in the second (1)"]),
    "order of keys": ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ["the whole: its keys are in another order"]),
    "key that is no text": ({(1, 2): 3}, {(1, 4): 3}, ["(key)[1]: 2 -> 4"]),
    "length": ([1, 2], [1], ["the whole: 2 items -> 1", "[1]: only in the first (2)"]),
    "list or tuple": ([[1]], [(1,)], ["[0]: list of 1 -> tuple of 1"]),
    "integer without end": (
        [2**1000],
        [2**1001],
        ["[0]: an integer of 1001 bits -> an integer of 1002 bits"],
    ),
    "lines": (
        [TEXT],
        [TEXT.replace("* 2", "* 3")],
        ["[0]: 1 line added, 1 removed; -    y = x * 2; +    y = x * 3"],
    ),
    "set": ({1}, {2}, ["[0]: 1 -> 2"]),
    "bytes": ([b"\xff\xff"], [b"\xff\xff\xff"], ["[0]: bytes differ (2 -> 3)"]),
    "state of an ordered dictionary": (
        OrderedDict(a=1),
        [],
        [
            "the whole: only the first asks for collections.OrderedDict",
            "the whole: OrderedDict of 1 -> list of 0",
        ],
    ),
    "nested pickle": (
        {"code": pickle.dumps({"x": 1})},
        {"code": pickle.dumps({"x": 2})},
        ["code.<pickle>.x: 1 -> 2"],
    ),
    "nested twice": (
        [pickle.dumps([pickle.dumps(1.5)])],
        [pickle.dumps([pickle.dumps(2.5)])],
        ["[0].<pickle>[0].<pickle>: 1.5 -> 2.5"],
    ),
    "nested in another protocol": (
        [pickle.dumps(1, 2)],
        [pickle.dumps(1, 3)],
        ["[0]: bytes differ (5 -> 5), nothing in them is understood to"],
    ),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_lines(kind: str) -> None:
    a, b, expected = PAIRS[kind]
    assert between(a, b) == expected
    assert between(a, a) == between(b, b) == []


def test_bytes_in_protocol_2() -> None:
    """They are made of a text by a call."""
    a, b = ([pickle.dumps({"x": one}, 2)] for one in (1, 2))
    assert between(a, b, 2) == ["[0].<pickle>.x: 1 -> 2"]


def test_calls() -> None:
    assert lines(b"cos\nsystem\n)R.", b"cos\npopen\n)R.")[-1] == "the whole: os.system -> os.popen"
    assert lines(SET + b"(K\x01tR.", SET + b"(K\x02tR.") == ["(0): 1 -> 2"]
    assert lines(SET + b")R}b.", SET + b")R}K\x01K\x02sb.") == ["1: only in the second (2)"]
    thrown = lines(SET + b"0N.", SET + b")R0N.")
    assert thrown == ["(thrown away): only in the second (builtins.set(…))"]


def test_one_change_in_one_object_that_many_share_is_one_line() -> None:
    shared, other = ["x", 1], ["x", 2]
    assert len(between([shared] * 1000, [other] * 1000)) == 1


def test_no_more_lines_than_a_person_reads() -> None:
    found = between(list(range(1000)), list(range(1, 1001)))
    assert found[LINES:] == [f"and {1000 - LINES} more differences"]


def test_every_object_of_one_with_every_object_of_the_other() -> None:
    """Rows of the same parts in another order: more pairs of objects than are kept."""
    size = 2000

    def crafted(turn: int) -> bytes:
        parts = b"".join(b"]r" + struct.pack("<I", place) + b"0" for place in range(size))
        rows = b"".join(
            b"(" + b"".join(b"j" + struct.pack("<I", (turn * row + k) % size) for k in range(520)) + b"l"
            for row in range(size)
        )
        return parts + b"(" + rows + b"l."

    (line,) = lines(crafted(1), crafted(7))
    assert line.endswith("not compared further, its objects refer to each other too often")


@pytest.mark.real
@pytest.mark.parametrize("new", [True, False])
def test_what_torch_saved_into_bytes(new: bool) -> None:
    """Its older format names storages by their address, which is no difference; its numbers are one."""
    import torch

    kept = []

    def saved(value: float) -> bytes:
        buffer = io.BytesIO()
        tensor = torch.full((3,), value)
        kept.append(tensor)  # so that the next one has another address
        torch.save({"t": tensor}, buffer, _use_new_zipfile_serialization=new)
        return pickle.dumps({"held": buffer.getvalue()})

    first, same, other = saved(1.0), saved(1.0), saved(2.0)
    assert new or first != same
    assert lines(first, same) == []
    found = lines(first, other)
    assert found
    assert all("bytes" in line for line in found)


def test_lines_of_long_texts() -> None:
    """Beyond the lines that are aligned, they are counted."""
    old = [f"line {number}" for number in range(10_000)]
    found = changes(old, old[::-1])
    assert len(found) == 20_000
    assert changes(old, [*old[:5000], "new", *old[5000:]]) == ["@@ -5000,0 +5001 @@", "+new"]
    assert changes(old, old) == []
    assert changes(["a", "b", "c", "d"], ["a", "b", "x", "d"], 1) == [
        "@@ -2,3 +2,3 @@",
        " b",
        "-c",
        "+x",
        " d",
    ]

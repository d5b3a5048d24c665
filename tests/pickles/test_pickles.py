"""The reader of pickles against Python's own, and what it makes of calls."""

from __future__ import annotations

import collections
import pickle
import random
from pathlib import Path
from typing import Any

import pytest
from crafted_pickles import tensor

from nequip_pack.pickles.nested import inside, nested
from nequip_pack.pickles.read import read
from nequip_pack.pickles.tensors import as_tensor
from nequip_pack.pickles.values import BadPickle, Global, Inert, Key, Ordered, Tensor

SHARED = ["shared"]
PLAIN: list[Any] = [
    None,
    [True, False, 0, 1, -1, 255, 256, 65535, 65536, -(2**31), 2**31, 2**63, -(2**200), 10**300],
    [0.0, -0.0, 1.5, float("inf"), 1e-320],
    ["", "text", "naïve ☃ \U0001f600", "a\nb\\c'd\"e", "x" * 300, "\udc80"],
    [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [[]], [SHARED, SHARED]],
    {"a": 1, 2: "b", None: [], True: (), "nested": {"deep": {"deeper": {}}}},
    list(range(3000)),
    {str(number): number for number in range(3000)},
]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("value", PLAIN, ids=range(len(PLAIN)))
def test_plain_data_come_back(value: Any, protocol: int) -> None:
    data = pickle.dumps(value, protocol)
    found = read(data)
    assert repr(found.content) == repr(value)
    assert (found.end, found.globals, found.calls) == (len(data), set(), [])


@pytest.mark.parametrize("protocol", range(6))
def test_bytes_come_back(protocol: int) -> None:
    """Protocols below 3 make bytes of a text, those below 5 bytearrays of bytes."""
    inner = pickle.dumps(["inner"], protocol)
    outer = pickle.dumps([inner, bytearray(inner), b""], protocol)
    assert [one.content for one in inside(read(outer))] == [["inner"]]


def test_what_is_shared_stays_shared() -> None:
    first, second = read(pickle.dumps([SHARED, SHARED])).content
    assert first is second


class Thing:
    """A class whose objects are made by a call, with a state, items and pairs."""

    def __init__(self, *, size: int) -> None:
        self.size = size

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (pickle.loads, (b"N.",), {"size": self.size}, iter([1, 2]), iter([("a", 1)]))


class Named:
    """A class whose objects take keyword arguments when they are made."""

    def __new__(cls, **options: Any) -> Named:
        return super().__new__(cls)

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, int]]:
        return (), {"size": 3}


def test_calls_are_kept_as_what_they_are() -> None:
    found = read(pickle.dumps(Thing(size=5)))
    made = found.content
    assert isinstance(made, Inert)
    assert str(made.callable) == "_pickle.loads"
    assert (made.arguments, made.state) == ((b"N.",), {"size": 5})
    assert (made.items, made.pairs) == ([1, 2], [("a", 1)])
    assert found.globals == {("_pickle", "loads")}
    assert found.modules == {"_pickle"}


def test_keyword_arguments() -> None:
    made = read(pickle.dumps(Named(), 4)).content
    assert (made.callable.name, made.arguments, made.options) == ("Named", (), {"size": 3})


def test_sets_and_ordered_dictionaries() -> None:
    made = read(pickle.dumps({1, 2}, 4)).content
    assert (str(made.callable), made.items) == ("builtins.set", [1, 2])
    ordered = collections.OrderedDict(a=1)
    ordered.extra = 2  # type: ignore[attr-defined]
    found = read(pickle.dumps(ordered)).content
    assert isinstance(found, Ordered)
    assert (dict(found), found.states) == ({"a": 1}, ({"extra": 2},))


def test_keys_whose_hash_a_pickle_can_choose() -> None:
    found = read(pickle.dumps({(1, 2): 3, 0.5: 4, 2**70: 5, "plain": 6})).content
    assert [type(name) for name in found] == [Key, Key, Key, str]


class Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return exec, (f"open({str(self.marker)!r}, 'w').close()",)


NAMED = {
    "GLOBAL": b"cos\nsystem\n.",
    "STACK_GLOBAL": b"\x8c\x02os\x8c\x06system\x93.",
    "INST": b"(ios\nsystem\n.",
    "OBJ": b"(cos\nsystem\no.",
    "thrown away": b"cos\nsystem\n0N.",
    "in the memo": b"cos\nsystem\nq\x000N.",
}


@pytest.mark.parametrize("kind", NAMED)
def test_every_way_to_a_name_is_seen(kind: str) -> None:
    assert read(NAMED[kind]).globals == {("os", "system")}


def test_other_ways_to_a_name() -> None:
    assert read(b"\x84\x2a\x00\x00\x00.").globals == {("copyreg", "extension 42")}
    thrown = read(b"cos\nsystem\nX\x02\x00\x00\x00ls\x85R0N.")
    assert thrown.content is None
    assert [str(call.callable) for call in thrown.calls] == ["os.system"]


def test_nothing_runs(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    data = pickle.dumps(Bomb(marker))
    assert str(read(data).content.callable) == "builtins.exec"
    assert not marker.exists()
    pickle.loads(data)
    assert marker.exists()


def test_tensors() -> None:
    found = read(tensor(b"K\x02\x85", b"K\x01\x85")).content
    assert found == Tensor(".data/0.storage", "FloatStorage", 0, (2,), (1,))
    parameter = Inert(Global("torch._utils", "_rebuild_parameter"), (found, True))
    assert as_tensor(parameter) is found
    assert as_tensor(Inert(Global("os", "system"), (found,))) is None


def test_pickles_one_after_another() -> None:
    """As ``torch.save`` wrote them, with raw numbers behind them."""
    data = pickle.dumps(1) + pickle.dumps("two") + b"\x00" * 20
    found = nested(data)
    assert found is not None
    assert ([one.content for one in found.pickles], found.rest) == ([1, "two"], b"\x00" * 20)


def test_pickles_too_deep_in_each_other() -> None:
    data = b"N."
    for _ in range(17):
        data = pickle.dumps(data)
    with pytest.raises(BadPickle, match="16 deep"):
        list(inside(read(data)))


def test_changed_bytes_never_raise_anything_else() -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    generator = random.Random(seed)
    starts = [pickle.dumps([PLAIN, Thing(size=1), {1}, b"x" * 50], protocol) for protocol in range(6)]
    for _ in range(3000):
        data = bytearray(generator.choice(starts))
        for _ in range(generator.randint(1, 4)):
            data[generator.randrange(len(data))] = generator.randrange(256)
        del data[generator.choice([len(data), generator.randrange(len(data))]) :]
        try:
            read(bytes(data))
        except BadPickle:
            continue

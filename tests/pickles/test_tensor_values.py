"""Numbers of tensors whose shapes, strides and types a file chose. The archives are stand-ins in memory."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nequip_pack.compare.pickled import Tensor
from nequip_pack.compare.values import Storages, Unmeasured, pair
from nequip_pack.errors import DamagedError

COUNT = 12


def storages(*numbers: float) -> Storages:
    """A package with one storage, ``a``, of 32-bit floats."""
    content = struct.pack(f"<{COUNT}f", *(numbers or range(COUNT)))
    archive: Any = SimpleNamespace(
        path=Path("model.nequip.zip"),
        members={"a": SimpleNamespace(size=len(content))},
        read=lambda name, size: content[:size],
    )
    return Storages(archive)


def tensor(
    shape: tuple[int, ...], stride: tuple[int, ...], offset: int = 0, kind: str = "FloatStorage"
) -> Tensor:
    """A tensor in that storage."""
    return Tensor("a", kind, offset, shape, stride)


GOOD = {
    "whole": (tensor((3, 4), (4, 1)), list(range(12))),
    "transposed": (tensor((4, 3), (1, 4)), [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]),
    "every second": (tensor((2, 3), (6, 2), 1), [1, 3, 5, 7, 9, 11]),
    "one number": (tensor((), (), 5), [5]),
    "empty": (tensor((0, 10**18), (1, 1), 10**18), []),
    "expanded": (tensor((10**9, 2, 10**9), (0, 1, 0), 3), [3, 4]),
    "lengths of one": (tensor((1, 2, 1), (10**15, 1, 10**15)), [0, 1]),
}


@pytest.mark.parametrize("kind", GOOD)
def test_values_in_the_order_of_indices(kind: str) -> None:
    """Numbers that a tensor repeats (stride 0) are given once, since they cannot differ from each other."""
    one, expected = GOOD[kind]
    assert list(storages().numbers(one)) == expected


BAD = {
    "one too many": tensor((13,), (1,)),
    "offset": tensor((1,), (1,), 12),
    "offset of 2**62": tensor((2,), (1,), 2**62),
    "stride": tensor((2, 2), (11, 1)),
    "stride of 2**62": tensor((3,), (2**62,)),
    "10**18 numbers": tensor((10**9, 10**9), (10**9, 1)),
    "64 dimensions": tensor((2,) * 64, tuple(2**k for k in range(64))),
    "a type of more bytes": tensor((12,), (1,), kind="DoubleStorage"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_tensor_that_does_not_fit_into_its_storage(kind: str) -> None:
    with pytest.raises(DamagedError, match="does not fit into its storage a"):
        storages().numbers(BAD[kind])


def test_a_storage_that_is_missing() -> None:
    with pytest.raises(DamagedError, match="does not fit into its storage b"):
        storages().numbers(Tensor("b", "FloatStorage", 0, (1,), (1,)))


UNMEASURED = {
    "its elements overlap": tensor((6, 7), (1, 1)),
    "Float8_e4m3fnStorage is not known": tensor((3, 4), (4, 1), kind="Float8_e4m3fnStorage"),
}


@pytest.mark.parametrize("why", UNMEASURED)
def test_what_is_not_measured_is_said_where_bytes_differ(why: str) -> None:
    one = UNMEASURED[why]
    with pytest.raises(Unmeasured, match=why):
        storages().numbers(one)
    assert pair(storages(), one, storages(), one) is None
    assert pair(storages(), one, storages(*range(1, 13)), one) == f"not compared: {why}"


def test_another_byte_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "byteorder", "big")
    one = tensor((3, 4), (4, 1))
    assert "another byte order" in str(pair(storages(), one, storages(*range(1, 13)), one))


def test_strides_that_repeat_other_numbers() -> None:
    found = pair(storages(), tensor((2, 2), (0, 1)), storages(), tensor((2, 2), (1, 0)))
    assert found == "strides [0, 1] -> [1, 0]"

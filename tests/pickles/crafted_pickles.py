"""Pickles that nobody's pickler writes, by kind; each is made to cost a reader more than its size."""

from __future__ import annotations

import struct
from collections.abc import Callable

MANY = 200_000
SET = b"cbuiltins\nset\nq\x00"

REFUSED: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "no end": lambda: b"]" * MANY,
    "nothing made": lambda: b".",
    "no operation": lambda: b"\xff.",
    "a protocol of the future": lambda: b"\x80\x06N.",
    "bytes that are not there": lambda: b"B" + struct.pack("<I", 1 << 31) + b"x.",
    "8-byte size that is not there": lambda: b"\x8e" + struct.pack("<Q", 1 << 62) + b"x.",
    "bytearray that is not there": lambda: b"\x96" + struct.pack("<Q", 1 << 40) + b".",
    "text that is not there": lambda: b"\x8d" + struct.pack("<Q", 1 << 62) + b"x.",
    "negative size": lambda: b"T" + struct.pack("<i", -1) + b"x.",
    "integer that is not there": lambda: b"\x8b" + struct.pack("<i", -5) + b".",
    "integer of a megabyte": lambda: b"\x8b" + struct.pack("<i", 1 << 20) + b"\x7f" * (1 << 20) + b".",
    "a million digits": lambda: b"L" + b"9" * 1_000_000 + b"L\n.",
    "a million digits as text": lambda: b"I" + b"9" * 1_000_000 + b"\n.",
    "a float of a million digits": lambda: b"F" + b"9" * 1_000_000 + b"\n.",
    "a line without end": lambda: b"c" + b"a" * (1 << 21),
    "a text without quotes": lambda: b"Sabc\n.",
    "a text of odd bytes": lambda: b"S'\\xff\xff'\n.",
    "unicode escape cut short": lambda: b"V\\u12\n.",
    "text that is no UTF-8": lambda: b"X\x01\x00\x00\x00\xff.",
    "names that are no UTF-8": lambda: b"c\xff\xfe\nname\n.",
    "memo never filled": lambda: b"h\x07.",
    "memo at a negative place": lambda: b"Np-1\n.",
    "memo at a huge place": lambda: b"Np" + b"9" * 400 + b"\n.",
    "stack of nothing": lambda: b"0.",
    "tuple of nothing": lambda: b"N\x87.",
    "group without a mark": lambda: b"Nt.",
    "popped below a mark": lambda: b"N(0a.",
    "odd number of keys": lambda: b"}(NNNu.",
    "odd dictionary": lambda: b"(NNNd.",
    "a key set on a list": lambda: b"]NNs.",
    "appended to a dictionary": lambda: b"}Na.",
    "a state for a list": lambda: b"]}b.",
    "a state for a function": lambda: SET + b"}b.",
    "many states": lambda: SET + b")R" + b"Nb" * 100_000 + b".",
    "a text is called": lambda: b"X\x01\x00\x00\x00a)R.",
    "called with a number": lambda: SET + b"K\x01R.",
    "options that are none": lambda: SET + b")]\x92.",
    "a name that is a number": lambda: b"K\x01K\x02\x93.",
    "an object without class": lambda: b"(o.",
    "a buffer from elsewhere": lambda: b"\x97.",
    "a frame that is too long": lambda: b"\x95" + struct.pack("<Q", 1 << 50) + b"N.",
    "a frame in a frame": lambda: b"\x95" + struct.pack("<Q", 11) + b"\x95" + struct.pack("<Q", 1) + b"NN.",
    "a value across a frame's end": lambda: b"\x95" + struct.pack("<Q", 2) + b"J\x01\x00\x00\x00.",
    "names without end": lambda: b"".join(b"ca\n%d\n0" % i for i in range(MANY)) + b"N.",
    "extension codes without end": lambda: (
        b"".join(b"\x84" + struct.pack("<I", i) for i in range(MANY)) + b"."
    ),
    "operations without end": lambda: b"N0" * 1_100_000 + b"N.",
    "a storage without a key": lambda: b"(X\x07\x00\x00\x00storageNNNNtQ.",
    "a tensor without a shape": lambda: tensor(b"N", b")"),
    "a negative length": lambda: tensor(b"J\xff\xff\xff\xff\x85", b"K\x01\x85"),
    "more dimensions than torch has": lambda: tensor(
        b"(" + b"K\x01" * 65 + b"t", b"(" + b"K\x01" * 65 + b"t"
    ),
    "a length beyond 64 bits": lambda: tensor(b"\x8a\x09" + b"\xff" * 8 + b"\x00\x85", b"K\x01\x85"),
    "fewer strides than lengths": lambda: tensor(b"K\x01K\x01\x86", b"K\x01\x85"),
}
"""Refused, at once."""

READ: dict[str, Callable[[], bytes]] = {
    "memo at its last place": lambda: b"Nr\xff\xff\xff\xffj\xff\xff\xff\xff.",
    "memo far and wide": lambda: b"".join(b"Nr" + struct.pack("<I", i * 20_011) for i in range(MANY)) + b".",
    "a call that would take 10 GB": lambda: b"cbuiltins\nbytearray\n\x8a\x05\x00\xe4\x0bT\x02\x85R.",
    "a set of lists": lambda: b"cbuiltins\nset\n]]a\x85R.",
    "complex of texts": lambda: b"cbuiltins\ncomplex\nX\x01\x00\x00\x00aN\x86R.",
    "an ordered dictionary of odd pairs": lambda: b"ccollections\nOrderedDict\n]]a\x85R.",
    "lists in lists": lambda: b"]" * MANY + b"a" * (MANY - 1) + b".",
    "tuples in tuples": lambda: b"N" + b"\x85" * MANY + b".",
    "calls in calls": lambda: SET + b"0" + b"N" + b"\x85q\x01h\x00h\x01R" * 50_000 + b".",
    "calls of calls": lambda: SET + b")R" * MANY + b".",
    "modules in modules": lambda: modules(50_000),
    "identifiers in identifiers": lambda: b"N" + b"\x85Q" * MANY + b".",
    "parameters in parameters": lambda: b"ctorch._utils\n_rebuild_parameter\nq\x00N" + wrapped() + b".",
    "marks": lambda: b"(" * MANY + b"N.",
    "marks and pops": lambda: b"(1" * MANY + b"N.",
    "copies of the top": lambda: b"N" + b"2" * MANY + b".",
    "a list that holds itself": lambda: b"]q\x00h\x00a.",
    "a dictionary that holds itself": lambda: b"}q\x00K\x01h\x00s.",
    "a module that holds itself": lambda: (
        SET + b")Rq\x01}X\x08\x00\x00\x00_modules}X\x01\x00\x00\x00ah\x01ssb."
    ),
    "2 ** 5000 ways through lists": lambda: b"]" + b"q\x00]h\x00ah\x00a" * 5_000 + b".",
    "2 ** 5000 ways through tuples": lambda: b"N" + b"q\x00h\x00\x86" * 5_000 + b".",
    "2 ** 5000 ways through modules": lambda: shared_modules(5_000),
    "keys of one hash": lambda: b"}(" + b"".join(long(i * (2**61 - 1)) + b"N" for i in range(MANY)) + b"u.",
    "keys of one hash in tuples": lambda: b"}(" + b"K\x01\x85N" * MANY + b"u.",
    "keys that cannot be hashed": lambda: b"}(]N}NNNu.",
    "set items of one hash": lambda: (
        b"\x8f(" + b"".join(long(i * (2**61 - 1)) for i in range(MANY)) + b"\x90."
    ),
    "a frozen set": lambda: b"(]N\x91.",
    "old instances": lambda: b"(K\x01ios\nsystem\n.",
    "objects": lambda: b"(cos\nsystem\nK\x01o.",
    "an extension code": lambda: b"\x82\x05.",
    "a number as identifier": lambda: b"K\x01Q.",
    "a line as identifier": lambda: b"Pabc\n.",
    "surrogates": lambda: b"X\x03\x00\x00\x00\xed\xa0\x80.",
    "a pickle in a pickle, 10 times": lambda: nest(10),
    "a text decoded 10,000 times": lambda: decoded(10_000),
}
"""Read, as what they are."""


def long(value: int) -> bytes:
    """An integer."""
    data = value.to_bytes(16, "little")
    return b"\x8a\x10" + data


def tensor(shape: bytes, stride: bytes) -> bytes:
    """A tensor of a storage in the package, with any shape and strides."""
    held = b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02tQ"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + held + b"K\x00" + shape + stride + b"\x89NtR."


def modules(depth: int) -> bytes:
    """A module in a module, so deep."""
    inner = b"X\x08\x00\x00\x00_modules}X\x01\x00\x00\x00a" + SET[:-2] + b")R"
    return SET[:-2] + b")R}" + (inner + b"}") * depth + b"b" * 0 + (b"bss" * depth) + b"b."


def shared_modules(depth: int) -> bytes:
    """Modules that each hold the next one twice."""
    start = b"cbuiltins\nset\n)Rq\x01"
    both = b"X\x01\x00\x00\x00ah\x01X\x01\x00\x00\x00bh\x01"
    step = b"0cbuiltins\nset\n)R}X\x08\x00\x00\x00_modules}(" + both + b"usbq\x01"
    return start + step * depth + b"."


def wrapped() -> bytes:
    """A call of the callable at place 0 with what the last one gave, and so on."""
    return b"\x85q\x01h\x00h\x01R" * 50_000


def nest(depth: int) -> bytes:
    """A pickle of the bytes of a pickle of the bytes of …"""
    data = b"N."
    for _ in range(depth):
        data = b"\x80\x04B" + struct.pack("<I", len(data)) + data + b"."
    return data


def decoded(times: int) -> bytes:
    """One text, made into bytes by as many calls, as protocol 2 would write them."""
    text = b"(" * 100_000
    start = (
        b"c_codecs\nencode\nq\x00X"
        + struct.pack("<I", len(text))
        + text
        + b"X\x06\x00\x00\x00latin1\x86q\x01]("
    )
    return start + b"h\x00h\x01R" * times + b"e."

"""Alterations of a real package, by kind, with harmless payloads.

Each gives the members to replace, add (bytes) or remove (``None``), and what ``diff`` has to say about them.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from pack_support import rewrite

from nequip_pack.compare.pickled import read_pickle, tensors
from nequip_pack.format.manifest import MEMBER as MANIFEST

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.format import Archive

Alteration = Callable[["Archive"], Mapping[str, "bytes | None"]]

EAGER, COMPILE, EXAMPLE = (f"model/{name}.pkl" for name in ("eager_model", "compile_model", "example_data"))
FORCES = "nequip/nn/grad_output.py"
SYSTEM = b"cos\nsystem\n"
_SHAPE = b"K\x10K\x03\x86"
"""Of the positions in the example."""
TRUE = b"(X\x04\x00\x00\x00truet"


def altered(package: Path, target: Path, members: Mapping[str, bytes | None]) -> Path:
    """A copy with members changed and a manifest that fits, as an attacker would leave it."""
    return rewrite(package, target, {**members, MANIFEST: None})


def first(data: bytes, payload: bytes) -> bytes:
    """A pickle that does something before anything else and throws the result away."""
    return data[:2] + payload + b"0" + data[2:]


def recoded(data: bytes, change: Callable[[bytes | str], bytes | str]) -> bytes:
    """A pickle with its texts and bytes changed, without frames."""
    operations = list(pickletools.genops(data))
    ends = [*(place for _, _, place in operations[1:]), len(data)]
    parts = []
    for (operation, argument, place), end in zip(operations, ends, strict=True):
        new = change(argument) if operation.name in ("BINBYTES", "BINUNICODE") else argument
        if operation.name == "FRAME":
            continue
        if new == argument:
            parts.append(data[place:end])
        else:
            content = new.encode() if isinstance(new, str) else new
            parts.append((b"X" if isinstance(new, str) else b"B") + struct.pack("<I", len(content)) + content)
    return b"".join(parts)


def nested(change: Callable[[bytes], bytes]) -> Alteration:
    """Change the pickles inside the eager model's."""

    def inner(value: bytes | str) -> bytes | str:
        return change(value) if isinstance(value, bytes) and value.startswith(b"\x80") else value

    return lambda archive: {EAGER: recoded(archive.read(EAGER), inner)}


def in_text(old: str, new: str) -> Callable[[bytes], bytes]:
    """Change the texts of a pickle."""
    return lambda data: recoded(data, lambda text: text.replace(old, new) if isinstance(text, str) else text)


def before(payload: bytes, member: str = EAGER) -> Alteration:
    """Let a pickle do something first."""
    return lambda archive: {member: first(archive.read(member), payload)}


def replaced(member: str, old: bytes, new: bytes) -> Alteration:
    """Replace the first of some bytes in a member, which has them."""

    def alteration(archive: Archive) -> Mapping[str, bytes | None]:
        content = archive.read(member)
        assert old in content
        return {member: content.replace(old, new, 1)}

    return alteration


def added(member: str, content: bytes = b"") -> Alteration:
    """Add a member."""
    return lambda archive: {member: content}


def appended(member: str, content: bytes) -> Alteration:
    """Add bytes at the end of a member."""
    return lambda archive: {member: archive.read(member) + content}


def weights(archive: Archive) -> Mapping[str, bytes | None]:
    """Every weight of one layer, 2 % larger."""
    held = tensors(read_pickle(archive, EAGER).content).values()
    name = next(one.storage for one in held if one.kind == "FloatStorage" and len(one.shape) == 2)
    content = archive.read(name)
    values = struct.unpack(f"<{len(content) // 4}f", content)
    return {name: struct.pack(f"<{len(values)}f", *(1.02 * value for value in values))}


def constant(archive: Archive) -> Mapping[str, bytes | None]:
    """The first floating-point constant of a model, 3 % larger."""
    data = archive.read(EAGER)
    place, value = next((p, arg) for op, arg, p in pickletools.genops(data) if op.name == "BINFLOAT")
    return {EAGER: data[: place + 1] + struct.pack(">d", 1.03 * value) + data[place + 9 :]}


def other_encoding(archive: Archive) -> Mapping[str, bytes | None]:
    """The same number in more bytes: the pickle means what it did."""
    data = archive.read(EAGER)
    place, value = next((p, arg) for op, arg, p in pickletools.genops(data) if op.name == "BININT1")
    return {EAGER: data[:place] + b"J" + struct.pack("<i", value) + data[place + 2 :]}


def hook(archive: Archive) -> Mapping[str, bytes | None]:
    """A function in the place of the (empty) hooks of the first tensor of the example."""
    data = archive.read(EXAMPLE)
    place = data.index(b"ccollections\nOrderedDict\n")
    end = data.index(b")", place)
    assert data[end : end + 2] == b")R"
    return {EXAMPLE: data[:end] + b")R" + b"X\x04\x00\x00\x00hook" + SYSTEM + b"s" + data[end + 2 :]}


TOLD: dict[str, tuple[Alteration, str]] = {
    "01 call in the eager model": (before(SYSTEM + TRUE + b"R"), "only the second asks for os.system"),
    "02 call in the example data": (
        before(SYSTEM + TRUE + b"R", EXAMPLE),
        "only the second asks for os.system",
    ),
    "03 call in packaged source": (
        appended(FORCES, b"import os\nos.system('true')\n"),
        f"{FORCES}: 2 lines added",
    ),
    "04 model/__init__.py": (added("model/__init__.py", b"pass\n"), "model/__init__.py: only in the second"),
    "05 call in nested pickles": (
        nested(lambda data: first(data, SYSTEM + TRUE + b"R")),
        "<pickle>: only the second asks for os.system",
    ),
    "06 fx import block": (nested(in_text("import torch\n", "import torch\nimport os\n")), "+import os"),
    "07 eval": (before(b"cbuiltins\neval\n(X\x01\x00\x00\x001tR"), "asks for builtins.eval"),
    "08 posix": (before(b"cposix\nsystem\n" + TRUE + b"R"), "asks for posix.system"),
    "09 STACK_GLOBAL": (
        before(b"X\x02\x00\x00\x00osX\x06\x00\x00\x00system\x93" + TRUE + b"R"),
        "asks for os.system",
    ),
    "10 getattr of an import": (
        before(
            b"cbuiltins\ngetattr\n(cimportlib\nimport_module\n(X\x02\x00\x00\x00ostRX\x06\x00\x00\x00systemtR"
        ),
        "asks for builtins.getattr",
    ),
    "11 _exec_with_source": (
        before(b"ctorch.fx.graph_module\n_exec_with_source\n(X\x04\x00\x00\x00pass}tR"),
        "asks for torch.fx.graph_module._exec_with_source",
    ),
    "12 forces": (
        lambda archive: {FORCES: archive.read(FORCES).replace(b"torch.neg(", b"-1.03 * (")},
        f"{FORCES}: ",
    ),
    "13 weights": (weights, "largest difference"),
    "14 constant": (constant, " -> "),
    "15 fx code": (nested(in_text("    return ", "    pass\n    return ")), "+    pass"),
    "16 INST": (before(b"(ios\nsystem\n"), "asks for os.system"),
    "17 OBJ": (before(b"(" + SYSTEM + b"o"), "asks for os.system"),
    "18 extension code": (before(b"\x82\x07"), "asks for copyreg.extension 7"),
    "19 call in the compile model": (before(SYSTEM + TRUE + b"R", COMPILE), f"{COMPILE}: the whole: only"),
    "20 known function called": (
        before(b"ctorch._utils\n_rebuild_parameter\n)R"),
        "(thrown away): only in the second (torch._utils._rebuild_parameter(…))",
    ),
    "21 another class": (
        replaced(EAGER, b"ctorch.nn.modules.activation\nSiLU\n", b"ctorch.nn.modules.activation\nReLU\n"),
        "torch.nn.modules.activation.SiLU -> torch.nn.modules.activation.ReLU",
    ),
    "22 hook of a tensor": (hook, "asks for os.system"),
    "23 other encoding": (other_encoding, f"{EAGER}: bytes differ ("),
    "24 behind the numbers": (appended(".data/20.storage", b"\x00" * 64), "20.storage: bytes differ outside"),
    "25 unknown member": (added("model/notes.bin", b"\xff"), "model/notes.bin: only in the second"),
    "26 another storage": (added(".data/999.storage", b"\xff"), ".data/999.storage: only in the second"),
    "27 external": (appended(".data/extern_modules", b"scipy\n"), "scipy: only in the second"),
    "28 order of externals": (
        lambda archive: {
            ".data/extern_modules": b"\n".join(archive.read(".data/extern_modules").split()[::-1])
        },
        ".data/extern_modules: ",
    ),
    "29 Python": (lambda archive: {".data/python_version": b"3.9.1"}, ".data/python_version: "),
    "30 configuration": (replaced("model/config.yaml", b"seed: 1", b"seed: 2"), "+  seed: 2"),
    "31 metadata": (
        replaced("model/package_metadata.txt", b"linter: ", b"linter: x"),
        "nequip_pack.lint.linter: ",
    ),
    "32 mock": (added("e3nn/_hidden.py", b"pass\n"), "e3nn/_hidden.py: only in the second"),
}
"""``diff`` has a line about each of these, or refuses the package as damaged."""

REFUSED: dict[str, Alteration] = {
    "after the end": appended(EAGER, SYSTEM),
    "cut": lambda archive: {EAGER: archive.read(EAGER)[:-10]},
    "no pickle": lambda archive: {EAGER: b"\xff\xff"},
    "example is no pickle": lambda archive: {EXAMPLE: b"pickle"},
    "bytes that are not there": before(b"B\xff\xff\xff\x7f"),
    "keys on a number": before(b"K\x01NNs"),
    "tensor beyond its storage": replaced(EXAMPLE, _SHAPE, b"K\x11K\x03\x86"),
    "tensor of 10**18": replaced(EXAMPLE, _SHAPE, b"\x8a\x08" + struct.pack("<q", 10**18) + b"K\x03\x86"),
    "negative length": replaced(EXAMPLE, _SHAPE, b"J\xff\xff\xff\xffK\x03\x86"),
}
"""Damaged pickles and tensors."""

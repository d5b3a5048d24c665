"""Packages changed at random, each from a seed: what a member says, its bytes, or the file's bytes."""

from __future__ import annotations

import json
import pickletools
import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hostile import CLOSURE, CONFIG, EXTERNS, METADATA, REFERENCES, SOURCES, WRONG, Members, crafted
from hostile_support import MANIFEST, members_of, write_package

Mutation = Callable[[Members, random.Random], Members]
_LETTERS = string.printable + "\x00\x1b\u202e\ud800é{}[]&*!?|>%@"
_STATEMENTS = ("import a.b", "from . import x", "from .... import y", "import é", "try:")
_EXTERNALS = ("", "a.b", "no_library", "..", "a/b", "nequip.nn", "torch.x", "é", "x" * 3000, "a\x00")
_RECORDS = (b"", b"big", b"99", b"3.\xc2\xb2", b"9" * 5000, b"-1", b"\xff", b"3.11.7\n3.12", b" 3 ")
_ODD_NAMES = ("../x", "a\\b", "c:x", "model", "A.py", "a/", "é.py", "a b.py", "x\n.py", "model/x.pkl", "y.so")
_PICKLED = (
    b"r\xff\xff\xff\x7f",
    b"cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R",
    b"cos\nsystem\nX\x01\x00\x00\x00a\x85R",
    b"(" * 5000,
    b"]" * 5000 + b"\x85" * 5000,
    b"}q\x00h\x00h\x00s",
    b"]q\x00h\x00a",
    b"\x8a\xff" + b"\xff" * 255,
    b"B\xff\xff\xff\xff",
    b"\x96\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"I" + b"9" * 5000 + b"\n",
    b"F1e999\n",
    b"V\\ud800\n",
    b"0",
    b".",
    b"Q",
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed package: how it was changed, and whether any member, the manifest aside, is another."""

    kind: str
    path: Path
    is_changed: bool


def mutant(number: int, seed: int, package: Path, path: Path) -> Mutant:
    """Write the mutant of a number to ``path``."""
    dice = random.Random(f"{seed}-{number}")
    kind = dice.choice(tuple(MUTATIONS))
    whole = members_of(package)
    if kind == "the file's bytes":
        path.write_bytes(_bytes(package.read_bytes(), dice))
        return Mutant(kind, path, _differs(whole, path))
    changed = MUTATIONS[kind](dict(whole), dice)
    if kind == "manifest":
        write_package(path, {**changed, MANIFEST: b""}, changed[MANIFEST])
    else:
        write_package(path, changed)
    return Mutant(kind, path, _without_manifest(changed) != _without_manifest(whole))


def _without_manifest(members: Mapping[str, bytes]) -> Members:
    return {name: data for name, data in members.items() if name != MANIFEST}


def _differs(whole: Members, path: Path) -> bool:
    try:
        return members_of(path) != whole
    except Exception:
        return True


def _text(text: str, dice: random.Random) -> str:
    """A text changed in one place."""
    at, size = dice.randrange(len(text) + 1), dice.choice((1, 1, 3, 20, 200))
    put = "".join(dice.choices(_LETTERS, k=dice.choice((0, 1, 4))))
    return text[:at] + put * dice.choice((1, 1, 1, 3000)) + text[at + size * dice.randrange(2) :]


def _tree(value: Any, dice: random.Random) -> Any:
    """Plain data with one value, or one key, replaced."""
    if isinstance(value, dict) and value and dice.random() < 0.85:
        key = dice.choice(list(value))
        if dice.random() < 0.15:
            return {(dice.choice(_KEYS) if name == key else name): item for name, item in value.items()}
        return {**value, key: _tree(value[key], dice)}
    if isinstance(value, list) and value and dice.random() < 0.85:
        at = dice.randrange(len(value))
        return [*value[:at], _tree(value[at], dice), *value[at + dice.randrange(2) :]]
    return dice.choice(list(WRONG.values()))


_KEYS: tuple[Any, ...] = (1, None, True, 2.5, "", "x", "\x1b[2J", "format", "a" * 2000)


def _yaml(members: Members, dice: random.Random) -> Members:
    name = dice.choice((METADATA, METADATA, CONFIG))
    if dice.random() < 0.3:
        return _as_text(members, name, dice)
    content = yaml.safe_load(members[name])
    return {**members, name: yaml.safe_dump(_tree(content, dice)).encode()}


def _json(members: Members, dice: random.Random) -> Members:
    name = dice.choice((CLOSURE, REFERENCES))
    if dice.random() < 0.3:
        return _as_text(members, name, dice)
    content = _tree(json.loads(members[name]), dice)
    return {**members, name: json.dumps(content, default=str).encode()}


def _as_text(members: Members, name: str, dice: random.Random) -> Members:
    text = _text(members[name].decode(errors="replace"), dice)
    return {**members, name: text.encode("utf-8", "surrogatepass")}


def _manifest(members: Members, dice: random.Random) -> Members:
    return _as_text(members, MANIFEST, dice)


def _pickle(members: Members, dice: random.Random) -> Members:
    """An operation left out, doubled, moved, or put in."""
    name = dice.choice([name for name in members if name.endswith(".pkl")])
    data = members[name]
    places = [place or 0 for _, _, place in pickletools.genops(data)]
    first, second = sorted(dice.sample(range(len(places) - 1), 2))
    one = data[places[first] : places[first + 1]]
    choice = dice.randrange(5)
    if choice == 0:
        data = data[: places[first]] + data[places[first + 1] :]
    elif choice == 1:
        data = data[: places[second]] + one + data[places[second] :]
    elif choice == 2:
        data = data[: places[first]] + data[places[second] :]
    elif choice == 3:
        data = data[: places[first]] + dice.choice(_PICKLED) + data[places[first] :]
    else:
        at = dice.randrange(len(data))
        data = data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
    return {**members, name: data}


def _source(members: Members, dice: random.Random) -> Members:
    name = dice.choice([name for name in members if name.endswith(".py")])
    lines = members[name].decode().splitlines()
    at = dice.randrange(len(lines) + 1)
    choice = dice.randrange(5)
    if choice == 0:
        lines[at : at + dice.choice((1, 5))] = []
    elif choice == 1:
        lines[at:at] = dice.choice(list(SOURCES.values()))().splitlines()
    elif choice == 2:
        lines[at:at] = lines[dice.randrange(len(lines) + 1) :][:3]
    elif choice == 3:
        lines[at:at] = [dice.choice(_STATEMENTS)]
    else:
        return _as_text(members, name, dice)
    return {**members, name: "\n".join(lines).encode("utf-8", "surrogatepass")}


def _externals(members: Members, dice: random.Random) -> Members:
    names = members[EXTERNS].decode().split("\n")
    at = dice.randrange(len(names) + 1)
    names[at : at + dice.randrange(2)] = [dice.choice(_EXTERNALS)] * dice.choice((0, 1, 2, 20_000))
    return {**members, EXTERNS: "\n".join(names).encode()}


def _names(members: Members, dice: random.Random) -> Members:
    name = dice.choice([name for name in members if name != MANIFEST])
    choice = dice.randrange(4)
    if choice == 0:
        return {key: data for key, data in members.items() if key != name}
    if choice == 1:
        other = dice.choice((name.upper(), f"{name}/x", f"x/{name}", *_ODD_NAMES))
        return {(other if key == name else key): data for key, data in members.items()}
    if choice == 2:
        return {**members, dice.choice(_ODD_NAMES): members[name]}
    other = dice.choice([key for key in members if key != MANIFEST])
    return {**members, name: members[other], other: members[name]}


def _storage(members: Members, dice: random.Random) -> Members:
    """A tensor's bytes: others, fewer, or more."""
    name = dice.choice([name for name in members if name.endswith(".storage") and members[name]])
    data = members[name]
    at = dice.randrange(len(data))
    other = bytes([data[at] ^ (1 << dice.randrange(8))])
    choices = (data[:at] + other + data[at + 1 :], data[:at], data + bytes(8), bytes(len(data)), b"")
    return {**members, name: dice.choice(choices)}


def _torch(members: Members, dice: random.Random) -> Members:
    name = dice.choice([name for name in members if name.startswith(".data/") and "." not in name[6:]])
    return {**members, name: dice.choice(_RECORDS)}


def _crafted(members: Members, dice: random.Random) -> Members:
    return dice.choice(_CRAFTED)(members)


_CRAFTED = [change for name, change in sorted(crafted().items()) if not name.startswith("V1")]


def _bytes(content: bytes, dice: random.Random) -> bytes:
    """The file itself, so that no checksum is right any more."""
    at, size = dice.randrange(len(content)), dice.choice((1, 8, 512, 65536))
    choices = (
        lambda: content[:at] + bytes([content[at] ^ (1 << dice.randrange(8))]) + content[at + 1 :],
        lambda: content[:at] + bytes(len(content[at : at + size])) + content[at + size :],
        lambda: content[:at],
        lambda: content[:at] + content[at + size :],
        lambda: content[:at] + content[at : at + size] + content[at:],
        lambda: content + content[at : at + size],
        lambda: content[at : at + size] + content,
        lambda: content[:at] + dice.randbytes(size) + content[at + size :],
    )
    return dice.choice(choices)()


MUTATIONS: dict[str, Mutation] = {
    "YAML": _yaml,
    "JSON": _json,
    "manifest": _manifest,
    "pickles": _pickle,
    "source": _source,
    "externals": _externals,
    "names": _names,
    "storages": _storage,
    "torch's records": _torch,
    "crafted": _crafted,
    "the file's bytes": lambda members, _: members,
}

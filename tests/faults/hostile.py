"""Packages that somebody made to break a reader: each entry turns a whole package's members into such ones.

The names begin with the kind, the row of the fault table.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import yaml

METADATA: Final = "model/package_metadata.txt"
CONFIG: Final = "model/config.yaml"
CLOSURE: Final = "model/closure.json"
REFERENCES: Final = "model/references.json"
EXTERNS: Final = ".data/extern_modules"
PICKLED: Final = "model/package_metadata.pkl"
Members = dict[str, bytes]
Change = Callable[[Members], Members]
_EQUAL: Final = 2**61 - 1
"""Python's hash of a multiple of this number is 0."""


def member(name: str, content: Callable[[], bytes]) -> Change:
    """Replace one member, or add it."""
    return lambda members: {**members, name: content()}


def yaml_texts(text: Callable[[], str]) -> list[Change]:
    """A YAML text as all of the metadata, as a value of theirs, and as the configuration."""

    def as_metadata(members: Members) -> Members:
        return {**members, METADATA: text().encode("utf-8", "surrogatepass")}

    def as_value(members: Members) -> Members:
        below = text().replace("\n", "\n  ")
        return {
            **members,
            METADATA: members[METADATA] + f"\nextra:\n  {below}\n".encode("utf-8", "surrogatepass"),
        }

    return [as_metadata, as_value, member(CONFIG, lambda: text().encode("utf-8", "surrogatepass"))]


def with_key(key: str, value: Any) -> Change:
    """One key of the metadata with another value; a dot leads into a mapping."""

    def change(members: Members) -> Members:
        content = yaml.safe_load(members[METADATA])
        *above, last = key.split(".")
        place = content
        for name in above:
            place = place.setdefault(name, {})
        place[last] = value
        return {**members, METADATA: yaml.safe_dump(content).encode()}

    return change


def laughs() -> str:
    """Ten levels of ten aliases each."""
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines)


def merges() -> str:
    """Merge keys over merge keys, each twice the one before."""
    lines = ["m0: &m0 {a: 1, b: 2}"]
    lines += [f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}], k{n}: 1}}" for n in range(1, 40)]
    return "\n".join(lines)


def equal_keys(count: int = 60_000) -> str:
    """Numbers with one hash."""
    return "{" + ", ".join(f"{_EQUAL * n}: 1" for n in range(count)) + "}"


def equal_floats(count: int = 60_000) -> str:
    """Fractions whose hashes are equal in their low bits."""
    return "{" + ", ".join(f"{n * 2.0**40!r}: 1" for n in range(count)) + "}"


YAML: dict[str, Callable[[], str]] = {
    "E1 aliases that grow": laughs,
    "E1 merge keys that grow": merges,
    "E1 a mapping that holds itself": lambda: "a: &a {b: *a}",
    "E1 a list that holds itself": lambda: "a: &a [*a, *a]",
    "E1 itself as a key": lambda: "a: &a [1]\n? *a\n: 2",
    "E1 many aliases": lambda: "a: &a {b: 1}\nc: [" + "*a, " * 300_000 + "]",
    "E2 numbers of one hash": equal_keys,
    "E2 fractions of one hash": equal_floats,
    "E2 a set of one hash": lambda: "!!set {" + ", ".join(str(_EQUAL * n) for n in range(60_000)) + "}",
    "E3 no day": lambda: "a: 2001-99-99",
    "E3 no time": lambda: "a: 2001-12-14t21:59:99.10-99:99",
    "E3 a key that is no day": lambda: "{2001-13-01: 1}",
    "E3 a number of 5,000 digits": lambda: "a: " + "9" * 5000,
    "E3 a hexadecimal number of a million digits": lambda: "a: 0x" + "f" * 1_000_000,
    "E3 a sexagesimal number of 30,000 parts": lambda: "a: 1" + ":59" * 30_000,
    "E3 not a number": lambda: "a: .nan\n.inf: .nan",
    "E3 binary that is none": lambda: "a: !!binary é",
    "E3 an int tag on text": lambda: "a: !!int x",
    "E3 a float tag on a list": lambda: "a: !!float [1]",
    "E3 an empty number": lambda: "a: !!int ''",
    "E3 a bool that is none": lambda: "a: !!bool maybe",
    "E3 a time that is none": lambda: "a: !!timestamp x",
    "E4 lists 100,000 deep": lambda: "a: " + "[" * 100_000 + "]" * 100_000,
    "E4 mappings 30,000 deep": lambda: "{a: " * 30_000 + "1" + "}" * 30_000,
    "E4 open lists 100,000 deep": lambda: "a: " + "[" * 100_000,
    "E4 dashes 50,000 deep": lambda: "- " * 50_000 + "x",
    "E4 keys 2,000 deep": lambda: "? " * 2_000 + "x",
    "E5 a surrogate": lambda: 'a: "\\ud800"\n"\\udfff": 1',
    "E5 a raw surrogate": lambda: "a: \ud800",
    "E5 a NUL": lambda: "a: x\x00y",
    "E5 an escape of a terminal": lambda: 'a: "\\e]0;x\\a"\n"\\e[2J": 1',
    "E5 UTF-16": lambda: "\ufeffa: 1",
    "E6 a python object": lambda: "a: !!python/object/apply:os.system [exit]",
    "E6 an unknown tag": lambda: "a: !x 1",
    "E6 a list as a key": lambda: "? [1]\n: 2",
    "E6 a mapping as a key": lambda: "? {a: 1}\n: 2",
    "E6 pairs": lambda: "a: !!pairs [b: 1]\nc: !!omap [d: 1]",
    "E6 a key twice": lambda: "a: 1\na: 2",
    "E6 two documents": lambda: "a: 1\n---\nb: 2",
    "E6 a merge of a number": lambda: "<<: 1",
    "E7 300,000 keys": lambda: "\n".join(f"k{n}: {n}" for n in range(300_000)),
    "E7 300,000 items": lambda: "a: [" + "1, " * 300_000 + "]",
    "E7 one text of 3 MB": lambda: "a: " + "x" * 3_000_000,
    "E7 3 MB of blank lines": lambda: "a: |\n" + " \n" * 1_500_000,
    "E7 3 MB of comments": lambda: "#\n" * 1_500_000,
    "E7 3 MB of one quoted text": lambda: 'a: "' + "\\x41" * 750_000 + '"',
    "E7 anchors by the 100,000": lambda: "a: [" + "".join(f"&a{n} x, " for n in range(100_000)) + "]",
    "E7 tag directives": lambda: "".join(f"%TAG !a{n}! !b\n" for n in range(20_000)) + "---\na: 1",
}
JSON: dict[str, Callable[[], str]] = {
    "J1 lists 100,000 deep": lambda: "[" * 100_000 + "]" * 100_000,
    "J1 mappings 100,000 deep": lambda: '{"a":' * 100_000 + "1" + "}" * 100_000,
    "J1 open": lambda: "[" * 1_000_000,
    "J2 a number of 5,000 digits": lambda: '{"version": 1, "modules": ' + "9" * 5000 + "}",
    "J2 not a number": lambda: '{"version": 1, "modules": NaN, "members": Infinity, "outputs": -Infinity}',
    "J2 a large exponent": lambda: '{"version": 1e999, "modules": 1}',
    "J3 a surrogate": lambda: (
        '{"version": 1, "modules": {"\\ud800": ["\\udfff"]}, "outputs": {"\\ud800": 1}}'
    ),
    "J3 UTF-16": lambda: "\ufeff{}",
    "J3 no text": lambda: "\udc80",
    "J4 a key twice": lambda: '{"version": 1, "version": 1, "modules": {}, "outputs": {}}',
    "J4 null": lambda: "null",
    "J4 a list": lambda: "[1]",
    "J4 version is a list": lambda: '{"version": [1], "modules": {}}',
    "J4 version is true": lambda: '{"version": true, "modules": {}, "outputs": {}, "members": {}}',
    "J4 wrong values": lambda: '{"version": 1, "modules": {"intern": 1}, "outputs": [1], "members": 3}',
    "J4 wrong values below": lambda: (
        '{"version": 1, "modules": {"intern": [1]}, "outputs": {"a": 1}, "members": {"a": 1}}'
    ),
    "J5 a million items": lambda: '{"version": 1, "modules": {"intern": [' + '"a",' * 1_000_000 + '"b"]}}',
    "J5 a million lists": lambda: '{"version": 1, "outputs": [' + "[]," * 1_000_000 + "[]]}",
    "J5 300,000 keys": lambda: json.dumps(
        {"version": 1, "modules": {f"a{n}": [f"m{n}"] for n in range(300_000)}, "outputs": {}}
    ),
}
WRONG: dict[str, Any] = {
    "none": None,
    "true": True,
    "a number": 7,
    "a negative number": -1,
    "a large number": 10**4000,
    "not a number": float("nan"),
    "infinite": float("inf"),
    "a text": "x",
    "no text": "",
    "an escape": "\x1b]0;x\x07\n\u202e",
    "a list": [1],
    "a mapping": {"a": 1},
    "mixed keys": {1: 2, "a": None, None: 3, 2.5: 1},
    "nested": [{"a": [{"b": [[]]}]}],
    "binary": b"\xff\x00",
    "a set": {"x", 1},
    "an empty list": [],
    "an empty mapping": {},
    "a key of escapes": {"\x1b[2J": "\x1b[2J"},
    "a megabyte": "x" * 1_000_000,
}
KEYS: Final = (
    "package_version_id",
    "versions",
    "versions.torch",
    "external_modules",
    "external_modules.numpy",
    "available_models",
    "atom_types",
    "nequip_pack",
    "nequip_pack.format",
    "nequip_pack.writer",
    "nequip_pack.checkpoint",
    "nequip_pack.model_dtype",
    "nequip_pack.cutoff",
    "nequip_pack.lint",
    "nequip_pack.lint.status",
    "nequip_pack.lint.warnings",
    "nequip_pack.lint.allowed",
    "nequip_pack.closure",
    "nequip_pack.closure.modules",
    "nequip_pack.closure.absent_externals",
    "nequip_pack.closure.compared",
    "nequip_pack.migrated",
    "nequip_pack.migrated.versions",
)


def externals(text: Callable[[], str]) -> Change:
    """The list of external modules as another text."""
    return member(EXTERNS, lambda: text().encode("utf-8", "surrogatepass"))


def source(text: Callable[[], str], name: str = "hostile/model.py") -> Change:
    """A module more."""
    return member(name, lambda: text().encode("utf-8", "surrogatepass"))


def longer_model(text: Callable[[], str], name: str = "hostile_model/net.py") -> Change:
    """More text in the module of the model's class, about which rules ask more than about others."""
    return lambda members: {**members, name: members.get(name, b"") + text().encode()}


def subclasses(count: int) -> Change:
    """A chain of modules, each with a subclass of the one before's."""
    text = "from hostile.m{0} import C{0}\n\n\nclass C{1}(C{0}):\n    pass\n"
    files = {f"hostile/m{n}.py": text.format(n - 1, n).encode() for n in range(1, count)}
    files["hostile/m0.py"] = b"import torch\n\n\nclass C0(torch.nn.Module):\n    pass\n"
    return lambda members: {**members, **files}


def ring(count: int) -> Change:
    """Modules that import each other in a ring, each all of the next one's names."""
    text = "from hostile.r{} import *\nimport hostile.r{}\n"
    files = {
        f"hostile/r{n}.py": text.format((n + 1) % count, (n * 7 + 3) % count).encode() for n in range(count)
    }
    return lambda members: {**members, **files}


def modules(count: int) -> Change:
    """Many small modules that import the next."""

    def change(members: Members) -> Members:
        return {
            **members,
            **{f"hostile/a{n}.py": f"import hostile.a{n + 1}\n".encode() for n in range(count)},
            f"hostile/a{count}.py": b"",
        }

    return change


def format_0(pickled: Callable[[], bytes], versions: str = "torch: 2.0") -> Change:
    """The metadata as nequip 0.7 kept them."""

    def change(members: Members) -> Members:
        kept = {name: data for name, data in members.items() if name != METADATA}
        return {**kept, PICKLED: pickled(), "model/versions.txt": versions.encode()}

    return change


SOURCES: dict[str, Callable[[], str]] = {
    "S1 from and blanks": lambda: "from" + " " * 300_000,
    "S1 import and blanks": lambda: "import " + " " * 300_000 + "!",
    "S1 many lines of blanks": lambda: ("from" + " " * 3_000 + "\n") * 100,
    "S1 import and commas": lambda: "import " + "," * 200_000 + "!",
    "S1 a name of 300,000": lambda: "import " + "a" * 300_000 + "!",
    "S1 dots": lambda: "from " + "." * 300_000 + " import x",
    "S1 words": lambda: "from " + "a " * 100_000 + "!",
    "S1 a dotted name of 100,000": lambda: "import " + "a." * 100_000 + "b",
    "S2 brackets": lambda: "x = " + "[" * 100_000 + "]" * 100_000,
    "S2 unary": lambda: "x = " + "-" * 100_000 + "1",
    "S2 sum": lambda: "x = " + "1 + " * 100_000 + "1",
    "S2 not": lambda: "x = " + "not " * 100_000 + "1",
    "S2 attributes": lambda: "x = a" + ".b" * 100_000,
    "S2 calls": lambda: "x = a" + "()" * 100_000,
    "S2 lambdas": lambda: "x = " + "lambda: " * 100_000 + "1",
    "S2 elif": lambda: "if a:\n    pass\n" + "elif a:\n    pass\n" * 50_000,
    "S2 blocks": lambda: "".join(f"{' ' * n}if a:\n" for n in range(99)) + " " * 99 + "import b",
    "S2 f-strings": lambda: "x = " + 'f"{' * 140 + "1" + '}"' * 140,
    "S2 braces of an f-string": lambda: 'x = f"' + "{" * 100_000 + '"',
    "S2 comparisons": lambda: "x = " + "a < " * 100_000 + "a",
    "S2 and so on": lambda: "x = " + " if a else ".join(["b"] * 50_000),
    "S2 powers": lambda: "x = " + "a ** " * 50_000 + "a",
    "S2 awaits": lambda: "async def f():\n    " + "await " * 50_000 + "x",
    "S2 decorators": lambda: "@a\n" * 100_000 + "def f(): pass",
    "S3 imports": lambda: "\n".join(f"import hostile.m{n}" for n in range(50_000)),
    "S3 names": lambda: "from hostile import " + ", ".join(f"a{n}" for n in range(50_000)),
    "S3 a line of 6 MB": lambda: "x = '" + "a" * 6_000_000 + "'",
    "S3 6 MB of semicolons": lambda: "import a;" * 600_000,
    "S3 numbers": lambda: "x = " + "9" * 10_000,
    "S3 assignments": lambda: "\n".join(f"a{n} = a{n - 1}" for n in range(30_000)),
    "S3 functions": lambda: "\n".join(f"def f{n}(): return f{n + 1}()" for n in range(20_000)),
    "S3 classes": lambda: (
        "class C0: pass\n" + "\n".join(f"class C{n}(C{n - 1}): pass" for n in range(1, 10_000))
    ),
    "S4 a coding": lambda: "# coding: utf-7\nimport a",
    "S4 a coding that is none": lambda: "# coding: " + "x" * 100_000,
    "S4 a NUL": lambda: "import a\x00",
    "S4 a surrogate": lambda: "x = '\ud800'",
    "S4 form feeds": lambda: "\x0c" * 300_000,
    "S4 returns": lambda: "\r" * 300_000,
    "S4 continuations": lambda: "\\\n" * 300_000,
    "S4 tabs": lambda: "if a:\n\tb\n        c\n",
}
EXTERNAL: dict[str, Callable[[], str]] = {
    "X1 300,000 names": lambda: "\n".join(f"lib{n}" for n in range(300_000)),
    "X1 10,000 libraries": lambda: "\n".join(["numpy", *(f"lib{n}" for n in range(9_999))]),
    "X1 300,000 modules of one": lambda: "\n".join(f"lib.m{n}" for n in range(300_000)),
    "X1 one name of 3 MB": lambda: "a" * 3_000_000,
    "X1 dots": lambda: "a" + ".a" * 100_000,
    "X1 only dots": lambda: "\n".join("." * n for n in range(300)),
    "X2 odd names": lambda: "..\n.\n/etc/passwd\na/b\n\x1b[2J\na\x00b\n-r\n__main__\n\ud800\né\n",
    "X2 names with slashes": lambda: "../../../x\n" * 1000,
    "X2 no text": lambda: "\udcff",
}


def crafted() -> dict[str, Change]:
    """All of them by name."""
    found: dict[str, Change] = {}
    for name, text in YAML.items():
        for place, change in zip(("metadata", "value", "config"), yaml_texts(text), strict=True):
            found[f"{name} ({place})"] = change
    for name, text in JSON.items():
        for place in (CLOSURE, REFERENCES):
            found[f"{name} ({place})"] = member(place, _encoded(text))
    for key in KEYS:
        for name, value in WRONG.items():
            found[f"V1 {key} is {name}"] = with_key(key, value)
    found |= {name: source(text) for name, text in SOURCES.items()}
    found |= {name: externals(text) for name, text in EXTERNAL.items()}
    found |= {
        "S3 6 MB more in the model's file": longer_model(lambda: "import a;" * 600_000),
        "S5 300 subclasses": subclasses(300),
        "S5 2,000 subclasses": subclasses(2_000),
        "S5 a ring of 300": ring(300),
        "S5 5,000 modules": modules(5_000),
    }
    return found


def _encoded(text: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: text().encode("utf-8", "surrogateescape")

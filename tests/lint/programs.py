"""Random programs from a small grammar, rich in what the linter looks for: valid Python without meaning."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

IMPORTS = (
    "import torch",
    "import sys, os",
    "import os.path",
    "import mocklib",
    "import mocklib.core as mc",
    "import importlib",
    "import optlib",
    "from pkg import m{n}",
    "from .m{n} import *",
    "from . import m{n} as other",
    "from .. import far",
    "from ...far import away",
    "from pkg.m{n} import f{n}, A{n}",
    "from torch import nn",
    "from dataclasses import dataclass",
    "__import__('pkg.m{n}')",
    "x = int(__import__('optlib').value)",
    "from __main__ import y",
)
VALUES = (
    "x{n}",
    "{n}",
    "'mypkg'",
    "None",
    "__file__",
    "__spec__.origin",
    "__name__",
    "lambda a=x{n}, *b, c, **d: a",
    "sys.modules[__name__]",
    "os.environ['X{n}']",
    "torch.cuda.current_device()",
    "torch.zeros({n}, device='cuda')",
    "mocklib.T{n}",
    "optlib.call(x{n})",
    "[y for y in x{n} if y]",
    "(yield_ for yield_ in {value})",
    "{value} if {value} else {value}",
    "({value}, *{value})",
    "f'{{x{n}!r:>{n}}}'",
    "{value} + {value}",
    "not {value}",
    "{value} is None",
    "x{n}[{value}]",
    "x{n}[1:{n}, ...]",
    "x{n}.y.z",
    "importlib.reload(m{n})",
    "importlib.import_module('.m{n}', __package__)",
    "open(os.path.join(os.path.dirname(__file__), 'a')).read()",
    "(w := {value})",
    "{{**{value}, 'a': {value}}}",
    "{{{value}, {n}}}",
)
TARGETS = (
    "x{n}",
    "x{n}.y",
    "x{n}[{n}]",
    "m{n}.MODE",
    "A{n}.scale",
    "type(self).z",
    "cls.z",
    "x{n}, *y",
    "self.a{n}",
)
SIMPLE = (
    "{target} = {value}",
    "{value}",
    "x{n} += {value}",
    "x{n}: {value} = {value}",
    "assert {value}, {value}",
    "del x{n}",
    "pass",
    "A{n}.__module__ = 'pkg'",
    "{import_}",
)
BLOCKS = (
    "if {value}:\n{body}\nelse:\n{body}",
    "if torch.cuda.is_available():\n{body}",
    "try:\n{body}\nexcept (mocklib.E, ValueError) as error:\n{body}\nelse:\n{body}\nfinally:\n{body}",
    "try:\n    import optlib\nexcept ImportError:\n    optlib = None",
    "for x{n} in {value}:\n{body}\nelse:\n{body}",
    "while {value}:\n{body}\n    break",
    "with {value} as x{n}, {value}:\n{body}",
    "match {value}:\n    case [1, *rest] if {value}:\n{body2}\n    case {'a': b} | b:\n{body2}",
    "@torch.library.custom_op('a::b{n}', mutates_args=())\n"
    "def f{n}(a: {value}, *b, c={value}) -> {value}:\n{body}\n    return {value}",
    "async def g{n}():\n    async with a as b:\n        await b\n{body}",
    "def f{n}(self, a={value}):\n    global MODE\n    MODE = {value}\n{body}\n    return A{n}()",
    "class A{n}(torch.nn.Module, metaclass=type):\n    def __init__(self):\n        self.a = {value}\n"
    "    def forward(self, x):\n        return self.z\n{body}",
    "@dataclass\nclass D{n}:\n    a: 'int'\n    b: {value} = {value}",
)


def program(chance: random.Random, statements: int = 12) -> str:
    """The source of one program.

    Args:
        chance: where every choice comes from.
        statements: how many stand at the top level.
    """
    first = "from __future__ import annotations\n" if chance.random() < 0.3 else ""
    return first + "\n".join(_statement(chance, 3) for _ in range(statements)) + "\n"


def _statement(chance: random.Random, depth: int) -> str:
    if depth and chance.random() < 0.4:
        return _filled(chance, chance.choice(BLOCKS), depth)
    return _filled(chance, chance.choice(SIMPLE), depth)


def _filled(chance: random.Random, text: str, depth: int) -> str:
    """A text with each hole filled by something else."""
    for hole in ("{body2}", "{body}", "{import_}", "{target}"):
        while hole in text:
            text = text.replace(hole, _part(chance, hole, depth), 1)
    while "{value}" in text:
        text = text.replace("{value}", _value(chance, 3), 1)
    return text.replace("{n}", str(chance.randrange(5)))


def _part(chance: random.Random, hole: str, depth: int) -> str:
    if hole == "{import_}":
        return _numbered(chance, chance.choice([item for item in IMPORTS if "*" not in item]))
    if hole == "{target}":
        return _numbered(chance, chance.choice(TARGETS))
    body = "\n".join(_statement(chance, depth - 1) for _ in range(chance.randrange(1, 4)))
    return textwrap.indent(body, "    " * (2 if hole == "{body2}" else 1))


def _value(chance: random.Random, depth: int) -> str:
    text = chance.choice(VALUES if depth else [item for item in VALUES if "{value}" not in item])
    while "{value}" in text:
        text = text.replace("{value}", f"({_value(chance, depth - 1)})", 1)
    return _numbered(chance, text).replace("{{", "{").replace("}}", "}")


def _numbered(chance: random.Random, text: str) -> str:
    return text.replace("{n}", str(chance.randrange(5)))

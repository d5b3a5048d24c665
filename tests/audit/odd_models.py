"""Odd but honest models, each packaged by torch.package as nequip does it: ``python odd_models.py``.

The packages are written to the working directory, numbered. One process makes all of them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

METADATA = """\
atom_types: {0: H}
available_models: [eager]
external_modules: {numpy: null}
package_version_id: 2
versions: {nequip: 0.19.1, e3nn: 0.6.0, torch: 2.13.0}
"""
MINE = """\
import collections
import dataclasses
import enum
import typing

import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(3, 4)
        self.second = torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.second(self.first(x))


class Kind(enum.Enum):
    FAST = "fast"
    SLOW = "slow"


class Level(enum.IntEnum):
    ONE = 1


class Bits(enum.Flag):
    A = enum.auto()
    B = enum.auto()


@dataclasses.dataclass
class Settings:
    width: int = 4
    names: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Frozen:
    width: int = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Slotted:
    width: int = 4


class Pair(typing.NamedTuple):
    a: int
    b: torch.Tensor


Old = collections.namedtuple("Old", "x y")


class State:
    def __init__(self, scale):
        self.scale, self.cache = scale, None

    def __getstate__(self):
        return {"scale": self.scale}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.cache = 2 * self.scale


class Made:
    def __init__(self, scale):
        self.scale = scale

    def __reduce__(self):
        return (Made, (self.scale,))


class Names(dict):
    pass


class Sizes(list):
    pass


class Text(str):
    pass


class Symmetric(torch.nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).transpose(-1, -2)


class Scaled(torch.nn.Parameter):
    pass


def scale(x, by):
    return by * x


class Slots:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a, self.b = 1, 2


def watch(layer, given, found):
    return None
"""
"""Source of the module `mine`."""
ODD = {
    "enum": "net.v = mine.Kind.FAST",
    "int enum": "net.v = [mine.Level.ONE, mine.Level.ONE]",
    "flag": "net.v = mine.Bits.A | mine.Bits.B",
    "dataclass": "net.v = mine.Settings(3, ['a'])",
    "frozen dataclass": "net.v = mine.Frozen(3)",
    "slots dataclass": "net.v = mine.Slotted(3)",
    "slots": "net.v = mine.Slots()",
    "named tuple": ("net.v = mine.Pair(1, torch.ones(2))\nnet.w = mine.Old(1, 2)"),
    "getstate": "net.v = mine.State(3.0)",
    "reduce": "net.v = mine.Made(3.0)",
    "dict subclass": "net.v = mine.Names(a=1, b=torch.ones(1))",
    "list subclass": "net.v = mine.Sizes([1, 2])",
    "str subclass": "net.v = mine.Text('a')",
    "partial of torch": ("import functools\nnet.v = functools.partial(torch.nn.functional.softmax, dim=-1)"),
    "partial of own": ("import functools\nnet.v = functools.partial(mine.scale, by=2.0)"),
    "ordered": (
        "import collections\n"
        "net.v = collections.OrderedDict(a=1)\n"
        "net.w = collections.Counter('aab')\n"
        "net.d = collections.deque([1], maxlen=3)"
    ),
    "size, slice, range": ("net.v = torch.Size([1, 2])\nnet.w = slice(1, 2)\nnet.r = range(3)\nnet.e = ..."),
    "complex": ("net.register_buffer('v', torch.ones(2, dtype=torch.complex64))\nnet.w = 1j"),
    "dtypes": (
        "types = (torch.bfloat16, torch.int8, torch.bool, torch.float8_e4m3fn, torch.uint16)\n"
        "for number, kind in enumerate(types):\n"
        "    net.register_buffer(f'v{number}', torch.ones(2).to(kind))"
    ),
    "sparse": "net.register_buffer('v', torch.eye(3).to_sparse())",
    "sparse csr": "net.register_buffer('v', torch.eye(3).to_sparse_csr())",
    "own parameter": "net.v = mine.Scaled(torch.ones(2))",
    "parameter with attributes": ("net.v = torch.nn.Parameter(torch.ones(2))\nnet.v.tag = 'bias'"),
    "parameter containers": (
        "net.v = torch.nn.ParameterDict({'a': torch.ones(1)})\n"
        "net.w = torch.nn.ParameterList([torch.ones(1)])"
    ),
    "rnn": (
        "net.v = torch.nn.LSTM(3, 3)\n"
        "net.w = torch.nn.MultiheadAttention(4, 2)\n"
        "net.t = torch.nn.TransformerEncoderLayer(4, 2, 4)"
    ),
    "norms": (
        "net.v = torch.nn.BatchNorm1d(3)\n"
        "net.w = torch.nn.LayerNorm(3)\n"
        "net.g = torch.nn.GroupNorm(1, 3)\n"
        "net.c = torch.nn.Conv1d(1, 1, 1)\n"
        "net.e = torch.nn.Embedding(3, 2)\n"
        "net.b = torch.nn.Bilinear(1, 1, 1)"
    ),
    "generator": "net.v = torch.Generator()",
    "numpy": (
        "import numpy as np\n"
        "net.v = np.ones(3)\n"
        "net.w = np.float64(2.0)\n"
        "net.d = np.dtype('f4')\n"
        "net.s = np.array(['a', 'b'])"
    ),
    "sets and frozen": ("net.v = {1, 2}\nnet.w = frozenset({'a'})\nnet.b = bytearray(b'x')"),
    "decimals and dates": (
        "import decimal, datetime\nnet.v = decimal.Decimal('1.5')\nnet.d = datetime.date(2020, 1, 1)"
    ),
    "regex": ("import re\nnet.v = re.compile('a+')"),
    "operator": ("import operator\nnet.v = operator.itemgetter(1)\nnet.w = operator.add"),
    "graph": "net.v = torch.fx.symbolic_trace(torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.SiLU()))",
    "odd names": (
        "net.v = torch.nn.ModuleDict({'1x0e + 2x1o': torch.nn.Identity()})\n"
        "net.v['H-H'] = torch.nn.Identity()"
    ),
    "type": "net.v = (int, float, torch.nn.Linear, mine.Made, type(None))",
    "negative and conjugate views": "net.register_buffer('v', torch.ones(2, dtype=torch.complex64).conj())",
    "frozen module": ("net.requires_grad_(False)\nnet.eval()"),
    "hook": "net.first.register_forward_hook(mine.watch)",
    "old norms": ("torch.nn.utils.weight_norm(net.first)\ntorch.nn.utils.spectral_norm(net.second)"),
}
"""What is done to a model `net`, by name."""


def package(net: Any, place: Path) -> None:
    """Write the package of a model."""
    import torch
    from torch.package import PackageExporter

    with PackageExporter(str(place)) as exporter:
        exporter.intern("mine")
        exporter.extern("**")
        exporter.save_pickle("model", "eager_model.pkl", torch.nn.ModuleDict({"sole_model": net}))
        exporter.save_pickle("model", "example_data.pkl", {"x": torch.ones(1)})
        exporter.save_text("model", "package_metadata.txt", METADATA)
        exporter.save_text("model", "config.yaml", "{}")


def main() -> None:
    """Write all packages."""
    import torch

    Path("mine.py").write_text(MINE)
    sys.path.insert(0, str(Path.cwd()))
    import mine  # type: ignore[import-not-found]

    for number, code in enumerate(ODD.values()):
        net = mine.Net()
        exec(code, {"net": net, "mine": mine, "torch": torch})
        package(net, Path(f"{number}.nequip.zip"))


if __name__ == "__main__":
    main()

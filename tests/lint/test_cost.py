"""What it costs to read and judge code grows with its length, and no faster; calls are counted, not time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import PLAIN, write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.facts.collect import details_of, facts_of
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHORT, LONG = 60, 240
ALLOWED = 1.5
"""Four times the length, at most six times the calls; what asks every line for every line takes sixteen."""

HEAD = "import numpy as np\nimport torch\n"
LONG_METHOD = "class Model(torch.nn.Module):\n    def __init__(self, size, given):\n        {body}\n"
LONG_FORWARD = "class Model(torch.nn.Module):\n    def forward(self, x):\n        {body}\n        return x\n"
LONG_FUNCTION = "def made(size, given):\n    {body}\n    return given\n"
LONG_CLASS = "class Model(torch.nn.Module):\n    {body}\n"
FILES = ("{body}\n", LONG_FUNCTION, LONG_METHOD, LONG_FORWARD, LONG_CLASS)
LINES = (
    "x{n} = size * {n}",
    "a{n}, b{n} = made(size)",
    "a{n}, b{n} = size",
    "x{n} = a{n} + b{n}",
    "x{n} = x{before} + x{before}",
    "self.a{n} = given{n}",
    "self.a{n} = x{before} * 2",
    "self.a{n} = np.zeros(3) * a{n}",
    "self.a{n} = self.a{before}",
    "self.table['{n}'] = lambda: {n}",
    "made.append(x{n})",
    "for x{n} in range(size): made.append(x{n})",
    "with open(x{n}) as stream{n}: self.a{n} = stream{n}",
    "if size > {n}: x{n} = torch.zeros({n})",
    "try: x{n} = size\n{indent}except ValueError: pass",
    "def f{n}(x=1): return f{before}(x)",
    "class C{n}(C{before}): a = {n}",
    "self.a{n}.update(dict(size=[x{n}, x{before}]))",
    "import lib{n}",
    "x{n} = lib{before}.made(f'{{size}}')",
    "del x{n}",
    "global x{n}",
    "print(x{n}, *given, **size)",
    "self.a{n} = np.zeros(3) * self.a{before}",
    "names{n} = {{'a', 'b'}}\n{indent}for x{n} in names{n}: self.a{n} = list(names{before})",
    "self.names{n} = set()\n{indent}self.names{n}.add('{n}')",
    "x{n} = [y{n} for y{n} in list(names{before})]",
    "self.register_buffer('a{n}', x{before})",
    "x{n} = self.a{n}(self.a{before}, key=lambda y: y + {n})",
    "setattr(self, f'a{{x{n}}}', x{before})",
    "x{n} = given['{n}'] = {{'a': x{before}, **size}}",
    "x{n} = y{n} = None\n{indent}x{n} = x{before} if x{n} is None else y{n}",
    "def f{n}(self):\n{indent}    self.a{n} = self.a{before}\n{indent}    return self.f{before}()",
    "class C{n}(C{before}):\n{indent}    def __init__(self): self.a = C{before}()",
    "assert isinstance(x{n}, C{before})",
    "x{n} = torch.jit.script(f{before})",
    "x{n} = given.a{n} = open(given / 'a{n}.txt').read()",
    "os.environ['A{n}'] = os.environ.get('A{before}')",
    "raise ValueError(f'a{{x{n}}}')",
    "@made(x{before})\n{indent}def f{n}(): return {n}",
    "x{n}: int = {n}\n{indent}x{n} += x{before}",
    "x{n} = pickle.loads(x{before})",
    "C{n} = type('C{n}', (C{before},), {{}})",
    "C{n}.a = C{before}.b",
    "size[x{n}] = size[x{before}] = f{n}",
    "made = made_of(made, {n})",
    "x = x + given[{n}]",
    "self.x = made(self.x, {n})",
)
PROJECTS = (
    (LONG_METHOD, "self.a{n} = {n}"),
    (LONG_METHOD, "self.a{n} = self.a{before}"),
    ("{body}\n", "NS.a{n} = NS.a{before}"),
    ("{body}\n", "def f{n}(x): return f{before}(x)"),
    ("{body}\n", "x{n} = lambda y: x{before}(y)"),
    (LONG_CLASS, "def f{n}(self): return self.f{before}()"),
    ("{body}\n", "import os.path as p{n}"),
)
BUILT = "class Net(torch.nn.Module):\n    def forward(self, x):\n        return x\n\ndef make():\n"
BUILDER = PLAIN.replace("mypkg.model", "mypkg.model:make")


def _source(shape: str, line: str, length: int) -> bytes:
    head, _, _ = shape.partition("{body}")
    indent = head.rpartition("\n")[2]
    lines = [line.format(n=n, before=n - 1, indent=indent) for n in range(1, length + 1)]
    return (HEAD + shape.replace("{body}", f"\n{indent}".join(lines))).encode()


def _calls(work: Callable[[], object]) -> int:
    """How many functions some work calls."""
    found = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("shape", FILES, ids=("module", "function", "method", "forward", "class"))
def test_four_times_the_lines_are_four_times_the_calls(shape: str, line: str) -> None:
    sources = (_source(shape, line, length) for length in (SHORT, LONG))
    short, long = (_calls(lambda source=source: _read(source)) for source in sources)  # type: ignore[misc]
    assert long / short < ALLOWED * LONG / SHORT


def _read(source: bytes) -> None:
    details_of(source, facts_of(source, "pkg.model", "pkg/model.py", False))


@pytest.mark.parametrize(("shape", "line"), PROJECTS)
def test_so_it_is_with_all_that_is_judged(shape: str, line: str, tmp_path: Path) -> None:
    made = "Model" if "class Model" in shape else "Net"
    counts = []
    for length in (SHORT, LONG):
        text = f"{_source(shape, line, length).decode()}\n{BUILT}    return {made}()\n"
        files = {"pyproject.toml": BUILDER, "mypkg/__init__.py": "", "mypkg/model.py": text}
        asked = Request((write(tmp_path / str(length), files),), cache=False)
        check(asked, Selection())  # reads tables, once in a process
        counts.append(_calls(lambda asked=asked: check(asked, Selection())))  # type: ignore[misc]
    assert counts[1] / counts[0] < ALLOWED * LONG / SHORT

"""What runs at import: calls that need a GPU, modifiers, optional and mocked names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import facts, model_findings, world, write

from nequip_lint.machine.target import Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def codes(folder: Path, model: str, more: Mapping[str, str] | None = None) -> list[str]:
    return [finding.code for finding in model_findings(folder, model, more)]


NEEDS_A_GPU = [
    "torch.cuda.get_device_capability()",
    "torch.cuda.get_device_name(0)",
    "torch.cuda.get_device_properties(0)",
    "torch.cuda.current_device()",
    "torch.cuda.current_stream()",
    "torch.cuda.default_stream()",
    "torch.cuda.Stream()",
    "torch.cuda.Event()",
    "torch.cuda.CUDAGraph()",
    "torch.cuda.synchronize()",
    "torch.cuda.set_device(0)",
    "torch.cuda.init()",
    "torch.cuda.mem_get_info()",
    "torch.cuda.get_rng_state()",
    "torch.cuda.nvtx.range_push('a')",
    "torch.cuda.graphs.graph_pool_handle()",
    "torch.zeros(1, device='cuda')",
    "torch.arange(4, device=torch.device('cuda:0'))",
    "torch.tensor([1.0]).cuda()",
    "torch.empty(1).to('cuda')",
    "torch.empty(1).to(device='cuda')",
    "torch.Generator(device='cuda')",
    "torch.Generator('cuda')",
    "torch.ones(2).pin_memory()",
    "torch.nn.Linear(1, 1, device='cuda')",
    "torch.version.cuda.split('.')",
    "torch.accelerator.current_accelerator().type",
]
NEEDS_NONE = [
    "torch.device('cuda')",
    "torch.device('cuda:0')",
    "torch.cuda.is_available()",
    "torch.cuda.device_count()",
    "torch.cuda.device(0)",
    "torch.cuda.memory_allocated()",
    "torch.cuda.memory_stats()",
    "torch.cuda.empty_cache()",
    "torch.cuda.manual_seed(1)",
    "torch.cuda.is_bf16_supported()",
    "torch.cuda.get_arch_list()",
    "torch.cuda.stream(None)",
    "torch.amp.autocast('cuda')",
    "torch.amp.GradScaler('cuda')",
    "torch.amp.custom_fwd(lambda x: x, device_type='cuda')",
    "torch.cuda.amp.custom_fwd(lambda x: x)",
    "torch.backends.cuda.matmul.allow_tf32",
    "torch.backends.cudnn.version()",
    "torch.version.cuda",
    "torch.accelerator.current_accelerator()",
    "torch.compile(lambda x: x, mode='max-autotune')",
    "torch.zeros(1, device='cpu')",
    "torch.zeros(1).to('cpu')",
    "torch.zeros(1).to(torch.float32)",
    "lambda: torch.cuda.current_device()",
    "torch.cuda.current_device() if torch.cuda.is_available() else None",
    "torch.cuda.is_available() and torch.cuda.current_device()",
    "not torch.cuda.is_available() or torch.cuda.current_device()",
    "[torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]",
]


@pytest.mark.parametrize("call", NEEDS_A_GPU)
def test_calls_that_need_a_gpu(call: str, tmp_path: Path) -> None:
    assert codes(tmp_path, f"import torch\n\nX = {call}\n") == ["NQ103"]


@pytest.mark.parametrize("call", NEEDS_NONE)
def test_calls_that_need_none(call: str, tmp_path: Path) -> None:
    assert codes(tmp_path, f"import torch\n\nX = {call}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "import torch\n\ndef f(x, s=torch.cuda.current_stream()):\n    return x\n",
        "import torch\n\nclass A:\n    stream = torch.cuda.current_stream()\n",
        "from torch import cuda\n\nX = cuda.current_device()\n",
        "from torch.cuda import current_device as here\n\nX = here()\n",
        "import torch as t\n\nX = t.cuda.current_device()\n",
        "import torch\n\nif torch.version.cuda:\n    X = torch.cuda.current_device()\n",
        "import torch\n\ntry:\n    X = torch.cuda.current_device()\nexcept RuntimeError:\n    X = 0\n",
        "import torch\n\ntry:\n    X = torch.cuda.current_device()\nexcept ImportError:\n    X = 0\n",
        "import torch\n\ndef f():\n    return torch.cuda.current_device()\n\nX = f()\n",
        "import torch\n\ndef f():\n    x = torch.zeros(1)\n    return x.cuda()\n\nclass A:\n    x = [f()]\n",
        "import torch\n\nX = [x for x in (1,) if torch.cuda.current_device()]\n",
        "import torch\n\nassert torch.cuda.is_available(), 'needs a GPU'\n",
        "import torch\n\nif not torch.cuda.is_available():\n    raise RuntimeError('needs a GPU')\n",
    ],
)
def test_a_gpu_is_needed_in_any_place(text: str, tmp_path: Path) -> None:
    assert codes(tmp_path, text) == ["NQ103"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("raise AssertionError('no')\n", ["NQ107"]),
        ("from os import cpu_count\n\nif cpu_count():\n    raise AssertionError('no')\n", ["NQ107"]),
        ("from os import cpu_count\n\nassert cpu_count()\n", []),
        ("from os import cpu_count\n\nif cpu_count():\n    assert cpu_count()\n", []),
        ("assert False, 'no'\n", ["NQ107"]),
        ("class Old:\n    assert not 1\n", ["NQ107"]),
    ],
)
def test_only_an_assert_is_trusted_to_hold(text: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(tmp_path, text) == expected


EXITS = {
    "print(exit())": True,
    "x = [exit(1)]": True,
    "def f():\n    return 1\n\n\nf() or exit(2)": False,
    "later = lambda: exit(1)": False,
    "x = None if True else exit()": False,
    "try:\n    exit()\nexcept Exception:\n    pass": True,
    "try:\n    exit()\nexcept BaseException:\n    pass": False,
    "try:\n    raise ValueError\nexcept KeyError:\n    pass": True,
    "try:\n    raise ValueError\nexcept (KeyError, ValueError):\n    pass": False,
    "try:\n    raise ValueError\nexcept Mine:\n    pass": False,
    "try:\n    raise Mine\nexcept KeyError:\n    pass": False,
}
"""What ends an import for certain, and what does not."""


@pytest.mark.parametrize("text", EXITS)
def test_an_exit_in_any_place_and_a_handler_that_misses(text: str, tmp_path: Path) -> None:
    mine = "class Mine(KeyError): ...\n\n\n"
    assert codes(tmp_path, f"{mine}{text}\n") == (["NQ107"] if EXITS[text] else [])


@pytest.mark.parametrize(
    "text",
    [
        "import torch\n\nif torch.cuda.is_available():\n    X = torch.cuda.current_device()\n",
        "import torch\n\nif torch.cuda.device_count() > 0:\n    X = torch.cuda.current_device()\n",
        "import torch\n\ntry:\n    X = torch.cuda.current_device()\nexcept Exception:\n    X = 0\n",
        "import torch\n\ntry:\n    X = torch.cuda.current_device()\n"
        "except (AssertionError, RuntimeError):\n    X = 0\n",
        "import torch\n\nif __name__ == '__main__':\n    torch.cuda.init()\n",
        "import torch\n\nclass M(torch.nn.Module):\n    def forward(self, x):\n        return x.to('cuda')\n",
        "import numpy as np\n\nX = np.zeros(1).to('cpu')\n",
        "import torch\n\ndef f():\n    if not torch.cuda.is_available():\n        return 0\n"
        "    return torch.cuda.current_device()\n\nX = f()\n",
        "import torch\n\ndef f():\n    try:\n        return torch.cuda.current_device()\n"
        "    except Exception:\n        return 0\n\nX = f()\n",
        "import torch\n\ndef f():\n    return torch.cuda.current_device()\n\ndef g():\n    return f()\n",
        "import torch\n\nclass A:\n    def f(self):\n        return torch.cuda.current_device()\n\n"
        "def f():\n    return 0\n\nX = f()\n",
    ],
)
def test_a_gpu_is_not_needed(text: str, tmp_path: Path) -> None:
    assert codes(tmp_path, text) == []


def test_a_file_outside_of_the_package_may_need_a_gpu(tmp_path: Path) -> None:
    more = {"mypkg/train.py": "import torch\n\nX = torch.cuda.current_device()\n"}
    assert codes(tmp_path, "import torch\n", more) == []


def test_a_module_that_needs_a_gpu_is_dropped_without_one(tmp_path: Path) -> None:
    write(tmp_path, {"pkg/__init__.py": "", "pkg/k.py": "import torch\nS = torch.cuda.Stream()\n"})
    failure = world(tmp_path, Target(gpu=False, others="present")).failure("pkg.k")
    assert failure is not None
    assert failure.exception == "RuntimeError"
    assert failure.reason == "`torch.cuda.Stream()` needs a GPU at import"
    assert world(tmp_path, Target(gpu=True, others="present")).failure("pkg.k") is None


MODIFIER = """\
import torch
from nequip.nn.model_modifier_utils import model_modifier


class M(torch.nn.Module):
    {decorators}
    def enable(cls, model):
        return model
"""


@pytest.mark.parametrize(
    ("decorators", "ordered"),
    [
        ("@model_modifier(persistent=True)\n    @classmethod", True),
        ("@other\n    @model_modifier(persistent=True)\n    @classmethod", True),
        ("@classmethod\n    @model_modifier(persistent=True)", False),
        ("@model_modifier(persistent=True)\n    @staticmethod", False),
        ("@model_modifier(persistent=True)", False),
    ],
)
def test_the_order_of_a_modifier(decorators: str, ordered: bool) -> None:
    (found,) = facts(MODIFIER.format(decorators=decorators)).modifiers
    assert (found.owner, found.name, found.ordered) == ("M", "enable", ordered)


FALLBACK = "try:\n    import optlib\nexcept ImportError:\n    optlib = None\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "@optlib.jit\ndef f(): ...\n",
        "X = optlib.make()\n",
        "class A(optlib.Base): ...\n",
        "def f(x: optlib.Tensor): ...\n",
        "class A:\n    x: optlib.Tensor\n",
        "X = optlib.VERSION\n",
        "X = optlib['a']\n",
    ],
)
def test_an_optional_name_is_needed(text: str, tmp_path: Path) -> None:
    assert codes(tmp_path, FALLBACK + text) == ["NQ105"]


@pytest.mark.parametrize(
    "text",
    [
        "from __future__ import annotations\n" + FALLBACK + "def f(x: optlib.Tensor): ...\n",
        FALLBACK + "HAS = optlib is not None\n",
        FALLBACK + "if optlib is not None:\n    X = optlib.make()\n",
        FALLBACK + "if optlib:\n    class A(optlib.Base): ...\n",
        FALLBACK + "X = optlib and optlib.make()\n",
        FALLBACK + "X = optlib.make() if optlib is not None else None\n",
        FALLBACK + "try:\n    X = optlib.make()\nexcept AttributeError:\n    X = None\n",
        FALLBACK + "def f():\n    return optlib.make()\n",
        FALLBACK + "X = getattr(optlib, 'make', None)\n",
        "try:\n    import optlib\nexcept ImportError:\n    class optlib:\n        Base = object\n"
        "\nX = optlib.Base\n",
        "try:\n    import optlib\n    HAS = True\nexcept ImportError:\n    HAS = False\n"
        "\nif HAS:\n    X = optlib.make()\n",
    ],
)
def test_an_optional_name_is_not_needed(text: str, tmp_path: Path) -> None:
    assert codes(tmp_path, text) == []


OEQ = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["torch"]

[tool.nequip-lint]
internal-packages = ["mypkg"]
extern-modules = ["openequivariance"]
roots = ["mypkg.model"]
"""


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        ("except ImportError", ["NQ108"]),
        ("except (ImportError, OSError)", ["NQ108"]),
        ("except ModuleNotFoundError", ["NQ108"]),
        ("except Exception", []),
        ("except (ImportError, AssertionError)", []),
        ("except", []),
    ],
)
def test_what_a_library_raises_is_caught(handler: str, expected: list[str], tmp_path: Path) -> None:
    text = f"try:\n    import openequivariance as oeq\n{handler}:\n    oeq = None\n"
    assert codes(tmp_path, text, {"pyproject.toml": OEQ}) == expected


def test_a_gpu_test_around_the_import_is_enough(tmp_path: Path) -> None:
    text = (
        "import torch\n\nif torch.cuda.is_available():\n"
        "    try:\n        import openequivariance\n    except ImportError:\n        pass\n"
    )
    assert codes(tmp_path, text, {"pyproject.toml": OEQ}) == []


TWO_NAMES = FALLBACK.replace("import optlib\n", "import optlib\n    import optlib.language as ol\n")
OTHER = "if torch.cuda.is_available():\n    LIMIT = 1\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@optlib.jit\ndef f(x: ol.T):\n    return ol.load(x)\n", ["NQ105"]),
        ("def f(x: ol.T): ...\n\n\nX = optlib.make()\n", ["NQ105"]),
        ("def f(x: ol.T): ...\n", ["NQ104"]),
        (f"import torch\n{OTHER}@optlib.jit\ndef f(x=LIMIT): ...\n", ["NQ105", "NQ104"]),
    ],
)
def test_one_missing_library_is_one_finding(text: str, expected: list[str], tmp_path: Path) -> None:
    assert codes(tmp_path, TWO_NAMES + text) == expected


STUB = "try:\n    import optlib\nexcept ImportError:\n    "
TRIED = "try:\n    from optlib import {}\n    {}\nexcept ImportError:\n    X = None\n"
GPU = "import torch\nif torch.cuda.is_available():\n    "
SIZE = "\nclass A:\n    @property\n    def size(self): ...\n    @size.setter\n    def size(self, x): ...\n"
OLD = "import sys\nif sys.version_info < (3, 11):\n    from exceptiongroup import ExceptionGroup\n"
BOUND_IN_SOME_WAY = [
    f"{STUB}class Stub: ...\n    optlib = Stub()\n",
    f"{STUB}import sys\n    optlib = sys.intern('none')\n",
    f"{STUB}import json as optlib\nX = optlib.loads('1')\n",
    f"{STUB}from mypkg import other as optlib\nX = optlib.make()\n",
    f"{STUB}pass\nelse:\n    from mypkg.other import VALUE\n    X = VALUE\n",
    TRIED.format("gzip", "def pack(): ...\n    X = pack()"),
    TRIED.format("*", "X = Parser\n    class Parser(X): ..."),
    f"{OLD}X = ExceptionGroup\n",
    "from mypkg.other import *\nif VALUE > 2:\n    import optlib as VALUE\nX = VALUE\n",
    f"{GPU}X = 1\nelse:\n    globals()['X'] = 2\nY = X\n",
    f"{GPU}size = 1\n{SIZE}",
]


@pytest.mark.parametrize("text", BOUND_IN_SOME_WAY)
def test_a_name_is_bound_on_every_machine(text: str, tmp_path: Path) -> None:
    """Seen in torch, fsspec, fontTools, pytest, lightning, PIL and libcst, which import without it."""
    more = {"mypkg/other.py": "VALUE = 1\ndef make(): ...\n"}
    assert {"NQ001", "NQ104", "NQ105"}.isdisjoint(codes(tmp_path, text, more))


LAZY = """\
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from mypkg import part
    from mypkg.made import make
"""
GIVES = """
def __getattr__(name):
    import importlib
    return getattr(importlib.import_module("mypkg.made"), name)
"""


@pytest.mark.parametrize(
    ("text", "lazy", "expected"),
    [
        ("from mypkg.lazy import make\n", LAZY, ["NQ104"]),
        ("from mypkg.lazy import make\n", f"{LAZY}{GIVES}", []),
        ("from mypkg.lazy import part\n", LAZY, ["NQ104"]),
        ("from mypkg import part\n", LAZY, []),
    ],
)
def test_a_name_that_another_module_defines_for_type_checkers(
    text: str, lazy: str, expected: list[str], tmp_path: Path
) -> None:
    """Lazy packages, as botorch, give such names by `__getattr__`; submodules are there without."""
    more = {"mypkg/lazy.py": lazy, "mypkg/made.py": "def make(): ...\n", "mypkg/part.py": ""}
    assert [code for code in codes(tmp_path, text, more) if code == "NQ104"] == expected


SETS = [
    ("out.add(kwargs['dtype'])", False),
    ("out.add(x.dtype)", False),
    ("out.add('H')", True),
    ("out.update(self.symbols)", True),
    ("out.update(text.split(','))", True),
    ("out |= {one.symbol for one in x}", True),
]


@pytest.mark.parametrize(("line", "is_found"), SETS)
def test_the_order_of_a_set(line: str, is_found: bool, tmp_path: Path) -> None:
    forward = (
        f"def forward(self, x, **kwargs):\n        out = set()\n        {line}\n        return list(out)\n"
    )
    text = f"import torch\nclass M(torch.nn.Module):\n    {forward}"
    assert ("NQ407" in codes(tmp_path, text)) == is_found


AT_WORK = [
    ("class A(mocklib.Base): ...\n", "NQ105"),
    ("@mocklib.wrap\ndef f(): ...\n", "NQ105"),
    ("@mocklib.wrap(1)\ndef f(): ...\n", "NQ105"),
    ("X = mocklib.make()\n", "NQ105"),
    ("def f(x: mocklib.core.T): ...\n", "NQ105"),
    ("def f(x: mocklib.T | None = None): ...\n", "NQ105"),
    ("from typing import Optional\n\ndef f(x: Optional[mocklib.T] = None): ...\n", "NQ105"),
    ("X = {mocklib.T: 1}\n", "NQ208"),
    ("X = isinstance(1, mocklib.T)\n", "NQ208"),
    ("X = isinstance(1, (mocklib.T, int))\n", "NQ208"),
    ("X = hasattr(mocklib, 'T')\n", "NQ208"),
    ("X = mocklib.VERSION >= '1'\n", "NQ208"),
    ("X = [*mocklib.NAMES]\n", "NQ208"),
    ("X = tuple(mocklib.NAMES)\n", "NQ208"),
    ("X = len(mocklib.NAMES)\n", "NQ208"),
    ("X = max(mocklib.NAMES)\n", "NQ208"),
    ("X = {**mocklib.TABLE}\n", "NQ208"),
    ("first, *rest = mocklib.NAMES\n", "NQ208"),
    ("if mocklib.FLAG:\n    X = 1\n", "NQ208"),
    ("for x in mocklib.NAMES:\n    X = 1\n", "NQ208"),
    ("class M:\n    def forward(self, x):\n        return mocklib.scale(x)\n", "NQ208"),
    (
        "class M:\n    def forward(self, x):\n        import mocklib as m\n        return m.scale(x)\n",
        "NQ208",
    ),
    ("class M:\n    def __init__(self):\n        self.t = mocklib.T()\n", "NQ208"),
    ("class M:\n    def __init__(self):\n        self.f = mocklib.scale\n", "NQ208"),
]


@pytest.mark.parametrize(("text", "code"), AT_WORK)
def test_a_mock_is_at_work(text: str, code: str, tmp_path: Path) -> None:
    assert codes(tmp_path, f"import mocklib\n{text}") == [code]


PART = """\
import mocklib
import torch


class Part(torch.nn.Module):
    def __init__(self):
        self.t = mocklib.T()
"""
WHOLE = """\
from mypkg.{} import {}
import torch


class {}(torch.nn.Module):
    def __init__(self):
        self.x = {}
"""
BETWEEN = WHOLE.format("part", "Part", "Layer", "Part()")


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (WHOLE.format("part", "Part", "Model", "Part()"), ["NQ208"]),
        (WHOLE.format("layer", "Layer", "Model", "Layer()"), ["NQ208"]),
        (WHOLE.format("part", "Part", "Model", "isinstance(1, Part)"), []),
        (WHOLE.format("layer", "Layer", "Model", "1"), []),
    ],
)
def test_a_part_of_a_model_keeps_a_mock(model: str, expected: list[str], tmp_path: Path) -> None:
    """What the root's file makes, directly or through another file, is part of the model."""
    assert codes(tmp_path, model, {"mypkg/part.py": PART, "mypkg/layer.py": BETWEEN}) == expected


NOT_AT_WORK = [
    "X = list[mocklib.T]\n",
    "def f(x: dict[str, mocklib.T]) -> tuple[mocklib.T, ...]: ...\n",
    "def f(x: mocklib.T) -> mocklib.T: ...\n",
    "def f(x=mocklib.T): ...\n",
    "X = {'a': mocklib.T}\n",
    "X = f'{mocklib.T}'\n",
    "X = mocklib.T\n",
    "X = mocklib.T is None\n",
    "X = isinstance(1, (int, mocklib.T))\n",
    "from dataclasses import dataclass\n\n@dataclass\nclass C:\n    a: int = mocklib.CONST\n",
    "def plot(x):\n    return mocklib.draw(x)\n",
    "class M:\n    def plot(self, x):\n        return mocklib.draw(x)\n",
    "class M:\n    def forward(self, x):\n        if self.debug:\n            mocklib.draw(x)\n",
    "class M:\n    def __init__(self):\n        self.n = mocklib.count()\n",
]


@pytest.mark.parametrize("text", NOT_AT_WORK)
def test_a_mock_is_not_at_work(text: str, tmp_path: Path) -> None:
    assert codes(tmp_path, f"import mocklib\n{text}") == []


def test_the_attributes_of_a_mocked_submodule_are_one_step_away(tmp_path: Path) -> None:
    assert codes(tmp_path, "import mocklib.core as c\n\ndef f(x: c.T): ...\n") == []
    assert codes(tmp_path, "import mocklib.core\n\ndef f(x: mocklib.core.T): ...\n") == []
    assert codes(tmp_path, "from mocklib import Base\n\nclass A(Base): ...\n") == ["NQ105"]


@pytest.mark.real
@pytest.mark.parametrize("call", NEEDS_A_GPU)
def test_torch_raises_what_the_facts_say(call: str) -> None:
    torch = pytest.importorskip("torch")
    if torch.version.cuda is not None or torch.accelerator.is_available():
        pytest.skip("needs a CPU build of torch on a machine without an accelerator")
    (found,) = facts(f"import torch\n\nX = {call}\n").gpu_calls
    try:
        eval(call, {"torch": torch})
    except Exception as error:
        assert type(error).__name__ == found.raises[0]
    else:
        pytest.fail("torch raised nothing")


@pytest.mark.real
@pytest.mark.parametrize("call", NEEDS_A_GPU)
def test_torch_raises_nothing_where_there_is_a_gpu(call: str) -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU that torch can use")
    eval(call, {"torch": torch})


@pytest.mark.real
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("call", NEEDS_NONE)
def test_torch_raises_nothing(call: str) -> None:
    torch = pytest.importorskip("torch")
    eval(call, {"torch": torch})

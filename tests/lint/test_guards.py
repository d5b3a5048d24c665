"""Which machines reach a module-level import: guards as facts, and their truth on a target."""

from __future__ import annotations

import pytest
from lint_support import facts

from nequip_lint.facts.values import Import
from nequip_lint.machine.evaluate import Judge, catches
from nequip_lint.machine.target import Target

BARE = Target(python=(3, 10), gpu=False)
RICH = Target(python=(3, 12), gpu=True)


def _marked(text: str) -> tuple[Import, Judge, Judge]:
    """The import that `@` stands for; judges for a machine with nothing and one with everything."""
    found = facts(text.replace("@", "import marked"))
    item = next(item for item in found.imports if item.module == "marked")
    return item, Judge(found, BARE, lambda _: False), Judge(found, RICH, lambda _: True)


TRY = "try:\n    import lib\n    HAS = True\nexcept ImportError:\n    HAS = False\n"
NONE = "try:\n    import lib\nexcept ImportError:\n    lib = None\n"
# text with @ for the import; reached on the bare and on the rich machine; None where source does not tell
GUARDS = [
    ("@", True, True),
    ("if True:\n    @", True, True),
    ("if 0:\n    @", False, False),
    # typing
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    @", False, False),
    ("import typing\nif typing.TYPE_CHECKING:\n    @", False, False),
    ("import typing as t\nif t.TYPE_CHECKING:\n    @", False, False),
    ("from typing import TYPE_CHECKING as TC\nif TC:\n    @", False, False),
    ("from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    @", True, True),
    ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    @", True, True),
    # python
    ("import sys\nif sys.version_info >= (3, 11):\n    @", False, True),
    ("import sys\nif sys.version_info < (3, 11):\n    @", True, False),
    ("from sys import version_info\nif version_info >= (3,):\n    @", True, True),
    ("import sys\nif sys.version_info[0] >= 3:\n    @", True, True),
    ("import sys\nif sys.version_info.major < 3:\n    @", False, False),
    ("import sys\nif sys.version_info[1] > 5:\n    @", True, True),
    ("import sys\nif sys.version_info.minor < 8:\n    @", False, False),
    ("import sys\nif sys.version_info[:2] >= (3, 8):\n    @", True, True),
    ("import sys\nif sys.version_info[2] > 1:\n    @", None, None),
    ("import sys\nif sys.version_info[1:] > (8,):\n    @", None, None),
    # gpu
    ("import torch\nif torch.cuda.is_available():\n    @", False, True),
    ("from torch import cuda\nif cuda.is_available():\n    @", False, True),
    ("import torch\nif torch.cuda.device_count() > 0:\n    @", False, True),
    ("import torch\nif torch.xpu.is_available():\n    @", False, True),
    ("import torch\nif not torch.cuda.is_available():\n    @", True, False),
    ("import torch\ndef gpu():\n    return torch.cuda.is_available()\nif gpu():\n    @", False, True),
    ("import torch\nGPU = torch.cuda.is_available()\nif GPU:\n    @", False, True),
    # libraries
    ("from importlib.util import find_spec\nif find_spec('lib'):\n    @", False, True),
    ("import importlib\nif importlib.util.find_spec('lib') is not None:\n    @", False, True),
    ("from importlib.util import find_spec\nif find_spec('lib') is None:\n    @", True, False),
    ("from importlib.util import find_spec\nif find_spec(name):\n    @", None, None),
    ("from importlib.util import find_spec\nHAS = find_spec('lib')\nif HAS:\n    @", False, True),
    ("from importlib.util import find_spec\nHAS = bool(find_spec('lib'))\nif HAS:\n    @", False, True),
    (f"{TRY}if HAS:\n    @", False, True),
    (f"{TRY}if not HAS:\n    @", True, False),
    (f"{NONE}if lib is not None:\n    @", False, True),
    (f"{NONE}if lib is None:\n    @", True, False),
    (f"{NONE}if lib:\n    @", False, True),
    (
        "HAS = 0\ntry:\n    import lib\n    HAS = True\nexcept ImportError:\n    pass\nif HAS:\n    @",
        False,
        True,
    ),
    # blocks of a try
    ("try:\n    import lib\nexcept ImportError:\n    @", True, False),
    ("try:\n    import lib\nexcept ImportError:\n    pass\nelse:\n    @", False, True),
    ("try:\n    import lib\nexcept ImportError:\n    pass\nfinally:\n    @", True, True),
    ("try:\n    import lib\n    @\nexcept ImportError:\n    pass", False, True),
    # combinations
    (f"import torch\n{TRY}if HAS and torch.cuda.is_available():\n    @", False, True),
    ("import sys\nif sys.version_info < (3, 11) or x:\n    @", True, None),
    ("if x and False:\n    @", False, False),
    ("if __name__ == '__main__':\n    @", False, False),
    ("if unknown:\n    @", None, None),
    ("if hasattr(lib, 'x'):\n    @", None, None),
    ("while x:\n    @", None, None),
    ("match x:\n    case 1:\n        @", None, None),
    # what follows an early end
    ("import torch\ndef f():\n    if not torch.cuda.is_available():\n        return\n    @", False, True),
    ("import torch\nassert torch.cuda.is_available()\n@", False, True),
    ("import torch\nif not torch.cuda.is_available():\n    raise ImportError('gpu')\n@", False, True),
    (
        "import torch\nfor _ in (1,):\n    if not torch.cuda.is_available():\n        continue\n"
        "    else:\n        pass\n    @",
        False,
        True,
    ),
]


@pytest.mark.parametrize(("text", "bare", "rich"), GUARDS, ids=[row[0] for row in GUARDS])
def test_guard(text: str, bare: bool | None, rich: bool | None) -> None:
    item, without, with_all = _marked(text)
    assert (without.all(item.place.guards), with_all.all(item.place.guards)) == (bare, rich)


# text, exceptions that end before they leave the module
CAUGHT = [
    ("@", ()),
    ("try:\n    @\nexcept ImportError:\n    pass", ("ImportError",)),
    ("try:\n    @\nexcept (ImportError, OSError):\n    pass", ("ImportError", "OSError")),
    ("try:\n    @\nexcept ImportError as error:\n    log(error)", ("ImportError",)),
    ("try:\n    @\nexcept:\n    pass", ("BaseException",)),
    ("try:\n    @\nexcept builtins.ImportError:\n    pass", ("ImportError",)),
    ("try:\n    @\nexcept ImportError:\n    raise", ()),
    ("try:\n    @\nexcept ImportError as e:\n    raise RuntimeError('x') from e", ()),
    ("try:\n    @\nexcept KeyError:\n    pass\nexcept OSError:\n    raise", ("KeyError",)),
    ("try:\n    @\nfinally:\n    pass", ()),
    ("try:\n    pass\nexcept ImportError:\n    @", ()),
    ("try:\n    pass\nexcept ImportError:\n    pass\nelse:\n    @", ()),
    ("with contextlib.suppress(ImportError):\n    @", ("ImportError",)),
    ("with suppress(ImportError, OSError):\n    @", ("ImportError", "OSError")),
    ("with lock:\n    @", ()),
    (
        "try:\n    try:\n        @\n    except KeyError:\n        pass\nexcept OSError:\n    pass",
        ("OSError", "KeyError"),
    ),
]


@pytest.mark.parametrize(("text", "caught"), CAUGHT, ids=[row[0] for row in CAUGHT])
def test_caught(text: str, caught: tuple[str, ...]) -> None:
    item, _, _ = _marked(text)
    assert item.place.caught == caught


CATCHES = [
    ("ModuleNotFoundError", "ImportError", True),
    ("ModuleNotFoundError", "ModuleNotFoundError", True),
    ("ModuleNotFoundError", "Exception", True),
    ("ModuleNotFoundError", "OSError", False),
    ("ImportError", "ModuleNotFoundError", False),
    ("ImportError", "ImportError", True),
    ("RuntimeError", "ImportError", False),
    ("RuntimeError", "BaseException", True),
    ("SystemExit", "Exception", False),
    ("SystemExit", "BaseException", True),
    ("SystemExit", "SystemExit", True),
    ("NotImplementedError", "RuntimeError", True),
    ("FileNotFoundError", "OSError", True),
    ("KeyError", "LookupError", True),
]


@pytest.mark.parametrize(("raised", "handler", "ends"), CATCHES)
def test_catches(raised: str, handler: str, ends: bool) -> None:
    assert catches((handler,), raised) is ends


STOPS = [
    ("raise ImportError('no')", "raise ImportError('no')"),
    ("assert x, 'no'", "assert x, 'no'"),
    ("import sys\nsys.exit()", "sys.exit()"),
    ("exit(1)", "exit()"),
]


@pytest.mark.parametrize(("text", "reason"), STOPS)
def test_stop(text: str, reason: str) -> None:
    (stop,) = facts(text).stops
    assert stop.text == reason


@pytest.mark.parametrize("text", ["def f():\n    raise ImportError", "def f():\n    assert x", "f = 1"])
def test_no_stop_at_import(text: str) -> None:
    assert not facts(text).stops


# Names that are bound under a test only, and how their reads stand
USES = [
    ("if x:\n    a = 1\nprint(a)", [("a", 0)]),
    ("if x:\n    a = 1\nif x:\n    print(a)", [("a", 1)]),
    ("if x:\n    a = 1\nelse:\n    a = 2\nprint(a)", [("a", 0)]),
    ("a = 0\nif x:\n    a = 1\nprint(a)", []),
    ("if x:\n    a = 1\ndef f(a):\n    return a", []),
    ("if x:\n    a = 1\ndef f():\n    return a", [("a", 0)]),
    ("if x:\n    a = 1\ndef f():\n    a = 2\n    return a", []),
    ("if x:\n    a = 1\nf = lambda: a", [("a", 0)]),
    ("from __future__ import annotations\nif x:\n    a = 1\ndef f(y: a) -> a: ...", []),
    ("if x:\n    a = 1\ndef f(y: a): ...", [("a", 0)]),
]


@pytest.mark.parametrize(("text", "expected"), USES, ids=[row[0] for row in USES])
def test_use_of_guarded_name(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(use.name, len(use.place.guards)) for use in facts(text).guarded_reads] == expected

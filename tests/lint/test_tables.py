"""The tables in `rules/`: well-formed, no name in two, and what real Pythons, torch and e3nn say of them."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from lint_support import REPOSITORY, model_findings
from pythons import interpreter

from nequip_lint.cache import entries as cache
from nequip_lint.machine import standard_library as stdlib
from nequip_lint.machine.libraries import Library, known
from nequip_lint.machine.target import covering
from nequip_lint.machine.versions import parse_version
from nequip_lint.summaries.releases import available, load
from nequip_lint.tables import table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TABLES = sorted(path.stem for path in (REPOSITORY / "rules").glob("*.toml"))


def test_every_table_is_read_here() -> None:
    assert TABLES == [
        "e3nn",
        "effects",
        "failures",
        "generated",
        "gpu",
        "libraries",
        "numpy",
        "pickles",
        "process",
        "python",
        "released",
        "requirements",
    ]


# Python


def listed() -> list[str]:
    """Every name in the table of Pythons, as often as it stands there."""
    python = table("python")
    return [name for part in ("added", "removed") for names in python[part].values() for name in names]


def test_python_has_each_name_once_in_order() -> None:
    assert table("python").keys() == {"oldest", "newest", "made_at_import", "unloaded", "added", "removed"}
    assert [name for name, count in Counter(listed()).items() if count > 1] == []
    for part in ("added", "removed"):
        versions = [stdlib.version_of(text) for text in table("python")[part]]
        assert versions == sorted(versions)
        assert set(versions) <= set(stdlib.pythons()[1:]), "a change before the oldest Python says nothing"


def test_nothing_stands_below_a_module_that_says_the_same() -> None:
    assert [name for name in listed() if covering(stdlib.spans(), name.rpartition(".")[0])] == []


PRESENT = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
def there(name):
    if "." not in name:
        return name in sys.stdlib_module_names
    above, _, last = name.rpartition(".")
    try:
        if hasattr(importlib.import_module(above), last):
            return True
        importlib.import_module(name)
    except ImportError:
        return False
    return True
print(json.dumps({name: there(name) for name in json.load(sys.stdin)}))
"""
MODULES = "import json, sys; print(json.dumps(sorted(sys.stdlib_module_names)))"


def asked(version: tuple[int, int], program: str, given: object = None) -> Any:
    """What a program answers that runs in a Python of some version."""
    command = [sys.executable if version == stdlib.HERE else interpreter(*version), "-I", "-c", program]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("version", stdlib.pythons(), ids=lambda item: f"3.{item[1]}")
def test_python_says_the_same(version: tuple[int, int]) -> None:
    names = [name for name in stdlib.spans() if not name.startswith("tkinter")]  # which some builds lack
    assert asked(version, PRESENT, names) == {name: stdlib.spans()[name].has(version) for name in names}


@pytest.mark.parametrize("version", stdlib.pythons(), ids=lambda item: f"3.{item[1]}")
def test_every_module_that_a_python_lacks_or_has_alone_is_listed(version: tuple[int, int]) -> None:
    real = {name for name in asked(version, MODULES) if not name.startswith("_")}
    tops = {name.partition(".")[0] for name in (*sys.stdlib_module_names, *stdlib.spans())}
    told = {name for name in tops if stdlib.is_stdlib(name, version) and not name.startswith("_")}
    assert told == real


def test_names_of_the_table_are_no_modules() -> None:
    assert stdlib.has("os.path")
    assert stdlib.has("typing.io") == (stdlib.HERE < (3, 13))
    assert not stdlib.has("typing.Self")


IMPORTS = [
    ("import concurrent.interpreters", "3.10, 3.11, 3.12, 3.13"),
    ("from concurrent import interpreters", "3.10, 3.11, 3.12, 3.13"),
    ("from string.templatelib import Template", "3.10, 3.11, 3.12, 3.13"),
    ("from distutils.version import LooseVersion", "3.12, 3.13, 3.14"),
    ("import binhex", "3.11, 3.12, 3.13, 3.14"),
    ("from inspect import getargspec", "3.11, 3.12, 3.13, 3.14"),
    ("from typing.io import TextIO", "3.13, 3.14"),
    ("from typing import Self, Any", "3.10"),
    ("from typing import Any", ""),
    ("import concurrent.futures", ""),
]


@pytest.mark.parametrize(("statement", "versions"), IMPORTS, ids=[row[0] for row in IMPORTS])
def test_imports_that_some_python_lacks_are_found(tmp_path: Path, statement: str, versions: str) -> None:
    found = [item.message for item in model_findings(tmp_path, f"{statement}\n") if item.code == "NQ502"]
    named = [re.findall(r"Python (3\.\d+(?:, 3\.\d+)*)", message)[:1] for message in found]
    assert named == ([[versions]] if versions else [])


FALLBACKS = [
    ("import binhex", "ModuleNotFoundError", False),
    ("from typing.io import TextIO", "ModuleNotFoundError", False),
    ("from typing import Self", "ModuleNotFoundError", True),
    ("from typing import Self", "ImportError", False),
]


@pytest.mark.parametrize(("statement", "caught", "expected"), FALLBACKS)
def test_a_missing_module_is_no_missing_name(
    tmp_path: Path, statement: str, caught: str, expected: bool
) -> None:
    text = f"try:\n    {statement}\nexcept {caught}:\n    pass\n"
    assert ("NQ502" in [item.code for item in model_findings(tmp_path, text)]) is expected


# GPU


def test_gpu_names_exceptions_of_both_builds() -> None:
    gpu = table("gpu")
    assert gpu.keys() == {"told", "harmless", "calls", "methods", "arguments", "autotune"}
    kinds = [gpu[kind] for kind in ("calls", "methods", "arguments")]
    pairs = [pair for kind in kinds for pair in kind.values()]
    assert {len(pair) for pair in pairs} == {2}
    assert {name for pair in pairs for name in pair} == {"AssertionError", "AttributeError", "RuntimeError"}
    assert set(gpu["told"]) <= {*gpu["calls"], *gpu["methods"]}
    named = Counter([*gpu["harmless"], *gpu["calls"], *gpu["methods"]])
    assert [name for name, count in named.items() if count > 1] == []


def _torch() -> Any:
    """torch in a build without CUDA."""
    torch = pytest.importorskip("torch")
    if torch.version.cuda:
        pytest.skip("this torch is a build for CUDA")
    return torch


def _made(torch: Any) -> dict[str, Callable[[], object]]:
    """How each entry of the table is called."""
    given = {"set_device": (0,), "range_push": ("a",)}
    homes = {"range_push": torch.cuda.nvtx, "Generator": torch}
    calls = {
        name: lambda name=name: getattr(homes.get(name, torch.cuda), name)(*given.get(name, ()))
        for name in table("gpu")["calls"]
    }
    tensor = torch.zeros(1)
    return {
        **calls,
        "Generator": lambda: torch.Generator("cuda"),
        "cuda": tensor.cuda,
        "pin_memory": tensor.pin_memory,
        "to": lambda: tensor.to("cuda"),
        "device": lambda: torch.zeros(1, device="cuda"),
    }


@pytest.mark.real
def test_torch_without_cuda_raises_what_the_table_says() -> None:
    gpu, raised = table("gpu"), {}
    for name, call in _made(_torch()).items():
        with pytest.raises((AssertionError, AttributeError, RuntimeError)) as caught:
            call()
        raised[name] = type(caught.value).__name__
    assert raised == {
        name: pair[0] for kind in ("calls", "methods", "arguments") for name, pair in gpu[kind].items()
    }


@pytest.mark.real
@pytest.mark.filterwarnings("ignore")  # of torch, that there is no GPU
def test_torch_without_cuda_lets_harmless_functions_pass() -> None:
    torch = _torch()
    passing = {
        "GradScaler": torch.amp.GradScaler,
        "autocast": torch.autocast,
        "custom_bwd": lambda device: torch.amp.custom_bwd(device_type=device),
        "custom_fwd": lambda device: torch.amp.custom_fwd(device_type=device),
        "device": torch.device,
        "set_default_device": torch.set_default_device,
    }
    assert passing.keys() == set(table("gpu")["harmless"])
    for call in passing.values():
        call("cuda")
    torch.set_default_device(None)


def test_triton_has_the_decorator_where_the_table_says() -> None:
    autotune = table("gpu")["autotune"]
    assert autotune.keys() == {"names", "harmless_with", "first_broken", "last_broken"}
    assert parse_version(autotune["first_broken"]) < parse_version(autotune["last_broken"])
    pytest.importorskip("triton")
    for name in autotune["names"]:
        module, _, last = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), last))


# Libraries


def test_libraries_have_known_keys_and_actions() -> None:
    fields = {*Library._fields} - {"name"}
    for name, entry in table("libraries").items():
        assert entry.keys() <= fields, name
        assert known()[name].action in ("extern", "mock", "avoid")
        assert (known()[name].action == "avoid") >= bool(known()[name].direct), f"{name}: direct is for avoid"
        assert entry.get("distribution") != name, f"{name}: distribution is for another name"


def test_no_library_is_part_of_python() -> None:
    assert not table("libraries").keys() & (sys.stdlib_module_names | stdlib.spans().keys())


# e3nn


def test_every_release_of_e3nn_has_the_modules() -> None:
    assert table("e3nn").keys() == {"optimising"}
    for release in available()["e3nn"].releases:
        assert set(table("e3nn")["optimising"]) <= load(release.path).modules.keys()


# Facts rest on tables too


def test_a_changed_table_makes_a_new_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "data_folder", lambda: tmp_path)
    gpu = tmp_path / "gpu.toml"
    gpu.write_text("told = []\n")
    before = cache.cache_file(tmp_path)
    assert before == cache.cache_file(tmp_path)
    gpu.write_text("told = [1]\n")
    assert before != cache.cache_file(tmp_path)


# numpy

_NOT_CALLED = (
    "errstate",
    "info",
    "save",
    "savetxt",
    "savez",
    "savez_compressed",
    "setbufsize",
    "show_config",
)
_BY_ARGUMENT = ("imag", "isreal", "object_", "real", "trim_zeros")
"""Functions that give back what they are given, or a part of it."""


@pytest.mark.filterwarnings("ignore")
def test_functions_that_give_nothing_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    made = numpy.arange(1.0, 5.0)
    samples: list[tuple[Any, ...]] = [(made,), (2.5,), (made, made), (made, 2), ([1, 2],), ("f8",), ((2, 2),)]
    listed = {*table("numpy")["plain"]["numpy"]} - {*_NOT_CALLED, *_BY_ARGUMENT, "show_runtime", "test"}
    functions = {name: getattr(numpy, name) for name in listed if callable(getattr(numpy, name, None))}
    results = {
        (name, given): _tried(functions[name], samples[given]) for name in functions for given in range(7)
    }
    assert len({name for (name, _), result in results.items() if result is not None}) > 20
    of_numpy = numpy.ndarray | numpy.generic
    assert [key for key, result in results.items() if isinstance(result, of_numpy)] == []


def test_generators_of_numpy() -> None:
    random = pytest.importorskip("numpy").random
    known = table("numpy")
    assert [name for names in known["random"].values() for name in names if not hasattr(random, name)] == []
    assert known["since"].keys() == {"array", "random"}


def _tried(function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    try:
        return function(*given)
    except Exception:
        return None

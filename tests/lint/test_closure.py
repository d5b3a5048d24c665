"""The predicted archive, against what torch.package is known to do."""

from __future__ import annotations

from contextlib import nullcontext
from runpy import run_path
from typing import TYPE_CHECKING

import pytest
from lint_support import OWN, world, write

from nequip_lint.closure.after_model import once_made
from nequip_lint.closure.import_time import import_time_set
from nequip_lint.closure.packaged import packaged_set
from nequip_lint.closure.world import World
from nequip_lint.machine.target import Target
from nequip_lint.project.sources import Sources
from nequip_lint.summaries.codec import decode_facts, encode_facts

if TYPE_CHECKING:
    from pathlib import Path

BASE = {
    "pkg/__init__.py": "import pkg.never\n",
    "pkg/never.py": "import unregistered\n",
    "pkg/a.py": "VALUE = 1\n",
    "pkg/sub/__init__.py": "value = 2\nfrom .deep import thing\n",
    "pkg/sub/deep.py": "import extlib\nthing = 3\n",
    "pkg/needy.py": "import extlib\nname = 1\n",
    "pkg/both.py": "",
    "pkg/space/inner.py": "",
}
SUB = {"pkg.sub": "intern", "pkg.sub.deep": "intern", "extlib": "extern"}
INIT = {"pkg": "intern", "pkg.never": "intern", "unregistered": "refused"}
TYPING = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
# text of pkg/root.py, the actions of all modules but the root
RESOLUTION: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("from pkg import a", {"pkg.a": "intern"}),
    ("from . import a", {"pkg.a": "intern"}),
    ("from .a import VALUE", {"pkg.a": "intern"}),
    ("import pkg.a", {"pkg.a": "intern"}),
    ("import pkg.sub.deep", {"pkg.sub.deep": "intern", "extlib": "extern"}),
    ("from pkg.sub import deep", {"pkg.sub.deep": "intern", "extlib": "extern"}),
    ("from pkg.sub import value", SUB),
    ("from pkg.sub import deep, value", SUB),
    ("from pkg.sub import *", SUB),
    ("def f():\n    from pkg.sub import value", SUB),
    ("try:\n    import pkg.a\nexcept ImportError:\n    pass", {"pkg.a": "intern"}),
    (f"{TYPING}    import pkg.a", {"typing": "extern", "pkg.a": "intern"}),
    ("import torch\nif torch.cuda.is_available():\n    import pkg.a", {"torch": "extern", "pkg.a": "intern"}),
    ("if False:\n    import pkg.a", {"pkg.a": "intern"}),
    ("x = __import__('pkg.a')", {"pkg.a": "intern", **INIT}),
    ("f(__import__('pkg.a'))", {}),
    ("from . import gone", INIT),
    ("import extlib.sub.deep", {"extlib.sub.deep": "extern"}),
    ("from extlib import thing", {"extlib": "extern"}),
    ("import mocklib.x", {"mocklib.x": "mock"}),
    ("import unregistered", {"unregistered": "refused"}),
    ("import sys, io, os", {"sys": "extern", "io": "extern", "os": "extern"}),
    ("import os.path as p", {"os.path": "extern"}),
    ("from xml.etree import ElementTree", {"xml.etree.ElementTree": "extern"}),
    ("import torch.nn.functional as F", {"torch.nn.functional": "extern"}),
    ("from torch import nn", {"torch": "extern"}),
    ("import pkg.space.inner", {"pkg.space.inner": "intern"}),
    ("import pkg.space", {"pkg.space": "refused"}),
]  # fmt: skip


def _closure(folder: Path, text: str, target: Target | None = None) -> dict[str, str]:
    found = packaged_set(["pkg.root"], world(write(folder, {**BASE, "pkg/root.py": text}), target))
    assert found.modules["pkg.root"].action == "intern"
    return {name: verdict.action for name, verdict in found.modules.items() if name != "pkg.root"}


@pytest.mark.parametrize(("text", "expected"), RESOLUTION, ids=[row[0] for row in RESOLUTION])
def test_resolution(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    assert _closure(tmp_path, text) == expected


BARE = Target(others="absent")
LOST: list[tuple[str, dict[str, str]]] = [
    ("import extlib", {"extlib": "absent"}),
    ("import pkg.needy", {"pkg.needy": "dropped"}),
    ("def f():\n    import pkg.needy", {"pkg.needy": "dropped"}),
    ("from .needy import name", {"pkg.needy": "dropped"}),
    ("from pkg.sub import value", {"pkg.sub": "dropped"}),
    # not a module there, so torch.package takes it for an attribute of the package
    ("from . import needy", {"pkg.needy": "dropped", "pkg": "intern"}),
    ("from . import a, needy", {"pkg.a": "intern", "pkg.needy": "dropped", "pkg": "intern"}),
]


@pytest.mark.parametrize(("text", "expected"), LOST, ids=[row[0] for row in LOST])
def test_losses_on_a_bare_machine(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    folder = write(tmp_path, {**BASE, "pkg/__init__.py": "", "pkg/root.py": text})
    found = packaged_set(["pkg.root"], world(folder, BARE)).modules
    assert {name: verdict.action for name, verdict in found.items() if name != "pkg.root"} == expected


# the name of a part of pkg that needs a library, and what happens to it where that is absent
PARTS = [("mock", "absent"), ("extern", "absent"), ("intern", "dropped")]


@pytest.mark.parametrize(("action", "expected"), PARTS)
def test_a_part_with_an_action_of_its_own_that_does_not_import(
    tmp_path: Path, action: str, expected: str
) -> None:
    """torch.package asks whether a module imports before it looks for its action."""
    files = {"pkg/__init__.py": "", "pkg/ops/__init__.py": "import extlib\n", "pkg/ops/deep.py": ""}
    files["pkg/root.py"] = "def f():\n    import pkg.ops.deep\n    from pkg.ops import thing\n"
    patterns = OWN._replace(**{action: getattr(OWN, action) | {"pkg.ops"}})
    folder = write(tmp_path, files)
    everything = packaged_set(["pkg.root"], world(folder, patterns=patterns)).modules
    assert everything["pkg.ops"].action == action
    bare = packaged_set(["pkg.root"], world(folder, BARE, patterns)).modules
    found = {name: verdict.action for name, verdict in bare.items() if name.startswith("pkg.ops")}
    assert found == {"pkg.ops": expected, "pkg.ops.deep": expected}


OPTIONAL = "try:\n    import extlib\nexcept ImportError:\n    extlib = None\n"
PASSED_OVER = OPTIONAL.replace("extlib = None", "pass")
UNDER_A_TEST = "import torch\nif torch.cuda.is_available():\n    import extlib\n"
# text of pkg/kernel.py, and whether it is left out where there is neither the library nor a GPU
AT_WORK = [
    (OPTIONAL, False),
    (f"{OPTIONAL}@extlib.jit\ndef f(): ...\n", True),
    (f"{OPTIONAL}class A(extlib.Base): ...\n", True),
    (f"{OPTIONAL}X = extlib\n", False),
    (f"{OPTIONAL}def f():\n    return extlib.make()\n", False),
    (f"{OPTIONAL}if extlib is not None:\n    X = extlib.make()\n", False),
    (f"{OPTIONAL}try:\n    X = extlib.make()\nexcept AttributeError:\n    X = None\n", False),
    (f"{PASSED_OVER}X = extlib.make()\n", True),
    (f"{PASSED_OVER}def f(x=extlib): ...\n", True),
    (f"{PASSED_OVER}def f():\n    return extlib.make()\n", False),
    (f"{UNDER_A_TEST}X = extlib.make()\n", True),
    (f"{UNDER_A_TEST}    X = extlib.make()\n", False),
    (f"{UNDER_A_TEST}else:\n    extlib = 1\nX = extlib\n", False),
    (f"{UNDER_A_TEST}def f():\n    return extlib.make()\n", False),
]


@pytest.mark.parametrize(("text", "is_dropped"), AT_WORK)
def test_a_name_at_work_without_its_library(tmp_path: Path, text: str, is_dropped: bool) -> None:
    """Predicted the same from source and from the facts of a summary."""
    files = {"pkg/__init__.py": "", "pkg/kernel.py": text, "pkg/root.py": "from . import kernel\n"}
    seen = world(write(tmp_path, files), BARE)
    read = seen.sources.facts("pkg.kernel")
    assert read is not None
    kept = decode_facts("pkg.kernel", encode_facts(read, "pkg/kernel.py"))
    told = World(Sources([tmp_path], prepared={"pkg.kernel": kept}, tops=frozenset({"pkg"})), OWN, BARE)
    for machine in (seen, told):
        modules = packaged_set(["pkg.root"], machine).modules
        assert modules["pkg.kernel"].action == ("dropped" if is_dropped else "intern")


@pytest.mark.parametrize(("text", "is_dropped"), AT_WORK)
def test_python_says_the_same_of_a_name_at_work(tmp_path: Path, text: str, is_dropped: bool) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    file = write(tmp_path, {"kernel.py": text}) / "kernel.py"
    fails = pytest.raises((AttributeError, NameError, TypeError)) if is_dropped else nullcontext()
    with fails:
        run_path(str(file))


SETS = "import torch\ntorch.multiprocessing.set_start_method('spawn'{})\n"
# text of pkg/kernel.py, which a function of pkg.root imports, another root, and what happens to the file
START = [
    (SETS.format(""), "e3nn.o3._linear", "dropped"),
    (SETS.format(""), "e3nn.o3._tensor_product._tensor_product", "dropped"),
    (SETS.format(""), "e3nn.o3._irreps", "intern"),
    (SETS.format(", force=True"), "e3nn.o3._linear", "intern"),
    ("import multiprocessing as mp\nmp.set_start_method('fork')\n", "e3nn.o3._linear", "dropped"),
    ("import torch\ntorch.set_num_interop_threads(1)\n", "e3nn.o3._linear", "intern"),
]


@pytest.mark.parametrize(("text", "other", "action"), START)
def test_a_start_method_in_a_file_that_is_imported_late(
    tmp_path: Path, text: str, other: str, action: str
) -> None:
    """As the mutants `start-method` and `interop-threads` of nequip, allegro and softcore show for real."""
    files = {
        "pkg/__init__.py": "",
        "pkg/kernel.py": text,
        "pkg/root.py": "def f():\n    from . import kernel\n",
    }
    roots = ["pkg.root", "e3nn.o3._irreps", other]
    machine = world(write(tmp_path, files), Target(present=frozenset({"tqdm"})))
    modules = packaged_set(roots, once_made(machine, roots)).modules
    assert modules["pkg.kernel"].action == action


def test_a_name_that_is_submodule_and_attribute_is_the_submodule(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "both = 1\nimport unregistered\n",
        "pkg/both.py": "",
        "pkg/root.py": "from pkg import both",
    }
    assert packaged_set(["pkg.root"], world(write(tmp_path, files))).modules.keys() == {
        "pkg.root",
        "pkg.both",
    }


KINDS = [
    ("inner.cpython-311-x86_64-linux-gnu.so", "C extension"),
    ("inner.pyc", "source file is missing"),
    ("inner/x.txt", "namespace package"),
]


@pytest.mark.parametrize(("path", "reason"), KINDS)
def test_no_source(tmp_path: Path, path: str, reason: str) -> None:
    files = {"pkg/__init__.py": "", "pkg/root.py": "import pkg.inner", f"pkg/{path}": b""}
    verdict = packaged_set(["pkg.root"], world(write(tmp_path, files))).modules["pkg.inner"]
    assert verdict.action == "refused"
    assert reason in verdict.reason


@pytest.mark.parametrize("module", ["sys", "io"])
def test_sys_and_io_are_refused_unless_registered(tmp_path: Path, module: str) -> None:
    folder = write(tmp_path, {"pkg/__init__.py": "", "pkg/root.py": f"import {module}"})
    bare = world(folder, patterns=OWN._replace(extern=frozenset()))
    assert packaged_set(["pkg.root"], bare).modules[module].action == "refused"


def test_a_relative_import_beyond_the_top_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, {"pkg/__init__.py": "", "pkg/root.py": "def f():\n    from ... import x"})
    assert packaged_set(["pkg.root"], world(folder)).of("refused") == ["pkg.root"]


def test_chain_is_the_shortest(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/root.py": "from . import long\nfrom . import short",
        "pkg/long.py": "from . import longer",
        "pkg/longer.py": "from . import goal",
        "pkg/short.py": "\nfrom . import goal",
        "pkg/goal.py": "",
    }
    closure = packaged_set(["pkg.root"], world(write(tmp_path, files)))
    steps = [(step.module, step.line, step.statement) for step in closure.chain("pkg.goal")]
    assert steps == [("pkg.root", 2, "from . import short"), ("pkg.short", 2, "from . import goal")]
    assert closure.chain("pkg.root") == ()


def test_import_time_set_has_parents_and_leaves_lazy_imports_out(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from . import always",
        "pkg/always.py": "",
        "pkg/lazy.py": "",
        "pkg/guarded.py": "",
        "pkg/typed.py": "",
        "pkg/sub/__init__.py": "",
        "pkg/sub/root.py": (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pkg import typed\n"
            "import torch\nif torch.cuda.is_available():\n    from pkg import guarded\n"
            "def f():\n    from pkg import lazy\n"
        ),
    }
    folder = write(tmp_path, files)
    expected = {"pkg", "pkg.always", "pkg.sub", "pkg.sub.root"}
    assert set(import_time_set(["pkg.sub.root"], world(folder, Target()))) == expected
    assert set(import_time_set(["pkg.sub.root"], world(folder))) == {*expected, "pkg.guarded"}

"""What exists and what imports on one building machine."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY, world, write

from nequip_lint.machine.target import Patterns, Target

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = Target(others="absent")
EVERYTHING = Target(gpu=True, others="present", triton="3.3.1")
AUTOTUNE = "import triton\n@triton.autotune(configs=[], key=[])\n@triton.jit\ndef f(): ..."
# text of pkg/mod.py, the loss on a bare machine ('' for none), and on one with everything
LOSSES = [
    ("import os", "", ""),
    ("import extlib", "extlib is not installed", ""),
    ("import extlib.sub", "extlib is not installed", ""),
    ("def f():\n    import extlib", "", ""),
    ("class C:\n    import extlib", "extlib is not installed", ""),
    ("try:\n    import extlib\nexcept ImportError:\n    pass", "", ""),
    ("try:\n    import extlib\nexcept ModuleNotFoundError:\n    pass", "", ""),
    ("try:\n    import extlib\nexcept OSError:\n    pass", "extlib is not installed", ""),
    ("try:\n    import extlib\nexcept ImportError:\n    raise", "extlib is not installed", ""),
    ("try:\n    import extlib\nexcept ImportError:\n    from . import gone", "", ""),
    ("import torch\nif torch.cuda.is_available():\n    import extlib", "", ""),
    ("import torch\nassert torch.cuda.is_available()", "`assert torch.cuda.is_available()` runs", ""),
    (
        "import torch\nif not torch.cuda.is_available():\n    raise ImportError('gpu')",
        "`raise ImportError",
        "",
    ),
    ("raise RuntimeError('never')", "`raise RuntimeError", "`raise RuntimeError"),
    ("import sys\nsys.exit()", "`sys.exit()`", "`sys.exit()`"),
    ("if __name__ == '__main__':\n    raise SystemExit", "", ""),
    ("import os.nothing", "os.nothing is not in the standard", "os.nothing is not in the standard"),
    ("from .. import x", "leaves the top-level package", "leaves the top-level package"),
    ("from . import broken", "is not valid Python", "is not valid Python"),
    ("try:\n    from . import broken\nexcept SyntaxError:\n    pass", "", ""),
    ("from . import needy", "extlib is not installed", ""),
    ("from .needy import name", "extlib is not installed", ""),
    ("try:\n    from .needy import name\nexcept ImportError:\n    name = None", "", ""),
    ("from . import circle", "", ""),
    ("if unknown:\n    import extlib", "", ""),
    (AUTOTUNE, "triton is not installed", ""),
]


def _tree(folder: Path, text: str) -> Path:
    others = {"needy.py": "import extlib\n", "broken.py": "x = (\n", "circle.py": "from . import mod\n"}
    files = {"__init__.py": "", "mod.py": text, **others}
    return write(folder, {f"pkg/{name}": content for name, content in files.items()})


@pytest.mark.parametrize(("text", "bare", "rich"), LOSSES, ids=[row[0] for row in LOSSES])
def test_loss(tmp_path: Path, text: str, bare: str, rich: str) -> None:
    for target, reason in ((NOTHING, bare), (EVERYTHING, rich)):
        failure = world(_tree(tmp_path, text), target).failure("pkg.mod")
        assert reason in (failure.reason if failure else "")
        assert bool(failure) == bool(reason)


def test_chain_of_a_loss_ends_at_its_cause(tmp_path: Path) -> None:
    failure = world(_tree(tmp_path, "import os\nfrom . import needy"), NOTHING).failure("pkg.mod")
    assert failure is not None
    assert [(step.module, step.line, step.statement) for step in failure.chain] == [
        ("pkg.mod", 2, "from . import needy"),
        ("pkg.needy", 1, "import extlib"),
    ]


TRITONS = [("", False), ("3.1.0", False), ("3.2.0", True), ("3.3.1", True), ("3.4.0", False)]


@pytest.mark.parametrize(("version", "fails"), TRITONS)
def test_autotune_without_a_gpu_fails_with_some_releases(tmp_path: Path, version: str, fails: bool) -> None:
    target = Target(others="present", triton=version)
    assert bool(world(_tree(tmp_path, AUTOTUNE), target).failure("pkg.mod")) is fails


HARMLESS = [
    "import triton\n@triton.autotune(configs=[], key=[], warmup=1)\ndef f(): ...",
    "import triton\ndef g():\n    @triton.autotune(configs=[], key=[])\n    def f(): ...",
    "import triton, torch\nif torch.cuda.is_available():\n    @triton.autotune(configs=[])\n    def f(): ...",
    "from other import autotune\n@autotune(configs=[])\ndef f(): ...",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_decorators(tmp_path: Path, text: str) -> None:
    assert world(_tree(tmp_path, text), Target(others="present", triton="3.3.1")).failure("pkg.mod") is None


def test_a_parent_that_fails_takes_all_below_it(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "", "pkg/sub/__init__.py": "import extlib\n", "pkg/sub/fine.py": ""}
    bare = world(write(tmp_path, files), NOTHING)
    assert not bare.exists("pkg.sub.fine")
    assert bare.exists("pkg")
    assert world(tmp_path, EVERYTHING).exists("pkg.sub.fine")


def test_cycles_end(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from . import a",
        "pkg/a.py": "from . import b",
        "pkg/b.py": "from . import a, c",
    }
    found = world(write(tmp_path, {**files, "pkg/c.py": "from pkg.b import x"}), NOTHING)
    assert all(found.exists(f"pkg{name}") for name in ("", ".a", ".b", ".c"))


EXISTS = [
    ("os.path", False, True),
    ("os.getcwd", True, False),
    ("torch.nn.functional", False, True),
    ("pkg.mod", False, True),
    ("pkg.mod.name", True, False),
    ("pkg.space", False, True),
    ("extlib", False, True),
    ("extlib.sub", False, True),
    ("extlib.name", True, False),
    ("seen.name", True, False),
    ("seen.sub", True, True),
]


@pytest.mark.parametrize(("module", "candidate", "expected"), EXISTS)
def test_exists(tmp_path: Path, module: str, candidate: bool, expected: bool) -> None:
    _tree(tmp_path / "own", "")
    write(tmp_path / "own", {"pkg/space/x.py": ""})
    site = write(tmp_path / "site", {"seen/__init__.py": "", "seen/sub.py": ""})
    found = world(tmp_path / "own", EVERYTHING, installed=[site])
    assert found.exists(module, candidate=candidate) is expected


PRESENCE = [
    (Target(others="present"), "lib", True),
    (Target(others="absent"), "lib", False),
    (Target(others="installed"), "lib", False),
    (Target(others="installed"), "seen", True),
    (Target(others="known"), "lib", None),
    (Target(others="known"), "seen.sub", True),
    (Target(others="present", absent=frozenset({"lib"})), "lib.sub", False),
    (Target(others="absent", present=frozenset({"lib"})), "lib", True),
    (Target(others="absent"), "torch.nn", True),
    (Target(others="absent"), "pkg.mod", True),
]


@pytest.mark.parametrize(("target", "module", "expected"), PRESENCE)
def test_presence(tmp_path: Path, target: Target, module: str, expected: bool | None) -> None:
    site = write(tmp_path / "site", {"seen/__init__.py": "", "seen/sub.py": ""})
    assert world(_tree(tmp_path / "own", ""), target, installed=[site]).present(module) is expected


def test_linted_code_hides_the_standard_library(tmp_path: Path) -> None:
    write(tmp_path, {"code/__init__.py": "", "code/mine.py": ""})
    patterns = Patterns(intern=frozenset({"code"}))
    assert world(tmp_path, EVERYTHING, patterns).exists("code.mine")
    assert not world(tmp_path, EVERYTHING, patterns).exists("code.InteractiveConsole", candidate=True)


ACTIONS = [
    ("a", "intern"),
    ("a.b", "extern"),
    ("a.b.c", "mock"),
    ("a.b.c.d", "mock"),
    ("a.bc", "intern"),
    ("ab", None),
    ("x.y", "extern"),
    ("x", None),
]


@pytest.mark.parametrize(("module", "action"), ACTIONS)
def test_patterns_cover_submodules_and_mock_wins_over_extern_over_intern(
    module: str, action: str | None
) -> None:
    patterns = Patterns(frozenset({"a"}), frozenset({"a.b", "x.y"}), frozenset({"a.b.c"}))
    assert patterns.action(module) == action


CODES = [
    ("import extlib", "NQ101"),
    ("from . import needy", "NQ101"),
    (AUTOTUNE, "NQ102"),
    ("import torch\nNAME = torch.cuda.get_device_name(0)", "NQ103"),
    ("raise RuntimeError('never')", "NQ107"),
    ("import sys\nsys.exit()", "NQ107"),
    ("from .. import x", "NQ211"),
    ("import os.nothing", "NQ502"),
    ("from . import broken", "NQ001"),
]


@pytest.mark.parametrize(("text", "code"), CODES, ids=[row[0] for row in CODES])
def test_a_failure_names_the_rule_that_tells_of_it(tmp_path: Path, text: str, code: str) -> None:
    target = Target(present=frozenset({"triton"}), others="absent", triton="3.3.1")
    failure = world(_tree(tmp_path, text), target).failure("pkg.mod")
    assert failure is not None
    assert failure.code == code


def test_a_name_that_only_other_pythons_have_ends_an_import(tmp_path: Path) -> None:
    tree = _tree(tmp_path, "from typing import Self")
    failures = [world(tree, Target(python=(3, minor))).failure("pkg.mod") for minor in (10, 11)]
    assert [failure and failure.reason for failure in failures] == [
        "typing.Self is not in the standard library of Python 3.10",
        None,
    ]


def test_a_library_that_raises_is_caught_by_what_catches_that(tmp_path: Path) -> None:
    name = "openequivariance"
    machine = Target(absent=frozenset({name}), broken=frozenset({name}))
    for number, (caught, code) in enumerate(
        [("ImportError", "NQ108"), ("AssertionError", ""), ("Exception", "")]
    ):
        text = f"try:\n    import {name}\nexcept {caught}:\n    pass\n"
        failure = world(_tree(tmp_path / str(number), text), machine).failure("pkg.mod")
        assert (failure.code if failure else "") == code


def test_a_chain_of_any_length(tmp_path: Path) -> None:
    """Python's own stack holds about 120 modules that are judged within each other."""
    files = {f"pkg/m{n}.py": f"from . import m{n + 1}\n" for n in range(700)}
    write(tmp_path, {"pkg/__init__.py": "", **files, "pkg/m700.py": "import extlib\n"})
    failure = world(tmp_path, NOTHING).failure("pkg.m0")
    assert failure is not None
    assert [step.module for step in failure.chain] == [f"pkg.m{n}" for n in range(701)]
    assert world(tmp_path, EVERYTHING).failure("pkg.m0") is None


def test_a_ring_of_any_length(tmp_path: Path) -> None:
    files = {f"pkg/m{n}.py": f"from . import m{(n + 1) % 300}\n" for n in range(300)}
    write(tmp_path, {"pkg/__init__.py": "", **files, "pkg/m170.py": "from . import m171\nimport extlib\n"})
    judged = world(tmp_path, NOTHING)
    failure = judged.failure("pkg.m0")
    assert failure is not None
    assert len(failure.chain) == 171
    assert world(tmp_path, EVERYTHING).failure("pkg.m0") is None


def test_every_hazard_is_asked_wherever_a_closure_is() -> None:
    """No rule need be imported for it."""
    script = "import sys; from nequip_lint.hazards.hazard import hazards; print(len(hazards()), *sys.modules)"
    count, *modules = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    files = {path.stem for path in (REPOSITORY / "nequip_lint" / "hazards").glob("*.py")} - {"__init__"}
    assert {f"nequip_lint.hazards.{name}" for name in files} <= {*modules}
    assert int(count) >= 7
    assert not [name for name in modules if name.startswith("nequip_lint.rules")]

"""The one walk over statements: verdicts on which walkers once disagreed, and files that are passed over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lint_support import PLAIN, write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.facts.collect import details_of, facts_of
from nequip_lint.facts.kind import Kind
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nequip_lint.facts.details.module import Details
    from nequip_lint.facts.values import Facts

MODULE = """
class Model(torch.nn.Module):
    def forward(self, x):
        return x
"""
BESIDE = "Path(__file__).with_name('t.txt').read_text()"


def codes(folder: Path, **files: str) -> set[str]:
    """The codes of the findings in a package with some modules."""
    texts = {f"mypkg/{name}.py": text for name, text in files.items()}
    project = write(folder, {"pyproject.toml": PLAIN, "mypkg/__init__.py": "", **texts})
    return {item.code for item in check(Request((project,), cache=False), Selection()).findings}


READS = [
    "with contextlib.suppress(NameError):\n    helper(1)",
    "try:\n    helper(1)\nexcept NameError:\n    pass",
    "if torch.cuda.is_available():\n    helper(1)",
    "ready = torch.cuda.is_available() and helper(1)",
    "ready = helper(1) if torch.cuda.is_available() else None",
]
GUARDED = "import contextlib\nimport torch\nif torch.cuda.is_available():\n    def helper(x): return x\n"


@pytest.mark.parametrize("read", READS)
def test_a_guard_is_one_however_it_is_written(tmp_path: Path, read: str) -> None:
    assert "NQ104" not in codes(tmp_path, model=f"{GUARDED}{read}\n{MODULE}")


UNGUARDED = [
    "helper(1)",
    "with contextlib.suppress(KeyError):\n    helper(1)",
    "with contextlib.nullcontext():\n    helper(1)",
    "for number in (1, 2):\n    helper(number)",
    "numbers = [helper(number) for number in (1, 2)]",
    "match helper(1):\n    case _:\n        pass",
]


@pytest.mark.parametrize("read", UNGUARDED)
def test_what_is_no_guard_is_none(tmp_path: Path, read: str) -> None:
    assert "NQ104" in codes(tmp_path, model=f"{GUARDED}{read}\n{MODULE}")


PLACES = [
    "found = {}",
    "match {}:\n    case _:\n        pass",
    "match 1:\n    case x if {}:\n        pass",
    "if torch.ones(1):\n    found = {}",
    "match 1:\n    case 1:\n        found = {}",
    "match 1:\n    case 2:\n        pass\n    case _:\n        found = {}",
    "with contextlib.nullcontext({}):\n    pass",
    "for item in [{}]:\n    pass",
    "while not {}:\n    pass",
    "assert {}",
    "def made(x={}): pass",
    "class Made:\n    found = {}",
    "try:\n    pass\nfinally:\n    found = {}",
]


@pytest.mark.parametrize("place", PLACES)
def test_an_expression_counts_wherever_importing_evaluates_it(tmp_path: Path, place: str) -> None:
    head = "import contextlib\nfrom pathlib import Path\nimport torch\n"
    assert "NQ302" in codes(tmp_path / "a", model=f"{head}{place.format(BESIDE)}\n{MODULE}")
    assert "NQ315" in codes(tmp_path / "b", model=f"{head}{place.format('torch.rand(3).sum()')}\n{MODULE}")


STORES = [
    "config.scale = value",
    "setattr(config, 'scale', value)",
    "if value:\n        setattr(config, 'scale', value)",
    "for _ in range(1):\n        if value:\n            setattr(config, 'scale', value)",
    "with open('x'):\n        config.scale = value",
]


@pytest.mark.parametrize("store", STORES)
def test_state_is_seen_at_every_depth(tmp_path: Path, store: str) -> None:
    model = (
        "import torch\nfrom mypkg import config\n\n"
        "class Model(torch.nn.Module):\n"
        "    def forward(self, x):\n        return x * config.scale\n"
    )
    builder = (
        "from mypkg import config\nfrom mypkg.model import Model\nfrom nequip.model import model_builder\n\n"
        f"@model_builder\ndef build(value):\n    {store}\n    return Model()\n"
    )
    assert "NQ319" in codes(tmp_path, config="scale = 1.0\n", model=model, builder=builder)


VARIABLES = {
    "os.environ['X']": True,
    "if not torch.cuda.is_available():\n    os.environ['X']": True,
    "if torch.cuda.is_available():\n    os.environ['X']": True,
    "if 'X' in os.environ:\n    os.environ['X']": False,
    "with contextlib.suppress(KeyError):\n    os.environ['X']": False,
    "if sys.version_info < (3, 2):\n    os.environ['X']": False,
    "os.environ.setdefault('X', '1')\nos.environ['X']": False,
}


@pytest.mark.parametrize(("read", "is_found"), VARIABLES.items())
def test_a_variable_is_needed_where_some_machine_needs_it(tmp_path: Path, read: str, is_found: bool) -> None:
    model = f"import contextlib, os, sys\nimport torch\n{read}\n{MODULE}"
    assert ("NQ313" in codes(tmp_path, model=model)) is is_found


def _folders() -> Iterator[tuple[str, Path]]:
    import sysconfig

    site = Path(sysconfig.get_paths()["purelib"])
    yield from ((name, site / name) for name in ("nequip", "e3nn", "allegro"))
    yield "the standard library", Path(sysconfig.get_paths()["stdlib"])
    yield "torch", site / "torch"


SLOW = ("torch", "the standard library")
TREES = [
    pytest.param(path, id=name, marks=[pytest.mark.slow] if name in SLOW else []) for name, path in _folders()
]


def _both(paths: Iterable[Path]) -> Iterator[tuple[Facts, Details]]:
    for path in paths:
        data = path.read_bytes()
        facts = facts_of(data, path.stem, str(path), path.stem == "__init__")
        yield facts, details_of(data, facts)


@pytest.mark.parametrize("folder", TREES)
def test_files_without_the_words_have_no_such_facts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the standard library, no installed packages; of torch and it every fourth file, so that it ends."""
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not installed here")
    paths = sorted(
        path for path in folder.rglob("*.py") if "site-packages" not in path.parts[len(folder.parts) :]
    )
    step = 4 if len(paths) > 1000 else 1
    skipping = list(_both(paths[::step]))
    monkeypatch.setattr(Kind, "applies", classmethod(lambda cls, file: True))
    assert len(skipping) > 10
    everything = _both(paths[::step])
    differ = [
        path for path, known, whole in zip(paths[::step], skipping, everything, strict=True) if known != whole
    ]
    assert not differ


CERTAIN = [
    "for _ in (1, 2):\n    {}",
    "for _ in range(2):\n    {}",
    "for _ in range(3, 0, -1):\n    {}",
    "NAMES = ['a']\nfor _ in NAMES:\n    {}",
    "NAMES = {{'a': 1}}\nfor _ in NAMES.items():\n    {}",
    "for _ in enumerate(['a']):\n    {}",
    "for _ in sorted(['a']):\n    {}",
    "for _ in zip('ab', [1, 2]):\n    {}",
    "for _ in dict(a=1):\n    {}",
    "found = list({} for _ in range(2))",
    "found = sum({} for _ in 'ab')",
    "found = [{} for _ in range(2)]",
]
POSSIBLE = [
    "for _ in ():\n    {}",
    "for _ in range(0):\n    {}",
    "for _ in dict():\n    {}",
    "NAMES = []\nfor _ in NAMES:\n    {}",
    "NAMES = ['a']\nNAMES.clear()\nfor _ in NAMES:\n    {}",
    "NAMES = ['a']\nNAMES = []\nfor _ in NAMES:\n    {}",
    "for _ in zip([1], []):\n    {}",
    "found = ({} for _ in range(2))",
    "found = list({} for _ in [])",
]
RAISING = "torch.ones(1).cuda()"


@pytest.mark.parametrize(
    ("place", "is_run"), [*((p, True) for p in CERTAIN), *((p, False) for p in POSSIBLE)]
)
def test_a_loop_runs_where_it_certainly_has_items(tmp_path: Path, place: str, is_run: bool) -> None:
    """On this machine, which has no GPU, importing the file says whether it does."""
    code = place.format(RAISING)
    assert ("NQ103" in codes(tmp_path, model=f"import torch\n{code}\n{MODULE}")) is is_run
    if pytest.importorskip("torch").cuda.is_available():
        pytest.skip("needs a machine without a GPU")
    try:
        exec(f"import torch\n{code}\n", {})
    except (AssertionError, RuntimeError):
        assert is_run
    else:
        assert not is_run


def test_the_import_that_fails_is_named(tmp_path: Path) -> None:
    """It is that of the module which calls the function, not of the file in which the function stands."""
    helper = "import torch\n\ndef made():\n    return torch.ones(1).cuda()\n"
    model = f"import torch\nfrom mypkg.helper import made\n\nX = made()\n{MODULE}"
    project = write(
        tmp_path,
        {
            "pyproject.toml": PLAIN,
            "mypkg/__init__.py": "",
            "mypkg/helper.py": helper,
            "mypkg/model.py": model,
        },
    )
    (found,) = check(Request((project,), cache=False), Selection()).findings
    assert (Path(found.path).name, found.code) == ("helper.py", "NQ103")
    assert "importing mypkg.model fails" in found.message


def test_only_calls_of_torch_are_gpu_calls() -> None:
    """The file names torch, so that it is looked at; its functions make events of another library."""
    text = "import threading\nimport torch\ndef one(): threading.Event()\ndef two(): torch.cuda.Event()\n"
    facts = facts_of(text.encode(), "model", "model.py", False)
    found = details_of(text.encode(), facts).late_gpu_calls
    assert [item.call.name for item in found] == ["torch.cuda.Event"]


def test_every_name_that_a_rule_asks_for_is_kept() -> None:
    """The names of calls stand in the rules in full, and in the facts by their last part."""
    from nequip_lint.facts.conduct.invocations import NAMES
    from nequip_lint.rules import nq301, nq302, nq303, nq308, nq311, nq312, nq315, nq403, nq408

    asked = {*nq301._FUNCTIONS, *nq302._RESOURCES, nq303._LIBRARY, *nq308._ONCE, nq311._FIND, *nq312._READERS}
    asked |= {*nq315._TORCH, *nq403._PARAMETRIZING, *nq408._OLD}
    assert {name.rpartition(".")[2] for name in asked} <= NAMES

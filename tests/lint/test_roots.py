"""Which classes are parts of models, and which only look like it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.project.roots import Ancestry, definition_of

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """[project]
name = "ext"
dependencies = ["nequip"]
[project.entry-points."nequip.extension"]
x = "ext"
"""
MIXIN = "from nequip.nn import GraphModuleMixin\nimport torch\n"
BUILDER = "import torch\nfrom nequip.model.utils import model_builder\n"
PLAIN = "class A(torch.nn.Module): ...\n"
BASE = {"ext/base.py": f"{MIXIN}class Base(GraphModuleMixin, torch.nn.Module): ...\n"}
# files below ext/, the classes that are roots, the classes that only are modules
TREES: dict[str, tuple[dict[str, str], set[str], set[str]]] = {
    "mixin": ({"m.py": f"{MIXIN}class A(GraphModuleMixin, torch.nn.Module): ..."}, {"m.A"}, set()),
    "mixin by its own module": (
        {"m.py": "from nequip.nn._graph_mixin import GraphModuleMixin as G\nclass A(G): ..."},
        {"m.A"},
        set(),
    ),
    "mixin of a module": (
        {"m.py": "import nequip.nn as n\nclass A(n.GraphModuleMixin): ..."},
        {"m.A"},
        set(),
    ),
    "subclass of nequip's own modules": (
        {"m.py": "from nequip.nn import SequentialGraphNetwork\nclass A(SequentialGraphNetwork): ..."},
        {"m.A"},
        set(),
    ),
    "through two files": (
        {"base.py": BASE["ext/base.py"], "m.py": "from .base import Base\nclass A(Base): ..."},
        {"base.Base", "m.A"},
        set(),
    ),
    "through a re-export": (
        {
            "base.py": BASE["ext/base.py"],
            "api/__init__.py": "from ..base import Base as Exported",
            "m.py": "from .api import Exported\nclass A(Exported): ...",
        },
        {"base.Base", "m.A"},
        set(),
    ),
    "through a star": (
        {
            "base.py": BASE["ext/base.py"],
            "api.py": "from .base import *",
            "m.py": "from ext import api\nclass A(api.Base): ...",
        },
        {"base.Base", "m.A"},
        set(),
    ),
    "made by a builder": (
        {"m.py": f"{BUILDER}{PLAIN}@model_builder\ndef f():\n    return A()"},
        {"m.A"},
        set(),
    ),
    "made by a builder elsewhere": (
        {
            "m.py": "from torch import nn\nclass A(nn.Module): ...",
            "b.py": f"{BUILDER}from .m import A\n@model_builder\ndef f():\n    return [A() for _ in x]",
        },
        {"m.A"},
        set(),
    ),
    "made by a modifier": (
        {"m.py": f"{BUILDER}{PLAIN}@model_modifier\ndef f(model):\n    return A(model)"},
        {"m.A"},
        set(),
    ),
    "averaged weights": (
        {"ema.py": "import torch\nclass Weights(torch.nn.Module): ...\nWEIGHTS = Weights()"},
        set(),
        {"ema.Weights"},
    ),
    "metrics": (
        {"metrics.py": "import torch\nclass Manager(torch.nn.ModuleList): ...\nMETRICS = Manager()"},
        set(),
        {"metrics.Manager"},
    ),
    "made by a plain function": (
        {"m.py": "import torch\nclass A(torch.nn.Module): ...\ndef f():\n    return A()"},
        set(),
        {"m.A"},
    ),
    "no modules": ({"m.py": "class A: ...\nclass C(A, dict, metaclass=type): ..."}, set(), set()),
    "a mixin of its own": (
        {"m.py": "class GraphModuleMixin: ...\nclass A(GraphModuleMixin): ..."},
        set(),
        set(),
    ),
    "a cycle of bases": ({"m.py": "class A(B): ...\nclass B(A): ..."}, set(), set()),
}


@pytest.mark.parametrize("name", TREES)
def test_roots(tmp_path: Path, name: str) -> None:
    files, roots, others = TREES[name]
    tree = {"pyproject.toml": PYPROJECT, "ext/__init__.py": ""}
    write(tmp_path, {**tree, **{f"ext/{path}": text for path, text in files.items()}})
    (assembled,) = assemble(Request((tmp_path,)))
    found = assembled.project.candidates
    names = {(f"{item.module}.{item.name}".removeprefix("ext."), item.is_root) for item in found}
    assert names == {(item, True) for item in roots} | {(item, False) for item in others}
    assert all(item.why for item in found)


def test_star_imports_that_lead_nowhere_are_followed_once(tmp_path: Path) -> None:
    """Also those of absent modules, of the module itself, and those that lead back."""
    stars = "\n".join(f"from ext.{name} import *" for name in ("gone", "lost", "one", "two"))
    files = {"ext/__init__.py": stars, "ext/one.py": stars, "ext/two.py": stars}
    write(tmp_path, {"pyproject.toml": PYPROJECT, **files, **BASE})
    (assembled,) = assemble(Request((tmp_path,)))
    definition_of.cache_clear()
    assert assembled.project.ancestry.definition("ext.one.missing") is None
    assert assembled.project.ancestry.definition("ext.one.Base") is None
    assert definition_of.cache_info().misses == 2


def test_exact_roots_replace_inference(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"pyproject.toml": PYPROJECT, "ext/__init__.py": "", "ext/other.py": "def make(): ...", **BASE},
    )
    (assembled,) = assemble(Request((tmp_path,), roots=("ext.other:make",)))
    assert assembled.project.roots == ("ext.other",)
    (assembled,) = assemble(Request((tmp_path,)))
    assert assembled.project.roots == ("ext.base",)


WRONG = [
    ("ext.gone", "--root: there is no 'ext.gone'"),
    ("ext.othr", "did you mean 'ext.other'?"),
    ("ext.other:mak", "did you mean 'ext.other:make'?"),
]


@pytest.mark.parametrize(("root", "message"), WRONG)
def test_a_root_that_is_not_there_is_an_error(tmp_path: Path, root: str, message: str) -> None:
    write(tmp_path, {"pyproject.toml": PYPROJECT, "ext/__init__.py": "", "ext/other.py": "def make(): ..."})
    with pytest.raises(LintError, match=re.escape(message)):
        assemble(Request((tmp_path,), roots=(root,)))


# Many named roots


def _chain(length: int) -> str:
    """Functions that call each other in a row; the last one makes a module."""
    steps = "".join(f"def f{n}():\n    return f{n + 1}()\n" for n in range(length))
    return f"import torch\n{PLAIN}{steps}def f{length}():\n    return A()\n"


def test_named_roots_are_followed_once_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    length, asked = 40, []
    kind = Ancestry.kind

    def counted(self: Ancestry, module: str, name: str) -> str:
        asked.append(name)
        return kind(self, module, name)

    monkeypatch.setattr(Ancestry, "kind", counted)
    write(tmp_path, {"pyproject.toml": PYPROJECT, "ext/__init__.py": "", "ext/m.py": _chain(length)})
    roots = tuple(f"ext.m:f{n}" for n in range(length))
    (item,) = assemble(Request((tmp_path,), roots=roots, cache=False))
    assert item.project.roots == ("ext.m",)
    assert len(asked) < 4 * length


def test_a_root_that_leads_where_another_one_did_makes_something(tmp_path: Path) -> None:
    """What others have made is not listed twice, and yet is no reason to take the root for a class."""
    both = f"import torch\n{PLAIN}def f():\n    return A()\ndef g():\n    return f()\n"
    write(tmp_path, {"pyproject.toml": PYPROJECT, "ext/__init__.py": "", "ext/m.py": both})
    for roots in (("ext.m:f", "ext.m:g"), ("ext.m:g", "ext.m:f")):
        (item,) = assemble(Request((tmp_path,), roots=roots, cache=False))
        assert item.project.barren == []
        assert item.project._made == [("ext.m", "A")]

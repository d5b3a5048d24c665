"""Roots that name builders mean the classes that these make, whatever way they come to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request, assemble

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = """[project]
name = "mypkg"
version = "0.1.0"
dependencies = ["torch"]
"""
EXTENSION = """[project]
name = "mypkg"
version = "0.1.0"
dependencies = ["nequip", "nequip-allegro"]
[project.entry-points."nequip.extension"]
mypkg = "mypkg"
"""
MIXIN = "import torch\nfrom nequip.nn import GraphModuleMixin\n\n\n"
NET = "import torch\n\n\nclass Net(torch.nn.Module): ...\n"
BUILD = "import networkx\n\nfrom mypkg.net import Net\n\n\n"
ROOT = "mypkg.build:build"

# what stands below the imports of mypkg/build.py, and the roots that `mypkg.build:build` means
FORMS: dict[str, tuple[str, set[str]]] = {
    "a call": ("def build():\n    return Net()\n", {"mypkg.net"}),
    "a helper": ("def helper():\n    return Net()\n\ndef build():\n    return helper()\n", {"mypkg.net"}),
    "a name": ("Alias = Net\n\ndef build():\n    return Alias()\n", {"mypkg.net"}),
    "a name for the builder": (
        "from functools import partial\n\ndef make(n):\n    return Net()\n\nbuild = partial(make, 1)\n",
        {"mypkg.net"},
    ),
    "a table": ("NETS = {'net': Net}\n\ndef build(name):\n    return NETS[name]()\n", {"mypkg.net"}),
    "a table that grows": (
        "NETS = {}\nNETS['net'] = Net\n\ndef build(name):\n    return NETS[name]()\n",
        {"mypkg.net"},
    ),
    "a default": ("def build(kind=Net):\n    return kind()\n", {"mypkg.net"}),
    "a decorator's argument": (
        "def wraps_in(kind):\n    return lambda f: lambda: kind()\n\n@wraps_in(Net)\ndef build(): ...\n",
        {"mypkg.net"},
    ),
    "a string": (
        "from hydra.utils import get_class\n\ndef build():\n    return get_class('mypkg.net.Net')()\n",
        {"mypkg.net"},
    ),
    "a mapping for hydra": (
        "from hydra.utils import instantiate\n\nNET = {'_target_': 'mypkg.net.Net'}\n\n"
        "def build():\n    return instantiate(NET)\n",
        {"mypkg.net"},
    ),
    "a lazy import": ("def build():\n    from mypkg.far import Far\n    return Far()\n", {"mypkg.far"}),
    "a function of another file": (
        "from mypkg import parts\n\ndef build():\n    return parts.make()\n",
        {"mypkg.far"},
    ),
    "a method of a factory": (
        "class Factory:\n    def make(self):\n        return Net()\n\n"
        "def build():\n    return Factory().make()\n",
        {"mypkg.net"},
    ),
    "registered by a decorator": (
        "from mypkg.registry import make\n\ndef build(name):\n    return make(name)\n",
        {"mypkg.far", "mypkg.registered"},
    ),
    "nothing to be seen": ("def build(name):\n    return globals()[name]()\n", {"mypkg.build"}),
}
FILES = {
    "mypkg/net.py": NET,
    "mypkg/far.py": "import torch\nfrom mypkg.registry import register\n\n\n"
    "@register('far')\nclass Far(torch.nn.Module): ...\n",
    "mypkg/registered.py": "import torch\nfrom mypkg.registry import KNOWN\n\n\n"
    "@KNOWN.add\nclass Other(torch.nn.Module): ...\n",
    "mypkg/registry.py": "from mypkg.known import Known\n\nKNOWN = Known()\n\n\ndef register(name):\n"
    "    return lambda kind: KNOWN.put(name, kind)\n\n\ndef make(name):\n    return KNOWN[name]()\n",
    "mypkg/known.py": "class Known(dict): ...\n",
    "mypkg/parts.py": "from .far import Far\n\n\ndef make():\n    return Far()\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_a_builder_means_what_it_makes(tmp_path: Path, name: str) -> None:
    text, expected = FORMS[name]
    files = {"pyproject.toml": PLAIN, "mypkg/__init__.py": "", **FILES, "mypkg/build.py": BUILD + text}
    (assembled,) = assemble(Request((write(tmp_path, files),), roots=(ROOT,)))
    assert set(assembled.project.roots) == expected
    unseen = f"{ROOT} is not seen to make a class of a model; its module counts itself"
    assert assembled.notes == ((unseen,) if expected == {"mypkg.build"} else ())


def test_the_report(tmp_path: Path) -> None:
    """What only the builder imports is not judged: networkx is registered by nobody."""
    build = f"{BUILD}def build(width: int = 1) -> Net:\n    return Net()\n"
    settings = '[tool.nequip-lint]\ninternal-packages = ["mypkg"]\nroots = ["mypkg.build"]\n'
    files = {"mypkg/__init__.py": "", "mypkg/net.py": NET, "mypkg/build.py": build}
    folder = write(tmp_path, {"pyproject.toml": PLAIN + settings, **files})
    (assembled,) = assemble(Request((folder,)))
    assert assembled.project.roots == ("mypkg.net",)
    assert check(Request((folder,)), Selection()).findings == ()


SAVES = {
    "at import": "import nequip_pack\nfrom mypkg.build import build\n\n"
    'nequip_pack.save_checkpoint(build, "m.ckpt")\n',
    "in a function": "from nequip_pack import save_checkpoint\nfrom mypkg.build import build\n\n"
    'def main():\n    save_checkpoint(build, "m.ckpt")\n',
    "of a model": "from nequip_pack import save_checkpoint\nfrom mypkg.net import Net\n\n"
    'if __name__ == "__main__":\n    save_checkpoint(Net(), "m.ckpt")\n',
}


@pytest.mark.parametrize("name", SAVES)
def test_what_is_saved_is_a_root(tmp_path: Path, name: str) -> None:
    build = f"{BUILD}def build(width: int = 1) -> Net:\n    return Net()\n"
    files = {"mypkg/__init__.py": "", "mypkg/net.py": NET, "mypkg/build.py": build, "make.py": SAVES[name]}
    (assembled,) = assemble(Request((write(tmp_path, {"pyproject.toml": PLAIN, **files}),)))
    assert assembled.project.roots == ("mypkg.net",)


@pytest.mark.parametrize(
    ("home", "maker", "expected"),
    [
        ("nequip", "NequIPGNNModel", {"nequip.nn.convnetlayer", "nequip.nn.embedding.node"}),
        ("nequip", "FullNequIPGNNModel", {"nequip.nn.convnetlayer", "nequip.nn.grad_output"}),
        ("allegro", "AllegroModel", {"allegro.nn._allegro", "allegro.nn.tensorembed"}),
    ],
)
def test_builders_of_other_packages_from_their_summaries(
    tmp_path: Path, home: str, maker: str, expected: set[str]
) -> None:
    build = f"from {home}.model import {maker} as make\nfrom nequip.model.utils import model_builder\n\n"
    build += "@model_builder\ndef f(**given):\n"
    files = {"mypkg/__init__.py": "", "mypkg/build.py": f"{build}    return make(**given)\n"}
    (assembled,) = assemble(Request((write(tmp_path, {"pyproject.toml": EXTENSION, **files}),)))
    roots = set(assembled.project.roots)
    assert expected | {"nequip.nn.graph_model", "nequip.nn.compile"} <= roots
    assert not {name for name in roots if name.startswith(("nequip.model", "allegro.model", "mypkg"))}


def test_a_failing_import_that_everybody_catches_is_none(tmp_path: Path) -> None:
    """A builder in a file that may be missing: who packages it would feel it, and who does not catch that."""
    builder = "import optlib\nfrom nequip.model.utils import model_builder\n"
    caught = "try:\n    from .model import f\nexcept ImportError:\n    f = None\n"
    net = f"{MIXIN}class Net(GraphModuleMixin, torch.nn.Module): ...\n"
    files = {"pyproject.toml": EXTENSION, "mypkg/model.py": builder, "mypkg/net.py": net}

    def codes(init: str, more: str = "") -> set[str]:
        texts = {**files, "mypkg/__init__.py": init, "mypkg/net.py": net + more}
        return {item.code for item in check(Request((write(tmp_path, texts),)), Selection()).findings}

    assert codes(caught) == set()
    assert "NQ101" in codes("from .model import f\n")
    assert "NQ101" in codes(caught.replace("ImportError", "KeyError"))
    assert "NQ101" in codes(caught, "\ndef later():\n    from mypkg import model\n")


TRIED = """try:
    import optlib
    from nequip.model.utils import model_builder
    from .net import Net

    @model_builder
    def f():
        return Net()
except ImportError:
    f = None
"""


@pytest.mark.parametrize("init", ["", "from .model import f\n"])
def test_a_builder_file_that_is_tried_as_a_whole(tmp_path: Path, init: str) -> None:
    """No packaged file comes to it, so that nothing is lost without the library."""
    net = f"{MIXIN}class Net(GraphModuleMixin, torch.nn.Module): ...\n"
    files = {"mypkg/__init__.py": init, "mypkg/model.py": TRIED, "mypkg/net.py": net}
    assert (
        check(Request((write(tmp_path, {"pyproject.toml": EXTENSION, **files}),)), Selection()).findings == ()
    )


LAYOUTS = ["", "src/"]


@pytest.mark.parametrize("base", LAYOUTS)
def test_a_namespace_package_at_the_top_has_roots(tmp_path: Path, base: str) -> None:
    net = f"from mylab.nets import helper\n{MIXIN}"
    files = {
        "pyproject.toml": EXTENSION.replace('"mypkg"\n[', '"mylab-nets"\n[').replace(
            '= "mypkg"', '= "mylab.nets"'
        ),
        f"{base}mylab/nets/__init__.py": "",
        f"{base}mylab/nets/helper.py": "",
        f"{base}mylab/nets/net.py": f"{net}class Net(GraphModuleMixin, torch.nn.Module): ...\n",
        "tests/test_net.py": "",
    }
    done = nequip_lint(".", cwd=write(tmp_path, files))
    assert (done.returncode, done.stdout.splitlines()[0].startswith("clean")) == (0, True), done.stdout
    (assembled,) = assemble(Request((tmp_path,)))
    assert assembled.project.roots == ("mylab.nets.net",)
    assert "mylab.nets.helper" in assembled.project.interned


def test_a_finding_behind_another_packages_builder_stands_at_its_import(tmp_path: Path) -> None:
    """No packaged file leads there: what the builder comes to is held by the model all the same."""
    build = "from nequip.model.utils import model_builder\nfrom otherlab import make\n\n"
    files = {
        "pyproject.toml": f'{EXTENSION}[tool.nequip-lint]\ninternal-packages = ["otherlab"]\n',
        "mypkg/__init__.py": "",
        "mypkg/build.py": f"{build}@model_builder\ndef f():\n    return make()\n",
    }
    other = {
        "otherlab/__init__.py": "from .net import make\n",
        "otherlab/net.py": f"import pandas\n{NET}\n\ndef make():\n    return Net()\n",
    }
    folder, installed = write(tmp_path / "own", files), write(tmp_path / "env", other)
    (finding,) = check(Request((folder,), environment=installed), Selection(select=("NQ2",))).findings
    assert (finding.code, finding.module, finding.span.line) == ("NQ201", "pandas", 2)
    assert [(step.module, step.line) for step in finding.chain] == [("mypkg.build", 2), ("otherlab.net", 1)]


def test_what_only_tests_make_is_no_root(tmp_path: Path) -> None:
    test = f"{MIXIN}from nequip.nn import ScalarMLP\n\n\nclass Net(GraphModuleMixin, torch.nn.Module):\n"
    test += "    def __init__(self):\n        self.net = ScalarMLP()\n"
    files = {"pyproject.toml": EXTENSION, "mypkg/__init__.py": "", "tests/test_net.py": test}
    (assembled,) = assemble(Request((write(tmp_path, files),)))
    assert assembled.project.roots == ()

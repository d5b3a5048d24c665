"""Hazards in other spellings than those of the pages, and harmless look-alikes, against real packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pytest
from small_archives import outcomes, project

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODEL = """\
{top}
import torch
{names}


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3))
        {init}

    def forward(self, x):
        {forward}
        return {read}


def make():
    {make}
"""


class Variant(NamedTuple):
    """One spelling: the codes that the linter reports, and the stage in which the real package fails."""

    codes: list[str]
    stage: str
    files: Mapping[str, str]


def variant(
    codes: str,
    stage: str,
    top: str = "",
    names: str = "",
    init: str = "pass",
    forward: str = "pass",
    read: str = "x * self.weight",
    make: str = "return Model()",
    **files: str,
) -> Variant:
    """A variant from the pieces of `MODEL`; `files` are further modules of `mypkg`."""
    model = MODEL.format(top=top, names=names, init=init, forward=forward, read=read, make=make)
    more = {f"mypkg/{name}.py": text for name, text in files.items()}
    return Variant(codes.split(), stage, {"mypkg/model.py": model, **more})


FOLDER = "import os\nROOT = os.path.dirname(__spec__.origin)\n"
PATHS = "from pathlib import Path\nHERE = Path(__file__).parent\n"
OPTIONS = "class Options:\n    power = 2\n"
KEEP = "self.options = Options()"
LINEAR = "torch.nn.Linear(3, 3)"
PART = "import torch\n\n\nclass Part(torch.nn.Module): ...\n"
MOCK = "import mocklib as m"
FAKE = "@op.register_fake\ndef _(x):\n    return torch.empty_like(x)\n"


def operator(number: int, fake: str = "") -> str:
    """The source of an operator with a name of its own."""
    text = (
        "@torch.library.custom_op('truth::op', mutates_args=())\n"
        "def op(x: torch.Tensor) -> torch.Tensor:\n    return x * 1\n"
    )
    return re.sub(r"\bop\b(?!')|(?<=::)op\b", f"op{number}", text + fake)


VARIANTS = {
    "spec_demanded": variant("NQ302", "load", names=f"{FOLDER}assert os.path.isdir(ROOT), ROOT"),
    "spec_read": variant(
        "NQ302", "load", names=f"{FOLDER}TEXT = open(os.path.join(ROOT, 'model.py')).read()"
    ),
    "file_raise": variant("NQ107", "load", names=f"{PATHS}if not HERE.exists():\n    raise OSError(HERE)"),
    "file_both": variant("NQ302", "load", names=f"{PATHS}assert HERE and (HERE / 'model.py').is_file()"),
    "in_forward": variant("NQ302", "forward", names=PATHS, forward="assert HERE.is_dir()"),
    "in_forward_raise": variant(
        "NQ302", "forward", names=PATHS, forward="if not HERE.is_dir(): raise OSError(HERE)"
    ),
    "loader_path": variant("NQ302", "load", names="PATH = __loader__.path"),
    "loader_code": variant("NQ302", "load", names="CODE = __spec__.loader.get_code(__name__)"),
    "spec_computed": variant("", "", names=FOLDER),
    "spec_asked": variant("", "", names=f"{FOLDER}IS_THERE = os.path.isdir(ROOT)"),
    "not_there": variant("", "", names=f"{FOLDER}if os.path.isdir(ROOT):\n    X = os.listdir(ROOT)"),
    "other_path": variant("", "", names=f"{FOLDER}assert os.path.isdir('/')"),
    "at_building": variant("", "", names=PATHS, init="assert HERE.is_dir()"),
    "loader_source": variant("", "", names="TEXT = __loader__.get_source(__spec__.name)"),
    # relative imports beyond the top
    "beyond": variant("NQ211", "build", forward="if not torch: from ...far import x"),
    "beyond_elsewhere": variant(
        "NQ211", "build", top="def f():\n    import mypkg.part", part="def f():\n    from .. import near\n"
    ),
    "to_the_top": variant("", "", top="from . import part", part=""),
    # a class that says it is of another module
    "moved_model": variant("NQ405", "build", make="return Model()\nModel.__module__ = 'mypkg'"),
    "moved_package": variant("NQ405", "build", make="return Model()\nModel.__module__ = __package__"),
    "moved_inside": variant("NQ405", "build", names=f"{OPTIONS}    __module__ = 'mypkg'", init=KEEP),
    "moved_kept": variant("NQ405", "build", names=f"{OPTIONS}Options.__module__ = 'mypkg'", init=KEEP),
    "moved_own": variant("", "", names=f"{OPTIONS}Options.__module__ = __name__", init=KEEP),
    "moved_exported": variant(
        "",
        "",
        names=f"{OPTIONS}Options.__module__ = 'mypkg.api'",
        init=KEEP,
        top="from . import api",
        api="def __getattr__(name):\n    from mypkg.model import Options\n    return Options\n",
    ),
    "moved_unused": variant("", "", names=f"{OPTIONS}Options.__module__ = 'mypkg'"),
    # what torch refuses, or does not package twice
    "traced": variant("NQ403", "repackage", init=f"self.inner = torch.jit.trace({LINEAR}, torch.ones(1, 3))"),
    "traced_method": variant(
        "NQ403",
        "repackage",
        init=f"self.inner = torch.jit.trace_module({LINEAR}, {{'forward': torch.ones(1, 3)}})",
    ),
    "traced_function": variant("NQ403", "build", init="self.f = torch.jit.trace(torch.relu, torch.ones(3))"),
    "traced_in_list": variant(
        "NQ403",
        "repackage",
        init=f"self.inner = torch.nn.Sequential(torch.jit.trace({LINEAR}, torch.ones(1, 3)))",
    ),
    "traced_before": variant("", "", init=f"print(torch.jit.trace({LINEAR}, torch.ones(1, 3)))"),
    "parametrized": variant(
        "NQ403", "build", init=f"self.inner = torch.nn.utils.parametrizations.weight_norm({LINEAR})"
    ),
    "parametrized_here": variant(
        "NQ403",
        "build",
        top="import torch.nn.utils.parametrize as P",
        init="P.register_parametrization(self, 'weight', torch.nn.Softplus())",
    ),
    "parametrized_option": variant(
        "",
        "",
        init=f"self.inner = {LINEAR}\n"
        "        if not self.training:\n"
        "            torch.nn.utils.parametrizations.orthogonal(self.inner)",
    ),
    # what cannot be copied after a forward pass
    "normed": variant(
        "NQ408",
        "copy",
        top="from torch.nn.utils import weight_norm",
        init=f"self.inner = weight_norm({LINEAR})",
        read="self.inner(x)",
    ),
    "normed_later": variant(
        "NQ408",
        "copy",
        init=f"self.inner = {LINEAR}\n        torch.nn.utils.weight_norm(self.inner, 'weight')",
        read="self.inner(x)",
    ),
    "spectral": variant(
        "NQ408",
        "copy",
        init=f"self.inner = torch.nn.utils.spectral_norm({LINEAR}).eval()",
        read="self.inner(x)",
    ),
    "norm_removed": variant(
        "",
        "",
        init=f"self.inner = torch.nn.utils.weight_norm({LINEAR})\n"
        "        torch.nn.utils.remove_weight_norm(self.inner)",
        read="self.inner(x)",
    ),
    # modules that are loaded again
    "reload": variant(
        "NQ409",
        "build",
        top="from importlib import reload",
        make="import mypkg.model\n    model = Model()\n    reload(mypkg.model)\n    return model",
    ),
    "reload_of_parts": variant(
        "NQ409",
        "build",
        top="import importlib\nfrom mypkg import parts\nfrom mypkg.parts import Part",
        make="importlib.reload(parts)\n    model = Model()\n    model.part = Part()\n    return model",
        parts=PART,
    ),
    "reload_then_made": variant(
        "",
        "",
        top="import importlib\nfrom mypkg import parts",
        make="importlib.reload(parts)\n    model = Model()\n    model.part = parts.Part()\n    return model",
        parts=PART,
    ),
    "reload_of_library": variant(
        "",
        "",
        top="import importlib, json",
        make="model = Model()\n    importlib.reload(json)\n    return model",
    ),
    "reload_in_forward": variant(
        "NQ301",
        "forward",
        top="import importlib\nfrom mypkg import parts",
        forward="importlib.reload(parts)",
        parts=PART,
    ),
    # operators without a fake
    "no_fake": variant("NQ320", "compile", names=operator(1), read="op1(x * self.weight)"),
    "no_fake_imported": variant(
        "NQ320",
        "compile",
        top="from torch.library import custom_op\n",
        names=operator(2).replace("torch.library.custom_op", "custom_op"),
        read="torch.ops.truth.op2(x * self.weight)",
    ),
    "fake": variant("", "", names=operator(3, FAKE), read="op3(x * self.weight)"),
    "fake_by_name": variant(
        "",
        "",
        names=operator(4, FAKE.replace("op.register_fake", "torch.library.register_fake('truth::op')")),
        read="op4(x * self.weight)",
    ),
    "fake_by_call": variant(
        "",
        "",
        names=operator(5, "op.register_fake(torch.empty_like)"),
        read="op5(x * self.weight)",
    ),
    # exceptions of a mock
    "mocked_caught": variant(
        "NQ210", "load", top=MOCK, names="try:\n    int('x')\nexcept (m.E, ValueError):\n    pass"
    ),
    "mocked_first": variant(
        "NQ210",
        "load",
        top=MOCK,
        names="try:\n    int('x')\nexcept m.E:\n    pass\nexcept ValueError:\n    pass",
    ),
    "mocked_name": variant(
        "NQ210",
        "load",
        top="from mocklib import E",
        names="try:\n    int('x')\nexcept (E, ValueError):\n    pass",
    ),
    "mocked_in_forward": variant(
        "NQ210",
        "forward",
        top=MOCK,
        forward="try:\n            int('x')\n        except (m.E, ValueError):\n            pass",
    ),
    "mocked_last": variant(
        "NQ210",
        "",
        top=MOCK,
        names="try:\n    int('x')\nexcept ValueError:\n    pass\nexcept m.E:\n    pass",
    ),
    "mocked_unused": variant("", "", top=MOCK, names="try:\n    int('x')\nexcept ValueError:\n    pass"),
}
"""`mocked_last` is the look-alike for which NQ210 is a warning."""


@pytest.mark.parametrize("name", VARIANTS)
def test_the_linter_says(name: str, tmp_path: Path) -> None:
    report = check(Request((project(tmp_path, VARIANTS[name].files),), cache=False), Selection())
    assert [finding.code for finding in report.findings] == VARIANTS[name].codes


@pytest.mark.real
def test_the_package_does(tmp_path: Path) -> None:
    found = outcomes({name: item.files for name, item in VARIANTS.items()}, tmp_path, until="")
    wrong = {name: said for name, said in found.items() if said[0] != VARIANTS[name].stage}
    assert not wrong

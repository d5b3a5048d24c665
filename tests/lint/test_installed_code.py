"""Rules judge installed internal packages too, and what they find there stands at the owned import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import write
from wheels import Unreachable, fetch_wheel

from nequip_lint.engine.planning import with_plans
from nequip_lint.engine.run import check, checked
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_lint.values import Finding

PROJECT = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["torch", "the-lib"]

[tool.nequip-lint]
internal-packages = ["mypkg", "lib"]
extern-modules = ["sys", "warp"]
roots = ["mypkg.model"]
"""
MODEL = """\
import torch
from lib.part import VALUE


class Model(torch.nn.Module):
    def forward(self, x):
        return x * VALUE
"""
METADATA = "Metadata-Version: 2.1\nName: the-lib\nVersion: 1.5\nRequires-Dist: numpy\n"
OPENED = 'import os\n\nVALUE = float(open(os.path.join(os.path.dirname(__file__), "value.txt")).read())\n'
POSTPONED = """\
from __future__ import annotations
from dataclasses import dataclass


@dataclass
class A:
    x: float = 1.0


@dataclass
class B:
    y: float = 2.0


VALUE = B().y
"""


def linted(folder: Path, lib: dict[str, str], model: str = MODEL) -> list[Finding]:
    """The findings in a project whose library, with these files, is installed beside it."""
    return list(check(_request(folder, lib, model), Selection()).findings)


def _request(folder: Path, lib: dict[str, str], model: str = MODEL) -> Request:
    site = {"lib/__init__.py": "", **{f"lib/{name}": text for name, text in lib.items()}}
    records = {"the_lib-1.5.dist-info/METADATA": METADATA, "the_lib-1.5.dist-info/top_level.txt": "lib\n"}
    records["numpy-2.0.dist-info/METADATA"] = "Metadata-Version: 2.1\nName: numpy\nVersion: 2.0\n"
    write(folder / "site", {**site, **records})
    project = write(
        folder / "project", {"pyproject.toml": PROJECT, "mypkg/__init__.py": "", "mypkg/model.py": model}
    )
    return Request((project,), folder / "site", cache=False)


LAZY = "try:\n    from lib.fast import VALUE\nexcept ImportError:\n    VALUE = 2.0\n"
KEPT = (
    "import torch\n\n\nclass Part(torch.nn.Module):\n    def __init__(self):\n        {}\n\n\nVALUE = 2.0\n"
)
CASES = {
    "a file beside the source": ("NQ302", {"part.py": OPENED}, "lib.part", 3),
    "postponed annotations of dataclasses": ("NQ305", {"part.py": POSTPONED}, "lib.part", 7),
    "an optional library": ("NQ101", {"part.py": LAZY, "fast.py": "import warp\n"}, "lib.fast", 1),
    "an own module in sys.modules": (
        "NQ304",
        {"part.py": "import sys\n\nVALUE = len(vars(sys.modules[__name__]))\n"},
        "lib.part",
        3,
    ),
    "an optional name in an annotation": (
        "NQ105",
        {"part.py": "try:\n    import warp\nexcept ImportError:\n    warp = None\nVALUE = warp.array(2)\n"},
        "lib.part",
        5,
    ),
    "a GPU at import": (
        "NQ103",
        {"part.py": "import torch\n\nVALUE = torch.cuda.current_device()\n"},
        "lib.part",
        3,
    ),
    "a lambda on a module": ("NQ401", {"part.py": KEPT.format("self.scale = lambda x: x")}, "lib.part", 6),
    "too many dots": (
        "NQ211",
        {"part.py": "VALUE = 2.0\n\n\ndef f():\n    from ... import above\n"},
        "lib.part",
        5,
    ),
}


@pytest.mark.parametrize(("code", "lib", "module", "line"), CASES.values(), ids=CASES)
def test_it_stands_at_the_owned_import(
    tmp_path: Path, code: str, lib: dict[str, str], module: str, line: int
) -> None:
    (found,) = linted(tmp_path, lib)
    assert (found.code, found.module, found.span.line) == (code, module, 2)
    assert found.path.endswith("mypkg/model.py")
    assert found.message.startswith(f"in {module} of the-lib 1.5: ")
    ways = f"do without {module} in packaged code, or have the-lib changed: "
    assert found.help.startswith(f"move lib from internal-packages to extern-modules, {ways}")
    first, last = found.chain[0], found.chain[-1]
    assert (first.module, first.line, last.module, last.line) == ("mypkg.model", 2, module, line)
    assert last.path == str(tmp_path / "site" / f"{module.replace('.', '/')}.py")


def test_code_that_is_not_packaged_is_not_judged(tmp_path: Path) -> None:
    assert linted(tmp_path, {"part.py": "VALUE = 2.0\n", "other.py": OPENED}) == []


def test_the_librarys_requirements_are_there_wherever_it_is(tmp_path: Path) -> None:
    """Also where the project does not declare the library itself."""
    request = _request(tmp_path, {"part.py": "import numpy\n\nVALUE = numpy.pi\n"})
    text = PROJECT.replace(', "lib"]\n\n', "]\n\n", 1).replace('"warp"', '"numpy"')
    write(tmp_path / "project", {"pyproject.toml": text})
    assert list(check(request, Selection()).findings) == []


def test_what_a_library_does_under_a_test_is_its_option(tmp_path: Path) -> None:
    """e3nn keeps TorchScript in one of its modes."""
    option = "if torch.get_default_dtype() == torch.float16:\n            self.scale = lambda x: x"
    assert linted(tmp_path, {"part.py": KEPT.format(option)}) == []


def test_comments_in_either_file_suppress(tmp_path: Path) -> None:
    there = OPENED.replace(".read())", ".read())  # noqa: NQ302")
    assert linted(tmp_path / "there", {"part.py": there}) == []
    here = MODEL.replace("import VALUE", "import VALUE  # nequip-lint: ignore[NQ302] shipped beside")
    assert linted(tmp_path / "here", {"part.py": OPENED}, here) == []


def test_an_installed_root_stands_at_its_own_file(tmp_path: Path) -> None:
    request = _request(tmp_path, {"part.py": OPENED})._replace(roots=("lib.part",))
    (found,) = check(request, Selection()).findings
    assert (found.code, found.path) == ("NQ302", str(tmp_path / "site" / "lib" / "part.py"))


def test_no_fix_is_planned_for_installed_code(tmp_path: Path) -> None:
    request = _request(tmp_path, {"part.py": LAZY, "fast.py": "import warp\n\n\ndef f():\n    warp.sin(1)\n"})
    (found,) = with_plans(checked(request, Selection())).findings
    assert (found.code, found.fix, found.unfixable) == ("NQ101", None, "")


OLD_E3NN = """\
import torch
from e3nn.o3 import Irreps, Linear


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = Linear(Irreps("3x0e"), Irreps("3x0e"))
"""


@pytest.mark.real
def test_a_data_file_of_an_old_e3nn(tmp_path: Path) -> None:
    try:
        site = fetch_wheel("e3nn==0.4.4")
    except Unreachable as reason:
        pytest.skip(str(reason))
    text = PROJECT.replace('"lib"', '"e3nn"')
    project = write(tmp_path, {"pyproject.toml": text, "mypkg/__init__.py": "", "mypkg/model.py": OLD_E3NN})
    findings = check(Request((project,), site, cache=False), Selection(("NQ3",))).findings
    assert [(item.code, item.module, item.span.line) for item in findings] == [
        ("NQ302", "e3nn.o3._wigner", 2)
    ]
    assert findings[0].message.startswith("in e3nn.o3._wigner of e3nn 0.4.4: ")


def test_the_requirements_of_an_extension_installed_beside(tmp_path: Path) -> None:
    request = _request(tmp_path, {"part.py": "import special\n\nVALUE = special.number\n"})
    text = PROJECT.replace('"torch", "lib"', '"torch", "nequip"').replace('"mypkg", "lib"', '"mypkg"')
    write(tmp_path / "project", {"pyproject.toml": text.replace('"warp"', '"special"')})
    points = "[nequip.extension]\ninit_always = lib\n"
    records = {"METADATA": METADATA.replace("numpy", "special"), "entry_points.txt": points}
    write(tmp_path / "site", {f"the_lib-1.5.dist-info/{name}": value for name, value in records.items()})
    assert list(check(request, Selection(("NQ1",))).findings) == []


def test_what_a_requirement_that_is_not_at_hand_may_bring(tmp_path: Path) -> None:
    """nequip gets `packaging` from lightning, which an environment for a lint may lack."""
    request = _request(tmp_path, {"part.py": "import warp\n\nVALUE = warp.number\n"})
    assert [item.code for item in check(request, Selection()).findings] == ["NQ101"]
    more = f"{METADATA}Requires-Dist: lightning\n"
    other = _request(tmp_path / "other", {"part.py": "import warp\n\nVALUE = warp.number\n"})
    write(tmp_path / "other" / "site", {"the_lib-1.5.dist-info/METADATA": more})
    assert list(check(other, Selection()).findings) == []

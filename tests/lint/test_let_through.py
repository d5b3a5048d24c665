"""What lets a heavy import through that nothing avoids: the help of NQ203 and `registrations` agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lint_support import write

from nequip_lint.project.assemble import Assembled, Request, assemble
from nequip_lint.registering.proposals import proposals
from nequip_lint.rules.base import rules

_SETTINGS = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["e3nn", "torch"]

[tool.nequip-lint]
roots = ["mypkg.model"]
internal-packages = ["mypkg", "e3nn"]
"""
_MODEL = """

class Model(torch.nn.Module):
    def forward(self, x):
        return x
"""


@pytest.mark.parametrize(
    "text",
    [
        "import e3nn.o3\nimport torch\n\nIRREPS = e3nn.o3.Irreps\n",
        "from e3nn.nn._gate import Gate\nimport torch\n",
        "import e3nn.nn._gate\nimport torch\n\nGATE = e3nn.nn._gate.Gate\n",
    ],
)
def test_help_and_registrations_agree(text: str, tmp_path: Path) -> None:
    assembled = _assembled(tmp_path, text)
    helps = [hit.help for hit in rules()["NQ203"](assembled.project)]
    told = dict(re.findall(r"(\w+) as (extern|mock)", " ".join(helps)))
    assert told["io"] == "extern"
    proposed = {item.library: item.registers for item in proposals(assembled)}
    assert told == {name: proposed[name] for name in told}


def test_a_module_is_as_narrow_as_it_gets(tmp_path: Path) -> None:
    assembled = _assembled(tmp_path, "import e3nn.nn._gate as gate\nimport torch\n\nGATE = gate.Gate\n")
    helps = [hit.help for hit in rules()["NQ203"](assembled.project)]
    assert helps
    assert not any("submodule" in help for help in helps)


def test_a_package_is_narrowed_to_what_is_read(tmp_path: Path) -> None:
    settings = _SETTINGS.replace(
        'internal-packages = ["mypkg", "e3nn"]',
        'internal-packages = ["mypkg", "e3nn"]\n'
        'extern-modules = ["io", "sys", "numpy", "opt_einsum_fx", "opt_einsum"]\n'
        'mock-modules = ["matplotlib", "packaging"]',
    )
    text = "import e3nn.o3\nimport torch\n\nIRREPS = e3nn.o3.Irreps\n"
    assembled = _assembled(tmp_path, text, settings)
    (hit,) = rules()["NQ203"](assembled.project)
    assert hit.help == "write `from e3nn.o3._irreps import Irreps`"


def _assembled(folder: Path, text: str, settings: str = _SETTINGS) -> Assembled:
    write(folder, {"pyproject.toml": settings, "mypkg/__init__.py": "", "mypkg/model.py": text + _MODEL})
    (found,) = assemble(Request((folder,), cache=False, is_isolated=True))
    return found

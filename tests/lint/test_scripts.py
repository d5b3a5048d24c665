"""Files of no project: what is said can be done, and done so it helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.registering.proposals import proposals

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_lint.values import Finding

PLAIN = """\
import torch
from nequip_pack import save_checkpoint


class Pair(torch.nn.Module):
    def forward(self, data):
        return data


if __name__ == "__main__":
    save_checkpoint(Pair(), "m.ckpt")
"""
LAYER = """\
import fastops
import torch
from nequip.nn._graph_mixin import GraphModuleMixin


class Layer(GraphModuleMixin, torch.nn.Module):
    def forward(self, data):
        return fastops.f(data)
"""


def _findings(folder: Path, code: str) -> tuple[Finding, ...]:
    return tuple(check(Request((folder,), cache=False), Selection((code,))).findings)


def test_the_lines_of_a_new_project_are_what_lacked(tmp_path: Path) -> None:
    (found,) = _findings(write(tmp_path, {"layer.py": LAYER}), "NQ204")
    start, _, lines = found.help.partition("\n")
    assert start.startswith("make a project of it: write a new pyproject.toml, and run `pip install -e .`")
    write(tmp_path, {"pyproject.toml": lines})
    assert not _findings(tmp_path, "NQ204")
    assert not check(Request((tmp_path,), cache=False), Selection(("NQ001", "NQ005"))).findings


def test_a_registration_for_one_file(tmp_path: Path) -> None:
    """It is written once the file is a package, as the help and the answer say."""
    (found,) = _findings(write(tmp_path, {"layer.py": LAYER}), "NQ201")
    first = "make a package of it: move it to layer/model.py, beside an empty layer/__init__.py"
    assert found.help.startswith(f"{first}; then run `nequip-lint registrations --write`")
    assert f"to be added ({first}, then --write): " in nequip_lint("registrations", cwd=tmp_path).stdout
    refused = nequip_lint("registrations", "--write", cwd=tmp_path)
    assert (refused.returncode, first in refused.stderr) == (2, True)
    (tmp_path / "layer.py").unlink()
    write(tmp_path, {"layer/__init__.py": "", "layer/model.py": LAYER})
    assert nequip_lint("registrations", "--write", cwd=tmp_path).returncode == 0
    assert not _findings(tmp_path, "NQ201")


# names of other files of a project that is packaged without nequip
@pytest.mark.parametrize("more", [{}, {"setup.cfg": "[metadata]\nname = script\n"}])
def test_settings_of_a_script(tmp_path: Path, more: dict[str, str]) -> None:
    (found,) = _findings(write(tmp_path, {"script.py": PLAIN, **more}), "NQ201")
    start, _, lines = found.help.partition("\n")
    assert start.startswith("write into a new pyproject.toml (")
    shown = nequip_lint("registrations", cwd=tmp_path).stdout
    assert "to be added (write a new pyproject.toml, then --write): " in shown
    write(tmp_path, {"pyproject.toml": lines})
    assert not _findings(tmp_path, "NQ201")
    assert nequip_lint("registrations", "--check", cwd=tmp_path).returncode == 0


IN_A_PROJECT = '[project]\nname = "script"\n'


def test_a_project_has_its_file(tmp_path: Path) -> None:
    write(tmp_path, {"script.py": PLAIN, "pyproject.toml": IN_A_PROJECT})
    (found,) = _findings(tmp_path, "NQ201")
    assert found.help.startswith("run `nequip-lint registrations --write`, which adds to pyproject.toml (")
    assert "to be added (--write): " in nequip_lint("registrations", cwd=tmp_path).stdout


# tests around a use at the top of a file, and whether a package comes to it
TESTS = [
    ('if __name__ == "__main__":', False),
    ('if "__main__" == __name__:', False),
    ("if TYPE_CHECKING:", False),
    ("if False:", False),
    ("if torch.cuda.is_available():", True),
    ("if True:", True),
]


@pytest.mark.parametrize(("test", "is_reached"), TESTS)
def test_a_use_that_no_package_comes_to(tmp_path: Path, test: str, is_reached: bool) -> None:
    text = PLAIN.replace('if __name__ == "__main__":', test)
    text = f"from typing import TYPE_CHECKING\n{text}"
    (assembled,) = assemble(Request((write(tmp_path, {"script.py": text}),), cache=False))
    (found,) = [item for item in proposals(assembled) if item.library == "nequip_pack"]
    assert (found.action, found.registers) == (("extern",) * 2 if is_reached else ("mock",) * 2)
    assert ("importing the file needs save_checkpoint" in found.reasons[0].text) == is_reached

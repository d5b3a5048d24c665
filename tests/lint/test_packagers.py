"""The same project on other machines and by other packagers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from lint_support import nequip_lint, write

from nequip_lint import __version__

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
[project]
name = "ext"
version = "1"
dependencies = ["nequip{}", "torch"]

[project.entry-points."nequip.extension"]
ext = "ext"
"""
MODEL = """\
import torch
from nequip.nn import GraphModuleMixin


class Layer(GraphModuleMixin, torch.nn.Module):
    def forward(self, data):
        import sys
        import cuequivariance
        import ownlib
        return data
"""
INIT = """\
from nequip.scripts._package_utils import register_libraries_as_external_for_packaging

register_libraries_as_external_for_packaging(extern_modules=["ownlib"])
"""


def files(requirement: str = "", **more: str) -> dict[str, str]:
    return {
        "pyproject.toml": PROJECT.format(requirement) + more.pop("settings", ""),
        "ext/__init__.py": INIT,
        "ext/model.py": more.pop("model", MODEL),
        **{f"ext/{name}.py": text for name, text in more.items()},
    }


def closure(folder: Path, *options: str) -> tuple[dict[str, Any], dict[str, str]]:
    done = nequip_lint("closure", ".", "--json", "--no-cache", *options, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    return document["target"], {name: entry["action"] for name, entry in document["modules"].items()}


def test_only_we_record_absent_externals(tmp_path: Path) -> None:
    """nequip issue 557: torch.package forgets what it cannot import."""
    write(tmp_path, files())
    target, ours = closure(tmp_path)
    assert target["packager"] == f"nequip-pack {__version__}"
    assert (ours["cuequivariance"], ours["ownlib"]) == ("extern", "extern")
    target, theirs = closure(tmp_path, "--packager", "nequip==0.19.1")
    assert target["packager"] == "nequip 0.19.1"
    assert (theirs["cuequivariance"], theirs["ownlib"]) == ("absent", "absent")
    libraries = ("cuequivariance", "cuequivariance_torch", "openequivariance", "ownlib")
    present = [option for name in libraries for option in ("--present", name)]
    assert closure(tmp_path, *present)[1] == closure(tmp_path, "--packager", "nequip==0.19.1", *present)[1]


@pytest.mark.parametrize(
    ("release", "sys", "cuequivariance"),
    [("0.19.1", "extern", "extern"), ("0.19.0", "refused", "extern"), ("0.13.0", "refused", "refused")],
)
def test_registrations_are_those_of_the_release(
    tmp_path: Path, release: str, sys: str, cuequivariance: str
) -> None:
    options = ("--packager", f"nequip=={release}", "--present", "cuequivariance", "--present", "ownlib")
    target, found = closure(write(tmp_path, files()), *options)
    assert target["packager"] == f"nequip {release}"
    assert (found["sys"], found["cuequivariance"], found["ownlib"]) == (sys, cuequivariance, "extern")


def test_nequip_alone_is_the_newest_that_the_project_allows(tmp_path: Path) -> None:
    target, _ = closure(write(tmp_path, files("<0.16")), "--packager", "nequip")
    assert target["packager"] == "nequip 0.15.0"


def test_torch_has_the_configured_patterns_only(tmp_path: Path) -> None:
    settings = '[tool.nequip-lint]\ninternal-packages = ["ext"]\nextern-modules = ["sys"]\n'
    write(tmp_path, files(settings=settings))
    target, found = closure(tmp_path, "--packager", "torch", "--present", "ownlib")
    assert target["packager"] == "torch"
    assert (found["ext.model"], found["sys"]) == ("intern", "extern")
    assert (found["ownlib"], found["cuequivariance"]) == ("refused", "absent")
    assert {action for name, action in found.items() if name.startswith("nequip")} == {"refused"}
    done = nequip_lint("why", "ownlib", "--packager", "torch", "--present", "ownlib", cwd=tmp_path)
    assert done.stdout.startswith("ownlib: refused")


PART = """\
import sys

if sys.version_info >= (3, 12):
    import ext.new
else:
    import ext.old
"""
VERSIONED = (
    "    def forward(self, data):\n        import imp, ext.part, ext.toml, ext.always\n        return data\n"
)
HEAD = MODEL.partition("    def forward")[0]


@pytest.mark.parametrize(
    ("python", "toml", "imp"),
    [
        ("3.10", "dropped", "extern"),
        ("3.11", "intern", "extern"),
        ("3.12", "intern", "absent"),
        ("3.14", "intern", "absent"),
    ],
)
def test_the_python_decides(tmp_path: Path, python: str, toml: str, imp: str) -> None:
    """A file that needs a newer standard library does not import, so that torch.package drops it."""
    guarded = "import sys\nif sys.version_info >= (3, 12):\n    raise ImportError\n"
    more = {"part": PART, "toml": "import tomllib\n", "always": guarded, "new": "", "old": ""}
    write(tmp_path, files(model=HEAD + VERSIONED, **more))
    target, found = closure(tmp_path, "--python", python)
    assert target["python"] == python
    assert (found["ext.toml"], found["imp"]) == (toml, imp)
    assert found["ext.always"] == ("intern" if python < "3.12" else "dropped")
    assert {found["ext.new"], found["ext.old"]} == {"intern"}, "the walk takes both branches"


WRONG = [
    (("--packager", "our"), "did you mean ours?"),
    (("--packager", "Nequip"), "did you mean nequip==X?"),
    (("--packager", "nequip==0.19.2"), "did you mean nequip==0.19."),
    (("--packager", "nequip=="), "did you mean nequip==X?"),
    (("--packager", "zip"), "it is ours, torch, nequip or nequip==X"),
    (("--packager", "nequip==0.10.0"), "does not allow that release"),
    (("--python", "3.9"), "3.10"),
    (("--python", "3.12.1"), "did you mean 3.12?"),
    (("--python", "twelve"), "it is one of 3.10"),
]


@pytest.mark.parametrize(("options", "said"), WRONG, ids=[" ".join(row[0]) for row in WRONG])
def test_unknown_values_are_one_line(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    done = nequip_lint("closure", ".", *options, cwd=write(tmp_path, files(">=0.12")))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_a_release_cannot_be_chosen_for_nequip_itself(tmp_path: Path) -> None:
    project = PROJECT.format("").replace('"ext"', '"nequip"').replace('ext = "nequip"\n', 'own = "nequip"\n')
    write(tmp_path, {"pyproject.toml": project, "nequip/__init__.py": ""})
    done = nequip_lint("closure", ".", "--packager", "nequip==0.19.1", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "use --packager nequip" in done.stderr

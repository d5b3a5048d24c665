"""NQ319: what a builder leaves outside of the model, in other spellings, against real packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from small_archives import outcomes, project

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODEL = """\
import torch
from mypkg import settings
from mypkg.settings import OPTIONS, Options

MODE = "slow"
TABLE = {{}}


class Model(torch.nn.Module):
    scale = 1.0

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3))
        {init}

    def forward(self, x):
        return x * self.weight * ({read})

    @classmethod
    def fresh(cls):
        {fresh}
        return cls()


def helper():
    {helper}


def make():
    {make}
"""
SETTINGS = """\
MODE = "slow"
TABLE = {}


class Options:
    scale = 1.0
    mode = "slow"


OPTIONS = Options()


def is_fast():
    return MODE == "fast"


def set_mode(mode):
    global MODE
    MODE = mode
"""
NEW = "return Model()"


def tree(
    make: str, read: str, init: str = "pass", helper: str = "pass", fresh: str = "pass"
) -> dict[str, str]:
    model = MODEL.format(make=make, read=read, init=init, helper=helper, fresh=fresh)
    return {"mypkg/model.py": model, "mypkg/settings.py": SETTINGS}


LOST = {
    "module": tree(f"settings.MODE = 'fast'; {NEW}", "3 if settings.MODE == 'fast' else 1"),
    "alias": tree(
        f"import mypkg.settings as s\n    s.MODE = 'fast'\n    {NEW}", "3 if settings.MODE == 'fast' else 1"
    ),
    "grown": tree(f"Model.scale *= 3; {NEW}", "self.scale"),
    "class": tree(f"Model.scale = 3.0; {NEW}", "type(self).scale"),
    "class_new": tree(f"Model.extra = 3.0; {NEW}", "getattr(type(self), 'extra', 1.0)"),
    "class_setattr": tree(f"setattr(Model, 'scale', 3.0)\n    {NEW}", "self.scale"),
    "after": tree("model = Model()\n    Model.scale = 3.0\n    return model", "self.scale"),
    "own_global": tree(f"global MODE; MODE = 'fast'; {NEW}", "3 if MODE == 'fast' else 1"),
    "item": tree(f"TABLE['k'] = 3; {NEW}", "TABLE.get('k', 1)"),
    "item_elsewhere": tree(f"settings.TABLE['k'] = 3; {NEW}", "settings.TABLE.get('k', 1)"),
    "object": tree(f"OPTIONS.scale = 3.0; {NEW}", "OPTIONS.scale"),
    "in_init": tree(NEW, "self.scale", init="type(self).scale = 3.0"),
    "in_init_class": tree(NEW, "self.scale", init="self.__class__.scale = 3.0"),
    "in_classmethod": tree("return Model.fresh()", "self.scale", fresh="cls.scale = 3.0"),
    "helper": tree(f"helper(); {NEW}", "self.scale", helper="Model.scale = 3.0"),
    "updated": tree(f"settings.TABLE.update(k=3); {NEW}", "settings.TABLE.get('k', 1)"),
    "set_by_default": tree(f"settings.TABLE.setdefault('k', 3); {NEW}", "settings.TABLE.get('k', 1)"),
    "deep_in_dict": tree(f"vars(settings)['MODE'] = 'fast'; {NEW}", "3 if settings.MODE == 'fast' else 1"),
    "globals": tree(f"globals()['MODE'] = 'fast'; {NEW}", "3 if MODE == 'fast' else 1"),
    "setattr_in_loop": tree(
        f"[setattr(settings, k, v) for k, v in [('MODE', 'fast')]]; {NEW}",
        "3 if settings.MODE == 'fast' else 1",
    ),
    "setattr_type": tree(NEW, "self.scale", init="setattr(type(self), 'scale', 3.0)"),
    "setter": tree(f"settings.set_mode('fast'); {NEW}", "3 if settings.is_fast() else 1"),
}
KEPT = {
    "not_read": tree(f"settings.MODE = 'fast'; {NEW}", "3"),
    "read_in_init": tree(
        f"settings.MODE = 'fast'; {NEW}", "self.k", init="self.k = 3 if settings.MODE == 'fast' else 1"
    ),
    "restored": tree(
        "old = settings.MODE; settings.MODE = 'fast'\n    try:\n"
        f"        {NEW}\n    finally:\n        settings.MODE = old",
        "3 if settings.MODE == 'fast' else 1",
    ),
    "instance": tree("model = Model(); model.scale = 3.0; return model", "self.scale"),
    "instance_wins": tree(f"Model.scale = 2.0; {NEW}", "self.scale", init="self.scale = 3.0"),
    "local": tree(f"settings = Options(); settings.MODE = 'fast'; {NEW}", "3 if settings.MODE == 'x' else 1"),
    "cache": tree(
        f"helper(); {NEW}",
        "helper() or 3",
        helper="TABLE['k'] = TABLE.get('k', 3)\n    return TABLE['k']",
    ),
    "not_called": tree(NEW, "self.scale", helper="Model.scale = 3.0"),
    "of_torch": tree(f"torch.backends.cudnn.benchmark = True; {NEW}", "2"),
}
SHARED = tree("model = Model(); model.kept.append(3.0); return model", "sum(self.kept, 1.0)")
SHARED["mypkg/model.py"] = SHARED["mypkg/model.py"].replace(
    "    scale = 1.0\n", "    scale = 1.0\n    kept = []\n", 1
)
GIVEN = tree(f"enlarge(Model); {NEW}", "self.scale")
GIVEN["mypkg/model.py"] += "\n\ndef enlarge(cls):\n    cls.scale = 3.0\n"
OWN = {
    name: text.replace("model.kept.append(3.0)", "model.kept = [3.0]; model.kept.append(1.0)")
    for name, text in SHARED.items()
}
LOST |= {"class_container": SHARED, "given_class": GIVEN}
KEPT |= {"container_of_the_instance": OWN}
IMPORTED = tree(f"settings.MODE = 'fast'; {NEW}", "3 if OLD == 'fast' else 1")
IMPORTED["mypkg/model.py"] = IMPORTED["mypkg/model.py"].replace(
    "import OPTIONS", "import MODE as OLD, OPTIONS"
)
KEPT["imported_before"] = IMPORTED


def codes(folder: Path, files: Mapping[str, str]) -> list[str]:
    report = check(Request((project(folder, files),), cache=False), Selection())
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize("name", LOST)
def test_state_that_a_package_loses(name: str, tmp_path: Path) -> None:
    assert codes(tmp_path, LOST[name]) == ["NQ319"]


@pytest.mark.parametrize("name", KEPT)
def test_state_that_a_package_does_not_need(name: str, tmp_path: Path) -> None:
    assert codes(tmp_path, KEPT[name]) == []


def test_a_builder_in_a_file_that_is_not_packaged(tmp_path: Path) -> None:
    builder = (
        "from nequip.model.utils import model_builder\n"
        "from mypkg import settings\nfrom mypkg.model import Model\n"
        "@model_builder\ndef build():\n    settings.MODE = 'fast'\n    return Model()\n"
    )
    files = tree(NEW, "3 if settings.MODE == 'fast' else 1") | {"mypkg/builders.py": builder}
    assert codes(tmp_path, files) == ["NQ319"]


@pytest.mark.real
def test_packages_compute_what_the_linter_says(tmp_path: Path) -> None:
    found = outcomes(LOST | KEPT, tmp_path)
    assert {name: stage for name, (stage, _) in found.items()} == {
        **dict.fromkeys(LOST, "wrong"),
        **dict.fromkeys(KEPT, ""),
    }

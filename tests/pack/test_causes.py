"""Which rule's page a failure leads to: every entry of `rules/failures.toml`, shown on a real failure."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import pytest

from nequip_lint.api import failures
from nequip_pack.causes import advice
from nequip_pack.fresh import Blocker

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.real

FAILS = {
    "NQ208": "import yaml\n\nyaml.dump({})\n",
    "NQ301": "import importlib\n\nimportlib.import_module('mypkg.other')\n",
    "NQ301 by its name": "import importlib\n\nimportlib.import_module(__name__)\n",
    "NQ302": "open(__file__)\n",
    "NQ303": "import torch\n\ntorch.library.Library('mypkg_causes', 'DEF')\n",
    "NQ304": "import sys\n\nsys.modules[__name__]\n",
    "NQ305": (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n\n\n"
        "@dataclass(frozen=True)\nclass A:\n    a: int\n"
    ),
    "NQ308": "raise ValueError('known')\n",
    "NQ312": "from importlib.metadata import version\n\nversion('mypkg-that-is-not-here')\n",
    "NQ313": "import os\n\nos.environ['MYPKG_CAUSES']\n",
    "NQ320": (
        "import torch\n\n\n@torch.library.custom_op('mypkg_causes::op', mutates_args=())\n"
        "def op(x: torch.Tensor) -> torch.Tensor:\n    return 3 * x\n\n\n"
        "torch.compile(op, backend='eager', fullgraph=True)(torch.ones(2))\n"
    ),
    "NQ408": "import copy\nimport torch\n\ncopy.deepcopy(torch.ones(2, requires_grad=True) * 2)\n",
}
AGAIN = {"NQ303", "NQ308"}
"""What only a process that had run the code before shows."""
LIKE = {
    "a file that is not there": "open('no such file')\n",
    "a library that is not there": "import importlib\n\nimportlib.import_module('mypkg_absent_library')\n",
    "a key of a dictionary": "{}['key']\n",
    "another error": "raise ValueError('known')\n",
    "a module that is not there": "import mypkg_absent_module\n",
    "no fitting attribute": "import math\n\nmath.absent\n",
}


def run(text: str) -> None:
    """Import a module of a package that has this text."""
    from torch.package import PackageExporter, PackageImporter

    content = io.BytesIO()
    with PackageExporter(content) as exporter:
        exporter.mock("yaml")
        exporter.extern("**")
        exporter.save_source_string("mypkg.model", text)
    content.seek(0)
    PackageImporter(content).import_module("mypkg.model")


@pytest.fixture(autouse=True)
def hidden() -> Iterator[None]:
    """The package's code cannot be imported from outside, as in a proof."""
    finder: Any = Blocker(["mypkg"])
    sys.meta_path.insert(0, finder)
    yield
    sys.meta_path.remove(finder)


def test_every_entry_is_shown() -> None:
    rules = [entry["rule"] for entry in failures() if "rule" in entry]
    assert sorted(rules) == sorted(name.partition(" ")[0] for name in FAILS)


@pytest.mark.parametrize("name", FAILS)
def test_a_failure_leads_to_its_rule(name: str) -> None:
    rule = name.partition(" ")[0]
    if rule == "NQ303":
        run(FAILS[name].replace("torch.library", "kept = torch.library"))
    with pytest.raises(Exception) as caught:
        run(FAILS[name])
    told = f"`nequip-lint rule {rule}` tells what to do"
    assert advice(caught.value, again=True) == told
    assert advice(caught.value) == ("" if rule in AGAIN else told)


@pytest.mark.parametrize("name", LIKE)
def test_what_shows_no_rule(name: str) -> None:
    with pytest.raises(Exception) as caught:
        run(LIKE[name])
    assert advice(caught.value) == ""


def test_what_is_not_found_was_not_registered_twice() -> None:
    with pytest.raises(ImportError) as caught:
        run(LIKE["a module that is not there"])
    assert advice(caught.value, again=True) == ""

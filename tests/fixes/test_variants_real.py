"""Other shapes of the pages' hazards: each fails for real before the fix, and works after it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from fix_support import fix_folder
from page import Page, Tree, read_page
from reproduce import Machines, Outcome, reproduce

if TYPE_CHECKING:
    from collections.abc import Mapping

SEED = 20261125
RULES = Path(__file__).parents[2] / "rules"
REG = "from nequip.scripts._package_utils import register_libraries_as_external_for_packaging as reg\n"
POSTPONED = "from __future__ import annotations\n\n"


class Variant(NamedTuple):
    """What differs from the bad example of a page: text, files, `use` for `o3.Irreps`, more members."""

    code: str
    replaced: Mapping[str, tuple[str, str]]
    files: Mapping[str, str] = {}
    use: str = ""
    archive: tuple[str, ...] = ()


KERNELS, EXTERN, MODEL = "mypkg/_kernels.py", "mypkg/_extern.py", "mypkg/model.py"
VARIANTS = {
    "from and alias": Variant(
        "NQ101",
        {},
        {KERNELS: "from fastops import multiply as m\n\n\ndef scale(x, factor):\n    return m(x, factor)\n"},
    ),
    "annotations": Variant(
        "NQ101",
        {},
        {
            KERNELS: f"{POSTPONED}import fastops\n\n\ndef scale(x: fastops.T, factor) -> fastops.T:\n"
            "    def inner():\n        return fastops.multiply(x, factor)\n\n    return inner()\n"
        },
    ),
    "evaluated annotation": Variant(
        "NQ101",
        {},
        {KERNELS: "import fastops\n\n\ndef scale(x: fastops.multiply, factor):\n    return x * factor\n"},
    ),
    "names": Variant("NQ203", {MODEL: ("from e3nn import o3", "from e3nn.o3 import Irreps as o")}, use="o("),
    "dotted": Variant("NQ203", {MODEL: ("from e3nn import o3", "import e3nn.o3")}, use="e3nn.o3.Irreps("),
    "star of another": Variant(
        "NQ203",
        {MODEL: ("from e3nn import o3", "from ._e3nn import Irreps")},
        {"mypkg/_e3nn/__init__.py": "from e3nn.o3 import *\n"},
        "Irreps(",
        ("mypkg/_e3nn/__init__.py",),
    ),
    "module of another": Variant(
        "NQ203",
        {MODEL: ("from e3nn import o3", "from ._e3nn import PARITY, o3")},
        {"mypkg/_e3nn/__init__.py": 'from e3nn import o3\n\nPARITY = o3.Irreps("1o")\n'},
        "o3.Irreps(",
        ("mypkg/_e3nn/__init__.py",),
    ),
    "submodule": Variant("NQ206", {}, {EXTERN: f"{REG}reg(['fastops.core'])\n"}),
    "in a function": Variant("NQ207", {}, {EXTERN: f"{REG}\n\ndef register():\n    reg(['fastops'])\n"}),
    "only with a GPU": Variant(
        "NQ207",
        {},
        {
            "mypkg/__init__.py": "from . import _extern\n",
            EXTERN: f"import torch\n{REG}\nif torch.cuda.is_available():\n    reg(['fastops'])\n",
        },
    ),
    "too narrow": Variant(
        "NQ204",
        {},
        {
            "pyproject.toml": '[project]\nname = "mypkg"\nversion = "1"\ndependencies = ["nequip>=0.19"]\n\n'
            '[project.entry-points."nequip.extension"]\ninit_always = "mypkg._keys"\n',
            "mypkg/_keys.py": "",
        },
    ),
}


def tree_of(variant: Variant, page: Page) -> Tree:
    files = {**page.bad.files, **variant.files}
    for path, (old, new) in variant.replaced.items():
        assert old in files[path]
        files[path] = files[path].replace(old, new)
    if variant.use:
        files[MODEL] = files[MODEL].replace("o3.Irreps(", variant.use, 1)
    return Tree(files)


@pytest.mark.real
@pytest.mark.parametrize("name", random.Random(SEED).sample(sorted(VARIANTS), 2))
def test_some_fail_before_and_work_after(name: str, tmp_path: Path) -> None:
    print(f"seed {SEED}: {name}")
    _fails_before_and_works_after(name, tmp_path)


@pytest.mark.matrix
@pytest.mark.parametrize("name", VARIANTS)
def test_all_fail_before_and_work_after(name: str, tmp_path: Path) -> None:
    _fails_before_and_works_after(name, tmp_path)


def _fails_before_and_works_after(name: str, tmp_path: Path) -> None:
    variant = VARIANTS[name]
    page = read_page(RULES / f"{variant.code}.md")
    machines = Machines.of(page.meta["needs"])
    modifier = page.meta.get("modifier")
    tree = tree_of(variant, page)
    before = reproduce(tree, machines, tmp_path / "before", modifier)
    whole = frozenset((*page.meta["archive"], *variant.archive))
    assert before.stage is not None
    assert before.members != whole
    tree.write(tmp_path / "fixed")
    result = fix_folder(tmp_path / "fixed", unsafe=True)
    assert (result.codes, result.left) == ([variant.code], [])
    fixed = Tree({path: text for path, text in result.files.items() if "__pycache__" not in path})
    after = reproduce(fixed, machines.with_everything(), tmp_path / "after", modifier)
    assert after == Outcome(members=whole)

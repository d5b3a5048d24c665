"""Narrow imports in place of heavy ones: forms, uses, releases, and what has to be declined."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest
from fix_support import BASE, PROJECT, fix_files, fix_model
from lint_support import write

from nequip_lint.edits.declined import Declined
from nequip_lint.edits.narrow import Packages
from nequip_lint.project.assemble import Request, assemble

if TYPE_CHECKING:
    from pathlib import Path

IRREPS = "from e3nn.o3._irreps import Irreps"
HARMONICS = "from e3nn.o3._spherical_harmonics import SphericalHarmonics"
CHANGED = {
    "module": ("from e3nn import o3\n\nX = o3.Irreps('1o')\n", f"{IRREPS}\n\nX = Irreps('1o')\n"),
    "alias": ("from e3nn import o3 as o\n\nX = o.Irreps('1o')\n", f"{IRREPS}\n\nX = Irreps('1o')\n"),
    "two modules of one": (
        "import torch\nfrom e3nn import o3\n\n\nclass M(torch.nn.Module): ...\n\n\n"
        "def f(x: o3.Irreps = o3.Irreps('1o')):\n    return o3.SphericalHarmonics, o3.Irreps.D\n",
        f"import torch\n{IRREPS}\n{HARMONICS}\n\n\nclass M(torch.nn.Module): ...\n\n\n"
        f"def f(x: Irreps = Irreps('1o')):\n    return SphericalHarmonics, Irreps.D\n",
    ),
    "names": (
        "from e3nn.o3 import Irreps as I, SphericalHarmonics\n\nX = I, SphericalHarmonics\n",
        f"{IRREPS} as I\n{HARMONICS}\n\nX = I, SphericalHarmonics\n",
    ),
    "plain": ("import e3nn.o3\n\nX = e3nn.o3.Irreps('1o')\n", f"{IRREPS}\n\nX = Irreps('1o')\n"),
    "plain alias": ("import e3nn.o3 as o\n\nX = o.Irreps('1o')\n", f"{IRREPS}\n\nX = Irreps('1o')\n"),
    "plain beside another": (
        "import e3nn.o3\nimport e3nn.util\n\nX = e3nn.o3.Irreps('1o'), e3nn.util\n",
        f"{IRREPS}\nimport e3nn.util\n\nX = Irreps('1o'), e3nn.util\n",
    ),
    "in a function": (
        "def f():\n    from e3nn import o3  # why\n\n    return [o3.Irreps(x) for x in ()]\n",
        f"def f():\n    {IRREPS}  # why\n\n    return [Irreps(x) for x in ()]\n",
    ),
    "under a test": (
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from e3nn import o3\n\n\n"
        "def f(x: 'list[o3.Irreps]'): ...\n",
        f"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    {IRREPS}\n\n\n"
        f"def f(x: 'list[Irreps]'): ...\n",
    ),
    "a name that is taken": (
        "from e3nn import o3\n\nIrreps = o3.Irreps('1o')\n",
        f"{IRREPS} as o3_Irreps\n\nIrreps = o3_Irreps('1o')\n",
    ),
    "beside a light module": (
        "from nequip.data import AtomicDataDict, from_dict\n\nX = AtomicDataDict, from_dict\n",
        "from nequip.data import AtomicDataDict\nfrom nequip.data.dict import from_dict\n\n"
        "X = AtomicDataDict, from_dict\n",
    ),
    "beside a module of another package": (
        "import json, e3nn.o3\n\nX = json, e3nn.o3.Irreps\n",
        f"import json\n{IRREPS}\n\nX = json, Irreps\n",
    ),
    "parentheses": (
        "from e3nn.o3 import (  # why\n    Irreps,\n    SphericalHarmonics,\n)\n\n"
        "X = Irreps, SphericalHarmonics\n",
        f"# why\n{IRREPS}\n{HARMONICS}\n\nX = Irreps, SphericalHarmonics\n",
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_changed_and_safe(name: str, tmp_path: Path) -> None:
    text, expected = CHANGED[name]
    changed, result = fix_model(tmp_path, text, select="NQ203")
    assert changed == expected
    assert (result.codes, result.left) == (["NQ203"], [])


STRINGS = [
    "f'{o3.Irreps}'",
    "f'é {o3.Irreps!r:>{o3.Irreps}} {{o3}}'",
    'f"""\n  {o3.Irreps} {\n  o3.Irreps}\n"""',
    "'a' f'{o3.Irreps}'\\\n   'b' f'{o3.Irreps}'",
    "rf'\\{o3.Irreps}'",
    "f'{f\"{o3.Irreps}\"}'",
]


@pytest.mark.parametrize("text", STRINGS)
def test_uses_inside_format_strings(text: str, tmp_path: Path) -> None:
    changed, result = fix_model(tmp_path, f"from e3nn import o3\n\nX = {text}\n", select="NQ203")
    assert changed == f"{IRREPS}\n\nX = {text.replace('o3.Irreps', 'Irreps')}\n"
    assert (result.codes, result.left) == (["NQ203"], [])


DECLINED = {
    "two stars": ("from e3nn.o3 import *\nfrom math import *\n\nX = Irreps\n", "several star imports"),
    "star with a module": ("from nequip.data import *\n\nX = AtomicDataDict\n", "modules are among"),
    "star with a heavy name": (
        "from nequip.data import *\n\nX = from_ase\n",
        "nequip.data.ase, which defines",
    ),
    "star beside a local name": (
        "from e3nn.o3 import *\n\n\ndef f(Irreps):\n    return Irreps\n\n\nX = Irreps\n",
        "Irreps is the name of something else in a function or class too",
    ),
    "star of a star": ("from e3nn.o3 import *\n\nX = Irreps\n", "imports * from mypkg.model in its turn"),
    "passed on": ("from e3nn import o3\n\nX = [o3]\n", "o3 itself is used on line 3"),
    "assigned to": ("from e3nn import o3\n\no3.Irreps = 1\n", "o3 itself is used on line 3"),
    "rebound": ("from e3nn import o3\n\nX = o3.Irreps\no3 = 1\n", "bound in another way too (line 4)"),
    "unknown name": ("from e3nn import o3\n\nX = o3.Nothing\n", "where e3nn.o3.Nothing is defined"),
    "rebound from inside": (
        "def f():\n    from e3nn import o3\n\n    def g():\n        nonlocal o3\n        o3 = 1\n\n"
        "    return o3.Irreps, g\n",
        "bound in another way too (line 6)",
    ),
    "exported": ("from e3nn import o3\n\n__all__ = ['o3']\nX = o3.Irreps\n", "__all__"),
    "taken by a star": ("from e3nn import o3\n\nX = o3.Irreps\n", "mypkg.other imports * from mypkg.model"),
    "taken twice": ("from e3nn import o3\n\nX = o3.Irreps\n", "in more than one way"),
    "taken and passed on": ("from e3nn import o3\n\nX = o3.Irreps\n", "o3 itself is used on line 3"),
    "in a class": ("class A:\n    from e3nn import o3\n", "in the body of class A"),
    "shared line": ("from e3nn import o3; X = o3.Irreps\n", "shares its line"),
    "in quotes": ("from e3nn import o3\n\n\ndef f(x: 'o3'):\n    return o3.Irreps\n", "in another way"),
}


TAKERS = {
    "star of a star": "from .model import *\n",
    "taken by a star": "from .model import *\n",
    "taken twice": "from .model import o3\n\n\ndef f():\n    from .model import o3\n\n    return o3.Irreps\n",
    "taken and passed on": "from .model import o3\n\nX = [o3]\n",
}
"""What another module does with these."""


@pytest.mark.parametrize("name", DECLINED)
def test_declined_with_the_reason(name: str, tmp_path: Path) -> None:
    text, reason = DECLINED[name]
    changed, result = fix_model(tmp_path, text, unsafe=True, select="NQ203", other=TAKERS.get(name, ""))
    assert (changed, result.codes, result.left) == (text, [], ["NQ203"])
    assert reason in result.reasons[0]


def test_a_star_becomes_what_other_files_take_too(tmp_path: Path) -> None:
    text = "from e3nn.o3 import *\n\nX = Irreps\n"
    other = "from .model import SphericalHarmonics\n"
    changed, result = fix_model(tmp_path, text, unsafe=True, select="NQ203", other=other)
    assert changed == text.replace("from e3nn.o3 import *", f"{IRREPS}\n{HARMONICS}")
    assert (result.codes, result.left) == (["NQ203"], [])


def test_a_star_becomes_the_names_in_use_but_not_safely(tmp_path: Path) -> None:
    start = "import math\nfrom e3nn.o3 import *  # why\n\n"
    text = f"{start}__all__ = ['SphericalHarmonics']\nX = Irreps, abs, math, Y\n"
    assert fix_model(tmp_path, text, select="NQ203")[1].codes == []
    changed, result = fix_model(tmp_path, text, select="NQ203", unsafe=True)
    assert changed == text.replace("from e3nn.o3 import *  # why\n", f"{IRREPS}  # why\n{HARMONICS}\n")
    assert (result.codes, result.left) == (["NQ203"], [])


HANDED_ON = {
    "star": (
        "from e3nn.o3 import *\n",
        "from .sub import Irreps\n",
        f"{IRREPS}\n",
        "from .sub import Irreps\n",
    ),
    "star, attribute": (
        "from e3nn.o3 import *\n\nX = SphericalHarmonics\n",
        "import mypkg.sub\n\nX = mypkg.sub.Irreps\n",
        f"{IRREPS}\n{HARMONICS}\n\nX = SphericalHarmonics\n",
        "import mypkg.sub\n\nX = mypkg.sub.Irreps\n",
    ),
    "module": (
        "from e3nn import o3\n",
        "from .sub import o3\n\nX = o3.Irreps('1o')\n",
        "",
        f"{IRREPS}\n\nX = Irreps('1o')\n",
    ),
    "module, alias": (
        "import math\nfrom e3nn import o3 as o\n\nX = o.Irreps, math\n",
        "def f():\n    from mypkg.sub import o as p\n\n    return p.Irreps\n",
        f"import math\n{IRREPS}\n\nX = Irreps, math\n",
        f"def f():\n    {IRREPS}\n\n    return Irreps\n",
    ),
}


@pytest.mark.parametrize("name", HANDED_ON)
def test_what_an_init_hands_on_to_linted_files_but_not_safely(name: str, tmp_path: Path) -> None:
    init, model, new_init, new_model = HANDED_ON[name]
    files = {**BASE, "mypkg/sub/__init__.py": init, "mypkg/model.py": model}
    assert fix_files(tmp_path, files, select="NQ203").codes == []
    result = fix_files(tmp_path, files, unsafe=True, select="NQ203")
    assert (result.files["mypkg/sub/__init__.py"], result.files["mypkg/model.py"]) == (new_init, new_model)
    assert (result.codes, result.left) == (["NQ203"], [])


def test_modules_that_hand_on_one_after_the_other(tmp_path: Path) -> None:
    model = "from .sub import o3\n\nX = o3.Irreps\n"
    files = {**BASE, "mypkg/model.py": model, "mypkg/_e3nn.py": "from e3nn import o3\n\nY = o3.Irreps\n"}
    files["mypkg/sub/__init__.py"] = "from .._e3nn import o3\n\nZ = o3.Irreps\n"
    result = fix_files(tmp_path, files, unsafe=True, select="NQ203")
    for path, use in (("_e3nn", "Y"), ("sub/__init__", "Z"), ("model", "X")):
        assert result.files[f"mypkg/{path}.py"] == f"{IRREPS}\n\n{use} = Irreps\n"
    assert (result.codes, result.left) == (["NQ203"], [])


def test_a_star_in_an_init_from_which_no_linted_file_takes_stays(tmp_path: Path) -> None:
    files = {
        **BASE,
        "mypkg/sub/__init__.py": "from e3nn.o3 import *\n",
        "mypkg/model.py": "import mypkg.sub\n",
    }
    result = fix_files(tmp_path, files, unsafe=True, select="NQ203")
    assert "no linted file takes from mypkg.sub" in result.reasons[0]


def test_an_import_without_use_is_removed_but_not_safely(tmp_path: Path) -> None:
    assert fix_model(tmp_path, "from e3nn import o3\n\nX = 1\n", select="NQ203")[1].codes == []
    changed, result = fix_model(tmp_path, "from e3nn import o3\n\nX = 1\n", select="NQ203", unsafe=True)
    assert (changed.strip(), result.codes) == ("X = 1", ["NQ203"])


def test_names_that_the_package_hands_on_stay_its_names(tmp_path: Path) -> None:
    init = "from e3nn.o3 import Irreps\n\n__all__ = ['Irreps']\n"
    files = {**BASE, "mypkg/sub/__init__.py": init, "mypkg/model.py": "from mypkg.sub import Irreps\n"}
    result = fix_files(tmp_path, files, select="NQ203")
    assert result.files["mypkg/sub/__init__.py"] == init.replace("e3nn.o3", "e3nn.o3._irreps")
    assert (result.codes, result.left) == (["NQ203"], [])


def test_an_import_for_others_in_the_package_stays(tmp_path: Path) -> None:
    files = {**BASE, "mypkg/sub/__init__.py": "from e3nn import o3\n", "mypkg/model.py": "import mypkg.sub\n"}
    result = fix_files(tmp_path, files, unsafe=True, select="NQ203")
    assert result.codes == []
    assert "mypkg.sub does not use o3" in result.reasons[0]


@pytest.mark.parametrize(
    ("name", "told"),
    [("nequip.nn.ShiftedSoftplus", "do not all have"), ("nequip.data.from_ase", "brings libraries without")],
)
def test_each_allowed_release_is_asked(name: str, told: str, tmp_path: Path) -> None:
    older = PROJECT.replace("nequip>=0.19", "nequip>=0.12")
    (assembled,) = assemble(
        Request((write(tmp_path, {**BASE, "pyproject.toml": older, "mypkg/model.py": ""}),), cache=False)
    )
    with pytest.raises(Declined, match=told):
        Packages(assembled).definition(name)
    assert Packages(assembled).definition("e3nn.o3.Irreps") == ("e3nn.o3._irreps", "Irreps")


@pytest.mark.real
@pytest.mark.parametrize(
    "package", ["e3nn.o3", "e3nn.nn", "e3nn.math", "nequip.data", "nequip.utils", "nequip.nn"]
)
def test_the_narrow_name_is_the_same_object(package: str, tmp_path: Path) -> None:
    """For every public name of real packages; what is declined is not counted."""
    (assembled,) = assemble(Request((write(tmp_path, {**BASE, "mypkg/model.py": ""}),), cache=False))
    packages, module = Packages(assembled), importlib.import_module(package)
    same = 0
    for name in dir(module):
        if name.startswith("_") or packages.is_module(f"{package}.{name}"):
            continue
        try:
            found = packages.definition(f"{package}.{name}")
        except Declined:
            continue
        assert getattr(importlib.import_module(found.module), found.name) is getattr(module, name), name
        same += 1
    assert same

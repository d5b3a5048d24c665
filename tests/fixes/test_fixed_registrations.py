"""NQ206 and NQ207: each shape of a registration that is wrong, put right or declined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fix_support import BASE, fix_files

if TYPE_CHECKING:
    from pathlib import Path

    from fix_support import Result

IMPORT = "from nequip.scripts._package_utils import register_libraries_as_external_for_packaging as reg\n"
OLD = IMPORT.replace("nequip.scripts._package_utils", "nequip.model.saved_models.package")


def fix(
    folder: Path,
    text: str,
    *,
    model: str = "import fastops\n",
    init: str = "from . import _r\n",
    unsafe: bool = False,
) -> tuple[str, Result]:
    """Fix a project with a registration; its new text, and the rest."""
    project = BASE["pyproject.toml"].replace('"torch"', '"torch", "fastops", "scikit-learn"')
    files = {
        "pyproject.toml": project,
        "mypkg/__init__.py": init,
        "mypkg/_r.py": text,
        "mypkg/model.py": model,
    }
    result = fix_files(folder, files, unsafe=unsafe, select="NQ2")
    return result.files["mypkg/_r.py"], result


MALFORMED = {
    "string": ("reg(extern_modules='fastops')\n", "reg(extern_modules=['fastops'])\n"),
    "string, by place": ('reg("fastops")  # why\n', 'reg(["fastops"])  # why\n'),
    "pattern": ("reg(['fastops.*'])\n", "reg(['fastops'])\n"),
    "submodule": (
        "reg(\n    [\n        'fastops.core',  # why\n    ]\n)\n",
        "reg(\n    [\n        'fastops',  # why\n    ]\n)\n",
    ),
    "list elsewhere": ("ALL = ['fastops.core']\nreg(ALL)\n", "ALL = ['fastops']\nreg(ALL)\n"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed(name: str, tmp_path: Path) -> None:
    before, after = MALFORMED[name]
    changed, result = fix(tmp_path, IMPORT + before)
    assert changed == IMPORT + after
    assert (result.codes, result.left) == (["NQ206"], [])


@pytest.mark.parametrize("text", ["scikit-learn", "scikit_learn"])
def test_the_name_of_a_distribution(text: str, tmp_path: Path) -> None:
    changed, result = fix(tmp_path, f"{IMPORT}reg(['{text}'])\n", model="import sklearn\n")
    assert changed == f"{IMPORT}reg(['sklearn'])\n"
    assert (result.codes, result.left) == (["NQ206"], [])


def test_two_names_of_one_call(tmp_path: Path) -> None:
    model = "import sklearn\nimport fastops\n"
    changed, result = fix(tmp_path, f"{IMPORT}reg(['scikit-learn', 'fastops.*'])\n", model=model)
    assert changed == f"{IMPORT}reg(['sklearn', 'fastops'])\n"
    assert result.codes == ["NQ206", "NQ206"]


@pytest.mark.parametrize("call", ["reg(['no such name!'])\n", "reg(['fast-ops'])\n"])
def test_a_name_that_could_be_anything(call: str, tmp_path: Path) -> None:
    changed, result = fix(tmp_path, IMPORT + call, unsafe=True)
    assert changed == IMPORT + call
    assert result.codes == []
    assert any("cannot be told" in reason for reason in result.reasons)


INITS = {
    "empty": ("", "from . import _r\n"),
    "docstring": ('"""Doc."""\n', '"""Doc."""\n\nfrom . import _r\n'),
    "docstring without end": ('"""Doc."""', '"""Doc."""\n\nfrom . import _r\n'),
    "code": ("X = 1\n", "from . import _r\n\nX = 1\n"),
    "docstring and code": ('"""Doc."""\n\nX = 1\n', '"""Doc."""\n\nfrom . import _r\n\nX = 1\n'),
    "imports": (
        "import math\nfrom os import (\n    path,\n)\n\nX = 1\n",
        "import math\nfrom os import (\n    path,\n)\n\nfrom . import _r\n\nX = 1\n",
    ),
    "import without end": ("import math", "import math\n\nfrom . import _r\n"),
    "import that shares its line": (
        "import math; X = '''\n'''\n",
        "import math; X = '''\n'''\n\nfrom . import _r\n",
    ),
    "comment": ("# Licence\nX = 1\n", "# Licence\nfrom . import _r\n\nX = 1\n"),
}


@pytest.mark.parametrize("name", INITS)
def test_the_file_is_imported(name: str, tmp_path: Path) -> None:
    before, after = INITS[name]
    _, result = fix(tmp_path, f"{IMPORT}reg(['fastops'])\n", init=before)
    assert result.files["mypkg/__init__.py"] == after
    assert (result.codes, result.left) == (["NQ207"], [])


def test_the_file_is_imported_in_its_own_package(tmp_path: Path) -> None:
    project = BASE["pyproject.toml"].replace('init_always = "mypkg"', 'first = "another"\nsecond = "mypkg"')
    files = {"pyproject.toml": project, "another/__init__.py": "", "mypkg/__init__.py": ""}
    files |= {"mypkg/_r.py": f"{IMPORT}reg(['fastops'])\n", "mypkg/model.py": "import fastops\n"}
    result = fix_files(tmp_path, files, select="NQ207")
    assert result.files["mypkg/__init__.py"] == "from . import _r\n"
    assert (result.files["another/__init__.py"], result.codes) == ("", ["NQ207"])


def test_a_file_that_does_more_is_not_imported_safely(tmp_path: Path) -> None:
    text = f"import math\n{IMPORT}reg(['fastops'])\n"
    assert fix(tmp_path, text, init="")[1].codes == []
    _, result = fix(tmp_path, text, init="", unsafe=True)
    assert (result.files["mypkg/__init__.py"], result.left) == ("from . import _r\n", [])


def test_a_file_that_lies_deeper_is_not_imported_safely(tmp_path: Path) -> None:
    files = {**BASE, "mypkg/_extern.py": "", "mypkg/__init__.py": "", "mypkg/model.py": "import fastops\n"}
    files |= {"mypkg/sub/__init__.py": "", "mypkg/sub/_r.py": f"{IMPORT}reg(['fastops'])\n"}
    assert fix_files(tmp_path, files, select="NQ207").codes == []
    result = fix_files(tmp_path, files, select="NQ2", unsafe=True)
    assert result.files["mypkg/__init__.py"] == "from .sub import _r\n"
    assert (result.codes, result.left) == (["NQ207"], [])


def test_a_function_is_called_but_not_safely(tmp_path: Path) -> None:
    text = f"{IMPORT}\n\ndef register():\n    reg(['fastops'])\n"
    assert fix(tmp_path, text)[1].codes == []
    changed, result = fix(tmp_path, text, unsafe=True)
    assert (changed, result.left) == (f"{text}\n\nregister()\n", [])
    changed, result = fix(tmp_path, text, unsafe=True, init="")
    assert (changed, result.left) == (f"{text}\n\nregister()\n", [])
    assert result.files["mypkg/__init__.py"] == "from . import _r\n"


def test_a_test_for_a_gpu_goes(tmp_path: Path) -> None:
    start = f"import torch\n{IMPORT}\n"
    text = f"{start}if torch.cuda.is_available():\n    # why\n    reg(\n        ['fastops'],\n    )\n"
    changed, result = fix(tmp_path, text)
    assert changed == f"{start}# why\nreg(\n    ['fastops'],\n)\n"
    assert (result.codes, result.left) == (["NQ207"], [])


def test_the_comment_behind_a_test_stays(tmp_path: Path) -> None:
    start = f"import torch\n{IMPORT}\n"
    text = f"{start}if torch.cuda.is_available():  # why\n    # because\n    reg(['fastops'])  # now\n"
    changed, result = fix(tmp_path, text)
    assert changed == f"{start}# why\n# because\nreg(['fastops'])  # now\n"
    assert (result.codes, result.left) == (["NQ207"], [])


def test_the_old_place_of_the_function(tmp_path: Path) -> None:
    text = f"try:\n    {OLD}\n    reg(['fastops'])\nexcept ImportError:\n    pass\n"
    changed, result = fix(tmp_path, text)
    assert changed == text.replace("nequip.model.saved_models.package", "nequip.scripts._package_utils")
    assert (result.codes, result.left) == (["NQ207"], [])


GPU = "if torch.cuda.is_available():\n    reg(['fastops'])\n"
DECLINED = {
    "arguments": (f"{IMPORT}\n\ndef register(x):\n    reg(['fastops'])\n", "without arguments"),
    "nested": (
        f"{IMPORT}\n\nclass A:\n    def f(self):\n        reg(['fastops'])\n",
        "neither at the top level",
    ),
    "other statements": (f"import torch\n{IMPORT}{GPU}    X = 1\n", "other statements"),
    "other branch": (f"import torch\n{IMPORT}{GPU}else:\n    X = 1\n", "other statements or branches"),
    "one line": (f"import torch\n{IMPORT}" + GPU.replace(":\n    ", ": "), "share a line"),
}


@pytest.mark.parametrize("name", DECLINED)
def test_declined_with_the_reason(name: str, tmp_path: Path) -> None:
    text, reason = DECLINED[name]
    changed, result = fix(tmp_path, text, unsafe=True)
    assert (changed, result.codes, result.left) == (text, [], ["NQ207"])
    assert reason in result.reasons[0]


def test_a_function_that_moved_within_the_allowed_releases(tmp_path: Path) -> None:
    text = f"{OLD}reg(['fastops'])\n"
    project = (
        BASE["pyproject.toml"]
        .replace("nequip>=0.19", "nequip>=0.11")
        .replace('"torch"', '"torch", "fastops"')
    )
    files = {"pyproject.toml": project, "mypkg/__init__.py": "from . import _r\n", "mypkg/_r.py": text}
    result = fix_files(tmp_path, {**files, "mypkg/model.py": "import fastops\n"}, unsafe=True, select="NQ207")
    assert "in every release of nequip" in result.reasons[0]

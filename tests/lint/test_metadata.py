"""What projects and installed distributions declare, read from their files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.declared.files import project_root
from nequip_lint.declared.installed import distributions, mandatory, required_names
from nequip_lint.declared.locate import site_folders
from nequip_lint.declared.metadata import read_metadata
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request, assemble

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """
[project]
name = "my-pkg"
dependencies = ["torch>=2", "triton; sys_platform == 'linux'"]
[project.optional-dependencies]
gpu = ["cupy"]
[project.entry-points."nequip.extension"]
init_always = "mypkg"
"""
POETRY = """
[tool.poetry]
name = "my-pkg"
[tool.poetry.dependencies]
python = ">=3.10"
torch = "^2"
cupy = { version = "*", optional = true }
[tool.poetry.plugins."nequip.extension"]
init_always = "mypkg"
"""
SETUP_CFG = """
[metadata]
name = my-pkg
[options]
install_requires =
    torch>=2
    # a comment
    numpy
[options.extras_require]
gpu = cupy
[options.entry_points]
nequip.extension =
    init_always = mypkg
"""
SETUP_DICT = """
from setuptools import setup, find_packages
setup(
    name="my-pkg", packages=find_packages(), install_requires=["torch>=2"],
    extras_require={"gpu": ["cupy"]},
    entry_points={"nequip.extension": ["init_always = mypkg"], "console_scripts": ["x = y:z"]},
)
"""
SETUP_LINES = """
import setuptools
setuptools.setup(name="my-pkg", entry_points={"nequip.extension": "init_always = mypkg"})
"""
SETUP_INI = '''
from setuptools import setup
setup(name="my-pkg", entry_points="""
[console_scripts]
x = y:z
[nequip.extension]
init_always = mypkg
""")
'''
FORMS = {
    "pyproject": ("pyproject.toml", PYPROJECT, ("torch", ""), ("cupy",)),
    "poetry": ("pyproject.toml", POETRY, ("torch",), ()),
    "setup.cfg": ("setup.cfg", SETUP_CFG, ("torch", "numpy"), ("cupy",)),
    "setup.py dict": ("setup.py", SETUP_DICT, ("torch",), ("cupy",)),
    "setup.py lines": ("setup.py", SETUP_LINES, (), ()),
    "setup.py ini": ("setup.py", SETUP_INI, (), ()),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_metadata(tmp_path: Path, name: str) -> None:
    path, text, required, optional = FORMS[name]
    found = read_metadata(write(tmp_path, {path: text}))
    assert (found.name, found.extensions, found.path) == ("my-pkg", ("mypkg",), tmp_path / path)
    assert tuple(mandatory(item) for item in found.requirements if not item.startswith("python")) == required
    assert tuple(mandatory(item) for item in found.optional) == optional


READ_FROM_FILES = {
    "setuptools": {
        "pyproject.toml": '[project]\nname = "a"\ndynamic = ["dependencies", "entry-points"]\n'
        '[tool.setuptools.dynamic]\ndependencies = { file = ["reqs/base.txt"] }\n'
        'entry-points = { file = "points.ini" }\n',
        "reqs/base.txt": "# core\nnequip>=0.19  # why\n-r more.txt\n--index-url https://x.org\n",
        "reqs/more.txt": "torch \\\n  >=2\n-r base.txt\ngit+https://x.org/a.git#egg=numpy\n",
        "points.ini": "[nequip.extension]\ninit_always = mypkg\n",
    },
    "hatch": {
        "pyproject.toml": '[project]\nname = "a"\ndynamic = ["dependencies"]\n'
        '[project.entry-points."nequip.extension"]\nx = "mypkg"\n'
        '[tool.hatch.metadata.hooks.requirements_txt]\nfiles = ["requirements.in"]\n',
        "requirements.in": "nequip\ntorch\nnumpy\n",
    },
    "setup.cfg": {
        "setup.cfg": "[options]\ninstall_requires = file: requirements.txt\n"
        "entry_points = file: points.ini\n",
        "requirements.txt": "nequip\ntorch\nnumpy",
        "points.ini": "[nequip.extension]\ninit_always = mypkg\n",
    },
    "setup.py, lines of a file": {
        "setup.py": "from setuptools import setup\nfrom pathlib import Path\nhere = Path(__file__).parent\n"
        "with open(here / 'requirements.txt') as f:\n    lines = [line.strip() for line in f if line]\n"
        "setup(install_requires=lines, entry_points={'nequip.extension': ['a = mypkg']})\n",
        "requirements.txt": "nequip\ntorch\nnumpy",
    },
    "setup.py, a function": {
        "setup.py": "import os, setuptools\ndef needed(name):\n    'Read.'\n"
        "    return open(os.path.join('reqs', name)).read().splitlines()\n"
        "POINTS = {'nequip.extension': 'a = mypkg'}\n"
        "setuptools.setup(install_requires=needed('base.txt'), entry_points=POINTS)\n",
        "reqs/base.txt": "nequip\ntorch\nnumpy",
    },
    "setup.py, names": {
        "setup.py": "from setuptools import setup\nCORE = ['nequip']\nALL = CORE + ['torch>=2']\n"
        "ALL.append('numpy')\npoints = {}\npoints['nequip.extension'] = ['a = mypkg']\n"
        "setup(name='x', install_requires=ALL, entry_points=points)\n",
    },
    "setup.py, a table": {
        "setup.py": "from setuptools import setup\nCORE = ['nequip', 'torch']\n"
        "options = dict(name='x', entry_points={'nequip.extension': ['a = mypkg']})\n"
        "options['install_requires'] = [*CORE, 'numpy']\nif True:\n    setup(**options)\n",
    },
    "no declaration": {
        "pyproject.toml": "[build-system]\nrequires = []\n",
        "requirements.txt": "nequip\ntorch\nnumpy\n",
        "setup.py": "from setuptools import setup\nPOINTS = '[nequip.extension]\\na=mypkg\\n'\n"
        "setup(entry_points=POINTS)\n",
    },
}


@pytest.mark.parametrize("name", READ_FROM_FILES)
def test_requirements_and_entry_points_that_stand_elsewhere(tmp_path: Path, name: str) -> None:
    found = read_metadata(write(tmp_path, READ_FROM_FILES[name]))
    assert {mandatory(item) for item in found.requirements} >= {"nequip", "torch", "numpy"}
    assert (set(found.extensions), found.is_open) == ({"mypkg"}, False)


OPEN = {
    "a hook": {"pyproject.toml": '[project]\nname = "a"\ndynamic = ["dependencies"]\n'},
    "computed": {"setup.py": "from setuptools import setup\nsetup(install_requires=compute())\n"},
}


@pytest.mark.parametrize("name", OPEN)
def test_requirements_that_nobody_can_read_are_not_none(tmp_path: Path, name: str) -> None:
    assert read_metadata(write(tmp_path, OPEN[name])).is_open
    assert not read_metadata(write(tmp_path, {"requirements.txt": "torch\n"})).is_open


STYLES = {
    "project": {"pyproject.toml": '[project]\nname = "a"\n', "setup.py": "", "setup.cfg": "[flake8]\n"},
    "poetry": {"pyproject.toml": '[tool.poetry]\nname = "a"\n', "setup.cfg": "[options]\n"},
    "setup.cfg": {"pyproject.toml": "[tool.ruff]\n", "setup.cfg": "[metadata]\nname = a\n", "setup.py": ""},
    "setup.py": {"setup.cfg": "[flake8]\nx = 1\n", "setup.py": "setup()\n"},
    "": {"pyproject.toml": "[tool.ruff]\n"},
}


@pytest.mark.parametrize("style", STYLES)
def test_where_missing_entry_points_belong(tmp_path: Path, style: str) -> None:
    found = read_metadata(write(tmp_path, STYLES[style]))
    assert found.style == style
    assert found.path.name == (style if style.startswith("setup") else "pyproject.toml")


def test_files_are_merged_and_the_one_with_the_entry_point_is_named(tmp_path: Path) -> None:
    files = {"pyproject.toml": '[project]\nname = "first"\n[tool.nequip-lint]\nselect = ["NQ1"]\n'}
    found = read_metadata(write(tmp_path, {**files, "setup.cfg": SETUP_CFG, "setup.py": SETUP_LINES}))
    assert (found.name, found.path, found.extensions) == ("first", tmp_path / "setup.cfg", ("mypkg", "mypkg"))
    assert found.settings == {"select": ["NQ1"]}


def test_no_metadata(tmp_path: Path) -> None:
    found = read_metadata(tmp_path)
    assert (found.name, found.path, found.extensions) == ("", tmp_path / "pyproject.toml", ())


ODD = [
    "project = 1",
    "[project]\ndependencies = 'torch'",
    "tool = 3",
    "[project.entry-points]\n'nequip.extension' = 1",
]


@pytest.mark.parametrize("text", ODD)
def test_values_of_another_shape_declare_nothing(tmp_path: Path, text: str) -> None:
    found = read_metadata(write(tmp_path, {"pyproject.toml": text}))
    assert (found.name, found.requirements, found.extensions) == ("", (), ())


BROKEN = {
    "pyproject.toml": ["[project", "x = \xe9".encode("latin-1"), "a = 1\na = 2"],
    "setup.cfg": ["no section = 1", "[a]\nx = 1\nx = 2\n", b"[a]\nx = \xe9"],
}


@pytest.mark.parametrize(("path", "text"), [(path, text) for path, texts in BROKEN.items() for text in texts])
def test_broken_file_is_one_line(tmp_path: Path, path: str, text: str | bytes) -> None:
    with pytest.raises(LintError) as caught:
        read_metadata(write(tmp_path, {path: text}))
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / path}: is not")
    assert "\n" not in message


@pytest.mark.parametrize("text", ["setup(", "x = 1\x00", "setup(**computed)", "setup(name=f())", "pass"])
def test_setup_py_that_declares_nothing_readable(tmp_path: Path, text: str) -> None:
    found = read_metadata(write(tmp_path, {"setup.py": text}))
    assert (found.name, found.extensions) == ("", ())


MANDATORY = [
    ("torch", "torch"),
    ("torch>=2,<3", "torch"),
    ("nequip-allegro ~= 0.8", "nequip-allegro"),
    ("ruamel.yaml[jinja]>=1", "ruamel.yaml"),
    ("pkg @ https://x.org/a.zip", "pkg"),
    ("torch ; extra == 'x'", ""),
    ("torch; python_version < '3.11'", ""),
    ("torch (>=2)", "torch"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "name"), MANDATORY)
def test_mandatory_requirement(text: str, name: str) -> None:
    assert mandatory(text) == name


# Installed distributions


HEADERS = "Metadata-Version: 2.1\nName: {}\nVersion: {}\n{}\n\nName: decoy\nRequires-Dist: decoy\n"
REQUIRES = "Requires-Dist: scikit-learn\nRequires-Dist: cupy; extra == 'gpu'"
FILES = "mypkg/__init__.py,,\nmypkg/a.py,,\nsingle.py,,\nmy_pkg-1.2.dist-info/METADATA,,\n"
INSTALLED = {
    "my_pkg-1.2.dist-info/METADATA": HEADERS.format("my-pkg", "1.2", REQUIRES),
    "my_pkg-1.2.dist-info/RECORD": FILES,
    "my_pkg-1.2.dist-info/entry_points.txt": "[nequip.extension]\ninit_always = mypkg\n[other]\nx = y\n",
    "scikit_learn-1.5.dist-info/METADATA": HEADERS.format("scikit-learn", "1.5", "Requires-Dist: joblib"),
    "scikit_learn-1.5.dist-info/top_level.txt": "sklearn\n",
    "joblib-1.dist-info/METADATA": HEADERS.format("joblib", "1", "Requires-Dist: my-pkg"),
    "bare-0.dist-info/entry_points.txt": "[nequip.extension\nbroken",
}


def test_installed_distributions(tmp_path: Path) -> None:
    found = distributions((write(tmp_path, INSTALLED),))
    assert set(found) == {"my-pkg", "scikit-learn", "joblib", "bare"}
    mine = found["my-pkg"]
    assert (mine.name, mine.version, mine.extensions) == ("my-pkg", "1.2", ("mypkg",))
    assert set(mine.packages) == {"mypkg", "single"}
    assert mine.requirements == ("scikit-learn", "cupy; extra == 'gpu'")
    assert found["scikit-learn"].packages == ("sklearn",)
    assert found["bare"].extensions == ()


def test_required_names_follow_all_levels_and_end_in_cycles(tmp_path: Path) -> None:
    names = required_names(["my-pkg"], distributions((write(tmp_path, INSTALLED),)))
    assert {"mypkg", "single", "sklearn", "joblib"} <= names
    assert not {"cupy", "decoy", "scikit-learn"} & names


def test_the_first_folder_wins(tmp_path: Path) -> None:
    for number, version in enumerate(("2", "1")):
        write(tmp_path, {f"{number}/a-{version}.dist-info/METADATA": f"Name: a\nVersion: {version}\n"})
    assert distributions((tmp_path / "0", tmp_path / "1"))["a"].version == "2"


# Folders of importable code


def test_folders_of_a_virtual_environment(tmp_path: Path) -> None:
    site = write(tmp_path / "env/lib/python3.11/site-packages", {"a.py": ""})
    assert site_folders(tmp_path / "env") == (site,)
    assert site_folders(site) == (site,)
    windows = write(tmp_path / "win/Lib/site-packages", {"a.py": ""})
    assert site_folders(tmp_path / "win") == (windows,)


def test_editable_installs_are_followed(tmp_path: Path) -> None:
    code = write(tmp_path / "important project" / "src", {"one/__init__.py": ""})
    other = write(tmp_path / "other", {"two/__init__.py": ""})
    finder = (
        f"from x import y\nMAPPING: dict[str, str] = {{'two': {str(other / 'two')!r}}}\nNAMESPACES = {{}}\n"
    )
    site = write(
        tmp_path / "site",
        {
            "one.pth": f"# comment\n{code}\n\nimport os; os.getcwd()\n/does/not/exist\n",
            "__editable___two_1_0_finder.py": finder,
            "__editable___empty_finder.py": "MAPPING = {}\n",
        },
    )
    assert site_folders(site) == (site, other, code)


@pytest.mark.parametrize(("python", "expected"), [(">=3.11", []), (">=3.10", ["NQ502"]), ("", ["NQ502"])])
def test_the_pythons_of_an_installed_package(tmp_path: Path, python: str, expected: list[str]) -> None:
    """Its distribution says which it supports, as kornia's and botorch's do."""
    supported = f"Requires-Python: {python}\n" if python else ""
    model = "from datetime import UTC\nimport torch\n\n\nclass M(torch.nn.Module):\n    zone = UTC\n"
    files = {
        "lib/__init__.py": "",
        "lib/model.py": model,
        "lib-1.dist-info/METADATA": f"Name: lib\nVersion: 1\n{supported}Requires-Dist: torch\n",
        "lib-1.dist-info/top_level.txt": "lib\n",
    }
    site = write(tmp_path / "site-packages", files)
    report = check(Request((site / "lib",), roots=("lib.model:M",), cache=False), Selection())
    assert [finding.code for finding in report.findings] == expected


SETUP = "from setuptools import setup\n\nsetup(name='lib', install_requires='torch', python_requires='{}')\n"
CFG = "[metadata]\nname = lib\n[options]\ninstall_requires = torch\npython_requires = {}\n"
POETRY = "[tool.poetry]\nname = 'lib'\n[tool.poetry.dependencies]\ntorch = '*'\npython = '{}'\n"


@pytest.mark.parametrize(
    ("name", "text", "python", "expected"),
    [
        ("setup.py", SETUP, ">=3.11", []),
        ("setup.py", SETUP, ">=3.10", ["NQ502"]),
        ("setup.cfg", CFG, ">=3.11,<4", []),
        ("setup.cfg", CFG, ">=3.10", ["NQ502"]),
        ("pyproject.toml", POETRY, "^3.11", []),
        ("pyproject.toml", POETRY, "~3.11", []),
        ("pyproject.toml", POETRY, "^3.10", ["NQ502"]),
    ],
)
def test_the_pythons_of_a_project_wherever_they_stand(
    tmp_path: Path, name: str, text: str, python: str, expected: list[str]
) -> None:
    model = "from datetime import UTC\nimport torch\n\n\nclass M(torch.nn.Module):\n    zone = UTC\n"
    write(tmp_path, {name: text.format(python), "lib/__init__.py": "", "lib/model.py": model})
    report = check(Request((tmp_path / "lib",), roots=("lib.model:M",), cache=False), Selection())
    assert [item.code for item in report.findings if item.code.startswith("NQ5")] == expected


def test_a_folder_with_distributions_is_one_of_installed_code(tmp_path: Path) -> None:
    """A wheel that is unpacked inside of a repository is no part of the project there."""
    files = {
        "pyproject.toml": "[project]\nname = 'outer'\nrequires-python = '>=3.10'\n",
        "wheels/lib/__init__.py": "",
        "wheels/lib-1.dist-info/METADATA": "Name: lib\nVersion: 1\n",
        "plain/lib/__init__.py": "",
    }
    write(tmp_path, files)
    assert project_root(tmp_path / "wheels" / "lib") is None
    assert project_root(tmp_path / "plain" / "lib") == tmp_path


def test_each_installed_package_is_judged_by_its_own_metadata(tmp_path: Path) -> None:
    """A folder without an `__init__`, as e3nn has one, is part of the package that it lies in."""
    files: dict[str, str] = {}
    for name, needs in (("one", "warp"), ("two", "special")):
        needing = f"Name: {name}\nVersion: 1\nRequires-Dist: {needs}\n"
        files |= {
            f"{name}/__init__.py": f"import {needs}\n",
            f"{name}/old/part.py": "import torch\n\n\nclass Part(torch.nn.Module): ...\n",
            f"{name}-1.dist-info/METADATA": needing,
            f"{name}-1.dist-info/top_level.txt": f"{name}\n",
        }
    site = write(tmp_path / "site-packages", files)
    request = Request((site / "one", site / "two"), roots=("one", "two"), cache=False)
    assert check(request, Selection(("NQ1",))).findings == ()
    own = [assembled.project.owned.keys() for assembled in assemble(request)]
    assert own == [{"one", "one.old.part"}, {"two", "two.old.part"}]


BY_POETRY = {
    "'^0.19'": "nequip>=0.19,<0.20",
    "'^1.2.3'": "nequip>=1.2.3,<2",
    "'^0.0.3'": "nequip>=0.0.3,<0.0.4",
    "'~1.2.3'": "nequip>=1.2.3,<1.3",
    "'~1'": "nequip>=1,<2",
    "'~=1.2'": "nequip~=1.2",
    "'0.19.1'": "nequip==0.19.1",
    "'0.19.*'": "nequip==0.19.*",
    "'*'": "nequip",
    "'>=0.16,<0.20'": "nequip>=0.16,<0.20",
    "'>=0.16 <0.20'": "nequip>=0.16,<0.20",
    "'^0.16 || ^0.19'": "nequip",
    "{ version = '^0.19', extras = ['x'] }": "nequip>=0.19,<0.20",
    "{ git = 'https://x.y/z.git' }": "nequip",
}


@pytest.mark.parametrize(("written", "meant"), BY_POETRY.items())
def test_versions_that_poetry_allows(tmp_path: Path, written: str, meant: str) -> None:
    head = "[tool.poetry]\nname = 'lib'\n[tool.poetry.dependencies]\npython = '^3.10'\n"
    write(tmp_path, {"pyproject.toml": f"{head}nequip = {written}\n"})
    assert read_metadata(tmp_path).requirements == (meant,)

"""What projects and installed distributions declare, read from their files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.errors import LintError
from nequip_lint.project.installed import distributions, mandatory, required_names
from nequip_lint.project.locate import site_folders
from nequip_lint.project.metadata import read_metadata

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

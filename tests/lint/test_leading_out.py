"""Where findings stand, and that their help can be typed: in text, JSON and SARIF alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write

from nequip_lint.engine.planning import with_plans
from nequip_lint.engine.run import check, checked
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.registering.proposals import proposals, to_register
from nequip_lint.reports.frame import frame, message_lines
from nequip_lint.reports.machine import finding_json
from nequip_lint.reports.sarif import sarif

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nequip_lint.values import Finding

LAYER = """import torch
from nequip.nn._graph_mixin import GraphModuleMixin


class Layer(GraphModuleMixin, torch.nn.Module):
    def forward(self, data):
        return data
"""


def findings(folder: Path, files: Mapping[str, str], *codes: str) -> tuple[Finding, ...]:
    return tuple(check(Request((write(folder, files),)), Selection(codes)).findings)


DECLARED = {
    "setup.py beside a setup.cfg about something else": (
        {"setup.py": "from setuptools import setup\n\nsetup(install_requires=['nequip'])\n"}
        | {"setup.cfg": "[flake8]\nmax-line-length = 100\n"},
        ("setup.py", 3, 'entry_points={"nequip.extension": ["init_always = mypkg"]},'),
    ),
    "setup.cfg": (
        {"setup.cfg": "[flake8]\nx = 1\n\n[metadata]\nname = a\n[options]\ninstall_requires = nequip\n"},
        ("setup.cfg", 4, "[options.entry_points]\nnequip.extension =\n    init_always = mypkg"),
    ),
    "poetry": (
        {"pyproject.toml": '[tool.poetry]\nname = "a"\n[tool.poetry.dependencies]\nnequip = "*"\n'},
        ("pyproject.toml", 1, '[tool.poetry.plugins."nequip.extension"]\ninit_always = "mypkg"'),
    ),
    "project": (
        {
            "pyproject.toml": '[build-system]\nrequires = []\n[project]\nname = "a"\n'
            'dependencies = ["nequip"]\n'
        },
        ("pyproject.toml", 3, '[project.entry-points."nequip.extension"]\ninit_always = "mypkg"'),
    ),
    "too narrow": (
        {
            "pyproject.toml": '[project]\nname = "a"\n[project.entry-points."nequip.extension"]\n'
            'init_always = "mypkg._keys"\n'
        },
        ("pyproject.toml", 3, '[project.entry-points."nequip.extension"]\nmypkg = "mypkg"'),
    ),
}


@pytest.mark.parametrize("name", DECLARED)
def test_a_missing_entry_point_stands_where_it_belongs(tmp_path: Path, name: str) -> None:
    metadata, (path, line, lines) = DECLARED[name]
    files = {**metadata, "mypkg/__init__.py": "", "mypkg/_keys.py": "", "mypkg/layer.py": LAYER}
    (found,) = findings(tmp_path, files, "NQ204")
    assert (found.path, found.span.line) == (str(tmp_path / path), line)
    assert found.help == f"declare the entry point in {path}:\n{lines}"


def test_metadata_that_are_none_plan_no_fix(tmp_path: Path) -> None:
    files = {"pyproject.toml": "project = 1\n", "mypkg/__init__.py": "", "mypkg/layer.py": LAYER}
    report = with_plans(checked(Request((write(tmp_path, files),), cache=False), Selection(("NQ204",))))
    assert [item.fix for item in report.findings] == [None]


def test_each_file_that_imports_a_module_beside_the_packages_has_a_finding(tmp_path: Path) -> None:
    head = '[project]\nname = "a"\ndependencies = ["nequip"]\n[project.entry-points."nequip.extension"]\n'
    files = {
        "pyproject.toml": f'{head}init_always = "mypkg"\n',
        "helpers.py": "",
        "mypkg/__init__.py": "",
        "mypkg/one.py": f"import helpers\n{LAYER}",
        "mypkg/two.py": f"import helpers\n{LAYER}",
    }
    found = findings(tmp_path, files, "NQ204")
    assert [item.path for item in found] == [str(tmp_path / f"mypkg/{name}.py") for name in ("one", "two")]


PLAIN = '[project]\nname = "mypkg"\n[tool.nequip-lint]\nroots = ["mypkg.model"]\ninternal-packages = ["mypkg"'
NUMPY = "import numpy\nimport numpy.linalg\n"
BELOW = {
    "configured": {
        "pyproject.toml": f'{PLAIN}]\nextern-modules = ["numpy"]\nmock-modules = ["numpy.linalg"]\n'
    },
    "called": {
        "pyproject.toml": '[project]\nname = "a"\ndependencies = ["nequip>=0.19", "numpy"]\n'
        '[project.entry-points."nequip.extension"]\ninit_always = "mypkg"\n',
        "mypkg/__init__.py": "from nequip.scripts._package_utils import (\n"
        "    register_libraries_as_external_for_packaging as register,\n)\n\n"
        'register(mock_modules=["numpy.linalg"])\n',
    },
}


@pytest.mark.parametrize(
    ("name", "place"), [("configured", "pyproject.toml"), ("called", "mypkg/__init__.py")]
)
def test_a_mock_below_an_external_module(tmp_path: Path, name: str, place: str) -> None:
    files = {"mypkg/__init__.py": "", **BELOW[name], "mypkg/model.py": f"{NUMPY}{LAYER}"}
    (found,) = findings(tmp_path, files, "NQ205")
    assert (found.path, found.module) == (str(tmp_path / place), "numpy.linalg")
    assert "inconsistent module structure" in found.message
    alone = {**files, "mypkg/model.py": "from numpy.linalg import norm\n" + LAYER}
    if name == "configured":  # with nequip, other modules of it import numpy
        assert findings(tmp_path / "alone", alone, "NQ205") == ()


LIBRARY = {
    "decolib-1.0.dist-info/METADATA": "Name: decolib\nVersion: 1.0\n",
    "decolib/__init__.py": "",
    "decolib/tools/__init__.py": "from .plot import show\nfrom .calc import helper\n",
    "decolib/tools/calc.py": "def helper(x):\n    return 2 * x\n",
    "decolib/tools/plot.py": "import networkx\n\n\ndef show():\n    networkx.draw()\n",
    "decolib/models.py": "import torch\nfrom decolib.tools import helper\n\n\n"
    "class Model(torch.nn.Module):\n    def forward(self, x):\n        return helper(x)\n",
}
USER = "import torch\nfrom decolib.models import Model\n\n\nclass Mine(Model):\n    pass\n"
WAYS = [
    ("import networkx\n\n\ndef show():\n    networkx.draw()\n", "mock"),
    ("import networkx\n\nGRAPH = networkx.Graph()\n", "extern"),
]


@pytest.mark.parametrize(("plot", "action"), WAYS)
def test_a_heavy_import_inside_a_library_is_let_through(tmp_path: Path, plot: str, action: str) -> None:
    site = write(tmp_path / "site-packages", {**LIBRARY, "decolib/tools/plot.py": plot})
    head = f'{PLAIN}, "decolib"]\n'
    project = write(tmp_path / "p", {"pyproject.toml": head, "mypkg/__init__.py": "", "mypkg/model.py": USER})
    request = Request((project,), site)
    (found,) = check(request, Selection(("NQ203",))).findings
    assert found.help.endswith(f'\n[tool.nequip-lint]\n{action}-modules = ["networkx"]')
    (assembled,) = assemble(request)
    assert to_register(proposals(assembled)) == {action: ("networkx",)}
    project.joinpath("pyproject.toml").write_text(f'{head}{action}-modules = ["networkx"]\n')
    assert check(request, Selection(("NQ2",))).findings == ()


def test_the_help_is_one_in_every_format(tmp_path: Path) -> None:
    files = {
        "pyproject.toml": '[project]\nname = "a"\ndependencies = ["nequip>=0.19"]\n',
        "mypkg/__init__.py": "",
        "mypkg/model.py": f"from e3nn import o3\n{LAYER}        o3.Linear\n",
    }
    request = Request((write(tmp_path, files),))
    report = with_plans(checked(request, Selection(("NQ203", "NQ204"))))
    for item in report.findings:
        assert item.fix is not None
        assert item.help == f"apply the fix (nequip-lint --fix): {item.fix.summary}"
        assert finding_json(item)["help"] == item.help
        assert f"help: {item.help}" in "\n".join(message_lines(item))
    texts = [row["message"]["text"] for row in json.loads(sarif(report))["runs"][0]["results"]]
    assert [text.partition("\nhelp: ")[2] for text in texts] == [item.help for item in report.findings]


def test_lines_to_write_keep_their_form(tmp_path: Path) -> None:
    metadata, _ = DECLARED["setup.cfg"]
    (found,) = findings(tmp_path, {**metadata, "mypkg/__init__.py": "", "mypkg/layer.py": LAYER}, "NQ204")
    shown = frame(found).splitlines()
    start = shown.index("  help: declare the entry point in setup.cfg:")
    assert shown[start + 1 :] == [
        "    [options.entry_points]",
        "    nequip.extension =",
        "        init_always = mypkg",
    ]


def test_kernels_of_triton_are_made_when_they_are_first_needed(tmp_path: Path) -> None:
    kernel = "import triton\n\n\n@triton.jit\ndef scale(x):\n    pass\n\n\n"
    head = '[project]\nname = "a"\ndependencies = ["nequip"]\n[project.entry-points."nequip.extension"]\n'
    files = {
        "pyproject.toml": f'{head}init_always = "mypkg"\n',
        "mypkg/__init__.py": "",
        "mypkg/layer.py": f"{kernel}{LAYER}",
    }
    (found,) = findings(tmp_path, files, "NQ101")
    assert found.help.startswith("make the kernels when they are first needed")
    assert "@functools.cache\ndef make_kernel():\n    global tl" in found.help


# Commands that answer


def test_why_answers_for_libraries_and_says_no(tmp_path: Path) -> None:
    head = '[project]\nname = "a"\ndependencies = ["nequip", "scikit-learn"]\n'
    model = f"from sklearn.linear_model import Ridge\nimport sklearn.svm\n{LAYER}"
    write(tmp_path, {"pyproject.toml": head, "mypkg/__init__.py": "", "mypkg/model.py": model})
    found = nequip_lint("why", "sklearn", cwd=tmp_path)
    assert found.returncode == 0
    assert [line for line in found.stdout.splitlines() if line.startswith("sklearn")] == [
        "sklearn.linear_model: refused (no action is registered for it)",
        "sklearn.svm: refused (no action is registered for it)",
    ]
    absent = nequip_lint("why", "sklearm", cwd=tmp_path)
    assert (absent.returncode, absent.stderr) == (0, "")
    assert absent.stdout.startswith("no: sklearm is not in the packaged set of mypkg.model")


def test_of_many_roots_a_few_are_named(tmp_path: Path) -> None:
    names = "abcde"
    write(tmp_path, {f"mypkg/{name}.py": "" for name in ("__init__", *names)})
    roots = [word for name in names for word in ("--root", f"mypkg.{name}")]
    told = nequip_lint("why", "sklearn", *roots, cwd=tmp_path).stdout
    assert told == "no: sklearn is not in the packaged set of mypkg.a, mypkg.b, mypkg.c and 2 more\n"


@pytest.mark.parametrize("name", ["NQ203", "nq203", "heavy-import-root", "HEAVY_import_root"])
def test_a_rule_is_known_by_its_name_too(tmp_path: Path, name: str) -> None:
    assert nequip_lint("rule", name, cwd=tmp_path).stdout.startswith("# heavy-import-root (NQ203)")


def test_a_misspelt_name_of_a_rule(tmp_path: Path) -> None:
    done = nequip_lint("rule", "heavy-import-rot", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "did you mean heavy-import-root?" in done.stderr

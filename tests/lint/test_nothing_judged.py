"""Clean means judged: what the last line says of how much was judged with which sources, and NQ005."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from lint_support import nequip_lint, write

from nequip_lint.engine.run import Report, check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request
from nequip_lint.reports.text import closing

if TYPE_CHECKING:
    from collections.abc import Mapping

NET = """import torch
from e3nn import o3


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = o3.Linear("4x0e", "4x0e")

    def forward(self, x):
        return self.linear(x)
"""
MYNET = {
    "pyproject.toml": '[project]\nname = "mynet"\nversion = "0.1"\ndependencies = ["e3nn", "torch"]\n',
    "mynet/__init__.py": "",
    "mynet/net.py": NET,
}
ENTRY = '[project.entry-points."nequip.extension"]\nmine = "mynet"\n'
CLASS = "class Layer(GraphModuleMixin, torch.nn.Module): ...\n"
LAYER = f"import torch\nfrom nequip.nn import GraphModuleMixin\n\n\n{CLASS}"
EXTENSION = {
    "pyproject.toml": f'[project]\nname = "mynet"\ndependencies = ["nequip>=0.19", "torch"]\n{ENTRY}',
    "mynet/__init__.py": "",
    "mynet/layer.py": LAYER,
}


def reported(folder: Path, files: Mapping[str, str], **request: object) -> Report:
    return check(Request((write(folder, files),), cache=False, **request), Selection())  # type: ignore[arg-type]


def found(folder: Path, files: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """Code, file and line of each finding."""
    report = reported(folder, files)
    return [(item.code, Path(item.path).name, item.span.line) for item in report.findings]


# Nothing judged


def test_classes_that_nothing_is_known_of_are_not_clean(tmp_path: Path) -> None:
    done = nequip_lint(cwd=write(tmp_path, MYNET))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("mynet/net.py:5:1: warning NQ005 [nothing-judged]\n")
    last = done.stdout.splitlines()[-1]
    assert "clean" not in done.stdout
    assert "nothing judged: no class here is known to belong to a model; name one with --root MODULE" in last
    assert nequip_lint("--strict", cwd=tmp_path).returncode == 1


def test_the_class_is_named_as_the_help_says(tmp_path: Path) -> None:
    (finding,) = reported(tmp_path, MYNET).findings
    assert finding.help == (
        'if it is, name it: roots = ["mynet.net:Net"] in [tool.nequip-lint], or --root mynet.net:Net'
    )
    done = nequip_lint("--root", "mynet.net:Net", cwd=tmp_path)
    assert done.stdout.splitlines()[-1].startswith(
        "1 error, 0 warnings in 2 files, 1 model class in 1 module, "
    )


NO_CLASS = {**MYNET, "mynet/net.py": "x = 1\n"}
SIGNS = {
    "an entry point": (ENTRY, [("NQ005", "pyproject.toml", 5)]),
    "internal packages": (
        '[tool.nequip-lint]\ninternal-packages = ["mynet"]\n',
        [("NQ005", "pyproject.toml", 6)],
    ),
    "an entry point of other code": (ENTRY.replace('"mynet"', '"elsewhere"'), []),
    "nothing": ("", []),
}


@pytest.mark.parametrize("sign", SIGNS)
def test_what_has_to_do_with_models(tmp_path: Path, sign: str) -> None:
    more, expected = SIGNS[sign]
    files = {**NO_CLASS, "pyproject.toml": MYNET["pyproject.toml"] + more}
    assert found(tmp_path, files) == expected
    assert "clean" not in closing(reported(tmp_path, files))


def test_entry_points_are_found_in_setup_cfg(tmp_path: Path) -> None:
    text = "[metadata]\nname = mynet\n[options.entry_points]\nnequip.extension =\n    mine = mynet\n"
    assert found(tmp_path, {"setup.cfg": text, "mynet/__init__.py": ""}) == [("NQ005", "setup.cfg", 4)]


def test_code_without_models_has_no_finding_and_is_not_called_clean(tmp_path: Path) -> None:
    done = nequip_lint(cwd=write(tmp_path, {"a.py": "import json\n"}))
    assert done.returncode == 0
    (line,) = done.stdout.splitlines()
    assert line.startswith(
        "nothing judged: no class in 1 file is known to belong to a model; name one with --root"
    )


@pytest.mark.parametrize("folder", ["tests", "examples", "scripts"])
def test_classes_of_tests_and_scripts_are_no_sign(tmp_path: Path, folder: str) -> None:
    files = {"pyproject.toml": MYNET["pyproject.toml"], f"{folder}/net.py": NET}
    assert found(tmp_path, files) == []


def test_a_file_that_is_broken_is_one_finding(tmp_path: Path) -> None:
    assert found(tmp_path, {**MYNET, "mynet/other.py": "def f(:\n"}) == [("NQ001", "other.py", 1)]


def test_one_project_of_two(tmp_path: Path) -> None:
    files = {
        f"{name}/{path}": text for name, of in (("a", MYNET), ("b", EXTENSION)) for path, text in of.items()
    }
    report = reported(tmp_path, files)
    assert [finding.code for finding in report.findings] == ["NQ005"]
    assert "1 model class in 1 module, with the summaries of " in closing(report)
    assert closing(report).endswith(f"; nothing judged in {tmp_path}/a")


def test_an_import_that_is_wrong_stands_beside_it(tmp_path: Path) -> None:
    files = {
        **NO_CLASS,
        "pyproject.toml": EXTENSION["pyproject.toml"],
        "mynet/__init__.py": "import triton\n",
    }
    report = reported(tmp_path, files)
    assert [finding.code for finding in report.findings] == ["NQ101", "NQ005"]
    assert "nothing else judged: no class here is known to belong to a model" in closing(report)


FORMATS = ["json", "sarif", "junit", "github"]


@pytest.mark.parametrize("style", FORMATS)
def test_each_format_says_so(tmp_path: Path, style: str) -> None:
    text = nequip_lint("--format", style, cwd=write(tmp_path, {"a.py": "import json\n"})).stdout
    if style == "json":
        assert json.loads(text)["summary"]["models"] == {"classes": 0, "modules": 0}
        return
    if style == "junit":
        text = ElementTree.fromstring(text).findtext(".//system-out") or ""
    elif style == "sarif":
        (told,) = json.loads(text)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
        text = told["message"]["text"]
    assert "name one with --root MODULE" in text


# How much was judged


def test_the_last_line_counts_classes_and_modules(tmp_path: Path) -> None:
    files = {**EXTENSION, "mynet/two.py": LAYER + CLASS.replace("Layer", "Other")}
    report = reported(tmp_path, files)
    assert closing(report).startswith("clean: 3 files, 3 model classes in 2 modules, with the summaries of ")


def test_a_root_may_have_no_class(tmp_path: Path) -> None:
    report = reported(tmp_path, {"net.py": "def forward(x):\n    return x\n"}, roots=("net",))
    assert closing(report) == "clean: 1 file, 1 root module"


def test_the_json_has_the_numbers(tmp_path: Path) -> None:
    done = nequip_lint("--format", "json", cwd=write(tmp_path, EXTENSION))
    summary = json.loads(done.stdout)["summary"]
    assert summary["models"] == {"classes": 1, "modules": 1}
    assert (summary["environments"], [text.split()[0] for text in summary["summaries"]]) == (
        {},
        ["e3nn", "nequip"],
    )


# Folders that have the names of builds and environments


@pytest.mark.parametrize("name", ["build", "dist", "env", "venv"])
def test_a_package_may_have_any_name(tmp_path: Path, name: str) -> None:
    broken = {f"mynet/{name}/__init__.py": "", f"mynet/{name}/part.py": "def f(:\n"}
    assert found(tmp_path, {**EXTENSION, **broken}) == [("NQ001", "part.py", 1)]


@pytest.mark.parametrize("path", ["build/lib/mynet/a.py", "env/lib/a.py", "env/pyvenv.cfg", "venv/lib/a.py"])
def test_other_folders_of_these_names_are_passed_over(tmp_path: Path, path: str) -> None:
    more = (
        {path: "def f(:\n", "env/__init__.py": "def f(:\n"} if path.endswith(".cfg") else {path: "def f(:\n"}
    )
    assert found(tmp_path, {**EXTENSION, **more}) == []


# Builders that cannot be followed: what nequip wraps around each model tells nothing of it

MAKE = "from nequip.model import model_builder\n"
UNSEEN = {
    "a name at run time": (
        f"import importlib\n{MAKE}\n\n@model_builder\ndef make(path, **k):\n"
        "    module, name = path.rsplit('.', 1)\n"
        "    return getattr(importlib.import_module(module), name)(**k)\n"
    ),
    "a table of names": (
        f"import mynet.net as nets\n{MAKE}\nNETS = {{n: getattr(nets, n) for n in dir(nets)}}\n\n\n"
        "@model_builder\ndef make(kind, **k):\n    return NETS[kind](**k)\n"
    ),
    "a library that is not there": (
        f"{MAKE}\n\n@model_builder\ndef make(**k):\n    from mace.modules import MACE\n    return MACE(**k)\n"
    ),
    "with arguments": (
        "import nequip.model as m\nfrom nequip.nn import GraphModel\n\n\n"
        "@m.model_builder(wrapper_class=GraphModel)\ndef make(kind, **k):\n    return globals()[kind](**k)\n"
    ),
    "a decorator of one's own": (
        f"{MAKE}\n\ndef mine(f):\n    return model_builder(f)\n\n\n"
        "@model_builder\n@mine\ndef make(kind, **k):\n    return globals()[kind](**k)\n"
    ),
}
EXTENDED = {**MYNET, "pyproject.toml": EXTENSION["pyproject.toml"]}


@pytest.mark.parametrize("roots", [(), ("mynet.make",), ("mynet.make:make",)])
@pytest.mark.parametrize("name", UNSEEN)
def test_a_builder_that_cannot_be_followed(tmp_path: Path, name: str, roots: tuple[str, ...]) -> None:
    report = reported(tmp_path, {**EXTENDED, "mynet/make.py": UNSEEN[name]}, roots=roots)
    finding = next(item for item in report.findings if item.code == "NQ005")
    assert UNSEEN[name].splitlines()[finding.span.line - 1].startswith("def make(")
    assert finding.message.startswith(
        "what make() makes is not known, and was not judged: no class of a model"
    )
    assert "--root mynet.net:Net" in finding.help
    assert (report.classes, report.modules, report.is_nothing_judged) == (0, 0, True)
    assert "judged: no class here is known to belong to a model" in closing(report)


def test_one_named_builder_of_two(tmp_path: Path) -> None:
    """What the other one makes is judged."""
    seen = f"{MAKE}from mynet.net import Net\n\n\n@model_builder\ndef build(**k):\n    return Net(**k)\n"
    files = {**EXTENDED, "mynet/make.py": UNSEEN["a name at run time"], "mynet/build.py": seen}
    report = reported(tmp_path, files, roots=("mynet.build:build", "mynet.make:make"))
    assert [Path(item.path).name for item in report.findings if item.code == "NQ005"] == ["make.py"]
    assert "1 model class in 1 module, with the summaries of " in closing(report)
    report = reported(tmp_path, files)
    assert "NQ005" not in report.by_code
    assert closing(report).endswith("; 1 builder not followed (named by nequip-lint closure)")


def test_several_are_one_finding(tmp_path: Path) -> None:
    text = UNSEEN["a name at run time"]
    files = {**EXTENDED, "mynet/make.py": text + text.partition("\n\n\n")[2].replace("make", "build")}
    (finding,) = reported(tmp_path, files).findings
    assert finding.message.endswith("behind it; the same holds for 1 more")


def test_builders_of_tests_are_no_sign(tmp_path: Path) -> None:
    files = {**NO_CLASS, "tests/make.py": UNSEEN["a name at run time"]}
    assert [code for code, _, _ in found(tmp_path, files) if code == "NQ005"] == []


def test_classes_of_others_that_a_builder_makes_are_judged(tmp_path: Path) -> None:
    make = f"{MAKE}from nequip.model import NequIPGNNModel\n\n\n@model_builder\ndef make(**k):\n"
    files = {**EXTENSION, "mynet/layer.py": f"{make}    return NequIPGNNModel(**k)\n"}
    report = reported(tmp_path, files)
    assert (report.findings, report.owners) == ((), ("nequip",))
    line = f"clean: 2 files, {report.classes} model classes of nequip in {report.modules} modules, with the "
    assert closing(report).startswith(line)
    assert report.classes > 9


def test_what_wraps_is_judged_where_it_is_named(tmp_path: Path) -> None:
    report = reported(tmp_path, EXTENDED, roots=("nequip.nn:GraphModel",))
    assert closing(report).startswith("clean: 2 files, 1 model class of nequip in 1 module, with ")


def test_the_closure_names_builders_that_were_not_followed(tmp_path: Path) -> None:
    folder = write(tmp_path, {**EXTENDED, "mynet/make.py": UNSEEN["a name at run time"]})
    told = nequip_lint("closure", cwd=folder).stdout
    assert "builders that were not followed" in told
    assert "\n  mynet.make.make\n" in told

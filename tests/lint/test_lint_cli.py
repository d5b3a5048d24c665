"""The command as users run it: exit codes, one line for each mistake, and the JSON that others read."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """[project]
name = "ext"
dependencies = ["nequip>=0.19", "torch"]
[project.entry-points."nequip.extension"]
init_always = "ext"
"""
MODEL = """import torch
from nequip.nn import GraphModuleMixin


class Layer(GraphModuleMixin, torch.nn.Module): ...
"""
CLEAN = {"pyproject.toml": PYPROJECT, "ext/__init__.py": "", "ext/model.py": MODEL}
BAD = {**CLEAN, "ext/model.py": f"import triton\nfrom e3nn import o3\n{MODEL}"}
WARNED = {**CLEAN, "pyproject.toml": PYPROJECT.replace("0.19", "99")}


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return write(tmp_path, CLEAN)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return write(tmp_path, BAD)


# Exit codes


def test_clean(clean: Path) -> None:
    for arguments in ([], ["."], ["check"], ["check", "ext"], ["ext/model.py"], [str(clean)]):
        done = nequip_lint(*arguments, cwd=clean)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("clean: ")
        assert ", 1 model class in 1 module, with the summaries of e3nn 0.6.0, nequip 0.19." in done.stdout


OPTIONS = [
    ([], 1, ["NQ101", "NQ203"]),
    (["--select", "NQ1"], 1, ["NQ101"]),
    (["--select", "nq101,NQ2"], 1, ["NQ101", "NQ203"]),
    (["--select", "NQ1", "--select", "NQ2"], 1, ["NQ101", "NQ203"]),
    (["--ignore", "NQ101"], 1, ["NQ203"]),
    (["--ignore", "NQ101,NQ203"], 0, []),
    (["--select", "NQ00"], 0, []),
    (["--exit-zero"], 0, ["NQ101", "NQ203"]),
]


@pytest.mark.parametrize(("arguments", "code", "found"), OPTIONS)
def test_findings_and_options(bad: Path, arguments: list[str], code: int, found: list[str]) -> None:
    done = nequip_lint(".", "--format", "concise", *arguments, cwd=bad)
    assert (done.returncode, done.stderr) == (code, "")
    *findings, last = done.stdout.splitlines()
    assert [line.split()[2] for line in findings] == found
    assert [line.split(": ")[0] for line in findings] == [f"ext/model.py:{1 + (c > 'NQ2')}:1" for c in found]
    assert last.startswith(
        f"{len(found)} error" if found else "clean: 2 files, 1 model class in 1 module, with "
    )


def test_strict_counts_warnings(tmp_path: Path) -> None:
    write(tmp_path, WARNED)
    done = nequip_lint(".", cwd=tmp_path)
    assert done.returncode == 0
    assert "NQ004" in done.stdout
    assert "clean" not in done.stdout
    assert "; 1 place not checked (NQ004): an environment " in done.stdout.splitlines()[-1]
    assert nequip_lint(".", "--strict", cwd=tmp_path).returncode == 1
    assert nequip_lint(".", "--strict", "--exit-zero", cwd=tmp_path).returncode == 0


def test_statistics_count_by_code(bad: Path) -> None:
    done = nequip_lint(".", "--statistics", "--format", "concise", cwd=bad)
    assert [line.split() for line in done.stdout.splitlines()[-2:]] == [
        ["1", "NQ101", "eager-optional-import"],
        ["1", "NQ203", "heavy-import-root"],
    ]


def test_full_text_shows_the_line_and_the_chain(bad: Path) -> None:
    text = nequip_lint(".", cwd=bad).stdout
    assert "    2 | from e3nn import o3\n" in text
    assert "reached by ext/model.py:2: from e3nn import o3\n" in text


def test_source_line_after_form_feeds(tmp_path: Path) -> None:
    write(tmp_path, {**CLEAN, "ext/model.py": f"x = '\x1c'\n\x0c\nimport triton\n{MODEL}"})
    assert "    3 | import triton\n" in nequip_lint(".", cwd=tmp_path).stdout


# Mistakes: one line, exit 2, never "clean"

MISTAKES = [
    (["--selct", "NQ1"], ["--selct"]),
    (["--select", "NQ1O1"], ["NQ1O1", "did you mean NQ101?"]),
    (["--select", "W605"], ["W605", "nequip-lint rule"]),
    (["--ignore", "NQ999"], ["NQ999"]),
    (["--select", ""], ["unknown code"]),
    (["--select"], ["--select"]),
    (["--format", "xml"], ["xml", "full"]),
    (["ext/modle.py"], ["ext/modle.py", "did you mean", "ext/model.py"]),
    (["extt"], ["extt", "no such file"]),
    (["closur", "."], ["closur", "did you mean", "closure"]),
    (["audit", "model.nequip.zip"], ["audit: no such file", "did you mean nequip-pack audit?"]),
    (["conf/train.yaml"], ["not Python source", "--root conf/train.yaml"]),
    (["--select", "NQ9"], ["'NQ9'", "lists all codes"]),
    (["--environment", "no/env"], ["no/env"]),
    (["--config", "no.toml"], ["no.toml"]),
    (["--config", "wrong.toml"], ["wrong.toml", "'selct'", "did you mean 'select'?"]),
    (["--config", "broken.toml"], ["broken.toml", "not valid TOML"]),
    (["--root", "ext.modle"], ["ext.modle", "did you mean 'ext.model'?"]),
    (["--root", "ext.model:Lyer"], ["Lyer", "did you mean 'ext.model:Layer'?"]),
    (["closure", "extt"], ["extt"]),
    (["closure", "--jsn"], ["--jsn"]),
    (["closure", "--root", "gone"], ["gone"]),
    (["closure", "--present", "a", "--absent", "a"], ["--present and --absent both name a"]),
    (["why"], ["are required: MODULE; see"]),
    (["why", "ext.model", "nowhere"], ["nowhere"]),
    (["rule", "NQ999"], ["NQ999", "did you mean"]),
    (["rule", "NQ2O1"], ["NQ2O1", "did you mean NQ201?"]),
    (["rule", "NQ101", "extra"], ["extra"]),
    (["empty"], ["empty", "no Python files"]),
    (["closure", "empty"], ["empty", "no Python files"]),
    (["ext/model.py", "empty"], ["empty", "no Python files"]),
]


@pytest.mark.parametrize(("arguments", "parts"), MISTAKES, ids=[" ".join(row[0]) for row in MISTAKES])
def test_mistake_is_one_line(clean: Path, arguments: list[str], parts: list[str]) -> None:
    write(clean, {"wrong.toml": "selct = []\n", "broken.toml": "[", "empty/readme.txt": ""})
    done = nequip_lint(*arguments, cwd=clean)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nequip-lint")
    assert done.stderr.count("\n") == 1
    assert [part for part in parts if part not in done.stderr] == []


SETTINGS = {"pyproject.toml": "[tool.nequip-lint]\nselct = []\n", "setup.cfg": "broken"}


@pytest.mark.parametrize("path", SETTINGS)
def test_broken_project_file_is_one_line(clean: Path, path: str) -> None:
    write(clean, {path: SETTINGS[path]})
    for command in ("check", "closure"):
        done = nequip_lint(command, ".", cwd=clean)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert path in done.stderr


# Odd folders and files


def test_links_and_odd_names(clean: Path) -> None:
    (clean / "ext" / "loop").symlink_to(clean / "ext", target_is_directory=True)
    (clean / "ext" / "broken.py").symlink_to(clean / "nowhere.py")
    (clean / "ext" / "self.py").symlink_to(clean / "ext" / "self.py")
    write(clean, {"ext/folder.py/inner.txt": "", "ext/with space.py": "x = 1\n", "ext/été.py": "x = 1\n"})
    done = nequip_lint(".", "--format", "concise", cwd=clean)
    assert (done.returncode, done.stderr) == (1, "")
    *findings, last = done.stdout.splitlines()
    assert [line.split(": ")[0] for line in findings] == ["ext/broken.py:1:1", "ext/self.py:1:1"]
    assert all("NQ001" in line and "cannot be read" in line for line in findings)
    assert last.startswith("2 errors, 0 warnings in 6 files")


def test_environments_and_caches_are_passed_over_unless_named(clean: Path) -> None:
    hidden = [".tox/a.py", "build/a.py", "env/a.py", "__pycache__/a.py", "mine/pyvenv.cfg", "mine/lib/a.py"]
    write(clean, dict.fromkeys(hidden, "x = (\n"))
    assert nequip_lint(".", cwd=clean).returncode == 0
    assert nequip_lint("build", cwd=clean).returncode == 1
    assert nequip_lint("mine/lib/a.py", cwd=clean).returncode == 1


def test_the_same_file_twice_is_one_file(clean: Path) -> None:
    done = nequip_lint("ext/model.py", "ext", "./ext/../ext/model.py", cwd=clean)
    assert done.stdout.startswith("clean: 2 files, 1 model class in 1 module, with ")


def test_paths_outside_the_working_directory_are_absolute(bad: Path) -> None:
    (bad / "elsewhere").mkdir()
    done = nequip_lint("../ext", "--format", "concise", cwd=bad / "elsewhere")
    assert done.stdout.startswith(f"{bad}/ext/model.py:1:1: error NQ101 ")


def test_exclude_binds_for_explicit_paths_too(bad: Path) -> None:
    write(bad, {"pyproject.toml": f"{PYPROJECT}[tool.nequip-lint]\nexclude = ['ext/model.py']\n"})
    done = nequip_lint("ext/model.py", "ext/__init__.py", cwd=bad)
    assert (done.returncode, done.stderr) == (0, "")
    assert "; nothing judged: " in done.stdout.splitlines()[-1]
    alone = nequip_lint("ext/model.py", cwd=bad)
    assert (alone.returncode, alone.stdout) == (0, "nothing checked: `exclude` leaves no file\n")


def test_environment_is_read_and_not_imported(clean: Path) -> None:
    marker = clean / "imported"
    site = {"nequip/__init__.py": f"open({str(marker)!r}, 'w')\n", "nequip/nn.py": "import secretlib\n"}
    site["nequip-0.19.1.dist-info/METADATA"] = "Name: nequip\nVersion: 0.19.1\n"
    site["nequip-0.19.1.dist-info/RECORD"] = "nequip/__init__.py,,\nnequip/nn.py,,\n"
    write(clean / "site", site)
    done = nequip_lint(
        "ext", "--root", "ext.model", "--environment", "site", "--format", "concise", cwd=clean
    )
    assert done.returncode == 1
    assert "secretlib" in done.stdout
    assert not marker.exists()


# Contracts of the JSON

FINDING = {"code", "name", "severity", "message", "help", "path", "line", "column", "end_line", "end_column"}
FINDING |= {"chain", "fix", "url"}


def test_json_of_findings(bad: Path) -> None:
    done = nequip_lint(".", "--format", "json", "--statistics", cwd=bad)
    assert (done.returncode, done.stderr) == (1, "")
    document = json.loads(done.stdout)
    assert set(document) == {"version", "findings", "summary"}
    assert document["version"] == 1
    assert document["summary"]["errors"] == 2
    assert document["summary"]["by_code"] == {"NQ101": 1, "NQ203": 1}
    for finding in document["findings"]:
        assert set(finding) == FINDING
        assert finding["fix"] is None or set(finding["fix"]) == {"applicability", "edits"}
        assert all(set(step) == {"path", "line", "import"} for step in finding["chain"])
    heavy = document["findings"][1]
    place = [heavy[key] for key in ("code", "severity", "path", "line", "column", "end_line", "end_column")]
    assert place == ["NQ203", "error", "ext/model.py", 2, 1, 2, 20]
    assert heavy["chain"][0] == {"path": "ext/model.py", "line": 2, "import": "from e3nn import o3"}
    assert heavy["url"] == "rules/NQ203.md"


def test_json_of_a_clean_tree(clean: Path) -> None:
    document = json.loads(nequip_lint(".", "--format", "json", cwd=clean).stdout)
    assert document["findings"] == []
    assert document["summary"]["files"] == 2


def test_json_of_a_closure(bad: Path) -> None:
    done = nequip_lint("closure", "--json", "--absent", "triton", "--gpu", cwd=bad)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert set(document) == {"version", "target", "roots", "modules"}
    target = document["target"]
    assert set(target) == {"packager", "python", "gpu", "present", "absent"}
    assert (target["gpu"], target["absent"]) == (True, ["triton"])
    assert target["packager"].startswith("nequip-pack ")
    assert target["python"] == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert document["roots"] == ["ext.model"]
    modules = document["modules"]
    assert all(set(entry) == {"action", "reason", "chain"} for entry in modules.values())
    actions = {entry["action"] for entry in modules.values()}
    assert actions <= {"intern", "extern", "mock", "refused", "dropped", "absent"}
    assert modules["ext.model"] == {"action": "intern", "reason": "", "chain": []}
    assert (modules["triton"]["action"], "not installed" in modules["triton"]["reason"]) == ("extern", True)
    assert modules["sympy"]["action"] == "refused"
    assert modules["sympy"]["chain"][0]["path"] == "ext/model.py"


def test_closure_as_text_names_the_machine(bad: Path) -> None:
    done = nequip_lint("closure", ".", "--absent", "triton", cwd=bad)
    assert done.returncode == 0
    assert "no GPU, without triton" in done.stdout


def test_why_shows_each_chain(bad: Path) -> None:
    done = nequip_lint("why", "e3nn.o3", cwd=bad)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("e3nn.o3: intern\n")
    assert "ext/model.py:2: from e3nn import o3" in done.stdout
    assert "it is a root" in nequip_lint("why", "ext.model", cwd=bad).stdout


@pytest.mark.parametrize("command", [["closure", "."], ["why", "os", "."]])
def test_no_roots_is_said(tmp_path: Path, command: list[str]) -> None:
    done = nequip_lint(*command, cwd=write(tmp_path, {"ext/__init__.py": ""}))
    assert done.returncode == 0
    assert done.stdout.startswith("no roots: ")


def test_rule(clean: Path) -> None:
    table = nequip_lint("rule", cwd=clean)
    assert table.returncode == 0
    codes = [line.split()[0] for line in table.stdout.splitlines()]
    assert codes == sorted(codes)
    assert {"NQ001", "NQ101", "NQ204"} <= set(codes)
    rules = json.loads(nequip_lint("rule", "--format", "json", cwd=clean).stdout)["rules"]
    assert [entry["code"] for entry in rules] == codes
    page = nequip_lint("rule", "nq101", cwd=clean)
    assert page.returncode == 0
    assert page.stdout.startswith("# eager-optional-import (NQ101)")


def test_help_and_version(clean: Path) -> None:
    for arguments in (["--help"], ["check", "--help"], ["closure", "-h"], ["--version"]):
        done = nequip_lint(*arguments, cwd=clean)
        assert (done.returncode, done.stderr) == (0, "")
        assert "nequip-lint" in done.stdout


def test_closed_pipe_is_no_traceback(bad: Path) -> None:
    import subprocess

    command = f"{sys.executable} -m nequip_lint . | head -c 1"
    done = subprocess.run(["sh", "-c", command], cwd=bad, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr

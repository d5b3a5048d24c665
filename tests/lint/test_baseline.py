"""The baseline: what is known passes, what is new fails, and the file only ever shrinks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

SETTINGS = """[tool.nequip-lint]
roots = ["pkg", "pkg.b"]
internal-packages = ["pkg"]
extern-modules = ["triton", "apex", "cupy"]
"""
TWO = "import triton\nimport apex\n"
FILES = {"pyproject.toml": SETTINGS, "pkg/__init__.py": TWO, "pkg/b.py": "import triton\n"}
BASELINE = ("--baseline", "known.json")
TEXT = """{
  "version": 1,
  "findings": {
    "pkg/__init__.py": {
      "NQ101": 2
    },
    "pkg/b.py": {
      "NQ101": 1
    }
  }
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three findings, all in the baseline."""
    return write(tmp_path, {**FILES, "known.json": TEXT})


def _run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = nequip_lint("--format", "concise", *BASELINE, *arguments, cwd=project)
    assert done.stderr == ""
    return done


def _counts(project: Path) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = json.loads((project / "known.json").read_text())["findings"]
    return counts


def test_it_is_small_and_sorted(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    done = _run(tmp_path, "--write-baseline")
    assert (done.returncode, done.stdout) == (0, "known.json: created; 3 findings in 2 files\n")
    assert (tmp_path / "known.json").read_text() == TEXT
    again = _run(tmp_path, "--write-baseline")
    assert (again.returncode, again.stdout) == (0, "known.json: unchanged; 3 findings in 2 files\n")


def test_what_is_known_passes(project: Path) -> None:
    done = _run(project)
    assert done.returncode == 0
    assert done.stdout.startswith("nothing new: 2 files, 2 root modules;")
    assert done.stdout.endswith("; 3 findings in the baseline\n")
    document = json.loads(nequip_lint(*BASELINE, "--format", "json", cwd=project).stdout)
    assert (document["findings"], document["summary"]["baselined"]) == ([], 3)


def test_lines_may_move(project: Path) -> None:
    write(project, {"pkg/__init__.py": '"""Doc."""\n\nimport apex\n\n\nimport triton  # moved\n'})
    assert _run(project).returncode == 0


def test_what_is_new_fails_with_all_of_its_kind(project: Path) -> None:
    write(project, {"pkg/__init__.py": f"{TWO}import cupy\n"})
    done = _run(project)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line.split(": ")[0] for line in lines[:3]] == [f"pkg/__init__.py:{n}:1" for n in (1, 2, 3)]
    assert lines[3] == "note: pkg/__init__.py: 3 findings of NQ101, of which the baseline allows 2"
    assert lines[4].startswith("3 errors, 0 warnings in 2 files")
    assert "; 1 finding in the baseline" in lines[4]


def test_another_code_in_a_known_file_is_new(project: Path) -> None:
    write(project, {"pkg/b.py": "import triton\nimport sys\n"})
    done = _run(project)
    assert done.returncode == 1
    assert [line.split()[2] for line in done.stdout.splitlines()[:-1]] == ["NQ202"]


def test_a_finding_that_moves_to_another_file_is_new(project: Path) -> None:
    write(project, {"pkg/__init__.py": "import apex\n", "pkg/b.py": "import triton\nimport apex\n"})
    done = _run(project)
    assert done.returncode == 1
    assert "pkg/b.py: 2 findings of NQ101, of which the baseline allows 1" in done.stdout


def test_fewer_findings_ask_to_shrink(project: Path) -> None:
    write(project, {"pkg/__init__.py": "import apex\n"})
    done = _run(project)
    assert done.returncode == 0
    note = "note: known.json allows 1 finding more than there are (pkg/__init__.py NQ101); shrink it"
    assert done.stdout.splitlines()[0].startswith(note)
    assert (project / "known.json").read_text() == TEXT
    shrunk = _run(project, "--write-baseline")
    assert (shrunk.returncode, shrunk.stdout) == (0, "known.json: shrunk; 2 findings in 2 files\n")
    assert _counts(project) == {"pkg/__init__.py": {"NQ101": 1}, "pkg/b.py": {"NQ101": 1}}
    write(project, {"pkg/__init__.py": TWO})
    assert _run(project).returncode == 1


def test_it_never_grows(project: Path) -> None:
    write(
        project, {"pkg/__init__.py": "import apex\n", "pkg/b.py": "import triton\nimport cupy\nimport sys\n"}
    )
    done = _run(project, "--write-baseline")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "known.json: shrunk; 2 findings in 2 files"
    assert [line.partition(":")[0] for line in lines[1:]] == ["not taken in"] * 3
    assert [line.split()[5] for line in lines[1:]] == ["NQ101", "NQ101", "NQ202"]
    assert _counts(project) == {"pkg/__init__.py": {"NQ101": 1}, "pkg/b.py": {"NQ101": 1}}


def test_nothing_left_is_an_empty_baseline(project: Path) -> None:
    write(project, {"pkg/__init__.py": "", "pkg/b.py": ""})
    assert "shrunk; 0 findings in 0 files" in _run(project, "--write-baseline").stdout
    assert _counts(project) == {}
    last = _run(project).stdout
    assert (last.startswith("clean: 2 files, "), "baseline" in last) == (True, False)


def test_what_a_run_does_not_look_at_stays(project: Path) -> None:
    write(project, {"pkg/__init__.py": "", "pkg/b.py": ""})
    for arguments in (["pkg/b.py", "--select", "NQ2"], ["--select", "NQ102"]):
        assert "allows" not in _run(project, *arguments).stdout
        assert "unchanged" in _run(project, *arguments, "--write-baseline").stdout
    _run(project, "pkg/b.py", "--write-baseline")
    assert _counts(project) == {"pkg/__init__.py": {"NQ101": 2}}


def test_a_file_that_is_gone_is_forgotten(project: Path) -> None:
    (project / "pkg/b.py").unlink()
    write(project, {"pyproject.toml": SETTINGS.replace(', "pkg.b"', "")})
    assert "pkg/b.py NQ101" in _run(project).stdout
    _run(project, "--write-baseline")
    assert _counts(project) == {"pkg/__init__.py": {"NQ101": 2}}


def test_findings_outside_of_python_files_count_too(tmp_path: Path) -> None:
    head = "import torch\nfrom nequip.nn import GraphModuleMixin\n"
    model = f"{head}class M(GraphModuleMixin, torch.nn.Module): ...\n"
    settings = '[project]\nname = "pkg"\ndependencies = ["nequip>=0.19.1"]\n'
    write(tmp_path, {"pyproject.toml": settings, "pkg/__init__.py": "", "pkg/m.py": model})
    assert _run(tmp_path, "--write-baseline").returncode == 0
    assert _counts(tmp_path) == {"pyproject.toml": {"NQ204": 1}}
    assert _run(tmp_path).returncode == 0
    entry = '[project.entry-points."nequip.extension"]\nx = "pkg"\n'
    write(tmp_path, {"pyproject.toml": settings + entry})
    assert "pyproject.toml NQ204" in _run(tmp_path).stdout


def test_names_are_relative_to_the_baseline(project: Path) -> None:
    (project / "ci").mkdir()
    done = nequip_lint("--baseline", "ci/known.json", "--write-baseline", cwd=project)
    assert done.returncode == 0
    assert set(json.loads((project / "ci/known.json").read_text())["findings"]) == {
        "../pkg/__init__.py",
        "../pkg/b.py",
    }
    for folder in (project, project / "ci", project / "pkg"):
        done = nequip_lint(str(project), "--baseline", str(project / "ci/known.json"), cwd=folder)
        assert done.returncode == 0


def test_the_configuration_names_it(project: Path) -> None:
    write(project, {"pyproject.toml": f'{SETTINGS}baseline = "ci/known.json"\n', "ci/keep": ""})
    missing = nequip_lint(cwd=project / "pkg")
    assert (missing.returncode, missing.stdout, missing.stderr.count("\n")) == (2, "", 1)
    assert "there is no such baseline; make it with --write-baseline" in missing.stderr
    assert nequip_lint("--write-baseline", str(project), cwd=project / "pkg").returncode == 0
    assert nequip_lint(cwd=project).returncode == 0
    write(project, {"pkg/b.py": "import triton\nimport sys\n"})
    assert nequip_lint(cwd=project).returncode == 1


def test_suppressed_findings_are_not_counted(project: Path) -> None:
    write(project, {"pkg/b.py": "import triton  # noqa: NQ101\n"})
    assert "(pkg/b.py NQ101)" in _run(project).stdout


def test_only_what_is_new_gets_a_comment(project: Path) -> None:
    write(project, {"pkg/b.py": "import triton\nimport sys\n"})
    assert _run(project, "--add-noqa").returncode == 0
    assert (project / "pkg/b.py").read_text() == "import triton\nimport sys  # noqa: NQ202\n"


BROKEN = [
    "",
    "[]",
    "{",
    '{"version": 2, "findings": {}}',
    '{"version": 1}',
    '{"version": 1, "findings": {"a": 1}}',
]
BROKEN += [
    f'{{"version": 1, "findings": {{"a": {{"NQ101": {count}}}}}}}' for count in ("0", "-1", "true", '"1"')
]


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("options", [[], ["--write-baseline"]])
def test_what_is_no_baseline(project: Path, text: str, options: list[str]) -> None:
    write(project, {"known.json": text})
    done = nequip_lint(*BASELINE, *options, cwd=project)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "known.json: is no baseline" in done.stderr
    assert (project / "known.json").read_text() == text


MISTAKES = [
    (["--write-baseline"], "name the file"),
    (["--baseline", "pkg"], "cannot be read"),
    (["--baseline", "gone/known.json", "--write-baseline"], "could not be written"),
    ([*BASELINE, "--write-baseline", "--add-noqa"], "choose one"),
]


@pytest.mark.parametrize(("options", "part"), MISTAKES, ids=[row[1] for row in MISTAKES])
def test_mistake(project: Path, options: list[str], part: str) -> None:
    done = nequip_lint(*options, cwd=project)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert part in done.stderr

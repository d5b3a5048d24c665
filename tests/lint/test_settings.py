"""`--show-settings`: what is in force, and where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write

from nequip_lint.declared.config import KEYS

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
[project]
name = "pkg"
version = "1"
requires-python = ">=3.11"

[tool.nequip-lint]
select = ["NQ1", "NQ5"]
ignore = ["NQ105"]
roots = ["pkg.model"]
internal-packages = ["pkg", "other"]
per-file-ignores = { "tests/*" = ["NQ1", "NQ2"] }
environment = "env"
"""
FILES = {
    "pyproject.toml": SETTINGS,
    "pkg/__init__.py": "",
    "pkg/model.py": "try:\n    x = 1\nexcept* OSError:\n    pass\n",
    "env/lib/python3.11/site-packages/x.py": "",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with settings, where no environment is active."""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    return write(tmp_path, FILES)


def settings(folder: Path, *words: str) -> list[str]:
    done = nequip_lint("--show-settings", *words, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    head, *rest = done.stdout.splitlines()
    assert head == f"project: {folder}"
    assert {line.split(":")[0].strip() for line in rest} == set(KEYS)
    return [line.strip() for line in rest]


def test_what_a_file_says(project: Path) -> None:
    assert settings(project) == [
        "select: NQ1, NQ5  (pyproject.toml)",
        "ignore: NQ105  (pyproject.toml)",
        "exclude: none  (default)",
        "roots: pkg.model  (pyproject.toml)",
        "internal-packages: pkg, other  (pyproject.toml)",
        "extern-modules: none  (default)",
        "mock-modules: none  (default)",
        "per-file-ignores: tests/*: NQ1, NQ2  (pyproject.toml)",
        "environment: env  (pyproject.toml)",
        "target-python: 3.11  (requires-python >=3.11)",
        "baseline: none  (default)",
    ]


def test_options_come_before_it_or_beside_it(project: Path) -> None:
    words = ("--select", "NQ2", "--ignore", "nq203", "--root", "pkg.model", "--baseline", "b.json")
    found = settings(project, *words, "--isolated")
    for line in (
        "select: NQ2  (--select)",
        "ignore: NQ105  (pyproject.toml)",
        "ignore: NQ203  (--ignore)",
        "roots: pkg.model  (--root)",
        "baseline: b.json  (--baseline)",
        "environment: none  (--isolated)",
    ):
        assert line in found
    assert "select: NQ1, NQ5  (pyproject.toml)" not in found


def test_what_is_found(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(project, {"pyproject.toml": "", ".venv/pyvenv.cfg": "", "active/site-packages/x.py": ""})
    write(project, {"env/lib/python3.11/site-packages/x.py": ""})
    found = settings(project)
    assert "environment: .venv  (found in the project)" in found
    assert "select: all  (default)" in found
    assert "target-python: 3.10  (default)" in found
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert "environment: active  (VIRTUAL_ENV)" in settings(project)
    assert "environment: env  (--environment)" in settings(project, "--environment", "env")


def test_another_file_counts_for_all_that_is_set(project: Path) -> None:
    table = 'roots = ["pkg.model"]\ninternal-packages = ["pkg"]\ntarget-python = "3.10"\n'
    write(project, {"other.toml": f"[tool.nequip-lint]\n{table}"})
    found = settings(project, "--config", "other.toml")
    assert "target-python: 3.10  (other.toml)" in found
    assert "select: all  (default)" in found
    assert nequip_lint(cwd=project).returncode == 0
    done = nequip_lint("--config", "other.toml", "--format", "concise", cwd=project)
    assert (done.returncode, "NQ501" in done.stdout) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fix"], "--fix is about findings"),
        (["--format", "json"], "--format is about findings"),
        (["m.nequip.zip"], "--show-settings is for source"),
        (["--select", "NQ9"], "unknown code"),
    ],
)
def test_what_does_not_go_together(project: Path, words: list[str], said: str) -> None:
    done = nequip_lint("--show-settings", *words, cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_mistake_in_the_file_is_told(project: Path) -> None:
    write(project, {"pyproject.toml": '[tool.nequip-lint]\nselect = ["NQ9"]\n'})
    done = nequip_lint("--show-settings", cwd=project)
    assert (done.returncode, "unknown code 'NQ9'" in done.stderr) == (2, True)

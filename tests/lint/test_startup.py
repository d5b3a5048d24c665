"""What a run imports: nothing that it judges, and on a clean tree no libcst."""

from __future__ import annotations

import ast
import gc
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY

from nequip_lint.cli import main
from nequip_lint.source import tree as trees

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
import json, sys
before = set(sys.modules)
from nequip_lint.cli import main
sys.argv = ["nequip-lint", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    code = end.code or 0
sys.stderr.write(json.dumps([code, sorted(set(sys.modules) - before)]))
"""
EXAMPLE = REPOSITORY / "docs" / "example"
FORBIDDEN = {"torch", "numpy", "nequip", "e3nn", "allegro", "nequip_pack", "yaml", "rich"}
FORBIDDEN |= {"pygls", "asyncio", "xml", "zipfile"}


def _modules(cache: Path, *arguments: str | Path) -> tuple[int, set[str]]:
    """The exit code of a run in an isolated interpreter, and the modules that it imported."""
    command = [sys.executable, "-c", PROBE, *map(str, arguments)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True, cwd=cache)
    code, modules = json.loads(done.stderr)
    return code, set(modules)


# Modules that are not our own, counted on Python 3.11, with some room: a growth beyond it is to be looked at.
RUNS = [
    (["check", EXAMPLE], 90),
    (["closure", EXAMPLE], 90),
    (["rule", "NQ101"], 60),
    (["--version"], 60),
]


@pytest.mark.parametrize(("arguments", "most"), RUNS, ids=[str(row[0][0]) for row in RUNS])
def test_modules_of_a_clean_run(tmp_path: Path, arguments: list[str | Path], most: int) -> None:
    code, modules = _modules(tmp_path, *arguments)
    assert code == 0
    assert not {name.partition(".")[0] for name in modules} & {*FORBIDDEN, "libcst", "click"}
    foreign = {name for name in modules if name.partition(".")[0] != "nequip_lint"}
    assert len(foreign) <= most, sorted(foreign)


def test_a_second_run_parses_nothing(tmp_path: Path) -> None:
    assert "ast" in _modules(tmp_path, "check", EXAMPLE)[1]
    assert not _modules(tmp_path, "check", EXAMPLE)[1] & {"ast", "nequip_lint.facts.collect"}


def test_a_finding_without_a_fix_does_not_pay_for_libcst(tmp_path: Path) -> None:
    (tmp_path / "pkg.py").write_text("import torch\nX = torch.zeros(1).cuda()\n")
    settings = '[tool.nequip-lint]\nroots = ["pkg"]\ninternal-packages = ["pkg"]\n'
    (tmp_path / "pyproject.toml").write_text(settings)
    code, modules = _modules(tmp_path, "check", "--select", "NQ103", tmp_path / "pkg.py")
    assert code == 1
    assert not modules & {"libcst", "nequip_lint.fixes"}


def test_a_finding_with_a_fix_pays_for_libcst_and_this_fix_alone(tmp_path: Path) -> None:
    (tmp_path / "pkg.py").write_text("import triton\n")
    settings = '[tool.nequip-lint]\nroots = ["pkg"]\ninternal-packages = ["pkg"]\n'
    (tmp_path / "pyproject.toml").write_text(settings)
    code, modules = _modules(tmp_path, "check", tmp_path / "pkg.py")
    assert code == 1
    assert "libcst" in modules
    assert not modules & {"nequip_lint.fixes.nq203", "tomlkit"}
    assert not {name.partition(".")[0] for name in modules} & (FORBIDDEN - {"yaml"})


def test_each_file_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = ast.parse
    for number, path in enumerate((EXAMPLE / "nequip_softcore").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(f"{text}# {number}: never seen before\n", encoding="utf-8")
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(trees.ast, "parse", lambda text: parsed.append(text) or parse(text))
        main(["check", "--no-cache", "--ignore", "NQ101", str(tmp_path)])  # its fix has a tree of its own
    assert len(parsed) == len(set(parsed)) == len(list(tmp_path.glob("*.py"))) > 3
    assert gc.isenabled()


def test_the_process_says_everything_before_it_ends(tmp_path: Path) -> None:
    """`run` ends the process at once, so what a pipe has not taken yet must be handed over first."""
    bad = tmp_path / "pkg.py"
    bad.write_text("".join(f"import triton  # {number}\n" for number in range(300)))
    settings = '[tool.nequip-lint]\nroots = ["pkg"]\ninternal-packages = ["pkg"]\n'
    (tmp_path / "pyproject.toml").write_text(settings)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    for arguments, code, end in (
        (["--help"], 0, "or a table of all"),
        (["check", "--no-cache", str(bad)], 1, "in 1 file"),
        (["check", str(tmp_path / "missing.py")], 2, ""),
    ):
        command = [sys.executable, "-m", "nequip_lint", *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
        )
        assert done.returncode == code
        assert end in done.stdout[-400:]
        assert bool(done.stderr) == (code == 2)

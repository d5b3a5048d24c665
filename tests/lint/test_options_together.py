"""Options that several parts of the command share: what they do together, and what does not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "pyproject.toml": """[tool.nequip-lint]
roots = ["pkg.movable", "pkg.fixed"]
internal-packages = ["pkg"]
extern-modules = ["triton"]
""",
    "pkg/__init__.py": "",
    "pkg/movable.py": "import triton\n\n\ndef f():\n    return triton.x\n",
    "pkg/fixed.py": "import triton\n\nX = triton.x\n",
}


def test_what_a_baseline_allows_may_stay_when_the_rest_is_fixed(tmp_path: Path) -> None:
    folder = write(tmp_path / "known", {**FILES, "pkg/movable.py": "x = 1\n"})
    assert nequip_lint("--write-baseline", "--baseline", "known.json", cwd=folder).returncode == 0
    write(folder, {"pkg/movable.py": FILES["pkg/movable.py"]})
    assert nequip_lint("--baseline", "known.json", cwd=folder).returncode == 1
    assert nequip_lint("--fix", cwd=write(tmp_path / "other", FILES)).returncode == 1
    done = nequip_lint("--fix", "--baseline", "known.json", cwd=folder)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[0].startswith("nothing new: 3 files, ")
    assert "def f():\n    import triton" in (folder / "pkg/movable.py").read_text()
    assert (folder / "pkg/fixed.py").read_text() == FILES["pkg/fixed.py"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fix", "--add-noqa"], "run one, then the other"),
        (["--diff", "--write-baseline", "--baseline", "known.json"], "run one, then the other"),
        (["--fix", "--reason", "why"], "run one, then the other"),
        (["--unsafe-fixes"], "needs --fix"),
        (["--diff", "--format", "json"], "leave --format json out"),
        (["--diff", "--format", "sarif"], "leave --format sarif out"),
        (["m.nequip.zip", "--fix"], "--fix is for source"),
        (["m.nequip.zip", "--diff"], "--diff is for source"),
        (["m.nequip.zip", "--add-noqa"], "--add-noqa is for source"),
        (["m.nequip.zip", "--baseline", "known.json"], "--baseline is for source"),
        (["m.nequip.zip", "--write-baseline"], "--write-baseline is for source"),
    ],
)
def test_what_does_not_go_together(arguments: list[str], said: str, tmp_path: Path) -> None:
    folder = write(tmp_path, FILES)
    done = nequip_lint(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["pkg", "pyproject.toml"]
    assert all((folder / path).read_text() == text for path, text in FILES.items())


def test_a_root_in_a_package_named_like_a_standard_module(tmp_path: Path) -> None:
    settings = '[tool.nequip-lint]\nroots = ["sched.layers"]\ninternal-packages = ["sched"]\n'
    own = {"sched/__init__.py": "", "sched/layers.py": "x = 1\n"}
    done = nequip_lint("--format", "concise", cwd=write(tmp_path, {"pyproject.toml": settings, **own}))
    assert (done.returncode, done.stderr) == (1, "")
    assert "error NQ504" in done.stdout

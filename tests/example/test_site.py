"""The documentation builds without a warning, with a page for each rule."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from nequip_lint.pages import codes

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_site_builds(tmp_path: Path) -> None:
    if importlib.util.find_spec("sphinx") is None:
        pytest.skip("needs Sphinx, which the group docs installs on Python 3.11 and later")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", str(ROOT / "docs"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.stem for path in tmp_path.glob("rules/NQ*.html")} == set(codes())
    lint, pack = (
        (tmp_path / "reference" / f"{name}.html").read_text() for name in ("nequip-lint", "nequip-pack")
    )
    assert "--write-baseline" in lint
    assert "--all-machines" in pack
    assert ".. program::" not in pack

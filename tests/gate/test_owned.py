"""What the gate takes for the user's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nequip_lint.cache.entries import Cache
from nequip_lint.gate.environment import Environment
from nequip_lint.project.sources import Sources

if TYPE_CHECKING:
    from pathlib import Path


def test_an_environment_inside_of_a_project_is_not_the_projects_code(tmp_path: Path) -> None:
    site = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    for package in (site / "library", tmp_path / "src" / "own"):
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
    sources = Sources(installed=[site, tmp_path / "src"])
    environment = Environment(sources, {}, (tmp_path,), {}, Cache(None))
    assert environment.owns("own")
    assert not environment.owns("library")

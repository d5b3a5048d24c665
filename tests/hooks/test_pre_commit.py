"""The hook with the real pre-commit, in a real git repository made from the example."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed"),
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]

NO_INDEX = ("No matching distribution found", "Could not find a version", "Connection", "ConnectTimeout")


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository and the environment that its commands run in."""

    path: Path
    environment: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command here; stdout and stderr are joined."""
        return subprocess.run(
            command,
            cwd=self.path,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def git(self, *arguments: str) -> str:
        """Run a git command that has to succeed."""
        result = self.run("git", *arguments)
        assert result.returncode == 0, result.stdout
        return result.stdout.strip()

    def pre_commit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run pre-commit."""
        return self.run(sys.executable, "-m", "pre_commit", *arguments)


def clean_environment(home: Path) -> dict[str, str]:
    """The environment with a configuration of git of its own: this user's signing and hooks do not count."""
    home.mkdir()
    (home / "gitconfig").write_text("[user]\nname = nobody\nemail = nobody\n[safe]\ndirectory = *\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"PRE_COMMIT_HOME": str(home / "cache"), "GIT_CONFIG_GLOBAL": str(home / "gitconfig")}


def clone_of_this_repository(target: Path, environment: dict[str, str]) -> Repository:
    """A clean clone of HEAD, which is what a user of the hook gets."""
    here = Repository(ROOT, environment)
    if here.run("git", "rev-parse", "HEAD").returncode != 0:
        pytest.skip("not a git checkout: pre-commit needs a revision to install from")
    here.git("clone", "--quiet", str(ROOT), str(target))
    return Repository(target, environment)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The example in a git repository of its own, with the hook installed."""
    folder = tmp_path_factory.mktemp("pre-commit")
    environment = clean_environment(folder / "home")
    hook = clone_of_this_repository(folder / "nequip-pack", environment)
    shutil.copytree(EXAMPLE, folder / "example", ignore=shutil.ignore_patterns("__pycache__"))
    repository = Repository(folder / "example", environment)
    (repository.path / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hook.path.as_uri()}\n  rev: {hook.git('rev-parse', 'HEAD')}\n"
        "  hooks:\n  - id: nequip-lint\n"
    )
    repository.git("init", "--quiet")
    repository.git("add", ".")
    installed = repository.pre_commit("install", "--install-hooks")
    if installed.returncode != 0 and any(reason in installed.stdout for reason in NO_INDEX):
        pytest.skip(f"the package index is out of reach: {installed.stdout.splitlines()[-1]}")
    assert installed.returncode == 0, installed.stdout
    return repository


def test_the_good_example_passes_and_commits(example: Repository) -> None:
    result = example.pre_commit("run", "--all-files")
    assert result.returncode == 0, result.stdout
    assert "Passed" in result.stdout
    example.git("commit", "--quiet", "-m", "the good example")


def test_a_commit_of_the_broken_variant_is_refused(example: Repository) -> None:
    shutil.copy(
        EXAMPLE / "broken" / "softcore_kernel.py.txt", example.path / "nequip_softcore" / "softcore_kernel.py"
    )
    example.git("add", "nequip_softcore")
    before = example.run("git", "rev-parse", "--verify", "--quiet", "HEAD").stdout
    result = example.run("git", "commit", "-m", "the broken variant")
    example_head = example.run("git", "rev-parse", "--verify", "--quiet", "HEAD").stdout
    assert result.returncode == 1, result.stdout
    assert "NQ101" in result.stdout
    assert "nequip_softcore/softcore_kernel.py" in result.stdout
    assert example_head == before

"""The hook with the real pre-commit, in a real git repository made from the example."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import distribution, version
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from needs import needs

identify = pytest.importorskip("identify.identify", reason="pre-commit is not installed")

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


MOST_MEGABYTES = 60
"""What the environment may take: 37 with Python 3.11 and libcst 1.9; torch alone would be 750."""


def size_in_megabytes(folder: Path) -> float:
    """What the files below a folder hold, links left out."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def test_the_environment_is_small_and_holds_what_the_linter_needs(example: Repository) -> None:
    (environment,) = Path(example.environment["PRE_COMMIT_HOME"]).glob("*/py_env-*")
    (packages,) = environment.glob("lib/python*/site-packages")
    assert size_in_megabytes(environment) < MOST_MEGABYTES
    installed = {path.name.partition("-")[0] for path in packages.glob("*.dist-info")}
    assert "nequip_pack" in installed
    assert not installed & {"torch", "numpy", "nequip", "e3nn", "pygls"}


def test_the_hook_judges_the_whole_project_in_one_process(example: Repository) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["pass_filenames"], hook["require_serial"]) == (False, True)
    for name in ("model.py", "pyproject.toml", "setup.cfg"):
        assert identify.tags_from_filename(name) & set(hook["types_or"])


def test_the_good_example_passes_and_commits(example: Repository) -> None:
    result = example.pre_commit("run", "--all-files")
    assert result.returncode == 0, result.stdout
    assert "Passed" in result.stdout
    example.git("commit", "--quiet", "-m", "the good example")


def closing_line(example: Repository) -> str:
    """The last line of the linter, which pre-commit shows of a hook that passes if it is asked to."""
    result = example.pre_commit("run", "--all-files", "--verbose")
    assert result.returncode == 0, result.stdout
    return next(line for line in result.stdout.splitlines() if line.startswith("clean: "))


def test_without_an_environment_in_the_project_the_summaries_stand(example: Repository) -> None:
    assert "2 model classes in 2 modules, with the summaries of e3nn " in closing_line(example)


@needs("nequip", "e3nn")
def test_the_environment_in_the_project_is_read_though_the_hook_has_its_own(example: Repository) -> None:
    """One that looks like an environment and leads to what is installed here."""
    environment = example.path / ".venv"
    packages = environment / "lib" / "python3" / "site-packages"
    packages.mkdir(parents=True)
    (environment / "pyvenv.cfg").touch()
    for name in ("nequip", "e3nn"):
        installed = Path(distribution(name).locate_file(""))
        for path in (installed / name, *installed.glob(f"{name}-*.dist-info")):
            (packages / path.name).symlink_to(path)
    (example.path / ".git" / "info" / "exclude").write_text("/.venv/\n", encoding="utf-8")
    versions = ", ".join(f"{name} {version(name)}" for name in ("nequip", "e3nn"))
    try:
        assert f"with the sources in .venv ({versions})" in closing_line(example)
    finally:
        shutil.rmtree(environment)


def test_a_commit_that_touches_only_the_metadata_is_judged(example: Repository) -> None:
    path = example.path / "pyproject.toml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace('"nequip.extension"', '"other.group"'), encoding="utf-8")
    example.git("add", "pyproject.toml")
    result = example.run("git", "commit", "-m", "no entry point")
    assert result.returncode == 1, result.stdout
    assert "NQ204" in result.stdout
    example.git("reset", "--quiet", "--hard")


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

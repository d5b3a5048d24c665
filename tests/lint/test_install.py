"""Advice to install: from where this distribution came, whether it is on an index or not."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY

from nequip_lint import install

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GIT = {"vcs": "git", "requested_revision": "main", "commit_id": "0123abc"}
CASES = {
    "an index": ({}, "'nequip-pack[report]'"),
    "a repository": (
        {"url": "https://example.org/me/np.git", "vcs_info": GIT},
        "'nequip-pack[report] @ git+https://example.org/me/np.git@0123abc'",
    ),
    "a repository over ssh, in a folder": (
        {"url": "ssh://git@example.org/np", "vcs_info": {"vcs": "git"}, "subdirectory": "python"},
        "'nequip-pack[report] @ git+ssh://git@example.org/np#subdirectory=python'",
    ),
    "a repository on this machine": (
        {"url": "file:///srv/np.git", "vcs_info": GIT},
        "'nequip-pack[report] @ git+file://localhost/srv/np.git@0123abc'",
    ),
    "a file on a server": (
        {"url": "https://example.org/np-1-py3-none-any.whl", "archive_info": {}},
        "'nequip-pack[report] @ https://example.org/np-1-py3-none-any.whl'",
    ),
    "a folder that is gone": ({"url": "file:///no/such/folder", "dir_info": {}}, "'nequip-pack[report]'"),
    "nonsense": (["x"], "'nequip-pack[report]'"),
}


def recorded(monkeypatch: pytest.MonkeyPatch, folder: Path, origin: object) -> None:
    """Let this process find the distribution as installed from somewhere."""
    metadata = folder / "nequip_pack-9.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: nequip-pack\nVersion: 9\n")
    (metadata / "direct_url.json").write_text(json.dumps(origin))
    monkeypatch.syspath_prepend(str(folder))


@pytest.mark.parametrize("case", CASES)
def test_where_it_came_from(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    origin, expected = CASES[case]
    recorded(monkeypatch, tmp_path, origin)
    assert install.install_command("report") == f"pip install {expected}"


@pytest.mark.parametrize(
    ("info", "option"),
    [({"dir_info": {}}, ""), ({"dir_info": {"editable": True}}, "-e "), ({"archive_info": {}}, "")],
)
def test_from_a_path(
    info: Mapping[str, object], option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "a b"
    place.mkdir()
    recorded(monkeypatch, tmp_path, {"url": place.as_uri(), **info})
    assert install.install_command("report") == f"pip install {option}'{place}[report]'"
    assert install.install_command(upgrade=True) == f"pip install --upgrade {option}'{place}'"


def test_an_upgrade_follows_the_branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded(monkeypatch, tmp_path, {"url": "https://example.org/np.git", "vcs_info": GIT})
    expected = "pip install --upgrade 'nequip-pack @ git+https://example.org/np.git@main'"
    assert install.install_command(upgrade=True) == expected
    monkeypatch.setattr(install, "_direct_url", dict)
    assert install.install_command(upgrade=True) == "pip install --upgrade nequip-pack"


SAY = "from nequip_lint.install import install_command; print(install_command('completion'))"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["path", "git"])
def test_what_a_real_pip_records(kind: str, tmp_path: Path) -> None:
    """The advice of a real installation, followed to the letter, is one that pip can carry out."""
    source = tmp_path / "a source"
    _copy(source)
    _run([sys.executable, "-m", "venv", "--system-site-packages", str(tmp_path / "venv")], tmp_path)
    python = str(tmp_path / "venv" / "bin" / "python")
    pip = [python, "-m", "pip", "install", "-q", "--no-deps", "--ignore-installed"]
    _run([*pip, str(source) if kind == "path" else f"git+{source.as_uri()}"], tmp_path)
    advice = _run([python, "-I", "-c", SAY], tmp_path).strip()
    commit = _run(["git", "rev-parse", "HEAD"], source).strip()
    url = source.as_uri().replace("file:///", "file://localhost/")
    at = f"nequip-pack[completion] @ git+{url}@{commit}"
    expected = f"{source}[completion]" if kind == "path" else at
    assert advice == f"pip install '{expected}'"
    assert shlex.split(advice)[:2] == ["pip", "install"]
    _run([*pip, "--dry-run", *shlex.split(advice)[2:]], tmp_path)


def _copy(source: Path) -> None:
    """What a build takes, as a repository of its own."""
    source.mkdir()
    for name in ("nequip_lint", "src", "rules"):
        shutil.copytree(REPOSITORY / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(REPOSITORY / name, source / name)
    who = ["-c", "user.name=tests", "-c", "user.email=tests@example.org"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "all"]):
        _run(["git", *words], source)


def _run(words: list[str], folder: Path) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

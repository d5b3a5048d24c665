"""Files that cannot be read or are long: every command says so, and no other finding is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from lint_support import PLAIN, nequip_lint, write

MODEL = """\
import torch
import optlib
from .kernels import kernel


class Model(torch.nn.Module):
    def forward(self, x):
        return optlib.f(x)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A model that imports a library which nobody has, and an own file that nobody can read."""
    files = {"pyproject.toml": PLAIN, "mypkg/__init__.py": "", "mypkg/model.py": MODEL}
    folder = write(tmp_path, files)
    (folder / "mypkg" / "kernels.py").symlink_to("kernels.py")
    return folder


def test_other_findings_are_shown(project: Path) -> None:
    done = nequip_lint("--no-cache", cwd=project)
    assert done.returncode == 1
    assert "mypkg/kernels.py:1:1: error NQ001" in done.stdout
    assert "mypkg/model.py:2:1: error NQ101" in done.stdout


@pytest.mark.parametrize("words", [["closure"], ["closure", "--json"], ["why", "optlib"], ["registrations"]])
def test_other_commands_name_it(project: Path, words: list[str]) -> None:
    done = nequip_lint(words[0], *words[1:], cwd=project)
    assert "nequip-lint: note: mypkg/kernels.py cannot be read: " in done.stderr


def test_it_is_named_where_it_may_be_why_there_is_no_model(tmp_path: Path) -> None:
    settings = '[project]\nname = "mypkg"\nversion = "1"\n'
    broken = f"{MODEL}def broken(:\n"
    folder = write(tmp_path, {"pyproject.toml": settings, "mypkg/__init__.py": "", "mypkg/model.py": broken})
    done = nequip_lint("registrations", "--check", cwd=folder)
    assert (done.returncode, done.stdout[:8]) == (1, "no roots")
    assert "mypkg/model.py is not valid Python" in done.stderr


def test_a_check_of_registrations_does_not_pass(tmp_path: Path) -> None:
    files = {"pyproject.toml": PLAIN, "mypkg/__init__.py": "", "mypkg/model.py": f"{MODEL}def broken(:\n"}
    done = nequip_lint("registrations", "--check", cwd=write(tmp_path, files))
    assert done.returncode == 1
    assert "mypkg/model.py is not valid Python" in done.stderr


@pytest.mark.parametrize("name", ["env/lib", "env/bin"])
def test_an_environment_has_packages(tmp_path: Path, name: str) -> None:
    for inner in ("empty", "env/lib/python3.11/site-packages", "env/bin"):
        (tmp_path / inner).mkdir(parents=True)
    (tmp_path / "env" / "bin" / "activate").touch()
    done = nequip_lint("--environment", tmp_path / name, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"nequip-lint: error: --environment {tmp_path / name}: no installed")
    (tmp_path / "module.py").touch()
    for other in ("env", "empty"):
        assert nequip_lint("--environment", tmp_path / other, cwd=tmp_path).returncode == 0


def test_so_has_one_of_the_settings(tmp_path: Path) -> None:
    settings = '[tool.nequip-lint]\nenvironment = ".venv/bin"\n'
    write(tmp_path, {"pyproject.toml": settings, "module.py": "", ".venv/bin/activate": ""})
    done = nequip_lint(cwd=tmp_path)
    assert done.returncode == 2
    assert "environment: " in done.stderr
    assert ".venv/bin: no installed packages are there" in done.stderr


def test_a_chain_of_calls_may_be_longer_than_the_stack(tmp_path: Path) -> None:
    count = 2000
    chain = "\n".join(f"def f{n}(x):\n    return f{n + 1}(x)\n" for n in range(count))
    model = "class Model(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    text = f"import torch\n{chain}\ndef f{count}(x):\n    return x\n\n{model}        self.v = f0(1)\n"
    files = {"pyproject.toml": PLAIN, "mypkg/__init__.py": "", "mypkg/model.py": text}
    done = nequip_lint("--no-cache", cwd=write(tmp_path, files))
    assert (done.returncode, done.stderr) == (0, "")


def test_fewer_fixes_are_planned_in_long_files(tmp_path: Path) -> None:
    imports = "".join(f"import lib{n}\n" for n in range(40))
    uses = "".join(f"        lib{n}.f(x)\n" for n in range(40))
    text = f"import torch\n{imports}class Model(torch.nn.Module):\n    def forward(self, x):\n{uses}"
    files = {"pyproject.toml": PLAIN, "mypkg/__init__.py": "", "mypkg/model.py": text + "\n" * 3000}
    done = nequip_lint("--no-cache", "--select", "NQ101", cwd=write(tmp_path, files))
    assert done.stdout.count("error NQ101") == 40
    assert 25 < done.stdout.count("and fewer in long files; run --fix") < 40

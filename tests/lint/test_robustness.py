"""The whole linter over code that nobody wrote for it: large trees, generated programs, damaged files."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import random
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY, nequip_lint, write
from programs import program

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nequip_lint.engine.run import Report

SEED = 20261125
PROJECT = """\
[project]
name = "{top}"
version = "1"
requires-python = ">=3.10"
dependencies = ["torch"]

[tool.nequip-lint]
internal-packages = ["{top}"]
extern-modules = ["io", "sys"]
mock-modules = ["mocklib"]
"""


def module_of(path: Path, folder: Path) -> str:
    """The dotted name of a file below a folder of importable code."""
    return ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")


def judged(folder: Path, top: str, files: Iterable[Path]) -> Report:
    """What every rule says of some files, each a root of its own, so that all are packaged."""
    (folder / "pyproject.toml").write_text(PROJECT.format(top=top), encoding="utf-8")
    roots = tuple(module_of(path, folder) for path in files)
    return check(Request((folder,), roots=roots, cache=False), Selection())


def refused(data: bytes) -> bool:
    """Whether Python itself has no tree of the file's text, which is what torch.package stores.

    `compile` takes bytes that do not fit the encoding where they stand in comments; `linecache` does not.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(importlib.util.decode_source(data))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    return False


# Large trees


def _installed(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"{package} is not installed here")
    return Path(spec.origin).parent


def _lint_every_file(tree: Path, top: str, folder: Path) -> None:
    """As a command, with every file a root; the exit status and the report are as documented."""
    files = sorted(path for path in tree.rglob("*.py") if "site-packages" not in path.relative_to(tree).parts)
    roots = [module_of(path, tree.parent) for path in files if _is_importable(path, tree)]
    settings = folder / "settings.toml"
    lists = {"internal-packages": [top], "extern-modules": ["io", "sys"], "roots": roots}
    settings.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in lists.items()))
    options = ("--no-cache", "--format", "json", "--config", settings)
    done = nequip_lint(tree, *options, cwd=folder, timeout=1200)
    assert (done.returncode in (0, 1), done.stderr) == (True, "")
    report = json.loads(done.stdout)
    assert done.returncode == bool(report["summary"]["errors"])
    assert report["summary"]["files"] > 0.9 * len(files) > 0
    print(f"{top}: {len(files)} files, {report['summary']['by_code']}")


def _is_importable(path: Path, tree: Path) -> bool:
    """Whether a file has a module name below the tree: no folder on the way lacks its `__init__`."""
    folders = [folder for folder in path.parents if folder.is_relative_to(tree)]
    return path.stem.isidentifier() and all((folder / "__init__.py").is_file() for folder in folders)


@pytest.mark.parametrize("package", ["e3nn", "torchmetrics"])
def test_tree(package: str, tmp_path: Path) -> None:
    _lint_every_file(_installed(package), package, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("package", ["lightning", "ase"])
def test_large_tree(package: str, tmp_path: Path) -> None:
    _lint_every_file(_installed(package), package, tmp_path)


@pytest.mark.slow
def test_torch_as_if_it_were_an_extension(tmp_path: Path) -> None:
    """Copied under another name, since torch itself is never packaged; a seeded tenth of its folders."""
    source = _installed("torch")
    folders = sorted({path.parent for path in source.rglob("*.py")})
    chosen = random.Random(SEED).sample(folders, len(folders) // 10)
    print(f"seed {SEED}: {len(chosen)} of {len(folders)} folders")
    _copy(source, chosen, tmp_path / "torchcopy")
    _lint_every_file(tmp_path / "torchcopy", "torchcopy", tmp_path)


@pytest.mark.matrix
def test_all_of_torch(tmp_path: Path) -> None:
    source = _installed("torch")
    _copy(source, sorted({path.parent for path in source.rglob("*.py")}), tmp_path / "torchcopy")
    _lint_every_file(tmp_path / "torchcopy", "torchcopy", tmp_path)


def _copy(source: Path, folders: Iterable[Path], target: Path) -> None:
    target.mkdir()
    for folder in (source, *folders):
        (target / folder.relative_to(source)).mkdir(parents=True, exist_ok=True)
        parents = [parent for parent in folder.parents if parent.is_relative_to(source)]
        for path in (*folder.glob("*.py"), *(parent / "__init__.py" for parent in parents)):
            if path.is_file():
                shutil.copy(path, target / path.relative_to(source))


# Generated programs


def test_generated_programs(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    texts = {f"pkg/m{number}.py": program(chance) for number in range(150)}
    write(tmp_path, {"pkg/__init__.py": "", **texts})
    report = judged(tmp_path, "pkg", [tmp_path / name for name in texts])
    assert not [finding for finding in report.findings if finding.code == "NQ001"]
    assert len({finding.code for finding in report.findings}) > 10
    assert report.files == len(texts) + 1


def test_generated_programs_are_python() -> None:
    chance = random.Random(SEED + 1)
    texts = [program(chance) for _ in range(200)]
    assert not [text for text in texts if refused(text.encode())]
    assert len(set(texts)) > 190


# Damaged files


def _damaged(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """The same file cut off, with a piece missing, with a byte changed, and with other line ends."""
    first, second = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    yield data[:first]
    yield data[:first] + data[second:]
    yield data[:first] + bytes([chance.randrange(256)]) + data[first + 1 :]
    yield data[:first] + b"\x00" + data[first:]
    yield b"\xef\xbb\xbf" + data[:first].replace(b"\n", b"\r\n") + b"\x0c" + data[first:]


def test_damaged_files(tmp_path: Path) -> None:
    """Python and the linter refuse the same files, and each that is refused has one finding."""
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    folders = [REPOSITORY / name for name in ("nequip_lint", "src", "tests")]
    sources = sorted(path for folder in folders for path in folder.rglob("*.py") if path.stat().st_size)
    damaged = [data for path in chance.sample(sources, 40) for data in _damaged(path.read_bytes(), chance)]
    files = {f"pkg/m{number:03}.py": data for number, data in enumerate(damaged)}
    write(tmp_path, {"pkg/__init__.py": "", **files})
    report = judged(tmp_path, "pkg", [tmp_path / name for name in files])
    found = sorted(Path(finding.path).name for finding in report.findings if finding.code == "NQ001")
    assert found == sorted(Path(name).name for name, data in files.items() if refused(data))
    assert 40 < len(found) < len(files)
    assert report.files == len(files) + 1


# Folders and what is no file


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(write(tmp_path, {"pkg/__init__.py": ""}) / "pkg" / "pipe.py")
    (tmp_path / "pkg" / "zero.py").symlink_to("/dev/zero")
    done = nequip_lint(".", "--no-cache", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("cannot be read: it is no regular file") == 2
    assert "in 3 files" in done.stdout


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="this system has no permissions to take away")
def test_closed_folders_and_files_do_not_look_clean() -> None:
    """As root, to whom nothing is closed, the check is made as somebody else."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        files = {"pkg/closed/a.py": "", "pkg/listed/b.py": "", "pkg/secret.py": "", "pkg/model.py": "x = (\n"}
        write(folder, {"pyproject.toml": "", "pkg/__init__.py": "", **files})
        assert _unreadable(folder) == ["model.py"]
        closed = {"pkg/closed": 0o000, "pkg/listed": 0o444, "pkg/secret.py": 0o000}
        for path, mode in closed.items():
            (folder / path).chmod(mode)
        try:
            with somebody():
                found = _unreadable(folder)
                with pytest.raises(LintError, match=r"a\.py: cannot be reached: Permission denied"):
                    check(Request((folder / "pkg" / "closed" / "a.py",), cache=False), Selection())
        finally:
            for path in closed:
                (folder / path).chmod(0o700)
    assert found == ["__init__.py", "b.py", "model.py", "secret.py"]


def _unreadable(folder: Path) -> list[str]:
    report = check(Request((folder,), cache=False), Selection())
    assert {finding.code for finding in report.findings} == {"NQ001"}
    return sorted(Path(finding.path).name for finding in report.findings)


class somebody:
    """This process with the rights of a user who is not root."""

    def __enter__(self) -> None:
        self.is_root = os.geteuid() == 0
        if self.is_root:
            os.seteuid(65534)

    def __exit__(self, *_: object) -> None:
        if self.is_root:
            os.seteuid(0)


def test_a_file_deep_below(tmp_path: Path) -> None:
    path = "p/" * ((900 - len(str(tmp_path))) // 2)
    done = nequip_lint(".", "--no-cache", cwd=write(tmp_path, {f"{path}m.py": "x = (\n"}))
    assert (done.returncode, done.stderr) == (1, "")
    assert "in 1 file" in done.stdout

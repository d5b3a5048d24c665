"""The cache of facts: it changes no answer, whatever its file holds, and removes nothing but its own."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY, write

from nequip_lint.cache import store
from nequip_lint.cache.entries import Cache, cache_file
from nequip_lint.cache.upkeep import MARK
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nequip_lint.engine.run import Report

SEED = 20261128
DAY = 86_400
FILES = {
    "pyproject.toml": """[tool.nequip-lint]
roots = ["pkg.mod"]
internal-packages = ["pkg"]
extern-modules = ["triton"]
""",
    "pkg/__init__.py": "",
    "pkg/mod.py": "import triton\nfrom pkg import low\n",
    "pkg/low.py": "import os\nif os.environ['A']:\n    import lib\n",
    "pkg/kept.py": "x = 1  # noqa: NQ101\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with findings, and an empty cache beside it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return write(tmp_path / "project", FILES)


def judged(folder: Path, *, cache: bool = True) -> Report:
    return check(Request((folder,), cache=cache), Selection())


def file_of(folder: Path) -> Path:
    """The cache file of a project."""
    found = cache_file(folder)
    assert found is not None
    return found


def age(path: Path, days: float) -> None:
    """Let a file look as if it was last written some days ago."""
    then = time.time() - days * DAY
    os.utime(path, (then, then), follow_symlinks=False)


# Damage


def _flipped(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """One flipped bit in each hundredth of the file."""
    for part in range(100):
        place = (part * len(data) + chance.randrange(len(data))) // 100
        yield data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def _otherwise(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """Cut off, lengthened, with pieces exchanged, and something else altogether."""
    for _ in range(20):
        first, second = sorted(chance.randrange(len(data)) for _ in range(2))
        yield data[:first]
        yield data[:first] + data[second:]
        yield data[:first] + data[second:] + data[first:second]
        yield data[:first] + chance.randbytes(50) + data[second:]
    yield from (b"", b"\x80\x04N.", data * 2, chance.randbytes(5000), data[:20] + chance.randbytes(5000))


@pytest.mark.parametrize("damage", [_flipped, _otherwise])
def test_no_damage_changes_an_answer(
    damage: Callable[[bytes, random.Random], Iterator[bytes]], project: Path
) -> None:
    print(f"seed {SEED}")
    right = judged(project, cache=False)
    assert right.findings
    assert judged(project) == right
    file = file_of(project)
    whole = file.read_bytes()
    for data in damage(whole, random.Random(SEED)):
        file.write_bytes(data)
        assert judged(project) == right


def test_an_entry_answers_for_no_other_key(project: Path) -> None:
    """Even with every digest as it was written: the entries of two files change places."""
    right = judged(project)
    file = file_of(project)
    entries = store.read(file)
    keys = list(entries)
    for shift in range(1, len(keys)):
        moved = {key: entries[keys[(place + shift) % len(keys)]] for place, key in enumerate(keys)}
        store.write(file, moved)
        assert judged(project) == right


def test_a_file_without_facts_is_read_anew(project: Path) -> None:
    """Why Python refuses a file depends on its version and settings, which no key has."""
    cache = Cache(file_of(project))
    assert cache.facts(b"x = (\n", "m", "m.py", False).problem
    cache.save()
    assert not file_of(project).exists()


# What stands in its place


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        os.chdir(path.parent)  # the name of a socket has little room
        made.bind(path.name)


IN_PLACE: dict[str, Callable[[Path], object]] = {
    "pipe": _fifo,
    "socket": _socket,
    "folder": lambda path: (path / "inside").mkdir(parents=True),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "link to nothing": lambda path: path.symlink_to("nothing"),
    "link to itself": lambda path: path.symlink_to(path),
    "link to a file": lambda path: path.symlink_to(path.parent.parent / "foreign"),
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("kind", IN_PLACE)
@pytest.mark.parametrize("place", ["file", "version", "base"])
def test_what_is_no_file_of_ours_is_passed_over(
    kind: str, place: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    right = judged(project, cache=False)
    file = file_of(project)
    path = {"file": file, "version": file.parent, "base": file.parent.parent}[place]
    path.parent.mkdir(parents=True)
    (path.parent.parent / "foreign").write_bytes(b"kept")
    IN_PLACE[kind](path)
    before = path.lstat()
    assert judged(project) == right
    assert judged(project) == right
    assert (path.lstat().st_mode, path.lstat().st_ino) == (before.st_mode, before.st_ino)
    assert (path.parent.parent / "foreign").read_bytes() == b"kept"


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert judged(project).findings
    assert cache_file(project) is None


def test_a_relative_folder_for_caches_counts_for_nothing(
    monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(project.parent))
    assert file_of(project).is_relative_to(project.parent / ".cache")


# Drafts


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="this system limits no files")
def test_a_write_that_fails_leaves_no_draft_and_the_file_as_it_was(project: Path) -> None:
    judged(project)
    file = file_of(project)
    whole = file.read_bytes()
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom nequip_lint.cache import store\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n    store.write(Path(sys.argv[1]), {b'k' * 16: b'v' * 100_000})\n"
        "except OSError as error:\n    print(error.errno)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True, check=True)
    assert int(done.stdout) == errno.EFBIG
    assert sorted(path.name for path in file.parent.iterdir()) == sorted([MARK, file.name])
    assert file.read_bytes() == whole


def test_the_draft_of_a_killed_run_goes_with_the_next_look(project: Path) -> None:
    judged(project)
    folder = file_of(project).parent
    old, new = folder / f"a.1.1{store.DRAFT}", folder / f"b.2.2{store.DRAFT}"
    for draft, days in ((old, 0.1), (new, 0.0)):
        draft.write_bytes(b"half")
        age(draft, days)
    age(folder / MARK, 2)
    judged(project)
    assert (old.exists(), new.exists()) == (False, True)


# What is removed


def test_a_version_or_project_that_nobody_uses_is_removed(project: Path) -> None:
    judged(project)
    file = file_of(project)
    beside = file.parent.parent / "0.0.1-cpython-310-00"
    shutil.copytree(file.parent, beside)
    forgotten = file.with_name(f"00{store.SUFFIX}")
    forgotten.write_bytes(b"")
    for path in (*beside.iterdir(), forgotten):
        age(path, 31)
    judged(project)  # the mark of our own folder is fresh: nobody looks before tomorrow
    assert beside.exists()
    age(file.parent / MARK, 2)
    judged(project)
    assert not beside.exists()
    assert not forgotten.exists()
    assert file.exists()
    assert time.time() - (file.parent / MARK).stat().st_mtime < DAY


def test_what_is_used_is_dated_once_a_day_and_stays(project: Path) -> None:
    judged(project)
    file = file_of(project)
    for days, is_dated in ((29, True), (0.5, False)):
        age(file, days)
        before = file.stat().st_mtime
        judged(project)
        assert (file.stat().st_mtime != before) is is_dated


def test_nothing_foreign_is_removed(project: Path) -> None:
    judged(project)
    file = file_of(project)
    base = file.parent.parent
    mark = (file.parent / MARK).read_bytes()
    outside = write(project.parent / "outside", {MARK: mark, f"a{store.SUFFIX}": "", "notes.txt": ""})
    kept = {
        "unmarked": {f"a{store.SUFFIX}": "1", "sub/b.txt": "2"},
        "marked by another tool": {MARK: mark.splitlines()[0] + b"\n", f"a{store.SUFFIX}": "1"},
        "marked, with more": {MARK: mark, "notes.txt": "3", f"sub/a{store.SUFFIX}": "4"},
    }
    for name, files in kept.items():
        write(base / name, files)
    (base / "a file").write_bytes(mark)
    (base / "link").symlink_to(outside)
    (base / "marked, with more" / f"link{store.SUFFIX}").symlink_to(outside / "notes.txt")
    (base / "mark is a link").mkdir()
    (base / "mark is a link" / MARK).symlink_to(outside / MARK)
    (base / "mark is a link" / f"a{store.SUFFIX}").write_bytes(b"")
    for path in [*base.rglob("*"), *outside.iterdir()]:
        if file.parent not in (path, *path.parents):
            age(path, 400)
    age(file.parent / MARK, 2)
    before = sorted(str(path) for path in [*base.rglob("*"), *outside.rglob("*")])
    judged(project)
    assert sorted(str(path) for path in [*base.rglob("*"), *outside.rglob("*")]) == before


# Two installed versions

PROBE = """
import json, sys
from nequip_lint.cli import main
sys.argv = ["nequip-lint", *sys.argv[1:]]
try:
    main()
except SystemExit:
    pass
sys.stderr.write(json.dumps("ast" in sys.modules))
"""


def _installed(folder: Path, version: str) -> Path:
    """A copy of the linter with a version of its own."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "nequip_lint", folder / "nequip_lint", ignore=ignored)
    shutil.copytree(REPOSITORY / "rules", folder / "nequip_lint" / "_rules", ignore=ignored)
    start = folder / "nequip_lint" / "__init__.py"
    lines = start.read_text(encoding="utf-8").splitlines()
    named = [f'__version__ = "{version}"' if line.startswith("__version__") else line for line in lines]
    assert named != lines
    start.write_text("\n".join(named) + "\n", encoding="utf-8")
    return folder


def test_two_versions_lint_in_turn_and_both_stay_warm(tmp_path: Path) -> None:
    places = [_installed(tmp_path / name, name) for name in ("7.0.1", "7.0.2")]
    base = tmp_path / "cache" / "nequip-lint"
    write(base, {"foreign/notes.txt": "kept"})
    age(base / "foreign", 400)
    parsed = []
    for _ in range(3):
        for place in places:
            environment = {
                **os.environ,
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                "PYTHONPATH": str(place),
            }
            command = [sys.executable, "-c", PROBE, "check", str(REPOSITORY / "docs" / "example")]
            done = subprocess.run(
                command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
            )
            parsed.append(json.loads(done.stderr))
    assert parsed == [True, True, False, False, False, False]
    names = sorted(path.name.partition("-")[0] for path in base.iterdir())
    assert names == ["7.0.1", "7.0.2", "foreign"]
    assert (base / "foreign" / "notes.txt").read_text() == "kept"

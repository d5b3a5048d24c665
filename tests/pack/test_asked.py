"""``check`` of what pickles ask the environment for, through the real process, and what files tell."""

from __future__ import annotations

import importlib.machinery
import json
import os
import py_compile
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from altered import EAGER, altered, before, first, nested
from pack_support import checked, error_line, pack

from nequip_pack.format import open_archive
from nequip_pack.verify.modules import Answer, module_here
from nequip_pack.verify.names import name_here

HERE, MISSING, UNKNOWN = Answer.HERE, Answer.MISSING, Answer.UNKNOWN
YES = "everything that it needs to load is here"
NUMPY_NAME = b"cnumpy.no_such_part\nThing\n"
ARRAY = b"cnumpy._core.multiarray\n_reconstruct\n0cnumpy\nndarray\n0cnumpy\ndtype\n"


def asking(package: Path, folder: Path, payload: bytes) -> Path:
    """A package whose eager model asks for more."""
    return altered(package, folder / "asks.nequip.zip", before(payload)(open_archive(package)))


def with_first(folder: Path) -> dict[str, str]:
    """The environment with a folder that is looked in first."""
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.mark.real
def test_arrays_where_numpy_has_what_they_ask_for(package: Path, tmp_path: Path) -> None:
    done = checked(pack("check", asking(package, tmp_path, ARRAY), cwd=tmp_path))
    assert done.stdout.splitlines()[-1].endswith(YES)


@pytest.mark.real
def test_arrays_under_a_numpy_of_another_layout(package: Path, tmp_path: Path) -> None:
    """The numpy is a stand-in with the folders of 1.25."""
    numpy = tmp_path / "old" / "numpy"
    (numpy / "core").mkdir(parents=True)
    (numpy / "__init__.py").write_text("ndarray = dtype = None\nraise SystemExit('imported')\n")
    (numpy / "core" / "__init__.py").write_text("")
    (numpy / "core" / "multiarray.py").write_text("def _reconstruct(): ...\n")
    record = tmp_path / "old" / "numpy-1.25.2.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.25.2\n")
    path = asking(package, tmp_path, ARRAY)
    line = error_line(pack("check", path, cwd=tmp_path, env=with_first(tmp_path / "old")), 6)
    assert "it will not load here: numpy; numpy 1.25.2 has no numpy._core, which" in line
    assert "run `pip install 'numpy>=" in line


@pytest.mark.real
@pytest.mark.slow
def test_arrays_under_a_real_numpy_of_another_layout(package: Path, tmp_path: Path) -> None:
    options = ["--target", str(tmp_path / "old"), "--only-binary", ":all:", "--python-version", "3.11"]
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "numpy==1.25.2", *options]
    subprocess.run(command, check=True, cwd=tmp_path)
    path = asking(package, tmp_path, ARRAY)
    line = error_line(pack("check", path, cwd=tmp_path, env=with_first(tmp_path / "old")), 6)
    assert "numpy 1.25.2 has no numpy._core, which" in line
    old = asking(package, tmp_path, b"cnumpy.core.multiarray\n_reconstruct\n")
    done = checked(pack("check", old, cwd=tmp_path, env=with_first(tmp_path / "old")))
    assert done.stdout.splitlines()[-1].endswith(YES)


@pytest.mark.real
def test_a_name_that_is_missing(package: Path, tmp_path: Path) -> None:
    path = asking(package, tmp_path, b"ctorch.nn.modules.sparse\nNoSuchModule\n")
    line = error_line(pack("check", path, cwd=tmp_path), 6)
    assert "has no torch.nn.modules.sparse.NoSuchModule, which the model asks for; it is the version" in line
    answer = json.loads(pack("check", path, "--json", cwd=tmp_path).stdout)
    assert answer["loads"] is False


@pytest.mark.real
def test_what_is_not_known_is_said(package: Path, tmp_path: Path) -> None:
    path = asking(package, tmp_path, b"ctorch.ops\nsomething\n")
    shown = checked(pack("check", path, cwd=tmp_path)).stdout
    assert shown.splitlines()[-1].endswith("nothing is known to be missing; not known: torch.ops")
    assert YES not in shown
    answer = json.loads(checked(pack("check", path, "--json", cwd=tmp_path)).stdout)
    assert {need["name"]: need["not_known"] for need in answer["needs"]}["torch"] == ["torch.ops"]


@pytest.mark.real
def test_a_pickle_in_a_pickle_asks_too(package: Path, tmp_path: Path) -> None:
    change = nested(lambda data: first(data, b"cno_such_library.part\nThing\n"))
    path = altered(package, tmp_path / "asks.nequip.zip", change(open_archive(package)))
    line = error_line(pack("check", path, cwd=tmp_path), 6)
    assert "it will not load here: no_such_library" in line


@pytest.mark.real
def test_a_pickle_that_cannot_be_read(package: Path, tmp_path: Path) -> None:
    content = open_archive(package).read(EAGER)
    path = altered(package, tmp_path / "asks.nequip.zip", {EAGER: content + b"N."})
    assert "2 bytes follow its end" in error_line(pack("check", path, cwd=tmp_path), 4)


@pytest.mark.real
def test_advice_is_no_command_of_the_package(package: Path, tmp_path: Path) -> None:
    """The version is text from the package, and people copy what they are told to run."""
    text = open_archive(package).read("model/package_metadata.txt").decode()
    changed = re.sub(r"numpy: .*", "numpy: '9`; touch here; `'", text, count=1).encode()
    members = {"model/package_metadata.txt": changed, **before(NUMPY_NAME)(open_archive(package))}
    path = altered(package, tmp_path / "asks.nequip.zip", members)
    line = error_line(pack("check", path, cwd=tmp_path), 6)
    assert "has no numpy.no_such_part, which the model asks for" in line
    assert "pip install" not in line


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A library of which every file says so if it is imported."""
    suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
    files = {
        "__init__.py": "import sys\nfrom .names import *\nsys.modules['made'] = sys\n",
        "names.py": "if 1:\n    late = 1\n__all__ = ['late', 'listed']\n",
        "plain.py": "class Here:\n    inner = 1\nimport os.path as where\ndef go():\n    local = 1\n",
        "star.py": "from library.plain import *\nfrom os import *\n",
        "asked.py": "def __getattr__(name):\n    return 1\n",
        "dynamic.py": "for name in 'ab':\n    globals()[name] = 1\n",
        "late.py": "import sys\ndef fill():\n    setattr(sys.modules[__name__], 'x', 1)\n",
        "broken.py": "def (\n",
        "space/inner.py": "x = 1\n",
        f"compiled{suffix}": "",
        "compiled.pyi": "def declared() -> int: ...\n",
        f"bare{suffix}": "",
        "only/__init__.py": "",
    }
    for name, text in files.items():
        path = tmp_path / "library" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"\n{text}" if not text else f"{text}\nraise SystemExit('imported')\n")
    source = tmp_path / "sourceless.py"
    source.write_text("x = 1\n")
    py_compile.compile(str(source), str(tmp_path / "library" / "sourceless.pyc"))
    monkeypatch.syspath_prepend(str(tmp_path))
    module_here.cache_clear()
    yield tmp_path / "library"
    module_here.cache_clear()
    assert not {name for name in sys.modules if name.partition(".")[0] in ("library", "zipped", "mapped")}


MODULES = {
    "library": HERE,
    "library.plain": HERE,
    "library.only": HERE,
    "library.space": HERE,
    "library.space.inner": HERE,
    "library.compiled": HERE,
    "library.sourceless": HERE,
    "library.nothing": MISSING,
    "library.only.nothing": MISSING,
    "library.space.nothing": UNKNOWN,
    "library.plain.nothing": MISSING,
    "library.compiled.nothing": UNKNOWN,
    "library.made": UNKNOWN,
    "library.nothing.deeper": MISSING,
    "no_such_library": MISSING,
    "no_such_library.part": MISSING,
    "library" + ".only" * 40_000: MISSING,
    "library/only": MISSING,
    "library...only": MISSING,
    "": MISSING,
    "lib\0rary": MISSING,
}


def test_modules(library: Path) -> None:
    assert {name: module_here(name).answer for name in MODULES} == MODULES


NAMES = {
    ("library.plain", "Here"): HERE,
    ("library.plain", "Here.inner"): HERE,
    ("library.plain", "where"): HERE,
    ("library.plain", "inner"): MISSING,
    ("library.plain", "local"): MISSING,
    ("library", "listed"): HERE,
    ("library", "plain"): HERE,
    ("library", "other"): UNKNOWN,
    ("library.names", "late"): HERE,
    ("library.names", "other"): MISSING,
    ("library.star", "Here"): HERE,
    ("library.star", "other"): UNKNOWN,
    ("library.asked", "other"): UNKNOWN,
    ("library.dynamic", "a"): UNKNOWN,
    ("library.late", "x"): UNKNOWN,
    ("library.broken", "x"): UNKNOWN,
    ("library.compiled", "declared"): HERE,
    ("library.compiled", "other"): UNKNOWN,
    ("library.bare", "x"): UNKNOWN,
    ("library.sourceless", "x"): UNKNOWN,
    ("library.space.inner", "x"): HERE,
}


def test_names(library: Path) -> None:
    assert {key: name_here(*key) for key in NAMES} == NAMES


def test_libraries_that_only_their_finder_knows(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive on the path, and the finder of an editable installation."""
    with zipfile.ZipFile(tmp_path / "zipped.zip", "w") as archive:
        archive.writestr("zipped/__init__.py", "")
        archive.writestr("zipped/part.py", "x = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path / "zipped.zip"))

    class Finder:
        @staticmethod
        def find_spec(name: str, path: Any = None, target: Any = None) -> Any:
            return importlib.machinery.ModuleSpec(name, None) if name == "mapped" else None

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert module_here("zipped").answer is HERE
    assert module_here("zipped.part").answer is HERE
    assert name_here("zipped.part", "x") is UNKNOWN
    assert module_here("mapped").answer is UNKNOWN
    assert module_here("mapped.part").answer is UNKNOWN

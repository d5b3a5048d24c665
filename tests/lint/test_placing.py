"""`nequip-lint registrations --write`: which lines change, in every layout that files have."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from lint_support import nequip_lint, write

from nequip_lint.engine.changes import Change
from nequip_lint.engine.changes import write as write_changes
from nequip_lint.errors import LintError
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.project.registrations import FUNCTION
from nequip_lint.registering.placement import placed
from nequip_lint.registering.proposal import is_missing
from nequip_lint.registering.proposals import proposals

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """[project]
name = "ext"
dependencies = ["nequip>=0.19.1"]
[project.entry-points."nequip.extension"]
init_always = "ext"
"""
MODEL = """import lib
import torch
from nequip.nn import GraphModuleMixin


class M(GraphModuleMixin, torch.nn.Module):
    def forward(self, data):
        return lib.f(data)
"""
IMPORT = f"from nequip.scripts._package_utils import {FUNCTION}\n"
TITLE = '"""Says what a package of this model does with the libraries that it needs."""\n'
NEW = f'{TITLE}\n{IMPORT}\n{FUNCTION}(extern_modules=["lib"])\n'


def _write(folder: Path) -> list[str]:
    """Put in place what is proposed; the changed files, after a second run that changes nothing."""
    for is_first in (True, False):
        (assembled,) = assemble(Request((folder,), cache=False))
        changes = placed(assembled.project, proposals(assembled))
        write_changes(changes)
        if is_first:
            changed = [str(item.path.relative_to(folder)) for item in changes]
    assert changes == ()
    (assembled,) = assemble(Request((folder,), cache=False))
    assert not any(map(is_missing, proposals(assembled)))
    return changed


def _project(folder: Path, files: dict[str, str | bytes]) -> Path:
    return write(folder, {"pyproject.toml": PYPROJECT, "ext/__init__.py": "", "ext/model.py": MODEL, **files})


# The import in __init__, before and after
INITS = {
    "empty": ("", "from . import _extern\n"),
    "docstring": ('"""Doc."""\n', '"""Doc."""\n\nfrom . import _extern\n'),
    "docstring without an end": ('"""Doc."""', '"""Doc."""\n\nfrom . import _extern\n'),
    "docstring of lines": ('"""Doc.\n\nMore.\n"""\n', '"""Doc.\n\nMore.\n"""\n\nfrom . import _extern\n'),
    "docstring and code": (
        '"""Doc."""\n__version__ = "1"\n',
        '"""Doc."""\n\nfrom . import _extern\n\n__version__ = "1"\n',
    ),
    "docstring, gap and code": (
        '"""Doc."""\n\n__version__ = "1"\n',
        '"""Doc."""\n\nfrom . import _extern\n\n__version__ = "1"\n',
    ),
    "comment": ("# Licence\n", "# Licence\n\nfrom . import _extern\n"),
    "comment without an end": ("# Licence", "# Licence\n\nfrom . import _extern\n"),
    "code": ("# Licence\nx = 1\n", "# Licence\nfrom . import _extern\n\nx = 1\n"),
    "future": (
        "from __future__ import annotations\n",
        "from __future__ import annotations\n\nfrom . import _extern\n",
    ),
    "absolute import": ("import os\nx = 1\n", "import os\n\nfrom . import _extern\n\nx = 1\n"),
    "import of lines": (
        "from os import (\n    path,  # a\n)  # b\n\nx = 1\n",
        "from os import (\n    path,  # a\n)  # b\n\nfrom . import _extern\n\nx = 1\n",
    ),
    "relative import": (
        "import os\n\nfrom ._version import v\n\nx = 1\n",
        "import os\n\nfrom . import _extern\nfrom ._version import v\n\nx = 1\n",
    ),
    "relative import below a comment": (
        "# the version\nfrom ._version import v\nx = 1\n",
        "# the version\nfrom ._version import v\nfrom . import _extern\nx = 1\n",
    ),
    "import in a try": (
        "try:\n    import os\nexcept ImportError:\n    pass\n",
        "from . import _extern\n\ntry:\n    import os\nexcept ImportError:\n    pass\n",
    ),
    "two statements on a line": ("import os; x = 1\n", "import os; x = 1\n\nfrom . import _extern\n"),
    "decorated": ("@f\ndef g(): ...\n", "from . import _extern\n\n@f\ndef g(): ...\n"),
    "it is there": ("from . import _extern, _version\n", "from . import _extern, _version\n"),
    "it is there by its path": ("import ext._extern\n", "import ext._extern\n"),
    "it is there under a test": (
        "import os\nif os.name:\n    from . import _extern\n",
        "import os\n\nfrom . import _extern\n\nif os.name:\n    from . import _extern\n",
    ),
}


@pytest.mark.parametrize("name", INITS)
def test_import_in_the_entry_point(tmp_path: Path, name: str) -> None:
    before, after = INITS[name]
    _project(tmp_path, {"ext/__init__.py": before, "ext/_version.py": "v = 1\n"})
    assert _write(tmp_path) == ["ext/_extern.py", "ext/__init__.py"][: 1 + (before != after)]
    assert (tmp_path / "ext/__init__.py").read_text() == after
    assert (tmp_path / "ext/_extern.py").read_text() == NEW


# A call in the module that the entry point imports, before and after: @ is the function's name
CALLS = {
    "list": ('@(extern_modules=["a"])', '@(extern_modules=["a", "lib"])'),
    "single quotes": ("@(extern_modules=['a'])", "@(extern_modules=['a', 'lib'])"),
    "positional": ('@(["a"])', '@(["a", "lib"])'),
    "tuple": ('@(extern_modules=("a",))', '@(extern_modules=("a", "lib"))'),
    "set": ('@(extern_modules={"a"})', '@(extern_modules={"a", "lib"})'),
    "comma": ('@(extern_modules=["a", ])', '@(extern_modules=["a", "lib"])'),
    "no space": ('@(extern_modules=["a","b"])', '@(extern_modules=["a","b", "lib"])'),
    "empty": ("@(extern_modules=[])", '@(extern_modules=["lib"])'),
    "empty lines": ("@(extern_modules=[\n])", '@(extern_modules=["lib"])'),
    "lines": (
        '@(\n    extern_modules=[\n        "a",  # one\n        "b",  # two, (three]\n'
        "        # end\n    ]\n)",
        '@(\n    extern_modules=[\n        "a",  # one\n        "b",  # two, (three]\n        "lib",\n'
        "        # end\n    ]\n)",
    ),
    "lines without a comma": (
        '@(extern_modules=[\n    "a",\n    "b"  # two\n])',
        '@(extern_modules=[\n    "a",\n    "b",  # two\n    "lib"\n])',
    ),
    "bracket on the last line": (
        '@(extern_modules=["a",\n                 "b"])',
        '@(extern_modules=["a",\n                 "b",\n                 "lib"])',
    ),
    "tabs": (
        '@(\n\textern_modules=[\n\t\t"a",\n\t],\n)',
        '@(\n\textern_modules=[\n\t\t"a",\n\t\t"lib",\n\t],\n)',
    ),
    "mock alone": ('@(mock_modules=["a"])', '@(mock_modules=["a"], extern_modules=["lib"])'),
    "mock alone in lines": (
        '@(\n    mock_modules=["a"],  # pictures\n)',
        '@(\n    mock_modules=["a"],  # pictures\n    extern_modules=["lib"],\n)',
    ),
    "comment behind": ('@(extern_modules=["a"])  # why', '@(extern_modules=["a", "lib"])  # why'),
    "non-ascii before": ('x = "é"; @(extern_modules=["é"])', 'x = "é"; @(extern_modules=["é", "lib"])'),
    "a name": (
        'A = ["a"]\n@(extern_modules=A)',
        'A = ["a"]\n@(extern_modules=A)\n\n@(extern_modules=["lib"])',
    ),
    "a call": ('@(extern_modules=list(["a"]))', '@(extern_modules=list(["a"]))\n\n@(extern_modules=["lib"])'),
    "parentheses": ('@(extern_modules=[("a")])', '@(extern_modules=[("a")])\n\n@(extern_modules=["lib"])'),
    "nothing": ("@()", '@()\n\n@(extern_modules=["lib"])'),
    "under a test": (
        'import torch\nif torch.cuda.is_available():\n    @(extern_modules=["a"])',
        'import torch\nif torch.cuda.is_available():\n    @(extern_modules=["a"])\n\n'
        '@(extern_modules=["lib"])',
    ),
    "in a function": (
        'def f():\n    @(extern_modules=["a"])\nf()',
        'def f():\n    @(extern_modules=["a"])\nf()\n\n@(extern_modules=["lib"])',
    ),
    "the second of two": (
        'A = ["a"]\n@(extern_modules=A)\n@(extern_modules=["b"])',
        'A = ["a"]\n@(extern_modules=A)\n@(extern_modules=["b", "lib"])',
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_call(tmp_path: Path, name: str) -> None:
    before, after = (f"{IMPORT}\n{text.replace('@', FUNCTION)}\n" for text in CALLS[name])
    init = "from . import _extern\n"
    _project(tmp_path, {"ext/__init__.py": init, "ext/_extern.py": before})
    assert _write(tmp_path) == ["ext/_extern.py"]
    assert (tmp_path / "ext/_extern.py").read_text() == after


def test_other_names_of_the_function(tmp_path: Path) -> None:
    aliased = f"from nequip.scripts._package_utils import {FUNCTION} as register\n\nregister(**{{}})\n"
    plain = f"import nequip.scripts._package_utils as u\n\nA = ['a']\nu.{FUNCTION}(A)\n"
    init = "from . import _extern\n"
    _project(tmp_path, {"ext/__init__.py": init, "ext/_extern.py": plain})
    assert _write(tmp_path) == ["ext/_extern.py"]
    assert (tmp_path / "ext/_extern.py").read_text() == f'{plain}\nu.{FUNCTION}(extern_modules=["lib"])\n'
    idle = aliased.replace("register(**{})", "def f():\n    register(extern_modules=['lib'])")
    _project(tmp_path / "idle", {"ext/_extern.py": idle})
    assert _write(tmp_path / "idle") == ["ext/_extern.py", "ext/__init__.py"]
    assert (tmp_path / "idle/ext/_extern.py").read_text() == f'{idle}\nregister(extern_modules=["lib"])\n'


def test_a_file_without_registrations_is_filled(tmp_path: Path) -> None:
    text = '"""No library needs a registration."""\n\nimport os\n\nx = 1'
    _project(tmp_path, {"ext/_extern.py": text})
    assert _write(tmp_path) == ["ext/_extern.py", "ext/__init__.py"]
    expected = (
        text.replace("import os\n", f"import os\n{IMPORT}") + f'\n\n{FUNCTION}(extern_modules=["lib"])\n'
    )
    assert (tmp_path / "ext/_extern.py").read_text() == expected


def test_a_call_that_does_not_run_is_imported(tmp_path: Path) -> None:
    text = f"{IMPORT}\n{FUNCTION}(mock_modules=['lib'])\n"
    _project(tmp_path, {"ext/sub/__init__.py": "", "ext/sub/names.py": text})
    assert _write(tmp_path) == ["ext/__init__.py"]
    assert (tmp_path / "ext/__init__.py").read_text() == "from .sub import names\n"


def test_extern_and_mock_in_one_call(tmp_path: Path) -> None:
    model = f"import plots\n{MODEL}\n    def plot(self):\n        plots.show()\n"
    _project(tmp_path, {"ext/model.py": model})
    _write(tmp_path)
    text = (tmp_path / "ext/_extern.py").read_text()
    assert text.endswith(f'{FUNCTION}(extern_modules=["lib"], mock_modules=["plots"])\n')


# Bytes


def _bytes(folder: Path, init: bytes, extern: bytes | None = None) -> tuple[bytes, bytes]:
    files: dict[str, str | bytes] = {"ext/__init__.py": init}
    _project(folder, files if extern is None else {**files, "ext/_extern.py": extern})
    _write(folder)
    return (folder / "ext/__init__.py").read_bytes(), (folder / "ext/_extern.py").read_bytes()


def test_line_ends_stay(tmp_path: Path) -> None:
    for end in ("\r\n", "\r", "\n"):
        init, extern = _bytes(tmp_path / repr(end), f'"""Doc."""{end}x = 1{end}'.encode())
        assert init == f'"""Doc."""{end}{end}from . import _extern{end}{end}x = 1{end}'.encode()
        assert extern == NEW.replace("\n", end).encode()


def test_encodings_stay(tmp_path: Path) -> None:
    cookie = '# -*- coding: latin-1 -*-\n"""é"""\n'.encode("latin-1")
    assert _bytes(tmp_path / "cookie", cookie)[0] == cookie + b"\nfrom . import _extern\n"
    marked = b'\xef\xbb\xbf"""D\xc3\xa9."""\n'
    assert _bytes(tmp_path / "mark", marked)[0] == marked + b"\nfrom . import _extern\n"
    call = f'# coding: koi8-r\n{IMPORT}x = "я"; {FUNCTION}(extern_modules=["я"])  # я\n'
    changed = _bytes(tmp_path / "koi8", b"from . import _extern\n", call.encode("koi8-r"))[1]
    assert changed == call.replace('"я"])', '"я", "lib"])').encode("koi8-r")


def test_mixed_line_ends_stay(tmp_path: Path) -> None:
    call = f'{IMPORT}\n{FUNCTION}(\r\n    extern_modules=[\n        "a",\r\n    ],\r\n)\n'.encode()
    changed = _bytes(tmp_path, b"from . import _extern\n", call)[1]
    assert changed == call.replace(b'"a",', b'"a",\r\n        "lib",')


def test_links_and_modes_stay(tmp_path: Path) -> None:
    _project(tmp_path, {"ext/real.txt": '"""Doc."""\n'})
    (tmp_path / "ext/__init__.py").unlink()
    (tmp_path / "ext/__init__.py").symlink_to("real.txt")
    (tmp_path / "ext/real.txt").chmod(0o640)
    _write(tmp_path)
    assert (tmp_path / "ext/__init__.py").is_symlink()
    assert (tmp_path / "ext/real.txt").read_text() == '"""Doc."""\n\nfrom . import _extern\n'
    assert stat.S_IMODE((tmp_path / "ext/real.txt").stat().st_mode) == 0o640
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "ext/_extern.py").stat().st_mode) == 0o666 & ~mask
    assert sorted(path.name for path in (tmp_path / "ext").iterdir()) == [
        "__init__.py", "_extern.py", "model.py", "real.txt",
    ]  # fmt: skip


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"now")
    for before in (b"then", None):
        with pytest.raises(LintError, match="has changed since it was read"):
            write_changes([Change(path, before, b"new")])
    assert [item.name for item in tmp_path.iterdir()] == ["a.py"]
    assert path.read_bytes() == b"now"
    with pytest.raises(LintError, match="could not be written"):
        write_changes([Change(tmp_path / "gone" / "a.py", None, b"new")])


# What has no place: one line, exit 2, nothing written

SINGLE = PYPROJECT.replace('= "ext"\n', '= "single"\n').replace('name = "single"', 'name = "ext"')
REFUSED = [
    (
        {"ext/model.py": f"from ext import v\n{MODEL}", "ext/__init__.py": "v = 1\n"},
        [],
        ["is packaged itself", "model.py:1"],
    ),
    ({}, ["ext/model.py"], ["not among the linted files"]),
    (
        {"pyproject.toml": SINGLE, "single.py": MODEL},
        ["single.py"],
        ["make a package of it: move it to single/model.py"],
    ),
    (
        {"ext/_extern.py": "# coding: latin-1\n", "ext/model.py": MODEL.replace("lib", "ліб")},
        [],
        ["cannot be written in iso-8859-1"],
    ),
]


@pytest.mark.parametrize(("files", "paths", "parts"), REFUSED)
def test_refused(tmp_path: Path, files: dict[str, str], paths: list[str], parts: list[str]) -> None:
    _project(tmp_path, {**files})
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.py")}
    done = nequip_lint("registrations", "--write", *paths, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert [part for part in parts if part not in done.stderr] == []
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.py")} == before


# The command


def test_write_and_diff(tmp_path: Path) -> None:
    _project(tmp_path, {})
    shown = nequip_lint("registrations", "--diff", cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (1, "")
    assert shown.stdout.startswith("--- /dev/null\n+++ b/ext/_extern.py\n@@ -0,0 +1,5 @@\n")
    assert shown.stdout.endswith(
        "--- a/ext/__init__.py\n+++ b/ext/__init__.py\n@@ -0,0 +1 @@\n+from . import _extern\n"
    )
    assert not (tmp_path / "ext/_extern.py").exists()
    done = nequip_lint("registrations", "--write", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "registered as extern: lib\ncreated ext/_extern.py\nchanged ext/__init__.py\n"
    for option in ("--diff", "--write", "--check"):
        assert nequip_lint("registrations", option, cwd=tmp_path).returncode == 0
    assert nequip_lint("--select", "NQ2,NQ003", "--strict", cwd=tmp_path).returncode == 0


def test_what_no_registration_settles_is_exit_1(tmp_path: Path) -> None:
    _project(tmp_path, {"ext/model.py": f"import ase\n{MODEL}        return ase.f()\n"})
    done = nequip_lint("registrations", "--write", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.endswith("not settled by a registration: ase (see nequip-lint registrations)\n")


@pytest.mark.parametrize("options", [["--write", "--check"], ["--diff", "--format", "json"]])
def test_options_that_do_not_go_together(tmp_path: Path, options: list[str]) -> None:
    done = nequip_lint("registrations", *options, cwd=_project(tmp_path, {}))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


# Without nequip: the settings in place of a call

PLAIN = MODEL.replace("from nequip.nn import GraphModuleMixin\n", "").replace("GraphModuleMixin, ", "")
TABLE = '# why\n[tool.nequip-lint]\nroots = ["ext.model"]  # so\ninternal-packages = ["ext"]\n'


def test_settings_are_written_where_nothing_calls_nequip(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": TABLE, "ext/__init__.py": "", "ext/model.py": PLAIN})
    shown = nequip_lint("registrations", cwd=tmp_path).stdout
    assert shown.endswith('to be added (--write): [tool.nequip-lint] extern-modules = ["lib"]\n')
    assert nequip_lint("registrations", "--write", cwd=tmp_path).returncode == 0
    assert (tmp_path / "pyproject.toml").read_text() == f'{TABLE}extern-modules = ["lib"]\n'
    assert nequip_lint("--select", "NQ201", cwd=tmp_path).returncode == 0


def test_without_a_file_for_settings_they_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"setup.py": "from setuptools import setup\nsetup()\n", "ext/__init__.py": ""})
    write(tmp_path, {"ext/model.py": PLAIN})
    done = nequip_lint("registrations", "--write", "--root", "ext.model", "ext", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "below [tool.nequip-lint]: extern-modules = ['lib']" in done.stderr

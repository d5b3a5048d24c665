"""Input that nobody writes by hand: each is a finding or one line, the other files are judged, nothing grows.

Time is bounded as processor time of the child process, memory as its address space, both with much room.
"""

# ruff: noqa: E501  the tables have one kind of input in each line

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from lint_support import write

from nequip_lint.engine.planning import MOST, ROOM, with_plans
from nequip_lint.engine.run import checked
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

PROJECT = """[tool.nequip-lint]
roots = ["pkg.mod"]
internal-packages = ["pkg"]
extern-modules = ["triton"]
"""
INFERRED = '[tool.nequip-lint]\ninternal-packages = ["pkg"]\n'
MANY = 100_000
SECONDS, BYTES = 60, 3 << 30
Files = dict[str, str | bytes]


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))


def lint(folder: Path, *arguments: str, style: str = "json") -> subprocess.CompletedProcess[str]:
    """Run the linter within limits; a crash, an internal error or a hang is none of its answers."""
    code = "from nequip_lint.cli import run; run()"
    command = [sys.executable, "-c", code, "check", "--no-cache", "--format", style, *arguments]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, preexec_fn=_limited
    )
    assert done.returncode in (0, 1, 2), (done.returncode, done.stderr[-500:])
    assert "internal error" not in done.stderr
    assert "Traceback" not in done.stderr
    return done


def refused(folder: Path, files: Files, *arguments: str) -> str:
    """The one line with which the linter refuses a project."""
    done = lint(write(folder, {"pkg/mod.py": "", **files}), *arguments)
    assert (done.returncode, done.stdout) == (2, ""), done.stdout[-500:]
    assert done.stderr.startswith("nequip-lint: error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def codes(folder: Path, files: Files, *arguments: str) -> set[str]:
    """The codes that are found in `pkg/mod.py`; a broken file beside it is judged too."""
    beside: Files = {
        "pyproject.toml": PROJECT,
        "pkg/__init__.py": "",
        "pkg/mod.py": "",
        "pkg/other.py": "x = (\n",
    }
    done = lint(write(folder, {**beside, **files}), *arguments, style="concise")
    assert done.stderr == ""
    found = [line.split(":", 3) for line in done.stdout.splitlines()[:-1]]
    assert [item[3].split()[1] for item in found if item[0] == "pkg/other.py"] == ["NQ001"]
    return {item[3].split()[1] for item in found if item[0] == "pkg/mod.py"}


# Settings and metadata

SETTINGS: dict[str, Files] = {
    "nested lists": {"pyproject.toml": "x = " + "[" * MANY + "]" * MANY},
    "nested tables": {"pyproject.toml": "x = " + "{a = " * MANY},
    "a key of many parts": {"pyproject.toml": f"[{'.'.join(['a'] * MANY)}]\n"},
    "a quoted key of many parts": {"pyproject.toml": " . ".join(['"a"'] * MANY) + " = 1\n"},
    "many keys of many parts": {"pyproject.toml": "".join(f"{'a.' * 300}b{i} = 1\n" for i in range(3000))},
    "a number of 5,000 digits": {"pyproject.toml": f"x = {'9' * 5000}\n"},
    "such a number beside ours": {"pyproject.toml": f"{PROJECT}[x]\ny = [{'1' * 5000}]\n"},
    "a number for our table": {"pyproject.toml": "[tool]\nnequip-lint = 1\n"},
    "a list for our table": {"pyproject.toml": "[[tool.nequip-lint]]\nroots = []\n"},
    "wrong types in it": {"pyproject.toml": "[tool.nequip-lint]\nroots = 1\nper-file-ignores = 1\nbaseline = []\n"},
    "a version that is none": {"pyproject.toml": '[tool.nequip-lint]\ntarget-python = "\u00b2.1"\n'},
    "a version of 5,000 digits": {"pyproject.toml": f'[tool.nequip-lint]\ntarget-python = "{"9" * 5000}.1"\n'},
    "a path that is too long": {"pyproject.toml": f'[tool.nequip-lint]\nenvironment = "{"a" * 5000}"\n'},
    "a path with a NUL": {"pyproject.toml": '[tool.nequip-lint]\nenvironment = "a\\u0000b"\n'},
    "another coding": {"pyproject.toml": PROJECT.encode("utf-16")},
    "a byte order mark": {"pyproject.toml": b"\xef\xbb\xbf" + PROJECT.encode()},
    "no text at all": {"pyproject.toml": b"\x00\xff" * 1000},
    "a setup.cfg without sections": {"setup.cfg": "[" * MANY + "\n"},
    "a setup.cfg of another coding": {"setup.cfg": "[metadata]\nname = é\n".encode("latin-1")},
    "a setup.cfg with a key twice": {"setup.cfg": "[metadata]\nname = x\nname = y\n"},
    "blanks where a key ends": {"setup.cfg": f"[metadata]\nname{' ' * 200_000}x\n"},
    "many runs of blanks": {"setup.cfg": f"[metadata]\n{('a' + ' ' * MANY) * 3}\n"},
}  # fmt: skip


@pytest.mark.parametrize("kind", SETTINGS)
def test_settings_that_cannot_be_read_are_one_line(kind: str, tmp_path: Path) -> None:
    text = refused(tmp_path, SETTINGS[kind])
    assert next(iter(SETTINGS[kind])) in text


TOLERATED: dict[str, Files] = {
    "metadata of wrong types": {"pyproject.toml": f"{PROJECT}[project]\nname = 1\ndependencies = {{}}\nentry-points = 2\n"},
    "a tool that is none": {"pyproject.toml": "tool = 1\n"},
    "a text of 6 MB": {"pyproject.toml": f"x = '{'a' * 6_000_000}'\n"},
    "many tables": {"pyproject.toml": "".join(f"[t{i}]\n" for i in range(20_000))},
    "a huge setup.cfg": {"setup.cfg": "[metadata]\nname = x\n[options]\ninstall_requires =\n" + "  a>=1\n" * MANY},
    "a setup.cfg with a byte order mark": {"setup.cfg": b"\xef\xbb\xbf[metadata]\nname = x\n"},
    "a setup.py that is nested": {"setup.py": "x = " + "(" * MANY + ")" * MANY},
    "a setup.py with a long chain": {"setup.py": f"x{'.a' * MANY}\n"},
    "a setup.py with a long sum": {"setup.py": f"setup(name={'1+' * 20_000}1)\n"},
    "a setup.py with many signs": {"setup.py": f"setup(name={'-' * MANY}1)\n"},
    "a setup.py that is no source": {"setup.py": b"\x00\xff"},
    "a setup.py without a coding": {"setup.py": "# coding: undefined\nsetup()\n"},
    "a setup.py with blanks in a text": {"setup.py": f"setup(entry_points='[nequip.extension]\\na{' ' * MANY}b')\n"},
    "a setup.py with keys that are none": {"setup.py": "setup(name={[]: 1}, extras_require={1: 2})\n"},
}  # fmt: skip


@pytest.mark.parametrize("kind", TOLERATED)
def test_odd_metadata_hides_no_file(kind: str, tmp_path: Path) -> None:
    files = TOLERATED[kind]
    assert codes(tmp_path, files) == set()


def test_a_baseline_that_is_nested(tmp_path: Path) -> None:
    files: Files = {"pyproject.toml": "", "b.json": "[" * MANY + "]" * MANY}
    assert "b.json" in refused(tmp_path, files, "--baseline", "b.json")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("name", ["b.json", "pyproject.toml", "setup.cfg", "setup.py"])
def test_a_pipe_in_place_of_a_file(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"pkg/mod.py": "x = (\n"})
    os.mkfifo(tmp_path / name)
    done = lint(tmp_path, *(("--baseline", name) if name == "b.json" else ()))
    assert done.returncode == (2 if name == "b.json" else 1)


LONG = "a" * 5000


@pytest.mark.parametrize(
    "arguments",
    [
        (LONG,),
        ("--config", LONG),
        ("--environment", LONG),
        ("--baseline", LONG),
        ("--select", LONG),
        ("--root", LONG),
    ],
    ids=lambda given: given[0][:12],
)
def test_arguments_that_are_too_long(arguments: tuple[str, ...], tmp_path: Path) -> None:
    refused(tmp_path, {"pyproject.toml": ""}, *arguments)


# Folders


@pytest.mark.parametrize(
    "arguments", [("check",), ("check", "pkg"), ("check", "-", "--stdin-filename", "a.py")]
)
def test_a_working_directory_that_was_deleted(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert _from_a_deleted_folder(tmp_path, *arguments).returncode == 2


@pytest.mark.parametrize("style", ["full", "json", "sarif", "github", "junit"])
def test_an_absolute_path_needs_no_working_directory(style: str, tmp_path: Path) -> None:
    write(tmp_path, {"project/pyproject.toml": "", "project/m.py": "x = (\n"})
    arguments = ("check", str(tmp_path / "project"), "--no-cache", "--format", style)
    done = _from_a_deleted_folder(tmp_path, *arguments)
    assert done.returncode == 1, done.stderr
    assert "NQ001" in done.stdout


def _from_a_deleted_folder(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    gone = folder / "gone"
    gone.mkdir()
    code = (
        f"import os\nos.chdir({str(gone)!r})\nos.rmdir({str(gone)!r})\nfrom nequip_lint.cli import run\nrun()"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert "internal error" not in done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_links_that_go_round_in_a_circle(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "pkg/m.py": "x = (\n"})
    (tmp_path / "pkg" / "again").symlink_to(tmp_path)
    (tmp_path / "pkg" / "itself.py").symlink_to("itself.py")
    (tmp_path / "a.py").symlink_to("b.py")
    (tmp_path / "b.py").symlink_to("a.py")
    found = json.loads(lint(tmp_path).stdout)["findings"]
    assert {item["path"] for item in found} == {"pkg/m.py", "pkg/itself.py", "a.py", "b.py"}
    assert lint(tmp_path, "a.py").returncode == 2


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
@pytest.mark.parametrize("command", ["check", "closure", "registrations"])
def test_names_that_are_no_text(command: str, tmp_path: Path) -> None:
    odd = os.fsdecode(b"odd\xff")
    files: Files = {
        "pyproject.toml": INFERRED,
        f"pkg/{odd}.py": "import torch\nclass A(torch.nn.Module):\n    pass\n",
        f"pkg/{odd}s/__init__.py": "x = (\n",
        "pkg/__init__.py": "",
    }
    folder = write(tmp_path / odd, files)
    code = "from nequip_lint.cli import run; run()"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / odd / "cache")}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code, command], cwd=folder, env=environment, capture_output=True
        )
        assert done.returncode == (1 if command == "check" else 0), done.stderr
        notes = [line for line in done.stderr.splitlines() if b"__init__.py is not valid Python" in line]
        assert (len(notes), len(done.stderr.splitlines())) == ((0, 0) if command == "check" else (1, 1))
        done.stdout.decode()


# Source

UNREADABLE: dict[str, str | bytes] = {
    **{
        f"the coding {name}": f"# coding: {name}\nimport triton\nx = 'é'\n"
        for name in ("rot13", "hex", "zlib", "undefined", "idna", "punycode", "nosuch", "utf-16", "../x", "a" * 5000)
    },
    "a slow coding": b"# coding: punycode\n-" + b"a" * 300_000,
    "half a character": b"# coding: utf-7\nx = '+2AA-'\nimport triton\n",
    "NUL bytes": b"import triton\x00\n",
    "only NUL bytes": b"\x00" * 1_000_000,
    "brackets": "x = " + "(" * MANY + ")" * MANY,
    "signs": f"x = {'-' * MANY}1\n",
    "nots": f"x = {'not ' * MANY}1\n",
    "lambdas": f"x = {'lambda:' * MANY}1\n",
    "a sum": f"x = {'1+' * MANY}1\n",
    "attributes": f"x{'.a' * MANY}\n",
    "attributes with blanks": f"x{' . a' * MANY}\n",
    "calls": f"x{'()' * MANY}\n",
    "subscripts": f"x{'[0]' * MANY}\n",
    "choices": f"x = {'a if b else ' * MANY}1\n",
    "elifs": "if a: pass\n" + "elif a: pass\n" * 20_000,
    "f-strings": "x = " + "f'{" * MANY + "1" + "}'" * MANY,
    "brackets in an f-string": "x = f'{" + "(" * MANY + ")" * MANY + "}'\n",
    "f-strings that do not end": "f'{\n" * 20_000,
    "patterns": "match x:\n case " + "[" * MANY + "]" * MANY + ": pass\n",
    "a name of many parts": f"import {'.'.join(['a'] * MANY)}\n",
    "blanks behind from": f"from{' ' * MANY}\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", UNREADABLE)
def test_source_that_cannot_be_read_is_a_finding(kind: str, tmp_path: Path) -> None:
    assert codes(tmp_path, {"pkg/mod.py": UNREADABLE[kind]}) == {"NQ001"}


LONG_SOURCE: dict[str, str] = {
    "imports": "".join(f"import m{i}\n" for i in range(2_000)),
    "imports of the package": "".join(f"from pkg import m{i}\n" for i in range(20_000)),
    "the same import": "import triton\n" * 20_000,
    "one import": f"import {', '.join(f'm{i}' for i in range(2_000))}\n",
    "imports in a try": "try:\n" + "".join(f"    import m{i}\n" for i in range(2_000)) + "except ImportError: pass\n",
    "a row of tries": "".join(f"try:\n    import m{i}\nexcept ImportError:\n    m{i} = None\n" for i in range(1_500)),
    "a row of tests": "".join(f"if a{i}:\n    raise E\n" for i in range(20_000)) + "import triton\n",
    "a row of asserts": "".join(f"assert a{i}\n" for i in range(20_000)) + "import triton\n",
    "a line of 6 MB": f"x = '{'a' * 6_000_000}'; import triton\n",
    "a list of 6 MB": f"x = [{'1,' * 3_000_000}]; import triton\n",
    "a comment of 6 MB": f"import triton  # {'a' * 6_000_000}\n",
    "a million lines": "x = 1\n" * 300_000 + "import triton\n",
    "a noqa with 20,000 codes": f"import triton  # noqa: {','.join(['NQ101'] * 20_000)}\n",
    "a noqa with 20,000 other codes": f"import triton  # noqa: {' '.join(f'ABC{i}' for i in range(20_000))}!\n",
    "our own with 20,000 codes": f"import triton  # nequip-lint: ignore[{','.join(f'NQ{i}' for i in range(20_000))}]\n",
    "20,000 comments": "import triton  # noqa: NQ101\n" * 20_000,
    "comments of blanks": f"#{' ' * MANY}noqa\n" + f"# noqa{' ' * 20_000}" * 3 + "\nimport triton\n",
    "from and blanks in comments": f"# from{' ' * 3000}\n" * 1000 + "import triton\n",
    "names that stand for names": "A0 = f()\n" + "".join(f"A{i + 1} = A{i}\n" for i in range(1_500))
    + "if A1500:\n    import triton\n",
    "names that double": "A0 = f()\n" + "".join(f"A{i + 1} = A{i} and A{i}\n" for i in range(60))
    + "if A60:\n    import triton\n",
    "functions that call functions": "".join(f"def f{i}():\n    return f{i + 1}()\n" for i in range(1_500))
    + "if f0():\n    import triton\n",
    "classes of one file": "import torch, triton\nclass C0(torch.nn.Module): pass\n"
    + "".join(f"class C{i + 1}(C{i}): pass\n" for i in range(1_500)),
    "nested tests": "".join(f"{' ' * i}if a:\n" for i in range(99)) + " " * 99 + "import triton\n",
    "100 elifs": "import triton\nif a: pass\n" + "elif a: pass\n" * 100,
    "100 terms": f"import triton\nx = {'1+' * 100}1\n",
    "f-strings of several lines": "import triton\nx = [\n" + "f'''a{x}b''',\n" * 20_000 + "]\n",
    "a text like f-strings": "import triton\nx = '''" + 'f"""{' * 20_000 + "'''\n",
    "reads beside the source": f"import triton\nx = [{'open(__file__), ' * 5_000}]\n",
    "choices side by side": f"import triton\nx = [{'open(__file__) if a else 1, ' * 5_000}]\n",
    "attributes of an object": "import triton\nclass A:\n def __init__(self):\n"
    + "".join(f"  self.a{i} = open('x')\n" for i in range(2_000)),
}  # fmt: skip


@pytest.mark.parametrize("kind", LONG_SOURCE)
def test_long_source_is_judged(kind: str, tmp_path: Path) -> None:
    found = codes(tmp_path, {"pkg/mod.py": LONG_SOURCE[kind]})
    assert "NQ001" not in found


GROWING = {
    "replace": "V = __name__" + '.replace("", __name__)' * 9 + '.split(".")[0]\n',
    "sub": "import re\nV = " + 're.sub("", __name__, ' * 9 + "__name__" + ")" * 9 + '.split(".")[0]\n',
    "pattern": 'import re\nV = re.split(r"(?:.|\\w|[a-z_.<>0-9])+!", __name__)[0]\n',
}


@pytest.mark.parametrize("kind", GROWING)
def test_what_is_worked_out_of_a_name_stays_small(kind: str, tmp_path: Path) -> None:
    """A dozen words of source may ask for gigabytes, or for a search that does not end."""
    long = "m" * 60
    files: Files = {
        "pyproject.toml": PROJECT.replace("pkg.mod", f"pkg.{long}"),
        f"pkg/{long}.py": GROWING[kind],
    }
    assert codes(tmp_path, files) == set()


@pytest.mark.parametrize(
    "statement",
    ["from pkg import m{0}\nclass C(m{0}.C): pass\n", "from pkg.m{0} import C as B\nclass C(B): pass\n"],
)
def test_a_chain_of_300_modules(statement: str, tmp_path: Path) -> None:
    """A class of each descends from one of the next; the last one brings what is found."""
    files: Files = {f"pkg/m{i}.py": statement.format(i + 1) for i in range(300)}
    last = "import torch\nfrom nequip.nn import GraphModuleMixin\nimport triton\nclass C(GraphModuleMixin, torch.nn.Module): pass\n"
    write(tmp_path, {**files, "pkg/m300.py": last, "pkg/__init__.py": "", "pyproject.toml": INFERRED})
    found = json.loads(lint(tmp_path).stdout)
    assert found["summary"]["files"] == 302
    codes = {(item["code"], item["path"]) for item in found["findings"]}
    assert {path for code, path in codes if code != "NQ005"} == {"pkg/m300.py"}


def test_a_circle_of_classes(tmp_path: Path) -> None:
    files: Files = {
        f"pkg/m{i}.py": f"from pkg.m{(i + 1) % 200} import C as B\nclass C(B): pass\n" for i in range(200)
    }
    write(tmp_path, {**files, "pkg/__init__.py": "", "pyproject.toml": INFERRED})
    assert lint(tmp_path).returncode in (0, 1)


def test_fixes_are_planned_for_so_many_findings_of_a_run(tmp_path: Path) -> None:
    text = "".join(f"import m{number}\n" for number in range(500))
    write(tmp_path, {"pyproject.toml": PROJECT, "pkg/__init__.py": "", "pkg/mod.py": text})
    report = checked(Request((tmp_path,)), Selection(("NQ101",)))
    found = with_plans(report).findings
    assert [finding._replace(unfixable="") for finding in found] == list(report.report.findings)
    assert len(found) == 500
    planned = min(MOST, ROOM // 500 + 1)
    assert sum("run --fix" in finding.unfixable for finding in found) == 500 - planned

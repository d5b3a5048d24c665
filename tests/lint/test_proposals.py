"""`nequip-lint registrations`: what is proposed for a library, from its use, its wheel and what is known."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY, nequip_lint, write
from uses import USES, model_with

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request, assemble
from nequip_lint.project.registrations import FUNCTION
from nequip_lint.registering.proposal import Proposal, is_missing
from nequip_lint.registering.proposals import arguments, proposals, to_register

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """[project]
name = "ext"
dependencies = ["nequip>=0.19.1"]
[project.entry-points."nequip.extension"]
init_always = "ext"
"""


def _proposed(folder: Path, library: str, environment: Path | None = None, **files: str) -> Proposal:
    base = {"pyproject.toml": PYPROJECT, "ext/__init__.py": ""}
    write(folder, {**base, **{f"{name.replace('__', '/')}": text for name, text in files.items()}})
    (assembled,) = assemble(Request((folder,), environment, cache=False))
    (found,) = [item for item in proposals(assembled) if item.library == library]
    return found


@pytest.mark.parametrize(("parts", "action", "reason"), USES, ids=[str(row[0]) for row in USES])
def test_use(tmp_path: Path, parts: dict[str, str], action: str, reason: str) -> None:
    found = _proposed(tmp_path, "lib", **{"ext__model.py": model_with(**parts)})
    assert (found.status, found.action) == ("unregistered", action)
    assert found.registers == {"unknown": ""}.get(action, action)
    assert any(reason in one.text for one in found.reasons), found.reasons
    unknown = [one.text for one in found.reasons if "what it ships is not known" in one.text]
    assert len(unknown) == (action != "mock")


def test_what_a_modifier_calls_in_another_file_is_run(tmp_path: Path) -> None:
    kernel = (
        "class K:\n    @classmethod\n    def of(cls, m):\n        from lib import f\n        return f(m)\n"
    )
    modifier = "from .kernel import K; K.of(model)"
    files = {"ext__kernel.py": kernel, "ext__model.py": model_with(modifier=modifier)}
    assert _proposed(tmp_path, "lib", **files).action == "extern"
    files["ext__model.py"] = model_with(modifier="from .kernel import K")
    assert _proposed(tmp_path / "not called", "lib", **files).action == "mock"


# What is known of the library: its name, the parts that use it, action, what is registered now.
KNOWN = [
    ("torch_scatter", "forward", "extern", "extern"),
    ("torch_scatter", "idle", "extern", "extern"),
    ("PIL", "idle", "mock", "mock"),
    ("PIL", "forward", "extern", "extern"),
    ("ase", "forward", "avoid", ""),
    ("ase", "idle", "mock", "mock"),
    ("scipy", "forward", "extern", "extern"),
    ("scipy", "idle", "mock", "mock"),
]


@pytest.mark.parametrize(("library", "slot", "action", "registers"), KNOWN)
def test_known_library(tmp_path: Path, library: str, slot: str, action: str, registers: str) -> None:
    model = model_with(head=f"import {library}", **{slot: f"{library}.f(data)"})
    found = _proposed(tmp_path, library, **{"ext__model.py": model})
    assert (found.action, found.registers) == (action, registers)


AGREED = [(library, {"head": f"import {library}", slot: f"{library}.f(data)"}) for library, slot, *_ in KNOWN]
AGREED += [("lib", parts) for parts, *_ in USES]


@pytest.mark.parametrize(("library", "parts"), AGREED, ids=[str(row) for row in AGREED])
def test_the_help_of_nq201_is_what_write_does(tmp_path: Path, library: str, parts: dict[str, str]) -> None:
    """It names the call that is written, and promises none where nothing is."""
    found = _proposed(tmp_path, library, **{"ext__model.py": model_with(**parts)})
    hits = check(Request((tmp_path,), cache=False), Selection(("NQ201",))).findings
    (help,) = {hit.help for hit in hits if hit.module.partition(".")[0] == library}
    call = f'{found.registers}_modules=["{library}"]'
    is_promised = "registrations --write" in help
    assert is_promised == bool(found.registers)
    assert not is_promised or (call in help and found.reasons[0].text in help)
    assert is_promised or "keep it out" in help


# What is installed: files of the library, where the model uses it, action, reasons
RECORD = "{path},sha256=x,{size}\n"
WHEELS = [
    (
        {"lib/__init__.py": 10, "lib/_C.cpython-311-x86_64-linux-gnu.so": 9},
        "forward",
        "extern",
        "compiled code: lib/_C",
    ),
    (
        {"lib/__init__.py": 10, "_lib.abi3.so": 9},
        "forward",
        "extern",
        "lib 1.2 ships compiled code: _lib.abi3.so",
    ),
    (
        {"lib/__init__.py": 10, "lib/k.pyd": 9, "lib.libs/a.so.2": 9},
        "unused",
        "extern",
        "lib.libs/a.so.2 and 1 more",
    ),
    ({"lib/__init__.py": 10, "lib/_C.so": 9}, "idle", "mock", "only M.idle uses it"),
    ({"lib/__init__.py": 90_000}, "forward", "intern", "lib 1.2 is small and pure Python: 1 file, 90 kB"),
    ({"lib/__init__.py": 110_000}, "forward", "extern", "lib 1.2 is large and pure Python: 1 file, 110 kB"),
    (
        {"lib/__init__.py": 90_000, "lib/b.py": 90_000},
        "forward",
        "extern",
        "large and pure Python: 2 files, 180 kB",
    ),
    ({"lib.py": 500}, "forward", "intern", "lib 1.2 is small and pure Python: 1 file, 1 kB"),
    ({"lib/__init__.py": 10}, "unused", "unknown", "small and pure Python"),
    (
        {"other/__init__.py": 10},
        "forward",
        "extern",
        "what it ships is not known: it is not in the environment",
    ),
]


@pytest.mark.parametrize(("files", "slot", "action", "reason"), WHEELS, ids=[str(row[:2]) for row in WHEELS])
def test_wheel(tmp_path: Path, files: dict[str, int], slot: str, action: str, reason: str) -> None:
    site = write(tmp_path / "site", {path: "#" * size for path, size in files.items()})
    record = "".join(RECORD.format(path=path, size=size) for path, size in files.items())
    write(site / "lib-1.2.dist-info", {"METADATA": "Name: lib\nVersion: 1.2\n", "RECORD": record})
    parts = {slot: "lib.f(data)"} if slot != "unused" else {}
    found = _proposed(
        tmp_path / "ext", "lib", site, **{"ext__model.py": model_with(head="import lib", **parts)}
    )
    assert found.action == action
    assert any(reason in one.text for one in found.reasons), found.reasons


def test_without_a_record_the_files_tell(tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"lib/__init__.py": "#" * 500, "lib/sub/_C.so": ""})
    model = model_with(head="import lib", forward="lib.f(data)")
    found = _proposed(tmp_path / "ext", "lib", site, **{"ext__model.py": model})
    assert found.wheel == ("", "", ("lib/sub/_C.so",), 1, 500)
    assert any("ships compiled code: lib/sub/_C.so" in one.text for one in found.reasons)


def test_small_python_says_what_to_move(tmp_path: Path) -> None:
    site = {
        "lib/__init__.py": "import heavy\n",
        "lib/core.py": "from .tools import g\nimport heavylib\ndef f(x): return g(x)\n",
        "lib/tools.py": "def g(x): return x\n",
        "lib/more.py": "",
    }
    write(tmp_path / "site", site)
    model = model_with(head="from lib.core import f", forward="f(data)")
    found = _proposed(tmp_path / "ext", "lib", tmp_path / "site", **{"ext__model.py": model})
    assert (found.action, found.registers) == ("intern", "extern")
    texts = [one.text for one in found.reasons]
    assert any("move there what f needs, from lib.core, lib.tools (" in text for text in texts), texts
    assert any("heavylib" in text for text in texts), texts


# What is registered, and where


def _call(arguments: str) -> str:
    return f"from nequip.scripts._package_utils import {FUNCTION}\n{FUNCTION}({arguments})\n"


def test_registered_libraries_are_shown_with_their_place(tmp_path: Path) -> None:
    init = "from . import _extern\n"
    extern = _call("extern_modules=['lib'], mock_modules=['plots', 'spare', 'gone']")
    model = model_with(head="import lib, numpy, plots", forward="lib.f()", helped="plots.f()")
    spare = "import spare\n"
    write(tmp_path, {"pyproject.toml": PYPROJECT, "ext/__init__.py": init, "ext/_extern.py": extern})
    write(tmp_path, {"ext/model.py": model, "ext/build.py": spare})
    (assembled,) = assemble(Request((tmp_path,), cache=False))
    found = {item.library: item for item in proposals(assembled)}
    place = ("call", str(tmp_path / "ext/_extern.py"), 2)
    shown = {name: (item.status, item.action) for name, item in found.items()}
    assert shown["lib"] == ("registered", "extern")
    assert shown["plots"] == ("registered", "mock")
    assert shown["spare"] == ("unused", "mock")
    assert shown["gone"] == ("unused", "mock")
    assert [found[name].where for name in ("lib", "plots", "spare", "gone")] == [place] * 4
    assert "only files that are not packaged" in found["spare"].reasons[0].text
    assert "NQ003" in found["gone"].reasons[0].text
    assert any("M.helped uses plots.f" in one.text for one in found["plots"].reasons)
    assert (shown["numpy"], found["numpy"].where) == (("registered", "extern"), ("nequip", "", 0))
    assert not any(map(is_missing, found.values()))


def test_a_call_that_does_not_run_is_missing_and_decides(tmp_path: Path) -> None:
    files = {"ext__model.py": model_with(head="import lib", forward="lib.f()"), "ext___extern.py": ""}
    found = _proposed(tmp_path, "lib", **{**files, "ext___extern.py": _call("mock_modules=['lib']")})
    assert (found.status, found.action, found.registers) == ("not run", "mock", "mock")
    assert found.where == ("call", str(tmp_path / "ext/_extern.py"), 2)
    assert is_missing(found)


def test_computed_registrations_leave_it_open(tmp_path: Path) -> None:
    model = model_with(head="import lib", forward="lib.f()")
    write(
        tmp_path, {"pyproject.toml": PYPROJECT, "ext/__init__.py": _call("**OPTIONS"), "ext/model.py": model}
    )
    (assembled,) = assemble(Request((tmp_path,), cache=False))
    (found,) = [item for item in proposals(assembled) if item.library == "lib"]
    assert (found.action, found.registers) == ("unknown", "")
    assert "NQ004" in found.reasons[0].text


def test_what_only_a_heavy_root_reaches_is_imported_narrowly(tmp_path: Path) -> None:
    found = _proposed(tmp_path, "sympy", **{"ext__model.py": model_with(head="from e3nn import o3")})
    assert (found.action, found.registers) == ("narrow", "")
    assert "e3nn.o3/__init__" in found.reasons[0].text


INTERNAL = """[project]
name = "own"
dependencies = ["torch", "lib"]

[tool.nequip-lint]
internal-packages = ["own", "lib"]
roots = ["own.model"]
"""
INSTALLED = [
    ("x = ase.build()", "extern", "importing the file needs ase.build"),
    ("def idle():\n    return ase.build()", "mock", "only idle uses it"),
    ("", "mock", "importing these modules does not use it"),
    ("class M(Base):\n    def f(self):\n        return ase.build()", "extern", "is not known"),
]
"""What an installed file does with a library that models do without, the action, and the reason."""


def _installed(folder: Path, body: str, model: str = "") -> tuple[Path, Path]:
    """A project and the site of a library whose source is packaged, and imports ase."""
    base = "from other import Base\n" if "Base" in body else ""
    site = {
        "lib/__init__.py": "",
        "lib/core.py": f"import ase\n{base}{body}\ndef f(data):\n    return data\n",
        "lib-1.0.dist-info/METADATA": "Name: lib\nVersion: 1.0\n",
        "lib-1.0.dist-info/top_level.txt": "lib\n",
    }
    own = "import torch\nfrom lib.core import f\n{}\nclass Model(torch.nn.Module):\n    pass\n"
    files = {"pyproject.toml": INTERNAL, "own/__init__.py": "", "own/model.py": own.format(model)}
    return write(folder / "project", files), write(folder / "site", site)


@pytest.mark.parametrize(("body", "action", "reason"), INSTALLED)
def test_what_installed_code_imports_is_let_through(
    tmp_path: Path, body: str, action: str, reason: str
) -> None:
    project, site = _installed(tmp_path, body)
    answer = json.loads(
        nequip_lint("registrations", "--format", "json", "--environment", site, cwd=project).stdout
    )
    (found,) = [item for item in answer["libraries"] if item["library"] == "ase"]
    assert (found["action"], found["registers"]) == (action, action)
    assert reason in found["reasons"][0]["text"]
    assert [step["import"] for step in found["chain"]] == ["from lib.core import f", "import ase"]
    done = nequip_lint("registrations", "--write", "--environment", site, cwd=project)
    assert done.stdout.startswith("registered as ")
    assert "ase" in (project / "pyproject.toml").read_text().partition(f"{action}-modules")[2]
    again = nequip_lint("registrations", "--check", "--environment", site, cwd=project)
    assert (again.returncode, "nothing to register" in again.stdout) == (0, True)


def test_what_own_code_imports_too_is_kept_out(tmp_path: Path) -> None:
    project, site = _installed(tmp_path, "x = ase.build()", "import ase\ny = ase.build()")
    shown = nequip_lint("registrations", "--environment", site, cwd=project).stdout
    assert re.search("^ase +avoid", shown, re.MULTILINE)
    help = nequip_lint("--environment", site, cwd=project).stdout
    assert "help: keep it out of the modules" in help


def test_a_compiled_part_of_installed_code_is_external_by_itself(tmp_path: Path) -> None:
    project, site = _installed(
        tmp_path, "try:\n    from lib.fast import g\nexcept ImportError:\n    g = None\n"
    )
    write(site, {"lib/fast.so": ""})
    listed = json.loads(
        nequip_lint("registrations", "--format", "json", "--environment", site, cwd=project).stdout
    )["libraries"]
    (found,) = [item for item in listed if item["library"] == "lib.fast"]
    assert (found["status"], found["action"], found["registers"]) == ("unregistered", "extern", "extern")
    assert found["reasons"][0]["text"].startswith("it is a C extension")
    assert found["chain"][-1]["import"] == "from lib.fast import g"
    nequip_lint("registrations", "--write", "--environment", site, cwd=project)
    assert '"lib.fast"' in (project / "pyproject.toml").read_text().partition("extern-modules")[2]
    assert nequip_lint("registrations", "--check", "--environment", site, cwd=project).returncode == 0
    assert "NQ209" not in nequip_lint("--environment", site, cwd=project).stdout


def test_a_compiled_part_that_a_call_registers_is_used(tmp_path: Path) -> None:
    files = {"ext/__init__.py": "from . import _extern\n", "ext/_ops.so": "", "pyproject.toml": PYPROJECT}
    model = model_with(head="from ext import _ops", forward="_ops.f(data)")
    write(tmp_path, {**files, "ext/_extern.py": "", "ext/model.py": model})
    done = nequip_lint("registrations", "--write", cwd=tmp_path)
    assert done.stdout.startswith("registered as extern: ext._ops\n")
    assert "ext._ops" not in nequip_lint("registrations", cwd=tmp_path).stdout


def test_the_help_of_nq201_names_the_way_through(tmp_path: Path) -> None:
    project, site = _installed(tmp_path, "x = ase.build()")
    shown = nequip_lint("--environment", site, "--select", "NQ201", cwd=project).stdout
    assert "or run `nequip-lint registrations --write`, which adds to pyproject.toml (" in shown


def test_what_some_releases_leave_out_is_labelled(tmp_path: Path) -> None:
    old = PYPROJECT.replace("nequip>=0.19.1", "nequip>=0.19.0")
    found = _proposed(
        tmp_path, "sys", **{"pyproject.toml": old, "ext__model.py": model_with(head="import sys")}
    )
    assert (found.action, found.registers, found.releases) == ("extern", "extern", "with nequip 0.19.0")


# The command

FILES = {
    "pyproject.toml": PYPROJECT,
    "ext/__init__.py": "",
    "ext/model.py": model_with(head="import lib, plots, ase", forward="lib.f(ase.f())", idle="plots.f()"),
}
CALL = 'extern_modules=["lib"], mock_modules=["plots"]'


def test_text(tmp_path: Path) -> None:
    done = nequip_lint("registrations", cwd=write(tmp_path, FILES))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    found = {line.split()[0]: " ".join(line.split()[1:]) for line in lines[:-1] if line[0] != " "}
    assert found["ase"] == "avoid not registered"
    assert found["lib"] == "extern not registered"
    assert found["numpy"] == "extern registered by nequip"
    assert sorted(found) == list(found)
    place = next(lines[number + 1] for number, line in enumerate(lines) if line.startswith("lib "))
    assert place.endswith("a mock would raise there (ext/model.py:12)")
    assert lines[-1] == (f"to be added (--write): {FUNCTION}({CALL}); not settled by a registration: ase")
    assert nequip_lint("registrations", "--check", cwd=tmp_path).returncode == 1


def test_json(tmp_path: Path) -> None:
    done = nequip_lint("registrations", "--format", "json", cwd=write(tmp_path, FILES))
    document = json.loads(done.stdout)
    assert set(document) == {"version", "project", "libraries", "call", "unchecked"}
    assert document["call"] == f"{FUNCTION}({CALL})"
    keys = {
        "library",
        "status",
        "action",
        "registers",
        "registered",
        "releases",
        "reasons",
        "uses",
        "ships",
        "chain",
    }
    assert all(set(item) == keys for item in document["libraries"])
    (found,) = [item for item in document["libraries"] if item["library"] == "plots"]
    assert (found["status"], found["action"], found["registers"]) == ("unregistered", "mock", "mock")
    use = {"path": "ext/model.py", "line": 20, "text": "plots.f", "where": "idle", "in": "M.idle"}
    assert found["uses"] == [use]
    assert found["chain"][0]["path"] == "ext/model.py"


def test_the_example_needs_nothing() -> None:
    done = nequip_lint("registrations", "--check", "docs/example", cwd=REPOSITORY)
    assert done.returncode == 0
    assert (
        "torch_scatter         extern   registered in docs/example/nequip_softcore/_extern.py:5\n"
        in done.stdout
    )
    assert done.stdout.endswith("nothing to register: every library in the packaged set has an action\n")


def test_what_could_not_be_followed_is_said(tmp_path: Path) -> None:
    files = {**FILES, "pyproject.toml": PYPROJECT.replace("0.19.1", "99"), "ext/model.py": model_with()}
    done = nequip_lint("registrations", cwd=write(tmp_path, files))
    assert done.returncode == 0
    assert done.stdout.endswith("has an action; 1 place not followed (NQ004)\n")


def test_a_mock_that_is_needed_is_said(tmp_path: Path) -> None:
    files = {
        **FILES,
        "ext/__init__.py": "from . import _extern\n",
        "ext/_extern.py": _call("mock_modules=['lib']"),
    }
    model = model_with(head="import lib", forward="lib.f()")
    done = nequip_lint("registrations", cwd=write(tmp_path, {**files, "ext/model.py": model}))
    assert done.stdout.endswith("\nregistered as mock, but needed at work: lib (NQ208)\n")
    written = nequip_lint("registrations", "--write", cwd=tmp_path)
    assert written.stdout == "registered as mock, but needed at work: lib (NQ208)\n"


def test_no_roots_is_said(tmp_path: Path) -> None:
    done = nequip_lint("registrations", cwd=write(tmp_path, {"ext/__init__.py": ""}))
    assert (done.returncode, done.stdout.startswith("no roots: ")) == (0, True)


def test_arguments_are_python() -> None:
    items = [
        Proposal(name, "unregistered", action, action) for name, action in (("b", "mock"), ("a", "extern"))
    ]
    assert arguments(to_register(items)) == 'extern_modules=["a"], mock_modules=["b"]'
    assert arguments(to_register([])) == ""


SETTINGS = '[tool.nequip-lint]\nextern-modules = ["scipy", "lib"]\nmock-modules = ["numpy.linalg"]\n'


def test_a_part_with_an_action_of_its_own_is_told_apart(tmp_path: Path) -> None:
    """What is said of a library is what the closure says of the same name."""
    model = model_with(
        head="import numpy.fft\nimport numpy.linalg as la\nimport lib.deep", forward="numpy.fft.f()"
    )
    files = {"pyproject.toml": PYPROJECT + SETTINGS, "ext/__init__.py": "", "ext/model.py": model}
    (assembled,) = assemble(Request((write(tmp_path, files),), cache=False))
    found = {item.library: item for item in proposals(assembled)}
    patterns = assembled.project.patterns
    assert {name: patterns.action(name) for name in found} == {n: item.action for n, item in found.items()}
    assert found["numpy"].status == found["lib"].status == "registered"
    assert (found["numpy.linalg"].status, found["numpy.linalg"].action) == ("conflicting", "mock")
    assert any("inconsistent module structure" in one.text for one in found["numpy.linalg"].reasons)
    assert not found["numpy.linalg"].uses, "numpy.fft is used, which is another part"


def test_a_part_that_alone_is_packaged_is_shown_by_its_name(tmp_path: Path) -> None:
    """`lib` is registered too, and nothing that is packaged comes to it."""
    call = _call("extern_modules=['lib'], mock_modules=['lib.deep']")
    model = model_with(head="from lib.deep import f")
    files = {"pyproject.toml": PYPROJECT, "ext/__init__.py": call, "ext/model.py": model}
    (assembled,) = assemble(Request((write(tmp_path, files),), cache=False))
    shown = [
        (item.library, item.status, item.action) for item in proposals(assembled) if item.library[:3] == "lib"
    ]
    assert shown == [("lib.deep", "registered", "mock")]


# a conflict as the settings or a call have it, and the name that NQ205 reports
CONFLICTS = [
    ('extern-modules = ["lib"]\nmock-modules = ["lib"]\n', "", "lib"),
    ("", "extern_modules=['lib', 'plots'], mock_modules=['lib']", "lib"),
    ('mock-modules = ["lib.deep"]\n', "extern_modules=['lib']", "lib.deep"),
    ("", "extern_modules=['lib', 'ext']", "ext"),
]


@pytest.mark.parametrize(("settings", "call", "name"), CONFLICTS, ids=[row[2] for row in CONFLICTS])
def test_a_conflict_is_something_to_do(tmp_path: Path, settings: str, call: str, name: str) -> None:
    model = model_with(head="import lib\nimport lib.deep\nimport plots", helped="plots.f()")
    pyproject = f"{PYPROJECT}[tool.nequip-lint]\nextern-modules = ['plots']\n"
    if settings:
        pyproject = f"{PYPROJECT}[tool.nequip-lint]\n{settings}"
    init = _call(call or "extern_modules=['plots']")
    write(tmp_path, {"pyproject.toml": pyproject, "ext/__init__.py": init, "ext/model.py": model})
    checked = nequip_lint("check", "--select", "NQ205", cwd=tmp_path)
    assert f"{name} " in checked.stdout
    assert checked.stdout.count("error NQ205") == 1
    done = nequip_lint("registrations", "--check", cwd=tmp_path)
    assert done.returncode == checked.returncode == 1
    assert f"in conflict: {name} (NQ205)" in done.stdout.splitlines()[-1]
    assert nequip_lint("registrations", "--write", cwd=tmp_path).returncode == 1

"""Environment variables that decide at import: what is predicted, and what Python does."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from runpy import run_path

import pytest
from lint_support import OWN, facts, world, write

from nequip_lint.closure.packaged import packaged_set
from nequip_lint.closure.world import World
from nequip_lint.machine.evaluate import Judge
from nequip_lint.machine.target import Target
from nequip_lint.project.sources import Sources
from nequip_lint.summaries.codec import decode_facts, encode_facts

OS = "import os\n"
STOP = "raise RuntimeError('not here')\n"
ONE, TWO, EMPTY, UNSET = {"PKG_X": "1"}, {"PKG_X": "2"}, {"PKG_X": ""}, {}  # type: ignore[var-annotated]
EACH: tuple[Mapping[str, str], ...] = (ONE, TWO, EMPTY, UNSET)
# a test, and whether it holds where PKG_X is '1', '2', '' and not set; None: it raises KeyError
TESTS: list[tuple[str, tuple[bool | None, ...]]] = [
    ("os.environ.get('PKG_X') != '1'", (False, True, True, True)),
    ("os.environ.get('PKG_X') == '1'", (True, False, False, False)),
    ("'1' == os.environ.get('PKG_X')", (True, False, False, False)),
    ("os.environ.get('PKG_X', '1') == '1'", (True, False, False, True)),
    ("os.environ.get('PKG_X', '0') != '1'", (False, True, True, True)),
    ("os.environ.get('PKG_X', '') == ''", (False, False, True, True)),
    ("os.environ.get('PKG_X', default='1') == '1'", (True, False, False, True)),
    ("os.environ.get('PKG_X', 0) == 0", (False, False, False, True)),
    ("os.environ.get('PKG_X') == 1", (False, False, False, False)),
    ("os.environ.get('PKG_X')", (True, True, False, False)),
    ("os.environ.get('PKG_X', 'yes')", (True, True, False, True)),
    ("os.environ.get('PKG_X', '')", (True, True, False, False)),
    ("not os.environ.get('PKG_X')", (False, False, True, True)),
    ("bool(os.environ.get('PKG_X'))", (True, True, False, False)),
    ("os.environ.get('PKG_X') is None", (False, False, False, True)),
    ("os.environ.get('PKG_X') is not None", (True, True, True, False)),
    ("os.getenv('PKG_X')", (True, True, False, False)),
    ("os.getenv('PKG_X', '1') == '1'", (True, False, False, True)),
    ("os.environ['PKG_X'] == '1'", (True, False, False, None)),
    ("os.environ['PKG_X']", (True, True, False, None)),
    ("'PKG_X' in os.environ", (True, True, True, False)),
    ("'PKG_X' not in os.environ", (False, False, False, True)),
    ("os.environ.get('PKG_X') in ('1', 'yes')", (True, False, False, False)),
    ("os.environ.get('PKG_X', 'yes') not in ('1', 'yes')", (False, True, True, False)),
    ("os.environ.get('PKG_X') in (None, '2')", (False, True, False, True)),
    ("'PKG_X' in os.environ and os.environ['PKG_X'] == '2'", (False, True, False, False)),
    ("'PKG_X' not in os.environ or os.environ['PKG_X'] == '2'", (False, True, False, True)),
    ("environ.get('PKG_X') == '1'", (True, False, False, False)),
    ("getenv('PKG_X') == '1'", (True, False, False, False)),
    ("'PKG_X' in environ", (True, True, True, False)),
]
ROWS = [
    (test, variables, expected) for test, row in TESTS for variables, expected in zip(EACH, row, strict=True)
]
FROM_OS = "import os\nfrom os import environ, getenv\n"


def _judged(text: str, variables: Mapping[str, str] | None) -> bool | None:
    found = facts(f"{FROM_OS}if {text}:\n    import marked\n")
    item = next(item for item in found.imports if item.module == "marked")
    return Judge(found, Target(environment=variables), lambda _: True).all(item.place.guards)


@pytest.mark.parametrize("test", [test for test, _ in TESTS])
def test_nothing_is_known_of_a_machine_without_a_name(test: str) -> None:
    expected = False if test.endswith("== 1") else None
    assert _judged(test, None) is expected


UNTOLD = [
    "os.environ.get(NAME) == '1'",
    "os.environ.get('PKG_X', fallback) == '1'",
    "os.environ.get('PKG_X') == other",
    "int(os.environ.get('PKG_X', '0'))",
    "os.environ.get('PKG_X', '').lower() == 'true'",
    "config.get('PKG_X') == '1'",
    "'PKG_X' in names",
    "os.environ.get('PKG_X') > '1'",
]


@pytest.mark.parametrize("test", UNTOLD)
def test_what_is_computed_is_not_told(test: str) -> None:
    assert [_judged(test, variables) for variables in EACH] == [None] * len(EACH)


STATEMENTS: list[tuple[str, Mapping[str, str], bool]] = [
    (f"flag = os.environ.get('PKG_X') == '1'\nif not flag:\n    {STOP}", ONE, False),
    (f"flag = os.environ.get('PKG_X') == '1'\nif not flag:\n    {STOP}", TWO, True),
    (f"def on():\n    return os.environ.get('PKG_X') == '1'\nif not on():\n    {STOP}", ONE, False),
    (f"def on():\n    return os.environ.get('PKG_X') == '1'\nif not on():\n    {STOP}", UNSET, True),
    ("assert os.environ.get('PKG_X') == '1'\n", ONE, False),
    ("assert os.environ.get('PKG_X') == '1'\n", TWO, True),
    ("X = os.environ['PKG_X']\n", EMPTY, False),
    ("X = os.environ['PKG_X']\n", UNSET, True),
    ("X = float(os.environ['PKG_X'] or 1)\n", UNSET, True),
    ("try:\n    X = os.environ['PKG_X']\nexcept KeyError:\n    X = ''\n", UNSET, False),
    ("X = os.environ['PKG_X'] if 'PKG_X' in os.environ else ''\n", UNSET, False),
    ("def f():\n    return os.environ['PKG_X']\n", UNSET, False),
    ("f = lambda: os.environ['PKG_X']\n", UNSET, False),
    ("os.environ['PKG_X'] = '1'\nX = os.environ['PKG_X']\n", UNSET, False),
    (f"os.environ['PKG_X'] = '1'\nif os.environ.get('PKG_X') != '1':\n    {STOP}", UNSET, False),
    (f"os.environ.setdefault('PKG_X', '1')\nif os.environ.get('PKG_X') != '1':\n    {STOP}", UNSET, False),
    (f"os.environ.update(PKG_X='1')\nif os.environ.get('PKG_X') != '1':\n    {STOP}", UNSET, False),
    (f"os.environ['PKG_Y'] = '1'\nif os.environ.get('PKG_X') != '1':\n    {STOP}", UNSET, True),
    ("if os.environ.get('PKG_X') == '1':\n    name = 1\nX = name\n", ONE, False),
    ("if os.environ.get('PKG_X') == '1':\n    name = 1\nX = name\n", UNSET, True),
]
MODULES = [
    *((f"if {test}:\n    {STOP}", given, expected is not False) for test, given, expected in ROWS),
    *STATEMENTS,
]


@pytest.mark.parametrize(("text", "variables", "is_dropped"), MODULES)
def test_a_file_that_a_variable_keeps_from_importing(
    tmp_path: Path, text: str, variables: Mapping[str, str], is_dropped: bool
) -> None:
    """Predicted the same from source and from the facts of a summary, and only where variables are known."""
    files = {"pkg/__init__.py": "", "pkg/kernel.py": FROM_OS + text, "pkg/root.py": "from . import kernel\n"}
    seen = world(write(tmp_path, files), Target(environment=variables))
    read = seen.sources.facts("pkg.kernel")
    assert read is not None
    kept = decode_facts("pkg.kernel", encode_facts(read, "pkg/kernel.py"))
    sources = Sources([tmp_path], prepared={"pkg.kernel": kept}, tops=frozenset({"pkg"}))
    told = World(sources, OWN, Target(environment=variables))
    for machine in (seen, told):
        action = packaged_set(["pkg.root"], machine).modules["pkg.kernel"].action
        assert action == ("dropped" if is_dropped else "intern")
    anywhere = packaged_set(["pkg.root"], world(tmp_path, Target())).modules
    assert anywhere["pkg.kernel"].action == "intern"


@pytest.mark.parametrize(("text", "variables", "is_dropped"), MODULES)
def test_python_says_the_same_of_a_variable(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    variables: Mapping[str, str],
    is_dropped: bool,
) -> None:
    for name in ("PKG_X", "PKG_Y"):
        monkeypatch.setenv(name, "")  # so that what the text sets is undone
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    file = write(tmp_path, {"kernel.py": FROM_OS + text}) / "kernel.py"
    errors = (RuntimeError, KeyError, AssertionError, NameError)
    with pytest.raises(errors) if is_dropped else nullcontext():
        run_path(str(file))


def test_a_variable_that_the_package_sets_first(tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": f"{OS}os.environ.setdefault('PKG_X', '1')\n",
        "pkg/sub/__init__.py": "",
        "pkg/sub/kernel.py": f"{OS}if os.environ.get('PKG_X') != '1':\n    {STOP}",
        "pkg/root.py": "from .sub import kernel\n",
    }
    folder = write(tmp_path, files)
    machine = Target(environment=UNSET)
    assert packaged_set(["pkg.root"], world(folder, machine)).modules["pkg.sub.kernel"].action == "intern"
    write(tmp_path, {"pkg/__init__.py": ""})
    assert packaged_set(["pkg.root"], world(folder, machine)).modules["pkg.sub.kernel"].action == "dropped"


def test_the_reason_names_the_variable(tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "", "pkg/kernel.py": f"{OS}X = os.environ['PKG_X']\n"}
    failure = world(write(tmp_path, files), Target(environment=UNSET)).failure("pkg.kernel")
    assert failure is not None
    assert (failure.code, failure.exception) == ("NQ313", "KeyError")
    assert failure.reason == "PKG_X is not set, and read at import"
    assert (failure.chain[0].line, failure.chain[0].statement) == (2, "os.environ['PKG_X']")

"""Syntax by the first Python that has it, against the compilers of these Pythons."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lint_support import REPOSITORY, write
from pythons import interpreter

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from pathlib import Path

Version = tuple[int, int]
BEFORE: dict[Version, Version] = {(3, 11): (3, 10), (3, 12): (3, 11), (3, 13): (3, 12), (3, 14): (3, 13)}
NEWER: list[tuple[str, Version, str]] = [
    ("except*", (3, 11), "try:\n    pass\nexcept* ValueError:\n    pass\n"),
    (
        "except*",
        (3, 11),
        "def f():\n    try:\n        pass\n    except *(ValueError, TypeError):\n        pass\n",
    ),
    ("starred expression in an index", (3, 11), "x = a[*b]\n"),
    ("starred expression in an index", (3, 11), "x = a[1, *b]\n"),
    ("starred expression in an index", (3, 11), "x = f(1)[\n    1,\n    *b,\n]\n"),
    ("starred expression in an index", (3, 11), "x = a[(b), *c]\n"),
    ("starred expression in an index", (3, 11), "x = a[(b)(c), *d]\n"),
    ("starred expression in an index", (3, 11), "x = a['é', ((b, c)), *(d)]\n"),
    ("starred expression in an index", (3, 11), "x = a[\n    (b  # (\n    ), *c,\n]\n"),
    ("starred annotation", (3, 11), "def f(*args: *Ts): pass\n"),
    ("type parameters", (3, 12), "def f[T](x: T) -> T: pass\n"),
    ("type parameters", (3, 12), "class A[T]: pass\n"),
    ("type parameters", (3, 12), "class A:\n    async def f[*Ts, **P](self): pass\n"),
    ("type statement", (3, 12), "type A = int\n"),
    ("type statement", (3, 12), "if 1: type A[T] = list[T]\n"),
    ("own quote", (3, 12), 'x = f"{a["b"]}"\n'),
    ("own quote", (3, 12), "x = rf'{a['b']}'\n"),
    ("own quote", (3, 12), 'x = f"{f"{a}"}"\n'),
    ("own quote", (3, 12), 'x = f"{\'"\'}"\n'),
    ("own quote", (3, 12), 'x = f"""{a["""b"""]}"""\n'),
    ("backslash", (3, 12), "x = f\"{'\\n'.join(a)}\"\n"),
    ("backslash", (3, 12), "x = f'''\n{a}\n{'\\n'.join(a)}'''\n"),
    ("comment", (3, 12), "x = f'''{\n  a  # why\n}'''\n"),
    ("line break", (3, 12), "x = f'{\n  a\n}'\n"),
    ("default of a type parameter", (3, 13), "class A[T = int]: pass\n"),
    ("default of a type parameter", (3, 13), "type A[T, *Ts = *tuple[int]] = T\n"),
    ("no parentheses", (3, 14), "try:\n    pass\nexcept ValueError, TypeError:\n    pass\n"),
    ("no parentheses", (3, 14), "try:\n    pass\nexcept (ValueError), TypeError:\n    pass\n"),
    ("template string", (3, 14), "x = t'{a}'\n"),
]
"""What it is called, the first Python that compiles it, and the text."""
OLD = [
    "try:\n    pass\nexcept (ValueError, TypeError):\n    pass\n",
    "x = a[(*b,)], [*b], {*b}, f(*b, **c), a[1 * b], a[b, c * d], a[b ** c]\n",
    "x = a[(1, *b)], a[\n    (*b, *c)\n]\n",
    "x = a[((b), *c)], a[(  # )\n    (b), *c)], a['é', (('é'), *b)], a[((b)(c), *d)]\n",
    "try:\n    pass\nexcept ((ValueError), TypeError):\n    pass\n",
    "def f(*args: int, x: int = 3, **more: int): return x[1:2, ...]\n",
    "type = int\ntype(3)\ntype.x = 3\nmatch = [type]\n",
    "x = f\"{a['b']}\" + f'{a[\"b\"]:>{c}}' + f'{a!r}' + f'{{}}' + f'# {a} \"'\n",
    "x = f\"\\n{a}\\t\" f'{a:%H\\n}' rf'\\d{a}'\n",
    "x = f'''\n{a[\"b\"]}\n\"'{\n  a\n}\\n # no comment\n'''\n",
    'x = f"""{a["b"]} {f\'{a}\'}""" \'t"{a}"\'\n',
    "match a:\n    case [1, *b]: pass\n",
]
"""What every Python from 3.10 on compiles."""
COMPILE = "import sys, warnings; warnings.simplefilter('ignore'); compile(sys.stdin.read(), 'x', 'exec')"
PROBES = """\
import json, sys
from nequip_lint.facts.collect import details_of, facts_of
data = sys.stdin.buffer.read()
facts = facts_of(data, "pkg.mod", "mod.py", False)
found = details_of(data, facts).syntax
print(json.dumps([facts.problem, [[p.name, "%d.%d" % p.since, p.span.line] for p in found]]))
"""


def run(version: Version, program: str, text: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [interpreter(*version), "-c", program]
    return subprocess.run(
        command, input=text, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def found_by(version: Version, text: str) -> list[tuple[str, str, int]]:
    done = run(version, PROBES, text)
    assert done.returncode == 0, done.stderr
    problem, found = json.loads(done.stdout)
    assert problem == ""
    return [(name, since, line) for name, since, line in found]


@pytest.mark.parametrize(("name", "since", "text"), NEWER)
def test_newer_syntax_is_found(name: str, since: Version, text: str) -> None:
    found = found_by(since, text)
    assert any(name in said and first == "{}.{}".format(*since) for said, first, _ in found), found
    assert max(first for _, first, _ in found) == "{}.{}".format(*since)


@pytest.mark.parametrize(("name", "since", "text"), NEWER)
def test_the_python_before_does_not_compile_it(name: str, since: Version, text: str) -> None:
    done = run(BEFORE[since], COMPILE, text)
    assert (done.returncode, "SyntaxError" in done.stderr) == (1, True), f"{name}: {done.stderr}"
    assert run(since, COMPILE, text).returncode == 0


@pytest.mark.parametrize("version", [(3, 10), (3, 11), (3, 12), (3, 13), (3, 14)])
@pytest.mark.parametrize("text", OLD)
def test_old_syntax_is_not_found(text: str, version: Version) -> None:
    assert run((3, 10), COMPILE, text).returncode == 0
    assert found_by(version, text) == []


PROJECT = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["torch"]
requires-python = ">={}.{}"

[tool.nequip-lint]
internal-packages = ["mypkg"]
roots = ["mypkg.model"]
"""


@pytest.mark.parametrize(("name", "since", "text"), NEWER)
def test_verdict_follows_requires_python(name: str, since: Version, text: str, tmp_path: Path) -> None:
    """Where this Python cannot parse the text, that is said instead."""

    def findings(lowest: Version) -> list[tuple[str, bool]]:
        project = PROJECT.format(*lowest)
        files = {"pyproject.toml": project, "mypkg/__init__.py": "", "mypkg/model.py": text}
        report = check(Request((write(tmp_path / str(lowest[1]), files),), cache=False), Selection())
        return [(item.code, name in item.message) for item in report.findings]

    if sys.version_info < since:
        assert [code for code, _ in findings((3, 10))] == ["NQ001"]
    else:
        assert findings(BEFORE[since]) == [("NQ501", True)]
        assert findings(since) == []

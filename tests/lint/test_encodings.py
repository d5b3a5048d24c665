"""Files as Python reads them: encodings, newlines, and what cannot be read at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lint_support import facts, nequip_lint, write

from nequip_lint.facts.values import Binding, Facts
from nequip_lint.summaries.codec import decode_facts, encode_facts

if TYPE_CHECKING:
    from pathlib import Path

READABLE = {
    "empty": (b"", []),
    "byte order mark": (b"\xef\xbb\xbfimport a\n", [(1, "a")]),
    "windows newlines": (b"import a\r\n\r\nimport b\r\n", [(1, "a"), (3, "b")]),
    "old mac newlines": (b"import a\rimport b\r", [(1, "a"), (2, "b")]),
    "mixed newlines": (b"import a\r\nimport b\nimport c", [(1, "a"), (2, "b"), (3, "c")]),
    "latin-1 cookie": (b"# -*- coding: latin-1 -*-\nx = '\xe9'\nimport a\n", [(3, "a")]),
    "cookie on line 2": (b"#!/bin/x\n# vim: set fileencoding=cp1252 :\nx = '\x80'\nimport a", [(4, "a")]),
    "form feed": (b"import a\n\x0c\nimport b\n\x0cimport c\n", [(1, "a"), (3, "b"), (4, "c")]),
    "other line separators": ("x = '\x1c \u2028'\nimport a\n".encode(), [(2, "a")]),
    "names beyond ascii": ("import été\n".encode(), [(1, "été")]),
    "tabs": (b"if x:\n\timport a\n", [(2, "a")]),
    "no newline at the end": (b"import a", [(1, "a")]),
    "continued line": (b"from a import b, \\\n    c\n", [(1, "a")]),
    "async": (b"async def f():\n    return await g()\nimport a", [(3, "a")]),
}  # fmt: skip


@pytest.mark.parametrize("name", READABLE)
def test_readable(name: str) -> None:
    data, expected = READABLE[name]
    found = facts(data)
    assert not found.problem
    assert [(item.span.line, item.module) for item in found.imports] == expected


UNREADABLE = {
    "not utf-8": (b"x = '\xe9'\n", "cannot be decoded", 1),
    "unknown cookie": (b"# coding: klingon\n", "cannot be decoded", 1),
    "byte order mark against cookie": (b"\xef\xbb\xbf# coding: latin-1\n", "cannot be decoded", 1),
    "null byte": (b"x = 1\nimport a\x00\n", "", 1),
    "not python": (b"import a\nthis is no python\n", "is not valid Python: invalid syntax", 2),
    "python 2": (b"import a\nprint 'x'\n", "is not valid Python", 2),
    "bad indentation": (b"if x:\nimport a\n", "is not valid Python", 2),
    "unclosed": (b"x = (1,\n", "is not valid Python", 1),
    "merge conflict": (b"<<<<<<< HEAD\nimport a\n=======\n", "is not valid Python", 1),
    "deep parentheses": (b"x = " + b"(" * 5000 + b")" * 5000, "", 1),
    "deep operators": (b"x = " + b"-" * 100_000 + b"1", "", 1),
    "long sum": (b"x = " + b"1+" * 100_000 + b"1", "", 1),
    "many branches": (b"if a: pass\n" + b"elif a: pass\n" * 20_000, "", 1),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable(name: str) -> None:
    data, reason, line = UNREADABLE[name]
    found = facts(data)
    assert found.problem.startswith(reason or ("cannot be", "is n"))
    assert "\n" not in found.problem
    assert found.problem_span.line == line
    assert not found.imports


def test_unreadable_file_is_one_finding_and_the_others_still_run(tmp_path: Path) -> None:
    files = {name.replace(" ", "_").replace("-", "_") + ".py": UNREADABLE[name][0] for name in UNREADABLE}
    write(tmp_path, {**files, "pkg/__init__.py": "import triton\n", "pkg/fine.py": "x = 1\n"})
    write(tmp_path, {"pyproject.toml": '[tool.nequip-lint]\nroots = ["pkg"]\ninternal-packages = ["pkg"]\n'})
    done = nequip_lint(".", "--format", "concise", cwd=tmp_path)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    for name in files:
        assert sum(line.startswith(f"{name}:") and " NQ001 " in line for line in lines) == 1
    assert sum(line.startswith("pkg/__init__.py:1:1: error NQ101 ") for line in lines) == 1
    assert not done.stderr


def test_facts_survive_the_summary_format() -> None:
    text = (
        "import a.b as c\nfrom . import d as e\nfrom x import *\n__import__('z.w')\n"
        "if torch.cuda.is_available() and HAS:\n    import g\n"
        "try:\n    import h\n    HAS = True\nexcept (ImportError, OSError):\n    HAS = False\n"
        "class C(d.Base): ...\ndef gpu():\n    return find_spec('h') is not None\n"
        "assert gpu()\nraise RuntimeError('x')\n"
        "_SOME_MODULES = ['p', 'q']\n"
        "register_libraries_as_external_for_packaging(_SOME_MODULES, mock_modules=f())\n"
    )
    found = facts(text)
    again = decode_facts("pkg.mod", encode_facts(found, found.path))

    def lines(item: Any) -> Any:
        return item._replace(span=None if isinstance(item, Binding) else item.span.line)

    def compared(item: Facts, field: str) -> list[Any]:
        values = getattr(item, field)
        return [lines(value) for value in values if field != "calls" or "register" in value.name]

    for field in ("imports", "bindings", "classes", "stops", "calls"):
        assert compared(found, field)
        assert compared(again, field) == compared(found, field)
    assert again.literals == found.literals
    assert [(f.name, f.returns) for f in again.functions] == [(f.name, f.returns) for f in found.functions]

"""Edits of libcst trees: every other byte stays, and the uses of a name are found wherever they hide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import pytest
from fix_support import uses_in

from nequip_lint.edits import source as sources
from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.extract import Extract
from nequip_lint.edits.imports import drop, names_of
from nequip_lint.edits.source import Source
from nequip_lint.edits.text import applied, read_raw
from nequip_lint.edits.uses import Import, Scopes, Use

if TYPE_CHECKING:
    from pathlib import Path

BOUND = {
    "deleted": "del m\n",
    "captured": "match x:\n    case m:\n        pass\n",
    "captured, the rest": "match x:\n    case [*m]:\n        pass\n",
    "captured, a mapping's rest": "match x:\n    case {**m}:\n        pass\n",
    "in a handler": "try:\n    pass\nexcept E as m:\n    pass\n",
    "with": "with f() as m:\n    pass\n",
    "walrus in a comprehension": "[m := y for y in ()]\n",
    "loop": "for m in ():\n    pass\n",
    "function": "def m(): ...\n",
    "class": "class m: ...\n",
    "global": "def f():\n    global m\n    m = 1\n",
    "another import": "from x import m\n",
    "added to": "m += 1\n",
}


@pytest.mark.parametrize("name", BOUND)
def test_what_binds_the_name_too(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"if x:\n    import m\n{BOUND[name]}\n\ndef g():\n    return m\n")
    source = Source(str(path), read_raw(path))
    (first,) = (node for node in source.nodes_at(sources.Span(2, 5, 2, 13)) if isinstance(node, Import))
    found = [use.role for use in _uses(source, first)]
    assert "bound" in found
    assert "body" in found


def _uses(source: Source, statement: Import) -> list[Use]:
    scopes = Scopes(source, {"m"})
    return scopes.uses(scopes.around(statement), "m", [statement])


READ = {
    "in a loop before the import": ("def f():\n    for x in ():\n        m.a\n        import m\n", 1),
    "quoted": ("import m\nX: 'm.A' = 1\n", 1),
    "quoted in a cast": ("from typing import cast\nimport m\nX = cast('m.A', 1)\n", 1),
    "a text that is no annotation": ("from typing import Literal\nimport m\nX: Literal['m'] = 1\n", 0),
    "hidden by an argument": ("import m\ndef f(m): return m\n", 0),
    "hidden in a comprehension": ("import m\n[m for m in ()]\n", 0),
    "first iterable of a comprehension": ("import m\n[m for m in m]\n", 1),
    "through a class": ("import m\nclass A:\n    x = m\n    def f(self): return m\n", 2),
    "by another spelling of the identifier": ("import m\nX = \N{MATHEMATICAL BOLD SMALL M}\n", 0),
}


@pytest.mark.parametrize("name", READ)
def test_uses(name: str, tmp_path: Path) -> None:
    text, expected = READ[name]
    path = tmp_path / "a.py"
    path.write_text(text)
    source = Source(str(path), read_raw(path))
    statements = [
        node
        for index in range(len(source.pieces))
        for node in sources.parents_below(source.module(index))
        if isinstance(node, Import) and any(alias.evaluated_name == "m" for alias in names_of(node))
    ]
    assert len(_uses(source, statements[0])) == expected


NESTED = """\
import m
import other
class A:
    x = 1
    def f(self):
        for y in ():
            y
        else:
            m
        return y
    def g(self): return 1
try:
    other
except E:
    match x:
        case 1:
            other
        case 2: m
finally:
    with other: m.a; y
"""
EXTRACT = """\
import m
class A:
    def f(self):
        for y in ():
            pass
        else:
            m
try:
    pass
except E:
    match x:
        case 1:
            pass
        case 2: m
finally:
    with other: m.a; y
"""


def test_an_extract_has_what_names_something_and_what_is_around_it(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(NESTED)
    assert Extract(Source(str(path), read_raw(path)), {"m"}).metadata.module.code == EXTRACT


DROPPED = {
    "comments above": ("# a\nimport m\n# b\nX = 1\n", "# a\n# b\nX = 1\n"),
    "blank lines of both sides": ("A = 1\n\n\nimport m\n\n\nX = 1\n", "A = 1\n\n\nX = 1\n"),
    "a form feed": ("A = 1\n\x0c\nimport m\n\nX = 1\n", "A = 1\n\x0c\n\nX = 1\n"),
    "trailing blanks elsewhere": ("import m\nX = 1  \n\t\nY = 2", "X = 1  \n\t\nY = 2"),
    "in a block": (
        "def f():\n    # a\n    import m\n\n    # b\n    return 1\n    # c\n",
        "def f():\n    # a\n\n    # b\n    return 1\n    # c\n",
    ),
    "last of a block": (
        "def f():\n    x = 1\n    # a\n    import m\n    # b\n",
        "def f():\n    x = 1\n    # a\n    # b\n",
    ),
    "alone in a block": ("if x:\n  # a\n  import m\n", "if x:\n  # a\n  pass\n"),
    "last line without an end": ("X = 1\nimport m", "X = 1\n"),
    "beside one in the same line": ("import m; X = 1\n", None),
    "a form feed in the statement": ("def f():\n    import m\n\x0c    return 1\n", None),
}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", DROPPED)
def test_dropped(name: str, end: str, tmp_path: Path) -> None:
    before, after = DROPPED[name]
    path = tmp_path / "a.py"
    path.write_bytes(before.replace("\n", end).encode())
    source = Source(str(path), read_raw(path))
    (index,) = source.naming({"m"})
    source.module(index)
    (statement,) = (node for node in source.parents if isinstance(node, Import))
    edits = TreeEdits(source)
    if after is None:
        with pytest.raises(Declined, match=r"shares its line|does not give back the statement on line 1"):
            drop(edits, statement, names_of(statement))
            edits.edits()
        return
    drop(edits, statement, names_of(statement))
    assert applied(source.raw, edits.edits()) == after.replace("\n", end).encode()


def test_a_statement_that_is_not_changed_need_not_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("import m\n\n\ndef f():\n\x0c    return m\n\n\nX = m\n")
    edits, uses = uses_in(path, "m")
    (use,) = (use for use in uses if use.role == "module")
    edits.replace(use.node, cst.Name("n"))
    assert applied(edits.source.raw, edits.edits()).decode() == path.read_text().replace("X = m", "X = n")


def test_two_insertions_at_the_end_of_a_file_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text('"""Doc."""')
    edits = TreeEdits(Source(str(path), read_raw(path)))
    edits.insert(2, "import a\n")
    edits.append("f()\n")
    assert applied(edits.source.raw, edits.edits()) == b'"""Doc."""\nimport a\nf()\n'


def test_what_leaves_no_room_for_a_keyword_is_declined(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("import m\nX = not(m)\n")
    edits, (use,) = uses_in(path, "m")
    edits.replace(use.node, cst.Name("n"))
    with pytest.raises(Declined, match="statement on line 2 leaves no room"):
        edits.edits()


def test_an_insertion_beside_a_statement_that_grows(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("if x:\n    a\nb\n")
    edits = TreeEdits(Source(str(path), read_raw(path)))
    first, second = edits.source.statement(0), edits.source.statement(1)
    line = cst.parse_statement("new")
    body = cst.ensure_type(first, cst.If).body
    edits.update(body, lambda updated: updated.with_changes(body=[*updated.body, line]))
    edits.update(second, lambda updated: cst.FlattenSentinel([line, updated]))
    edits.insert(3, "between\n")
    assert applied(edits.source.raw, edits.edits()) == b"if x:\n    a\n    new\nbetween\nnew\nb\n"


def test_what_is_too_long_is_declined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_ROOM", 100)
    path = tmp_path / "a.py"
    path.write_text("import m\n" + f"X = {'m + ' * 30}m\n")
    with pytest.raises(Declined, match="too much of the file"):
        uses_in(path, "m")


def test_a_line_that_could_end_the_process_in_libcst_is_declined(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(f"import m\nX = m, '{'a' * 6000}'\n")
    with pytest.raises(Declined, match="nested too deeply"):
        uses_in(path, "m")

"""Import statements and `__import__` calls as facts."""

from __future__ import annotations

import pytest
from lint_support import facts

STATEMENTS = [
    ("import a", "a", (), "a"),
    ("import a.b", "a.b", (), "a"),
    ("import a.b as c", "a.b", (), "c"),
    ("from a import b", "a", (("b", "b"),), ""),
    ("from a import b as c, d", "a", (("b", "c"), ("d", "d")), ""),
    ("from a import *", "a", (("*", "*"),), ""),
    ("from . import b", "pkg", (("b", "b"),), ""),
    ("from .x import b", "pkg.x", (("b", "b"),), ""),
    ("from .. import b", None, (("b", "b"),), ""),
    ("from ..x import b", None, (("b", "b"),), ""),
    ("from ....x import b", None, (("b", "b"),), ""),
]


@pytest.mark.parametrize(("text", "module", "names", "bound"), STATEMENTS, ids=[row[0] for row in STATEMENTS])
def test_statement(text: str, module: str | None, names: tuple[tuple[str, str], ...], bound: str) -> None:
    (item,) = facts(text).imports
    assert (item.module, item.names, item.bound) == (module, names, bound)
    assert item.statement == text
    assert item.place.at_import
    assert item.walked


def test_one_fact_for_each_module_of_a_statement() -> None:
    assert [(item.module, item.bound) for item in facts("import a.b, c as d").imports] == [
        ("a.b", "a"),
        ("c", "d"),
    ]


RELATIVE = [
    ("from . import x", "pkg.sub", True, "pkg.sub"),
    ("from .. import x", "pkg.sub", True, "pkg"),
    ("from ... import x", "pkg.sub", True, None),
    ("from . import x", "pkg.sub", False, "pkg"),
    ("from .. import x", "pkg.sub.deep", False, "pkg"),
    ("from . import x", "script", False, None),
    ("from . import x", "pkg", True, "pkg"),
]


@pytest.mark.parametrize(("text", "module", "is_package", "base"), RELATIVE)
def test_relative_import(text: str, module: str, is_package: bool, base: str | None) -> None:
    (item,) = facts(text, module, is_package=is_package).imports
    assert item.module == base


# What torch.package reads of a literal `__import__`: also the parent, and with a fromlist the names.
DUNDERS = [
    ("__import__('a')", [("a", ())]),
    ("__import__('a.b')", [("a.b", ()), ("a", ())]),
    ("__import__('a', None, None, ['b', 'c'])", [("a", (("b", "b"), ("c", "c")))]),
    ("__import__('a', fromlist=('b',))", [("a", (("b", "b"),))]),
    ("__import__('x', globals(), locals(), ('b',), 1)", [("pkg.x", (("b", "b"),))]),
    ("value = __import__('a').attribute", [("a", ())]),
    ("__import__(name)", []),
    ("__import__()", []),
    ("__import__('a', fromlist=names)", []),
    ("__import__('a', level='1')", []),
]


@pytest.mark.parametrize(("text", "expected"), DUNDERS, ids=[row[0] for row in DUNDERS])
def test_dunder_import(text: str, expected: list[tuple[str, tuple[tuple[str, str], ...]]]) -> None:
    assert [(item.module, item.names) for item in facts(text).imports] == expected


WALKED = [
    ("x = __import__('a')", True),
    ("def f():\n    return __import__('a')", True),
    ("class C:\n    x = [__import__('a')]", True),
    ("with __import__('a') as x:\n    pass", True),
    ("for x in __import__('a'):\n    pass", True),
    ("x = list(__import__('a'))", False),
    ("x = __import__('a').f(1)", False),
    ("f(g(__import__('a')))", False),
]


@pytest.mark.parametrize(("text", "walked"), WALKED, ids=[row[0] for row in WALKED])
def test_dunder_import_inside_a_call_is_not_walked(text: str, walked: bool) -> None:
    """torch.package's `visit_Call` does not descend, so it never sees a call inside a call."""
    (item,) = facts(text).imports
    assert item.walked is walked


AT_IMPORT = [
    ("class C:\n    import a", True),
    ("def f():\n    import a", False),
    ("async def f():\n    import a", False),
    ("class C:\n    def f(self):\n        import a", False),
    ("for x in y:\n    import a", True),
    ("while x:\n    import a", True),
    ("with x:\n    import a", True),
    ("match x:\n    case 1:\n        import a", True),
    ("try:\n    pass\nfinally:\n    import a", True),
    ("if x:\n    pass\nelse:\n    import a", True),
]


@pytest.mark.parametrize(("text", "at_import"), AT_IMPORT, ids=[row[0] for row in AT_IMPORT])
def test_every_block_is_searched(text: str, at_import: bool) -> None:
    (item,) = facts(text).imports
    assert item.place.at_import is at_import


def test_positions_count_from_one() -> None:
    (item,) = facts("x = 1\nif x:\n    from a import (\n        b,\n    )\n").imports
    assert item.span == (3, 5, 5, 6)

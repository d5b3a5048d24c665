"""Moving an optional import: forms, places, annotations, and what has to be declined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fix_support import fix_model

if TYPE_CHECKING:
    from pathlib import Path

MOVED = {
    "import": (
        "import fastops\n\n\ndef f():\n    return fastops.x\n",
        "def f():\n    import fastops\n\n    return fastops.x\n",
    ),
    "alias": (
        "import fastops as o\n\n\ndef f():\n    return o.x\n",
        "def f():\n    import fastops as o\n\n    return o.x\n",
    ),
    "from": (
        "from fastops import a, b as c\n\n\ndef f():\n    return a\n\n\ndef g():\n    return c, a\n",
        "def f():\n    from fastops import a\n\n    return a\n\n\n"
        "def g():\n    from fastops import a, b as c\n\n    return c, a\n",
    ),
    "submodule": (
        "import fastops\nimport fastops.core as c\n\n\ndef f():\n    return c.x, fastops.y\n",
        "def f():\n    import fastops\n    import fastops.core as c\n\n    return c.x, fastops.y\n",
    ),
    "one of several": (
        "import math, fastops, os\n\n\ndef f():\n    return fastops.x\n",
        "import math, os\n\n\ndef f():\n    import fastops\n\n    return fastops.x\n",
    ),
    "last of several": (
        "import math, fastops  # why\n\n\ndef f():\n    return fastops.x\n",
        "import math  # why\n\n\ndef f():\n    import fastops  # why\n\n    return fastops.x\n",
    ),
    "parentheses": (
        "from fastops import (\n    a,\n    b,\n)\nX = 1\n\n\ndef f():\n    return a, b\n",
        "X = 1\n\n\ndef f():\n    from fastops import a, b\n\n    return a, b\n",
    ),
    "docstring": (
        'import fastops\n\n\ndef f():\n    """Doc."""\n    return fastops.x\n',
        'def f():\n    """Doc."""\n    import fastops\n\n    return fastops.x\n',
    ),
    "docstring and blank line": (
        'import fastops\n\n\ndef f():\n    """Doc.\n    """\n\n    # why\n    return fastops.x\n',
        'def f():\n    """Doc.\n    """\n\n    import fastops\n\n    # why\n    return fastops.x\n',
    ),
    "other import first": (
        "import fastops\n\n\ndef f():\n    import math\n\n    return fastops.x, math\n",
        "def f():\n    import fastops\n    import math\n\n    return fastops.x, math\n",
    ),
    "long signature": (
        "import fastops\n\n\ndef f(\n    a,\n    b,\n):  # why\n    # because\n    return fastops.x\n",
        "def f(\n    a,\n    b,\n):  # why\n    import fastops\n\n    # because\n    return fastops.x\n",
    ),
    "one line": (
        "import fastops\ndef f(): return fastops.x\n",
        "def f():\n    import fastops\n\n    return fastops.x\n",
    ),
    "nested": (
        "import fastops\n\n\n"
        "def f():\n    def g():\n        return [fastops.x for _ in ()]\n\n    return g\n",
        "def f():\n    import fastops\n\n"
        "    def g():\n        return [fastops.x for _ in ()]\n\n    return g\n",
    ),
    "decorated first statement": (
        "import fastops\n\n\ndef f():\n    @fastops.wrap\n    def g(): ...\n\n    return g\n",
        "def f():\n    import fastops\n\n    @fastops.wrap\n    def g(): ...\n\n    return g\n",
    ),
    "method, tabs": (
        "import fastops\nclass A:\n\tasync def f(self):\n\t\treturn lambda: fastops.x\n",
        "class A:\n\tasync def f(self):\n\t\timport fastops\n\n\t\treturn lambda: fastops.x\n",
    ),
    "own name inside": (
        "import fastops\n\n\ndef f(fastops):\n    return fastops.x\n\n\ndef g():\n    return fastops.x\n",
        "def f(fastops):\n    return fastops.x\n\n\ndef g():\n    import fastops\n\n    return fastops.x\n",
    ),
    "comprehension that hides": (
        "import fastops\n\n\ndef f():\n    return [fastops for fastops in ()], fastops.x\n",
        "def f():\n    import fastops\n\n    return [fastops for fastops in ()], fastops.x\n",
    ),
    "postponed annotation": (
        "from __future__ import annotations\n\nimport fastops\n\n\ndef f(x: fastops.T) -> fastops.T: ...\n",
        "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    import fastops\n\n\n"
        "def f(x: fastops.T) -> fastops.T: ...\n",
    ),
    "annotation and block": (
        "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
        "import fastops\n\nif TYPE_CHECKING:\n"
        "    import os\n\n\ndef f(x: fastops.T): ...\n",
        "from __future__ import annotations\n\nfrom typing import TYPE_CHECKING\n\n"
        "if TYPE_CHECKING:\n    import fastops\n"
        "    import os\n\n\ndef f(x: fastops.T): ...\n",
    ),
    "quoted annotation": (
        "from typing import TYPE_CHECKING as T\n\nimport fastops\n\n\n"
        "def f(x: 'fastops.T'):\n    return fastops.x\n",
        "from typing import TYPE_CHECKING as T\n\nif T:\n    import fastops\n\n\n"
        "def f(x: 'fastops.T'):\n    import fastops\n\n"
        "    return fastops.x\n",
    ),
}


@pytest.mark.parametrize("name", MOVED)
def test_moved_and_safe(name: str, tmp_path: Path) -> None:
    text, expected = MOVED[name]
    changed, result = fix_model(tmp_path, text, select="NQ101")
    assert changed == expected
    assert (result.codes, result.left) == (["NQ101"], [])


UNSAFE = {
    "forward": "import fastops\n\n\nclass A:\n    def forward(self):\n        return fastops.x\n",
    "called by forward": "import fastops\n\n\n"
    "class A:\n    def forward(self):\n        return self.g()\n\n    def g(self):\n        return h()\n\n\n"
    "def h():\n    return fastops.x\n",
    "evaluated annotation": "import fastops\n\n\ndef f(x: fastops.T): ...\n",
}


@pytest.mark.parametrize("name", UNSAFE)
def test_moved_and_unsafe(name: str, tmp_path: Path) -> None:
    changed, result = fix_model(tmp_path, UNSAFE[name], select="NQ101")
    assert (changed, result.codes) == (UNSAFE[name], [])
    changed, result = fix_model(tmp_path, UNSAFE[name], unsafe=True, select="NQ101")
    assert (result.codes, result.left) == (["NQ101"], [])


def test_an_evaluated_annotation_is_quoted(tmp_path: Path) -> None:
    changed, _ = fix_model(tmp_path, UNSAFE["evaluated annotation"], unsafe=True)
    assert changed.endswith('if TYPE_CHECKING:\n    import fastops\n\n\ndef f(x: "fastops.T"): ...\n')


def test_read_as_an_attribute_elsewhere_is_unsafe(tmp_path: Path) -> None:
    text = "import fastops\n\n\ndef f():\n    return fastops.x\n"
    other = "from . import model\n\nX = model.fastops\n"
    assert fix_model(tmp_path, text, select="NQ101", other=other)[1].codes == []
    assert fix_model(tmp_path, text, select="NQ101", other=other, unsafe=True)[1].codes == ["NQ101"]


F = "\n\n\ndef f():\n    return fastops.x\n"
DECLINED = {
    "default": ("import fastops\n\n\ndef f(x=fastops.x): ...\n", "as a default value of f"),
    "decorator": ("import fastops\n\n\n@fastops.jit\ndef f(): ...\n", "to decorate f"),
    "base": ("import fastops\n\n\nclass A(fastops.B): ...\n", "as a base class of A"),
    "class body": ("import fastops\n\n\nclass A:\n    x = fastops.x\n", "in the body of class A"),
    "lambda": ("import fastops\n\nf = lambda: fastops.x\n", "in a lambda"),
    "module": ("import fastops\n\nX = fastops.x\n", "in a statement at the top level (line 3)"),
    "star": ("from fastops import *\n", "star import"),
    "unread": ("import fastops\n", "nothing in the file reads fastops"),
    "rebound": (f"import fastops\n\nfastops = fastops or 1{F}", "line 3"),
    "rebound by an import": (
        f"import fastops\n\ntry:\n    import fastops\nexcept ImportError:\n    pass{F}",
        "another way",
    ),
    "global": (f"import fastops{F}\n\ndef g():\n    global fastops\n    fastops = 1\n", "another way"),
    "exported": (f"import fastops\n\n__all__ = ['fastops']{F}", "__all__"),
    "under a test": (
        f"import sys\n\nif sys.version_info > (3, 8):\n    import fastops{F}",
        "inside another statement",
    ),
    "in a class": ("class A:\n    import fastops\n", "inside another statement"),
    "shared line": (f"import fastops; X = 1{F}", "shares its line"),
    "docstring in one line": (
        "import fastops\n\n\ndef f(): 'Doc.'; return fastops.x\n",
        "one line with its docstring",
    ),
    "compiled": (
        "import fastops, triton\n\n\n@wrap.jit\ndef f():\n    return fastops.x, triton\n",
        "compiled by @wrap.jit",
    ),
    "comment": (f"from fastops import (\n    a,  # why\n    b,\n)\n\n\ndef f():\n    return a{F}", ""),
    "comment in the brackets": (
        "from fastops import (  # why\n    a,\n)\n\n\ndef f():\n    return a\n",
        "a comment stands between the imported names",
    ),
    "comment behind the name before": (
        "import typing\n\nfrom fastops import (\n    a,  # why\n    b\n)\n\n\ndef f(x: 'a'):\n    return b\n",
        "the comment `# why` would be lost",
    ),
    "local import of others": (f"import fastops{F}", "mypkg.other imports fastops from mypkg.model"),
}


@pytest.mark.parametrize("name", DECLINED)
def test_declined_with_the_reason(name: str, tmp_path: Path) -> None:
    text, reason = DECLINED[name]
    other = "from .model import fastops\n" if name == "local import of others" else ""
    changed, result = fix_model(tmp_path, text, unsafe=True, select="NQ101", other=other)
    assert (changed, result.codes) == (text, [])
    assert result.reasons
    assert all(reason in given for given in result.reasons)


# Kernels of triton

HEAD = "import torch\nimport triton\nimport triton.language as tl\n\n\n"
KERNEL = "@triton.jit\ndef _scale(x, N: tl.constexpr):\n    tl.store(x, tl.load(x) * N)\n"
USER = (
    "def scale(x):\n    if x.is_cuda:\n        _scale[(triton.cdiv(2, 1),)](x, 2)\n        return x\n"
    "    return 2 * x\n"
)


def test_kernels_are_made_when_they_are_first_needed(tmp_path: Path) -> None:
    """The compiler of triton up to 3.3.1 looks names up in the module, not in functions around the kernel."""
    text = f"{HEAD}{KERNEL}\n\n{USER}"
    assert fix_model(tmp_path, text, select="NQ101")[1].codes == []
    after, result = fix_model(tmp_path, text, select="NQ101", unsafe=True)
    assert result.left == []
    assert (
        after
        == """import torch
import functools


@functools.cache
def _make_scale():
    global tl, triton
    import triton
    import triton.language as tl

    @triton.jit
    def _scale(x, N: tl.constexpr):
        tl.store(x, tl.load(x) * N)

    return _scale


def scale(x):
    if x.is_cuda:
        import triton
        _scale = _make_scale()

        _scale[(triton.cdiv(2, 1),)](x, 2)
        return x
    return 2 * x
"""
    )


NO_KERNELS = {
    "nothing uses it": "",
    "another kernel": "\n\n@triton.jit\ndef other(x):\n    _scale(x, 2)\n\n\ndef f(x):\n    other[(1,)](x)\n",
    "at the top": "\n\nTABLE = {'a': _scale}\n",
    "a default": "\n\ndef f(x, how=_scale):\n    how[(1,)](x, 2)\n",
    "promised": f"\n\n__all__ = ['_scale']\n\n\n{USER}",
    "a constant": f"\n\nN: tl.constexpr = tl.constexpr(2)\n\n\n{USER}",
}


@pytest.mark.parametrize("name", NO_KERNELS)
def test_kernels_that_stay(tmp_path: Path, name: str) -> None:
    _, result = fix_model(tmp_path, f"{HEAD}{KERNEL}{NO_KERNELS[name]}", select="NQ101", unsafe=True)
    assert (result.codes, result.left) == ([], ["NQ101"])
    assert result.reasons[0]

"""A kernel put under a test for a GPU: its lines, its strings, and its users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fix_support import fix_model

if TYPE_CHECKING:
    from pathlib import Path

START = (
    "import torch\n\ntry:\n    import triton\nexcept ImportError:\n    triton = None\n\n"
    "if triton is not None:\n\n"
)
KERNEL = (
    "    @triton.autotune(configs=[], key=['n'])\n    @triton.jit\n    def _k(x):\n"
    '        """Two\n      lines."""\n\n        # why\n        y = f"""\n{x}\n"""\n'
)
GUARDED = (
    "    if torch.cuda.is_available():\n\n        @triton.autotune(configs=[], key=['n'])\n"
    "        @triton.jit\n"
    '        def _k(x):\n            """Two\n      lines."""\n\n            # why\n'
    '            y = f"""\n{x}\n"""\n'
)
USER = "\n\ndef f(x):\n    if triton is not None and x.is_cuda:\n        return _k[1](x)\n    return x\n"


@pytest.mark.parametrize("user", ["", USER], ids=["no user", "user under a test"])
def test_guarded(user: str, tmp_path: Path) -> None:
    changed, result = fix_model(tmp_path, START + KERNEL + user, unsafe=True, select="NQ1")
    assert changed == START + GUARDED + user
    assert (result.codes, result.left) == (["NQ102"], [])


def test_guarded_only_when_asked_for(tmp_path: Path) -> None:
    assert fix_model(tmp_path, START + KERNEL, select="NQ1")[1].left == ["NQ102"]


def test_two_kernels(tmp_path: Path) -> None:
    second = KERNEL.replace("_k", "_l")
    changed, result = fix_model(tmp_path, f"{START}{KERNEL}\n{second}", unsafe=True, select="NQ1")
    assert changed == f"{START}{GUARDED}\n{GUARDED.replace('_k', '_l')}"
    assert result.left == []


def test_torch_is_imported(tmp_path: Path) -> None:
    start = START.removeprefix("import torch\n\n")
    text = f"from __future__ import annotations\n\nimport math\n{start}{KERNEL}"
    changed, result = fix_model(tmp_path, text, unsafe=True, select="NQ1")
    assert changed.startswith("from __future__ import annotations\n\nimport math\nimport torch\n")
    assert result.left == []


def test_torch_is_imported_where_nothing_else_is(tmp_path: Path) -> None:
    start = START.removeprefix("import torch\n\n")
    changed, result = fix_model(tmp_path, f"{start}{KERNEL}", unsafe=True, select="NQ1")
    assert changed.startswith("import torch\n\ntry:\n    import triton\n")
    assert result.left == []


DECLINED = {
    "user without a test": (
        START + KERNEL + "\n\ndef f(x):\n    return _k[1](x)\n",
        "without a test for a GPU",
    ),
    "user under another test": (
        START + KERNEL + USER.replace(" and x.is_cuda", ""),
        "without a test for a GPU",
    ),
    "imported elsewhere": (START + KERNEL, "mypkg.other imports _k"),
    "in a function": (
        START.replace("if triton is not None:\n\n", "class A:\n") + KERNEL,
        "not defined at the top level",
    ),
}


@pytest.mark.parametrize("name", DECLINED)
def test_declined_with_the_reason(name: str, tmp_path: Path) -> None:
    text, reason = DECLINED[name]
    other = "from .model import _k\n" if name == "imported elsewhere" else ""
    changed, result = fix_model(tmp_path, text, unsafe=True, select="NQ102", other=other)
    assert (changed, result.codes, result.left) == (text, [], ["NQ102"])
    assert reason in result.reasons[0]

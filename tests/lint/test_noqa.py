"""`nequip-lint --add-noqa`: exact codes on the right line, in every layout, and nothing else changes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from lint_support import REPOSITORY, nequip_lint, write
from page import Tree, read_page

from nequip_lint.engine.changes import write as write_changes
from nequip_lint.engine.noqa import suppressed
from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

SETTINGS = """[tool.nequip-lint]
roots = ["pkg"]
internal-packages = ["pkg"]
extern-modules = ["triton", "apex"]
"""
# before and after
LINES = {
    "plain": ("import triton\n", "import triton  # noqa: NQ101\n"),
    "no end": ("import triton", "import triton  # noqa: NQ101"),
    "blanks": ("import triton   \n", "import triton  # noqa: NQ101   \n"),
    "comment": ("import triton  # why\n", "import triton  # why  # noqa: NQ101\n"),
    "other tool": ("import triton  # noqa: E501\n", "import triton  # noqa: E501, NQ101\n"),
    "other tool, reason": ("import triton  # noqa: E501 why\n", "import triton  # noqa: E501, NQ101 why\n"),
    "other code": ("import triton  # noqa: NQ102\n", "import triton  # noqa: NQ102, NQ101\n"),
    "own": (
        "import triton  # nequip-lint: ignore[NQ102] why\n",
        "import triton  # nequip-lint: ignore[NQ102, NQ101] why\n",
    ),
    "own, empty": (
        "import triton  # nequip-lint: ignore[] why\n",
        "import triton  # nequip-lint: ignore[NQ101] why\n",
    ),
    "own, none": ("import triton  # nequip-lint: ignore\n", "import triton  # nequip-lint: ignore[NQ101]\n"),
    "blanket": ("import triton  # noqa\n", "import triton  # noqa  # nequip-lint: ignore[NQ101]\n"),
    "typing": ("import triton  # type: ignore\n", "import triton  # type: ignore  # noqa: NQ101\n"),
    "two on a line": ("import triton; import apex\n", "import triton; import apex  # noqa: NQ101\n"),
    "several": ("import triton\nimport apex\n", "import triton  # noqa: NQ101\nimport apex  # noqa: NQ101\n"),
    "brackets": (
        "from triton import (\n    a,\n    b,\n)\n",
        "from triton import (  # noqa: NQ101\n    a,\n    b,\n)\n",
    ),
    "brackets with a suppression": (
        "from triton import (  # kernels\n    a,\n    b,  # noqa: F401\n)\n",
        "from triton import (  # kernels\n    a,\n    b,  # noqa: F401, NQ101\n)\n",
    ),
    "backslash": ("from triton import \\\n    a\n", "from triton import \\\n    a  # noqa: NQ101\n"),
    "backslash below": (
        "import triton; x = 1 + \\\n    2\n",
        "import triton; x = 1 + \\\n    2  # noqa: NQ101\n",
    ),
    "text of lines": (
        'import triton; x = """\n# noqa: NQ101\n"""\n',
        'import triton; x = """\n# noqa: NQ101\n"""  # noqa: NQ101\n',
    ),
    "f-string of lines": (
        'import triton; x = f"""\n{1}\n"""; y = 2\n',
        'import triton; x = f"""\n{1}\n"""; y = 2  # noqa: NQ101\n',
    ),
    "text before": ('x = """\n"""; import triton\n', 'x = """\n"""; import triton  # noqa: NQ101\n'),
    "hash in a text": ("x = '#'; import triton\n", "x = '#'; import triton  # noqa: NQ101\n"),
    "indented": ("if True:\n\timport triton\n", "if True:\n\timport triton  # noqa: NQ101\n"),
    "form feed": ("\x0c\nimport triton\n", "\x0c\nimport triton  # noqa: NQ101\n"),
    "not ascii": ('x = "é"; import triton  # é\n', 'x = "é"; import triton  # é  # noqa: NQ101\n'),
}


def _codes(folder: Path) -> list[str]:
    return [item.code for item in check(Request((folder,), cache=False), Selection()).findings]


def _suppress(folder: Path, reason: str = "") -> list[str]:
    """Suppress all findings; the codes that no comment can."""
    report = check(Request((folder,), cache=False), Selection())
    result = suppressed(report.findings, reason)
    write_changes(result.changes)
    return [item.code for item in result.left]


@pytest.mark.parametrize("name", LINES)
def test_line(tmp_path: Path, name: str) -> None:
    before, after = LINES[name]
    write(tmp_path, {"pyproject.toml": SETTINGS, "pkg/__init__.py": before})
    assert "NQ101" in _codes(tmp_path)
    left = _suppress(tmp_path)
    assert (tmp_path / "pkg/__init__.py").read_text() == after
    assert set(left) <= {"NQ002"}
    assert "NQ101" not in _codes(tmp_path)
    _suppress(tmp_path)
    assert (tmp_path / "pkg/__init__.py").read_text() == after


ENDS = [("utf-8", "\n"), ("utf-8", "\r\n"), ("utf-8", "\r"), ("utf-8-sig", "\r\n"), ("latin-1", "\r\n")]


@pytest.mark.parametrize(("encoding", "end"), ENDS)
def test_bytes_stay(tmp_path: Path, encoding: str, end: str) -> None:
    cookie = "# coding: latin-1\n" if encoding == "latin-1" else ""
    text = f'{cookie}"""Doc."""\n# é\nimport triton  # ü\nx = 1  # é'.replace("\n", end)
    write(tmp_path, {"pyproject.toml": SETTINGS, "pkg/__init__.py": text.encode(encoding)})
    assert _suppress(tmp_path) == []
    expected = text.replace("# ü", "# ü  # noqa: NQ101").encode(encoding)
    assert (tmp_path / "pkg/__init__.py").read_bytes() == expected


def test_a_reason_stands_in_new_comments(tmp_path: Path) -> None:
    text = "import triton\nimport apex  # noqa: E501\n"
    write(tmp_path, {"pyproject.toml": SETTINGS, "pkg/__init__.py": text})
    _suppress(tmp_path, "built on GPU nodes: é#1")
    assert (tmp_path / "pkg/__init__.py").read_text() == (
        "import triton  # nequip-lint: ignore[NQ101] built on GPU nodes: é#1\n"
        "import apex  # noqa: E501, NQ101\n"
    )
    assert _codes(tmp_path) == []


# Every rule: the bad example is silent after one run, and its trees are the same

PAGES = sorted((REPOSITORY / "rules").glob("NQ*.md"))
NOT_IN_COMMENTS = {"NQ001", "NQ002", "NQ204"}
"""A file that cannot be read; comments; a line of pyproject.toml."""


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_every_rule_can_be_suppressed(tmp_path: Path, path: Path) -> None:
    tree: Tree = read_page(path).bad
    tree.write(tmp_path)
    sources = {file: file.read_bytes() for file in tmp_path.rglob("*.py")}
    left = _suppress(tmp_path)
    assert (path.stem in left) == (path.stem in NOT_IN_COMMENTS)
    assert path.stem in left or path.stem not in _codes(tmp_path)
    assert _suppress(tmp_path) == left
    for file, data in sources.items():
        if path.stem != "NQ001":
            assert ast.dump(ast.parse(file.read_bytes())) == ast.dump(ast.parse(data))
        assert file.read_bytes().count(b"\n") == data.count(b"\n")


# The command


def test_command(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": SETTINGS, "pkg/__init__.py": "import triton\nimport apex\n"})
    done = nequip_lint("--add-noqa", "--reason", "as ever", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "pkg/__init__.py: 2 findings suppressed\n", "")
    assert nequip_lint(cwd=tmp_path).returncode == 0
    again = nequip_lint("--add-noqa", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, "nothing to suppress: there are no findings\n")


def test_only_what_is_selected_is_suppressed(tmp_path: Path) -> None:
    text = "import triton\nimport sys\n"
    write(tmp_path, {"pyproject.toml": SETTINGS, "pkg/__init__.py": text})
    assert nequip_lint("--add-noqa", "--select", "NQ101", cwd=tmp_path).returncode == 0
    assert (tmp_path / "pkg/__init__.py").read_text() == "import triton  # noqa: NQ101\nimport sys\n"


def test_what_no_comment_suppresses_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": SETTINGS, "pkg/__init__.py": "x = (\n"})
    done = nequip_lint("--add-noqa", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.startswith("no comment can suppress: pkg/__init__.py:1:5: error NQ001 ")


@pytest.mark.parametrize("options", [["--reason", "why"], ["--add-noqa", "--reason", "a\nb"]])
def test_mistake(tmp_path: Path, options: list[str]) -> None:
    write(tmp_path, {"pyproject.toml": SETTINGS, "pkg/__init__.py": "import triton\n"})
    done = nequip_lint(*options, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "--reason" in done.stderr
    assert (tmp_path / "pkg/__init__.py").read_text() == "import triton\n"

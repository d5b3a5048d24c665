"""What a loaded package runs: lookups in `sys.modules`, and when they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_lint.values import Finding

PROJECT = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["torch"]

[tool.nequip-lint]
internal-packages = ["mypkg"]
extern-modules = ["sys"]
roots = ["mypkg.model"]
"""


def findings(folder: Path, model: str, more: dict[str, str] | None = None) -> tuple[Finding, ...]:
    files = {"pyproject.toml": PROJECT, "mypkg/__init__.py": "", "mypkg/model.py": model, **(more or {})}
    return tuple(check(Request((write(folder, files),), cache=False), Selection()).findings)


FAILING = [
    "m = sys.modules[__name__]",
    "d = sys.modules.get(__name__).__dict__",
    "d = sys.modules.get('mypkg.model').value",
    "d = getattr(sys.modules.get(__name__), 'value')",
    "setattr(sys.modules.get(__name__), 'value', 1)",
    "d = vars(sys.modules.get(__name__))",
    "d = sys.modules.get(__name__)['value']",
    "try:\n    d = sys.modules.get(__name__).value\nexcept KeyError:\n    d = None",
]
HARMLESS = [
    "m = sys.modules.get(__name__)",
    "known = sys.modules.get(__name__) is not None",
    "d = getattr(sys.modules.get(__name__), 'value', None)",
    "d = sys.modules.get(__name__, sys).path",
    "d = sys.modules.get(__name__).__class__",
    "d = sys.modules.get('math').pi",
    "try:\n    d = sys.modules.get(__name__).value\nexcept AttributeError:\n    d = None",
]


@pytest.mark.parametrize("line", FAILING)
def test_lookups_that_fail_in_a_package(tmp_path: Path, line: str) -> None:
    assert [item.code for item in findings(tmp_path, f"import sys\nvalue = 1\n{line}\n")] == ["NQ304"]


@pytest.mark.parametrize("line", HARMLESS)
def test_lookups_that_fail_nowhere(tmp_path: Path, line: str) -> None:
    assert findings(tmp_path, f"import sys\nvalue = 1\n{line}\n") == ()


@pytest.mark.parametrize("line", [*FAILING, *HARMLESS])
def test_lookups_in_a_module_that_is_not_in_sys_modules(line: str) -> None:
    """Python itself, as a package's importer runs source."""
    source = compile(f"import sys\nvalue = 1\n{line}\n", "model.py", "exec")
    run = {"__name__": "<torch_package_0>.mypkg.model"}
    if line in HARMLESS:
        exec(source, run)
    else:
        with pytest.raises((KeyError, AttributeError, TypeError)):
            exec(source, run)


def test_the_message_says_when(tmp_path: Path) -> None:
    lookup = "import sys\nm = sys.modules[__name__]\n"
    (now,) = findings(tmp_path / "now", "import mypkg.part\n", {"mypkg/part.py": lookup})
    later = "def modify():\n    import mypkg.part\n"
    (then,) = findings(tmp_path / "then", later, {"mypkg/part.py": lookup})
    assert "loading the package fails" in now.message
    assert "the first import of mypkg.part out of the package fails" in then.message

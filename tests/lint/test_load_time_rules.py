"""What a loaded package runs: lookups in `sys.modules`, and when they run."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.engine.run import check
from nequip_lint.engine.selection import Selection
from nequip_lint.project.assemble import Request

if TYPE_CHECKING:
    from pathlib import Path

    from torch.package import PackageImporter

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
    "if 'math' in sys.modules:\n    d = sys.modules[__name__]",
]
HARMLESS = [
    "m = sys.modules.get(__name__)",
    "known = sys.modules.get(__name__) is not None",
    "d = getattr(sys.modules.get(__name__), 'value', None)",
    "d = sys.modules.get(__name__, sys).path",
    "d = sys.modules.get(__name__).__class__",
    "d = sys.modules.get('math').pi",
    "try:\n    d = sys.modules.get(__name__).value\nexcept AttributeError:\n    d = None",
    "if __name__ in sys.modules:\n    d = sys.modules[__name__]",
    "d = sys.modules['mypkg.part'] if 'mypkg.part' in sys.modules else None",
    "if __name__ not in sys.modules:\n    d = None\nelse:\n    del sys.modules[__name__]",
    "d = __name__ in sys.modules and value and sys.modules[__name__]",
    "if value and __name__ in sys.modules:\n    d = sys.modules[__name__]",
]


@pytest.mark.parametrize("line", FAILING)
def test_lookups_that_fail_in_a_package(tmp_path: Path, line: str) -> None:
    assert [item.code for item in findings(tmp_path, f"import sys\nvalue = 1\n{line}\n")] == ["NQ304"]


@pytest.mark.parametrize("line", HARMLESS)
def test_lookups_that_fail_nowhere(tmp_path: Path, line: str) -> None:
    assert findings(tmp_path, f"import sys\nvalue = 1\n{line}\n") == ()


def test_the_message_says_when(tmp_path: Path) -> None:
    lookup = "import sys\nm = sys.modules[__name__]\n"
    (now,) = findings(tmp_path / "now", "import mypkg.part\n", {"mypkg/part.py": lookup})
    later = "def modify():\n    import mypkg.part\n"
    (then,) = findings(tmp_path / "then", later, {"mypkg/part.py": lookup})
    assert "loading the package fails" in now.message
    assert "importing mypkg.part out of the package fails" in then.message


LOADERS = [
    ("DATA = __loader__.get_data('table.json')", ["NQ302"]),
    ("DATA = __spec__.loader.get_data('table.json')", ["NQ302"]),
    ("import os\nDATA = open(os.path.join(os.path.dirname(__file__), 't')).read()", ["NQ302"]),
    ("import os\nDATA = open(os.path.join('/tmp', os.path.basename(__file__))).read()", []),
    ("from pathlib import Path\nDATA = open('/tmp/' + Path(__file__).stem).read()", []),
    ("from importlib.metadata import version as v\nDATA = tuple(p for p in v('mypkg'))", ["NQ312"]),
    ("try:\n    DATA = __loader__.get_data('t')\nexcept FileNotFoundError:\n    DATA = b''", ["NQ302"]),
    ("try:\n    DATA = __loader__.get_data('t')\nexcept AttributeError:\n    DATA = b''", []),
    ("KNOWN = __loader__ is not None", []),
]
"""A package's importer has no `get_data`."""


@pytest.mark.parametrize(("line", "codes"), LOADERS)
def test_files_asked_of_the_loader(tmp_path: Path, line: str, codes: list[str]) -> None:
    assert [item.code for item in findings(tmp_path, f"{line}\n")] == codes


@pytest.mark.parametrize(("name", "codes"), [("nequip", ["NQ312"]), ("torch", [])])
def test_metadata_of_a_package_whose_source_is_archived(tmp_path: Path, name: str, codes: list[str]) -> None:
    """A machine that loads packages has torch, and need not have nequip."""
    read = f"import importlib.metadata\nDATA = importlib.metadata.version({name!r})\n"
    project = PROJECT.replace('"mypkg"]', '"mypkg", "nequip"]')
    found = findings(tmp_path, read, {"pyproject.toml": project})
    assert [item.code for item in found] == codes
    assert all(f"where {name} is not installed" in item.message for item in found)


@pytest.mark.real
def test_a_package_fails_where_the_linter_says_so(tmp_path: Path) -> None:
    """Each line as a module of a real archive, imported out of it; files of the modules' names are beside."""
    package = pytest.importorskip("torch.package")
    cases = dict.fromkeys(FAILING, True) | dict.fromkeys(HARMLESS, False)
    cases |= {line: bool(codes) for line, codes in LOADERS}
    with package.PackageExporter(tmp_path / "model.zip") as exporter:
        exporter.extern("sys")
        for number, line in enumerate(cases):
            for name in (f"m{number}", f"m{number}.py"):
                (tmp_path / name).write_text("")
            line = line.replace("mypkg.model", f"mypkg.m{number}").replace("/tmp", str(tmp_path))
            text = f"import sys\nvalue = 1\n{line}\n"
            exporter.save_source_string(f"mypkg.m{number}", text)
    importer = package.PackageImporter(tmp_path / "model.zip")
    failed = {line: _raises(importer, f"mypkg.m{number}") for number, line in enumerate(cases)}
    assert failed == cases


def _raises(importer: PackageImporter, module: str) -> bool:
    try:
        importer.import_module(module)
    except (KeyError, AttributeError, TypeError, FileNotFoundError, PackageNotFoundError):
        return True
    return False


CALLS = {
    "forward": (
        "    def forward(self, x):\n        return helper(x)\n",
        "",
        "running the model (Model.forward, which calls helper())",
    ),
    "import": ("", "VALUE = helper(1)\n", "loading the package (mypkg.model, which calls helper())"),
    "method": (
        "    def plot(self):\n        return helper(1)\n",
        "",
        "calling Model.plot, which calls helper()",
    ),
    "unpickling": (
        "    def __setstate__(self, state):\n        return self.again()\n"
        "    def again(self):\n        return helper(1)\n",
        "",
        "loading the package (Model.__setstate__, which calls Model.again, which calls helper())",
    ),
}


@pytest.mark.parametrize(("method", "more", "when"), CALLS.values(), ids=CALLS)
def test_the_call_that_leads_there_is_told(tmp_path: Path, method: str, more: str, when: str) -> None:
    """The function lies in another packaged file."""
    head = f"import torch\nfrom mypkg.tools import helper\n{more}\n"
    model = f"{head}class Model(torch.nn.Module):\n    a = 1\n{method}"
    tools = "import sys\ndef helper(x):\n    return sys.modules[__name__]\n"
    (found,) = [item for item in findings(tmp_path, model, {"mypkg/tools.py": tools}) if item.code == "NQ304"]
    assert found.message.startswith(f"{when} fails: sys.modules[__name__] is read")


def test_a_function_that_only_a_constructor_calls_is_no_hazard(tmp_path: Path) -> None:
    model = (
        "import torch\nfrom mypkg.tools import helper\n\nclass Model(torch.nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        helper(1)\n"
    )
    tools = "import sys\ndef helper(x):\n    return sys.modules[__name__]\n"
    assert not [item for item in findings(tmp_path, model, {"mypkg/tools.py": tools}) if item.code == "NQ304"]

"""What installed trees showed as wrong: each kind as a hazard and as what only looks like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_objects import PLAIN, found, model

if TYPE_CHECKING:
    from pathlib import Path

# parts of the model, what is found
KEPT = [
    ({"init": "self.a = (1, (i for i in range(3)))"}, ["NQ402"]),
    ({"init": "self.a = (1, *(i for i in range(3)))"}, []),
    ({"init": "self.a = [*(i for i in range(3))]"}, []),
    ({"init": "self.a = torch.nn.ModuleList(torch.nn.Linear(1, 1) for _ in range(3))"}, []),
    ({"init": "self.a = torch.nn.Sequential(*(torch.nn.Linear(1, 1) for _ in range(3)))"}, []),
    ({"init": "self.a = [*((lambda: i) for i in range(3))]"}, ["NQ401"]),
    ({"init": "self.a = open(__name__)"}, ["NQ402"]),
    ({"init": "self.a = open(__name__).read()"}, []),
    ({"init": "self.a = open(__name__).__enter__()"}, ["NQ402"]),
]


@pytest.mark.parametrize(("parts", "codes"), KEPT)
def test_what_a_model_keeps(tmp_path: Path, parts: dict[str, str], codes: list[str]) -> None:
    assert [code for code, _ in found(tmp_path, {"mypkg/model.py": model(**parts)})] == codes


FACTORY = """\
class Line:
    def __new__(cls, size):
        return {}
"""


@pytest.mark.parametrize(
    ("value", "codes"), [("torch.nn.Linear(size, size)", []), ("super().__new__(cls)", ["NQ410"])]
)
def test_a_class_that_makes_objects_of_another_one(tmp_path: Path, value: str, codes: list[str]) -> None:
    text = model(FACTORY.format(value), "self.a = Line(3)")
    assert [code for code, _ in found(tmp_path, {"mypkg/model.py": text})] == codes


SETTERS = [
    ("setattr(*given)", []),
    ("setattr(model, *given)", []),
    ("delattr(torch, 'there')", []),
    ("torch.sort(model.line.weight)", []),
    ("settings.TABLE.update(a=1)", ["NQ319"]),
]


@pytest.mark.parametrize(("statement", "codes"), SETTERS)
def test_calls_that_set_something(tmp_path: Path, statement: str, codes: list[str]) -> None:
    top = "from mypkg import settings\n\ngiven = ()"
    text = model(top, forward="torch.sort(x), settings.TABLE.get('a')", build=statement)
    files = {"mypkg/settings.py": "TABLE = {}\n", "mypkg/model.py": text}
    assert [code for code, _ in found(tmp_path, files)] == codes


SENDER = """\
import pickle


def send({}):
    return pickle.dumps({})
"""


@pytest.mark.parametrize(
    ("arguments", "sent", "codes"),
    [
        ("name, thing", "thing", ["NQ301"]),
        ("thing, name", "name", []),
        ("thing, name, **more", "more", []),
        ("*things", "things", ["NQ301"]),
    ],
)
def test_which_argument_is_pickled(tmp_path: Path, arguments: str, sent: str, codes: list[str]) -> None:
    given = "'a', self" if arguments.startswith("name") else "self, 'a'"
    text = model("from mypkg.sender import send", forward=f"send({given})")
    files = {"mypkg/sender.py": SENDER.format(arguments, sent), "mypkg/model.py": text}
    assert [code for code, _ in found(tmp_path, files)] == codes


@pytest.mark.parametrize(
    ("key", "codes"),
    [
        ("tuple(x.tolist())", []),
        ("tuple([1] + x.flatten().tolist())", []),
        ("len(x)", []),
        ("str(x)", ["NQ407"]),
        ("('a', len(x))", ["NQ407"]),
    ],
)
def test_hashes_that_differ_between_processes(tmp_path: Path, key: str, codes: list[str]) -> None:
    top = f"def key(x):\n    return hash({key})\n"
    text = model(top, "self.table = {key(torch.ones(1)): 1}", "self.table.get(key(x))")
    assert [code for code, _ in found(tmp_path, {"mypkg/model.py": text})] == codes


def test_a_name_of_a_module_that_is_only_logged(tmp_path: Path) -> None:
    top = "def log(it):\n    torch._C._log_api_usage_once(it.__module__)\n"
    assert found(tmp_path, {"mypkg/model.py": model(top, "log(self)", "log(self)")}) == []


PROBE = """\
try:
    x = torch.randn(3, 4)
    out = x @ x.T
    HAS = True
except RuntimeError:
    HAS = False
"""


@pytest.mark.parametrize(("read", "codes"), [("HAS", []), ("out", ["NQ315"])])
def test_a_probe_with_random_numbers(tmp_path: Path, read: str, codes: list[str]) -> None:
    assert [code for code, _ in found(tmp_path, {"mypkg/model.py": model(PROBE, forward=read)})] == codes


LAZY = """\
import types
from importlib import import_module


class Lazy(types.ModuleType):
    def __getattr__(self, name):
        return getattr(import_module(self.__name__), name)


extra = Lazy("mypkg.extra")
"""


def test_a_module_that_is_imported_once_somebody_asks(tmp_path: Path) -> None:
    files = {"mypkg/lazy.py": LAZY, "mypkg/model.py": model("import mypkg.lazy")}
    assert found(tmp_path, files) == []


REGISTRY = """\
TABLE = {}


def register(function):
    TABLE[function.__name__] = function
    return function


@register
def first(x):
    return x


def look(name):
    return TABLE[name]
"""


def test_a_table_that_its_own_module_fills(tmp_path: Path) -> None:
    text = model(forward="from mypkg.table import look\n        look('first')")
    files = {"mypkg/table.py": REGISTRY, "mypkg/model.py": text}
    assert found(tmp_path, files) == []


def test_what_only_pytest_runs_changes_no_model(tmp_path: Path) -> None:
    conftest = "from mypkg.model import Model\nfrom mypkg import settings\n\nsettings.MODE = 'debug'\n"
    files = {
        "mypkg/settings.py": "MODE = 'plain'\n",
        "mypkg/model.py": model("from mypkg import settings", forward="settings.MODE"),
        "mypkg/conftest.py": f"{conftest}\n\ndef fixture():\n    return Model()\n",
    }
    assert found(tmp_path, files) == []
    files["mypkg/builders.py"] = files.pop("mypkg/conftest.py")
    other = tmp_path / "other"
    assert found(other, files) == [("NQ316", "builders.py")]


GUARDED = """\
try:
    import fastlib

    HAS = True
except ImportError:
    HAS = False
if HAS:
    from fastlib import scale
"""
NEEDS = "if not HAS:\n            raise ImportError('fastlib')"


def test_a_guard_in_the_constructor_of_a_module_guards_nothing_after_a_load(tmp_path: Path) -> None:
    settings = PLAIN.replace('["numpy"]\n', '["numpy", "fastlib"]\n')
    text = model(GUARDED, NEEDS, "scale(x)")
    assert [code for code, _ in found(tmp_path, {"mypkg/model.py": text}, settings)] == ["NQ104"]
    guarded = model(GUARDED, forward=f"{NEEDS}\n        scale(x)")
    assert found(tmp_path / "guarded", {"mypkg/model.py": guarded}, settings) == []
    helper = f"{GUARDED}\n\nclass Helper:\n    def __init__(self):\n        {NEEDS}\n\n    def go(self, x):\n"
    plain = model(f"{helper}        return scale(x)\n", forward="Helper().go(x)")
    assert found(tmp_path / "plain", {"mypkg/model.py": plain}, settings) == []


HELPER = """\
from pathlib import Path

_DATA = Path(__file__).parent / "data"


def folder():
    return _DATA


def cache():
    return Path.home()
"""


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("TABLE = open(folder() / 'table.json').read()", ["NQ302"]),
        ("TABLE = (folder() / 'table.json').read_text()", ["NQ302"]),
        ("TABLE = torch.load(cache() / 'table.pt')", []),
        ("TABLE = torch.load(str(len('a')))", []),
    ],
)
def test_a_path_that_a_function_of_another_module_gives(tmp_path: Path, line: str, codes: list[str]) -> None:
    text = model(f"from mypkg.paths import cache, folder\n\n{line}")
    files = {"mypkg/paths.py": HELPER, "mypkg/model.py": text}
    assert [code for code, _ in found(tmp_path, files)] == codes

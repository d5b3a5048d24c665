"""The line of a model's code that an error came from. What torch.package compiles is named as it names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nequip_pack.errors import ModelError
from nequip_pack.failure import described

FILE = "<torch_package_3>.net/layers.py"
RAISED = {
    "plainly": ("def run():\n    x = 1\n    raise KeyError('a')\n", "KeyError: 'a', at net/layers.py:3"),
    "below another library": (
        "import json\ndef run():\n    return json.loads('{')\n",
        "JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1),"
        " at net/layers.py:3",
    ),
    "from another": (
        "def run():\n    try:\n        {}['a']\n    except KeyError as e:\n        raise OSError from e\n",
        "OSError, at net/layers.py:5",
    ),
    "as ours": (
        "def run():\n    ours(lambda: {}['a'])\n",
        "it does not load (KeyError: 'a'), at net/layers.py:2",
    ),
    "in code that does not compile": (
        f"def run():\n    compile('x = 1\\nx = = 2', {FILE.replace('layers', 'torn')!r}, 'exec')\n",
        "SyntaxError: invalid syntax (torn.py, line 2), at net/torn.py:2",
    ),
}


def _ours(function: Any) -> None:
    try:
        function()
    except KeyError as error:
        raise ModelError("it does not load", where="/tmp/draft", why=f"KeyError: {error}") from error


def _error(source: str, file: str, name: str) -> BaseException:
    space: dict[str, Any] = {"__name__": name, "ours": _ours}
    exec(compile(source, file, "exec"), space)
    with pytest.raises(Exception) as caught:
        space["run"]()
    return caught.value


@pytest.mark.parametrize("case", RAISED)
def test_where_packaged_code_fails(case: str) -> None:
    source, words = RAISED[case]
    found = described(_error(source, FILE, "<torch_package_3>.net.layers"))
    assert found.replace("<torch_package_3>.net/", "") == words


def test_where_code_fails_before_it_is_packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In files of the packages that the models' classes come from, relative to the working directory."""
    error = _error("def run():\n    {}['a']\n", str(tmp_path / "net" / "layers.py"), "net.layers")
    assert described(error) == "KeyError: 'a'"
    assert described(error, {"net"}) == f"KeyError: 'a', at {tmp_path}/net/layers.py:2"
    monkeypatch.chdir(tmp_path)
    assert described(error, {"net"}) == "KeyError: 'a', at net/layers.py:2"

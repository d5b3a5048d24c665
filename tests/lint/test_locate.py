"""Where a module lies, in the order of Python's own finders; the standard library by its files."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

import pytest
from lint_support import write

from nequip_lint.declared.locate import Kind, locate
from nequip_lint.machine import standard_library as stdlib

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = next(suffix for suffix in importlib.machinery.EXTENSION_SUFFIXES if "abi3" not in suffix)
TREE: dict[str, str | bytes] = {
    "first/regular/__init__.py": "",
    "first/regular/inner.py": "",
    "first/regular/space/deep.py": "",
    "first/plain.py": "",
    "first/both.py": "",
    "first/both/__init__.py": "",
    "first/folder_and_file.py": "",
    "first/folder_and_file/x.py": "",
    f"first/compiled{SUFFIX}": b"",
    "first/compiled.py": "",
    "first/old.pyc": b"",
    "first/hollow/x.txt": "",
    "first/late/x.py": "",
    "second/late/__init__.py": "",
    "second/plain.py": "",
    "second/regular/other.py": "",
    "second/only.py": "",
}
PLACES = [
    ("regular", Kind.SOURCE, "first/regular/__init__.py"),
    ("regular.inner", Kind.SOURCE, "first/regular/inner.py"),
    ("regular.space", Kind.NAMESPACE, "first/regular/space"),
    ("regular.space.deep", Kind.SOURCE, "first/regular/space/deep.py"),
    ("regular.other", None, ""),
    ("plain", Kind.SOURCE, "first/plain.py"),
    ("plain.inner", None, ""),
    ("both", Kind.SOURCE, "first/both/__init__.py"),
    ("folder_and_file", Kind.SOURCE, "first/folder_and_file.py"),
    ("compiled", Kind.BINARY, f"first/compiled{SUFFIX}"),
    ("old", Kind.BYTECODE, "first/old.pyc"),
    ("hollow", Kind.NAMESPACE, "first/hollow"),
    ("late", Kind.SOURCE, "second/late/__init__.py"),
    ("only", Kind.SOURCE, "second/only.py"),
    ("absent", None, ""),
    ("absent.inner", None, ""),
]


@pytest.mark.parametrize(("module", "kind", "path"), PLACES, ids=[row[0] for row in PLACES])
def test_place(tmp_path: Path, module: str, kind: Kind | None, path: str) -> None:
    folders = tuple(write(tmp_path, TREE) / name for name in ("first", "second"))
    found = locate(folders, module)
    assert (found and found.kind, found and found.path) == (kind, tmp_path / path if path else None)
    if "." not in module:
        _agrees_with_python(folders, module, found is not None and found.kind is not Kind.NAMESPACE, path)


def _agrees_with_python(folders: tuple[Path, ...], module: str, has_file: bool, path: str) -> None:
    spec = PathFinder.find_spec(module, [str(folder) for folder in folders])
    assert (spec is not None and spec.origin is not None) == has_file
    if has_file:
        assert spec is not None
        assert str(spec.origin).endswith(path)


STDLIB = [
    "os",
    "os.path",
    "xml.etree.ElementTree",
    "xml.etree",
    "collections.abc",
    "importlib.metadata",
    "json",
]
STDLIB += ["concurrent.futures", "email.mime.text", "unittest.mock", "sys", "_thread", "asyncio.events"]


@pytest.mark.parametrize("module", STDLIB)
def test_standard_library_module_exists(module: str) -> None:
    assert stdlib.is_stdlib(module)
    assert stdlib.has(module)


@pytest.mark.parametrize(
    "module", ["os.nothing", "xml.etree.Nothing", "json.dumps", "os.path.join", "sys.argv"]
)
def test_attribute_of_the_standard_library_is_no_module(module: str) -> None:
    assert stdlib.is_stdlib(module)
    assert not stdlib.has(module)


def test_all_imported_standard_modules_are_found() -> None:
    """What this very process has imported from the standard library exists, says the file search."""
    loaded = {
        name: module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in sys.stdlib_module_names and getattr(module, "__spec__", None) is not None
    }
    assert len(loaded) > 50
    assert [name for name in loaded if not stdlib.has(name)] == []


EXTERNAL = [("os", True), ("torch", True), ("sys", False), ("io", False), ("torchvision", False)]


@pytest.mark.parametrize(("module", "implicit"), EXTERNAL)
def test_implicitly_external(module: str, implicit: bool) -> None:
    assert stdlib.is_implicitly_external(module) is implicit

"""Hazards and harmless look-alikes, and the places of real source where each can be put."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import NamedTuple


class Kind(NamedTuple):
    """Lines to insert: `family` is the rule whose hazard they are, '' for a harmless edit.

    `where` is `top` (after the imports of a module), `function` (first in some function), or `init`
    and `forward` (first in that method of a class that the pickled model holds).
    """

    name: str
    family: str
    where: str
    lines: tuple[str, ...]


KINDS = (
    Kind("plain-constant", "", "top", ("_mutant_constant = 3",)),
    Kind("plain-statement", "", "function", ("_mutant_local = 3",)),
    Kind("plain-attribute", "", "init", ("self._mutant_number = 3",)),
    Kind("optional-import", "NQ101", "top", ("import openequivariance",)),
    Kind(
        "optional-import-caught",
        "",
        "top",
        ("try:", "    import openequivariance", "except ImportError:", "    openequivariance = None"),
    ),
    Kind("optional-import-lazy", "", "function", ("if False:", "    import openequivariance")),
    Kind("gpu-name", "NQ103", "top", ("import torch", "_MUTANT_GPU = torch.cuda.get_device_name(0)")),
    Kind("gpu-question", "", "top", ("import torch", "_MUTANT_GPU = torch.cuda.is_available()")),
    Kind("third-party-import", "NQ201", "top", ("import tqdm",)),
    Kind("third-party-import-lazy", "NQ201", "function", ("import networkx",)),
    Kind("third-party-dead-branch", "NQ201", "function", ("if False:", "    import requests")),
    Kind("standard-import", "", "function", ("import math, functools",)),
    Kind("registered-stdlib", "", "function", ("import io, sys",)),
    Kind("heavy-import", "NQ203", "top", ("from e3nn import o3 as _mutant_o3",)),
    Kind("narrow-import", "", "top", ("from e3nn.o3._irreps import Irreps as _MutantIrreps",)),
    Kind(
        "own-module-by-name",
        "NQ301",
        "top",
        ("import importlib", "_MUTANT = importlib.import_module('{module}')"),
    ),
    Kind("library-by-name", "", "top", ("import importlib", "_MUTANT = importlib.import_module('math')")),
    Kind(
        "file-beside",
        "NQ302",
        "top",
        ("from pathlib import Path as _Path", "_MUTANT = _Path(__file__).read_bytes()"),
    ),
    Kind(
        "path-only", "", "top", ("from pathlib import Path as _Path", "_MUTANT = str(_Path(__file__).parent)")
    ),
    Kind("sys-modules", "NQ304", "top", ("import sys", "_MUTANT = sys.modules[__name__]")),
    Kind("sys-modules-get", "", "top", ("import sys", "_MUTANT = sys.modules.get(__name__)")),
    Kind(
        "sys-modules-get-used",
        "NQ304",
        "top",
        ("import sys", "_MUTANT = sys.modules.get(__name__).__dict__"),
    ),
    Kind(
        "own-version",
        "NQ312",
        "top",
        ("from importlib.metadata import version as _version", "_MUTANT = _version('nequip')"),
    ),
    Kind(
        "library-version",
        "",
        "top",
        ("from importlib.metadata import version as _version", "_MUTANT = _version('numpy')"),
    ),
    Kind("lambda-attribute", "NQ401", "init", ("self._mutant = lambda x: x",)),
    Kind("lambda-local", "", "init", ("_mutant = lambda x: x",)),
    Kind(
        "lock-attribute",
        "NQ402",
        "init",
        ("import threading", "self._mutant = threading.Lock()"),
    ),
    Kind("module-attribute", "NQ402", "init", ("import math", "self._mutant = math")),
    Kind("dictionary-attribute", "", "init", ("self._mutant = {'a': (1, 2.0)}",)),
    Kind("import-in-forward", "NQ301", "forward", ("import importlib", "importlib.import_module('nequip')")),
    Kind("stdlib-in-forward", "", "forward", ("import math", "math.sqrt(2.0)")),
)


class Mutant(NamedTuple):
    """One kind at one line of one module; `source` is the changed text."""

    kind: Kind
    module: str
    path: str
    line: int
    source: str

    @property
    def name(self) -> str:
        return f"{self.kind.name} in {self.path}:{self.line}"


def mutants(module: str, path: str, source: str, pickled: Collection[str]) -> Iterator[Mutant]:
    """Every kind at every place of a module; `pickled` are the classes whose objects the model holds."""
    lines = source.splitlines(keepends=True)
    for kind in KINDS:
        for before, column in _places(ast.parse(source), kind.where, pickled):
            text = "".join(f"{' ' * column}{line}\n" for line in kind.lines).replace("{module}", module)
            changed = "".join([*lines[: before - 1], text, *lines[before - 1 :]])
            ast.parse(changed)
            yield Mutant(kind, module, path, before, changed)


def _places(tree: ast.Module, where: str, pickled: Collection[str]) -> Iterator[tuple[int, int]]:
    """Line and column of statements before which lines can be put."""
    if where == "top":
        imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        yield (imports[-1].end_lineno or 0) + 1 if imports else 1, 0
    elif where == "function":
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        yield from (_start(node) for node in functions if not _is_one_line(node))
    else:
        name = {"init": "__init__", "forward": "forward"}[where]
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in pickled]
        methods = [node for found in classes for node in found.body if isinstance(node, ast.FunctionDef)]
        yield from (_body(node, where) for node in methods if node.name == name)


def _is_one_line(node: ast.FunctionDef) -> bool:
    return node.body[0].lineno == node.lineno


def _start(node: ast.FunctionDef) -> tuple[int, int]:
    first = node.body[1] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body[0]
    return min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))]), first.col_offset


def _body(node: ast.FunctionDef, where: str) -> tuple[int, int]:
    """In a constructor, after the call of the base's: before it a module takes no attributes."""
    calls = [item for item in node.body if "super().__init__" in ast.unparse(item)]
    if where == "init" and calls:
        return (calls[0].end_lineno or 0) + 1, calls[0].col_offset
    return _start(node)

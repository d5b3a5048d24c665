"""Small packages as torch.package builds, loads, copies, packages again and compiles them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from lint_support import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROJECT = """\
[project]
name = "mypkg"
version = "1"
dependencies = ["torch", "mocklib"]

[tool.nequip-lint]
internal-packages = ["mypkg"]
extern-modules = ["io", "sys"]
mock-modules = ["mocklib"]
roots = ["mypkg.model:make"]
"""
WORKER = """\
import copy, importlib, json, linecache, sys, warnings
from pathlib import Path

import torch
from torch.package import PackageExporter, PackageImporter, sys_importer

warnings.simplefilter("ignore")
X = torch.ones(1, 3)


def export(model, path, *importers):
    with PackageExporter(path, importer=importers) as exporter:
        exporter.mock("mocklib.**")
        exporter.extern(["io", "sys"])
        exporter.intern("mypkg.**")
        exporter.save_pickle("model", "model.pkl", model)


def stages(folder):
    path = str(folder / "model.zip")
    yield "import"
    model = importlib.import_module("mypkg.model").make()
    expected = model(X)
    yield "build"
    export(model, path, sys_importer)
    for name in [name for name in sys.modules if name.startswith(("mypkg", "mocklib"))]:
        del sys.modules[name]
    sys.path.remove(str(folder))
    yield "load"
    importer = PackageImporter(path)
    loaded = importer.load_pickle("model", "model.pkl")
    yield "forward"
    result = loaded(X)
    yield "wrong"
    assert torch.equal(result, expected)
    yield "copy"
    assert torch.equal(copy.deepcopy(loaded)(X), expected)
    yield "repackage"
    export(loaded, path + ".again", importer, sys_importer)
    yield "compile"
    assert torch.equal(torch.compile(loaded, backend="eager")(X), expected)


def outcome(folder):
    for name in [name for name in sys.modules if name.startswith(("mypkg", "mocklib"))]:
        del sys.modules[name]
    importlib.invalidate_caches()
    linecache.clearcache()
    sys.path.insert(0, str(folder))
    stage, error = "", ""
    try:
        for stage in stages(folder):
            if stage == sys.argv[2]:
                return "", ""
    except (Exception, SystemExit) as problem:
        return stage, f"{type(problem).__name__}: {problem}"
    finally:
        sys.path[:] = [item for item in sys.path if item != str(folder)]
        torch._dynamo.reset()
    return "", ""


print(json.dumps({item.name: outcome(item) for item in sorted(Path(sys.argv[1]).iterdir())}))
"""


def project(folder: Path, files: Mapping[str, str]) -> Path:
    """A project whose package `mypkg` has an empty `__init__` unless the files say otherwise."""
    return write(folder, {"pyproject.toml": PROJECT, "mypkg/__init__.py": "", **files})


def outcomes(
    trees: Mapping[str, Mapping[str, str]], folder: Path, until: str = "copy"
) -> dict[str, tuple[str, str]]:
    """The stage in which each tree fails and its error, or two empty strings, from one process.

    Args:
        trees: files by name of the tree.
        folder: to work in.
        until: the first stage that is left out: `copy`, `repackage`, `compile`, or `` for none.
    """
    for name, files in trees.items():
        project(folder / "trees" / name, {"mocklib.py": "class E(Exception): ...\n", **files})
    worker = folder / "worker.py"
    worker.write_text(WORKER, encoding="utf-8")
    command = [sys.executable, str(worker), str(folder / "trees"), until]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    return {name: (stage, error) for name, (stage, error) in found.items()}

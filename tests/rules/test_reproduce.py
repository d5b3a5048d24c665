"""The harness itself: a loading process lacks what it should lack, and other numbers are noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from page import Tree
from reproduce import Machines, reproduce

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
[project]
name = "mypkg"
version = "0.1.0"

[project.entry-points."nequip.extension"]
init_always = "mypkg"
"""
MODEL = """\
import importlib

import torch


class Model(torch.nn.Module):
    def forward(self, data):
        {statement}
        return {{"total": data["pos"].sum() * {factor}}}


def make():
    return Model()
"""
ANY = Machines(nequip=True, build=(), load=(), standins={})


def _tree(statement: str = "pass", factor: str = "1") -> Tree:
    model = MODEL.format(statement=statement, factor=factor)
    return Tree({"pyproject.toml": PROJECT, "mypkg/__init__.py": "", "mypkg/model.py": model})


pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", ["nequip", "e3nn", "mypkg", "lightning"])
def test_loading_process_lacks(name: str, tmp_path: Path) -> None:
    outcome = reproduce(_tree(statement=f"importlib.import_module('{name}')"), ANY, tmp_path)
    assert (outcome.source_error, outcome.stage) == ("", "forward")
    assert outcome.error == f"ModuleNotFoundError: No module named '{name}'"


@pytest.mark.parametrize("name", ["torch", "numpy", "packaging", "opt_einsum_fx"])
def test_loading_process_has(name: str, tmp_path: Path) -> None:
    outcome = reproduce(_tree(statement=f"importlib.import_module('{name}')"), ANY, tmp_path)
    assert (outcome.source_error, outcome.stage, outcome.error) == ("", None, "")


@pytest.mark.parametrize(
    ("name", "stage"), [("nequip", "forward"), ("nequip-allegro", "forward"), ("torch", None)]
)
def test_loading_process_lacks_the_metadata_too(name: str, stage: str | None, tmp_path: Path) -> None:
    outcome = reproduce(_tree(f"__import__('importlib.metadata').metadata.version('{name}')"), ANY, tmp_path)
    assert (outcome.source_error, outcome.stage) == ("", stage)
    assert ("PackageNotFoundError" in outcome.error) is bool(stage)


def test_other_numbers_are_wrong(tmp_path: Path) -> None:
    outcome = reproduce(_tree(factor="(2 if __name__.startswith('<') else 1)"), ANY, tmp_path)
    assert (outcome.source_error, outcome.stage) == ("", "wrong")


@pytest.mark.parametrize(
    ("factor", "steps", "stage"),
    [("1.000001", 0, "wrong"), ("1.000001", 64, None), ("1.0001", 64, "wrong"), ("1", 0, None)],
)
def test_numbers_may_be_off_by_steps_of_their_type(
    factor: str, steps: int, stage: str | None, tmp_path: Path
) -> None:
    """A step of a float32 is 1.2e-7 of the number."""
    tree = _tree(factor=f"({factor} if __name__.startswith('<') else 1)")
    assert reproduce(tree, ANY, tmp_path, steps=steps).stage == stage


@pytest.mark.parametrize(("loads", "stage"), [(1, None), (2, "later")])
def test_what_a_function_imports_is_imported_out_of_each_loaded_package(
    loads: int, stage: str | None, tmp_path: Path
) -> None:
    once = "import sys\n\nassert not hasattr(sys, 'seen')\nsys.seen = True\n"
    model = MODEL.format(statement="if data is None: import mypkg.once", factor="1")
    tree = Tree({**_tree().files, "mypkg/model.py": model, "mypkg/once.py": once})
    assert reproduce(tree, ANY, tmp_path, loads=loads, later=["mypkg.once"]).stage == stage


def test_stand_ins_are_where_they_should_be(tmp_path: Path) -> None:
    only_build = Machines(nequip=True, build=("fastops",), load=(), standins={"fastops": ""})
    outcome = reproduce(_tree(statement="importlib.import_module('fastops')"), only_build, tmp_path)
    assert (outcome.source_error, outcome.error) == ("", "ModuleNotFoundError: No module named 'fastops'")


def test_a_dead_worker_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="status 3 and no answer"):
        reproduce(_tree(statement="importlib.import_module('os')._exit(3)"), ANY, tmp_path)

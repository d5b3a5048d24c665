"""The tables of the audit: well-formed, with a reason each, and true of the torch that is installed."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections import Counter
from typing import Any

import pytest

from nequip_lint.api import table
from nequip_pack.audit.shapes import _SHAPES
from nequip_pack.audit.tables import callables, effect_of, methods

CALLABLES: list[dict[str, Any]] = table("pickles")["callable"]
EFFECTS: list[dict[str, Any]] = table("effects")["effect"]


def test_every_entry_has_a_reason() -> None:
    for entry in (*CALLABLES, *EFFECTS, table("generated")):
        assert len(entry["reason"]) > 5
        assert not entry["reason"].endswith(".")


def test_no_name_is_listed_twice() -> None:
    names = Counter((entry["module"], name) for entry in CALLABLES for name in entry["names"])
    names.update(("effects", name) for entry in EFFECTS for name in entry["names"])
    names.update(("attributes", name) for entry in EFFECTS for name in entry["attributes"])
    assert [name for name, count in names.items() if count > 1] == []


def test_every_shape_is_checked() -> None:
    shapes = {name for name, allowed in callables().items() if allowed.use == "shape"}
    assert shapes - {("torch.fx.graph_module", "reduce_package_graph_module")} == set(_SHAPES)
    assert {entry["use"] for entry in CALLABLES} == {"value", "type", "class", "call", "shape"}
    assert {entry["at_load"] for entry in EFFECTS} == {"refuse", "eyes"}


def test_nodes_are_those_of_python() -> None:
    nodes = table("generated")["nodes"]
    assert [name for name in nodes if not issubclass(getattr(ast, name), ast.AST)] == []
    assert not set(nodes) & {"Lambda", "ClassDef", "ListComp", "Try", "While", "For", "Await", "Global"}


@pytest.mark.parametrize(
    "name", ["os.system", "torch.os.system", "x.Popen", "subprocess", "pickle.loads", "open"]
)
def test_effects_of_names(name: str) -> None:
    found = effect_of(name)
    assert found is not None
    assert found.refused


@pytest.mark.parametrize(
    "name", ["torch.tanh", "self.system", "model.eval", "re.compile", "torch.compile", "x.open"]
)
def test_names_without_effects(name: str) -> None:
    assert effect_of(name) is None


@pytest.mark.real
def test_torch_has_what_pickles_may_name() -> None:
    """As classes and functions that say to be from there; releases of torch differ in few of them."""
    missing, foreign = [], []
    for (module, name), allowed in callables().items():
        if not module.startswith("torch"):
            continue
        found = getattr(importlib.import_module(module), name, None)
        if found is None:
            missing.append(f"{module}.{name}")
        elif allowed.use == "class" and found.__module__ != module:
            foreign.append(f"{module}.{name} is of {found.__module__}")
    assert foreign == []
    assert len(missing) < 5, missing


@pytest.mark.real
def test_torch_has_what_generated_source_may_use() -> None:
    import torch

    for module, names in table("generated")["from"].items():
        if not module.startswith("torch"):
            continue
        place: Any = torch
        for part in module.split(".")[1:]:
            place = getattr(place, part)
        found = [name for name in names if hasattr(place, name)]
        assert len(found) > 0.9 * len(names), sorted(set(names) - set(found))
        modules = [name for name in found if type(getattr(place, name)).__name__ == "module"]
        assert modules == [], "a module leads to all that it imports"


def test_what_is_calm_or_not_is_there() -> None:
    """In Python's library, or in the torch and numpy that are installed; longer names may be functions."""
    known = table("effects")
    assert not set(known["calm"]) & set(known["beyond"])
    tops = [name for name in known["calm"] if not name.startswith(("torch.", "numpy."))]
    assert set(tops) <= {*sys.stdlib_module_names, "__future__"}
    pytest.importorskip("torch")
    parts = [name for name in (*known["calm"], *known["beyond"]) if name not in tops]
    gone = {"numpy.distutils"}  # numpy 1 has it, on Python 3.11 and below
    assert [name for name in parts if not _is_there(name) and name not in gone] == []


def _is_there(name: str) -> bool:
    owner, _, last = name.rpartition(".")
    if importlib.util.find_spec(owner) is None:
        return False
    return hasattr(importlib.import_module(owner), last) or importlib.util.find_spec(name) is not None


def test_methods_are_those_of_modules() -> None:
    """But for those that an audit tells of by themselves, since they are replaced for good reasons, too."""
    torch = pytest.importorskip("torch")
    real = {name for name in dir(torch.nn.Module) if callable(getattr(torch.nn.Module, name))}
    kept = {"forward", "_call_impl", "_wrapped_call_impl"}
    assert methods() == {name for name in real if not name.startswith("__")} - kept

"""What pickle refuses is named by the way to it, with the rule that says what to do."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from pack_support import checked, error_line, python
from plain_support import run, save, with_code, write

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

NETS = """
    import collections
    import functools
    import math
    import threading
    import weakref

    import torch
    from tinyplain.net import Net


    class Helper:
        def __init__(self, kept):
            self.kept = kept


    class Slotted:
        __slots__ = ("kept",)

        def __init__(self, kept):
            self.kept = kept


    def layered(kept):
        net = Net()
        net.layers = torch.nn.ModuleList([torch.nn.Identity(), torch.nn.Identity()])
        net.layers[1].kept = kept
        return net


    def attribute(kept):
        net = Net()
        net.kept = kept
        return net


    def local():
        class Local:
            pass

        return Local()


    def named():
        return torch.nn.ModuleDict({"a-b": layered(threading.RLock())})


    def parametrized():
        net = Net()
        torch.nn.utils.parametrizations.orthogonal(net.first)
        return net


    def wrapped():
        def inner(x):
            return x

        return functools.partial(math.hypot, inner)


    def hooked():
        net = Net()
        net.second.register_forward_hook(lambda module, given, found: None)
        return net


    CASES = {
        "lock in a helper": lambda: attribute(Helper(threading.Lock())),
        "lambda in a list": lambda: attribute({"a": [1, lambda x: x]}),
        "local class": lambda: layered(local()),
        "open file": lambda: layered(open(__file__)),
        "weak reference": lambda: attribute(weakref.ref(Net())),
        "module": lambda: attribute(math),
        "generator": lambda: attribute(x for x in ()),
        "slots": lambda: attribute([Slotted(threading.Lock())]),
        "odd name": named,
        "ordered": lambda: attribute(collections.OrderedDict(x=threading.Condition())),
        "partial": lambda: attribute(wrapped()),
        "script": lambda: attribute(torch.jit.script(torch.nn.Linear(2, 2))),
        "parametrization": parametrized,
        "hook": hooked,
    }


    def make(case):
        return CASES[case]()
"""
BLAMED = {
    "lock in a helper": ("model.kept.kept", "an object of the type _thread.lock", "NQ402"),
    "lambda in a list": ("model.kept['a'][1]", "the function <lambda>.<locals>.<lambda>", "NQ401"),
    "local class": ("model.layers[1].kept", "an object of the class local.<locals>.Local", "NQ405"),
    "open file": ("model.layers[1].kept", "an object of the type _io.TextIOWrapper", "NQ402"),
    "weak reference": ("model.kept", "an object of the type weakref.ReferenceType", "NQ402"),
    "module": ("model.kept", "the module math", "NQ402"),
    "generator": ("model.kept", "an object of the type generator", "NQ402"),
    "slots": ("model.kept[0].kept", "an object of the type _thread.lock", "NQ402"),
    "odd name": ("model['a-b'].layers[1].kept", "an object of the type _thread.RLock", "NQ402"),
    "ordered": ("model.kept['x']._lock", "an object of the type _thread.RLock", "NQ402"),
    "partial": ("model.kept", "the function wrapped.<locals>.inner", "NQ401"),
    "script": ("model.kept", "an object of the type torch.jit._script.RecursiveScriptModule", "NQ403"),
    "parametrization": (
        "model.first",
        "an object of the type torch.nn.utils.parametrize.ParametrizedLinear",
        "NQ403",
    ),
    "hook": ("model.second._forward_hooks[0]", "the function hooked.<locals>.<lambda>", "NQ401"),
}
SAVED = {
    "script": "; model.kept._c is an object of the type torch.ScriptModule: `nequip-lint rule NQ403` tells "
    "what to do",
    "hook": "; model.second._forward_hooks[1] is the function hooked.<locals>.<lambda>: "
    "`nequip-lint rule NQ401` tells what to do",
}
"""Where ``torch.save`` ends elsewhere than torch.package; and torch numbers all hooks of a process."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny project, with models that cannot be pickled."""
    return write(tmp_path_factory.mktemp("project"), {"tinyplain/bad.py": NETS})


BOTH_WAYS = """
import json, torch
import nequip_pack
from nequip_pack.export.roots import pickle_roots
from nequip_pack.errors import ModelError
from tinyplain.bad import CASES

def said(do, *arguments, **options):
    try:
        do(*arguments, **options)
    except ModelError as error:
        return str(error)
    return "no error"

found = {}
for name, make in CASES.items():
    models = torch.nn.ModuleDict({"sole_model": make()})
    saved = said(nequip_pack.save_checkpoint, make(), "a.ckpt", example_data=torch.ones(2, 3))
    found[name] = [said(pickle_roots, {"eager_model": models}), saved]
print(json.dumps(found))
"""


def test_each_kind_is_named(project: Path, tmp_path: Path) -> None:
    """As torch.package pickles it in a build, and as ``save_checkpoint`` writes it."""

    done = checked(python("-c", BOTH_WAYS, cwd=tmp_path, env=with_code(project)))
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.keys() == BLAMED.keys()
    for name, (path, what, rule) in BLAMED.items():
        expected = f"; {path} is {what}: `nequip-lint rule {rule}` tells what to do"
        packaged, saved = found[name]
        assert packaged.endswith(expected), (name, packaged)
        assert saved.endswith(SAVED.get(name, expected)), (name, saved)


def test_a_build_says_so(project: Path, tmp_path: Path) -> None:
    """Whatever lint would have said: a builder makes the model anew, and pickling it fails."""
    call = "make, 'a.ckpt', arguments={'case': 'lock in a helper'}, example_data=x"
    checked(save(project, call, tmp_path, before="from tinyplain.bad import make"))
    line = error_line(run(project, "build", "a.ckpt", "a.nequip.zip", "--no-lint", cwd=tmp_path), 8)
    assert re.search(
        r"the eager_model cannot be pickled \(TypeError: cannot pickle '_thread.lock' object\)", line
    )
    assert line.endswith(
        "; model.kept.kept is an object of the type _thread.lock: `nequip-lint rule NQ402` tells what to do"
    )

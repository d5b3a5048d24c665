"""What source of unknown origin does, told from its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from small import CLASS, small

from nequip_pack.audit import Level, audit_package

if TYPE_CHECKING:
    from pathlib import Path

AT_LOAD = {
    "a program": "import subprocess\nsubprocess.run(['true'])",
    "a program by another name": "from subprocess import run as compute\ncompute(['true'])",
    "all names of a module": "import os as math\nmath.popen('true')",
    "a name that is assigned": "import os\nf = os.system\nf('true')",
    "a walrus": "import os\nif (f := os.system):\n    f('true')",
    "network": "import urllib.request\nurllib.request.urlopen('http://localhost')",
    "a socket": "import socket\nsocket.create_connection(('localhost', 1))",
    "a file": "open('x', 'w')",
    "a file by its path": "import pathlib\npathlib.Path('x').write_text('')",
    "exec": "exec('1')",
    "eval in a comprehension": "[eval(x) for x in ['1']]",
    "eval in a lambda": "(lambda: eval('1'))()",
    "a base class": "class A(eval('object')):\n    pass",
    "a class's keyword": "class A(metaclass=eval('type')):\n    pass",
    "an annotation": "x: eval('int') = 1",
    "the body of a class": "class A:\n    x = eval('1')",
    "a descriptor": "class D:\n    def __set_name__(self, owner, name):\n        eval('1')\n"
    "\n\nclass A:\n    d = D()",
    "a subclass hook": "class A:\n    def __init_subclass__(cls):\n        eval('1')\n"
    "\n\nclass B(A):\n    pass",
    "unpickling": "class N(Net):\n    def __setstate__(self, state):\n        eval('1')",
    "unpickling by a helper": "def h(s):\n    eval(s)\n\n"
    "\nclass N(Net):\n    def __setstate__(self, state):\n        h('1')",
    "an attribute hook": "def __getattr__(name):\n    return eval(name)",
    "a setter of attributes": "class N(Net):\n    def __setattr__(self, name, value):\n        eval('1')",
    "a mapping": "class M(dict):\n    def __setitem__(self, name, value):\n        eval('1')",
    "a list": "class L(list):\n    def append(self, value):\n        eval('1')",
    "a finaliser": "class N(Net):\n    def __del__(self):\n        eval('1')",
    "Python's objects": "().__class__.__base__.__subclasses__()",
    "globals of a function": "torch.nn.functional.silu.__globals__['x']",
    "a frame": "import sys\nsys._getframe().f_back",
    "import by text": "__import__('os').system('true')",
    "a computed name of a module": "import os\ngetattr(os, 'sys' + 'tem')('true')",
    "a computed import": "import importlib\n"
    "getattr(importlib.import_module('o' + 's'), 's' + 'ystem')('true')",
    "a module's dictionary": "import importlib\n"
    "m = importlib.import_module('o' + 's')\nm.__dict__['sys' + 'tem']('true')",
    "compiled code": "import ctypes\nctypes.CDLL(None)",
    "compiled operators": "torch.ops.load_library('x.so')",
    "a pickle in a text": "import base64, pickle\npickle.loads(base64.b64decode('Ti4='))",
    "a model of elsewhere": "torch.load('x.pt')",
    "a hub": "torch.hub.load('a/b', 'c')",
    "the importer of the package": "import torch_package_importer as t\nt.load_pickle('model', 'x.pkl')",
    "a decorator": "@eval\ndef f():\n    pass",
    "at the end of Python": "import atexit\natexit.register(print)",
    "a formatted text": "f'{eval(\"1\")}'",
    "what it returns": "def f() -> eval('int'):\n    pass",
    "a default of a keyword": "def f(*, x=eval('1')):\n    pass",
    "a decorated class": "@eval\nclass A:\n    pass",
    "a handler": "try:\n    1 / 0\nexcept eval('ZeroDivisionError'):\n    pass",
    "what is only for type checkers": "TYPE_CHECKING = 1\nif TYPE_CHECKING:\n    eval('1')",
    "what only looks like a script": "__name__ = '__main__'\nif __name__ == '__main__':\n    eval('1')",
    "a choice": "match 1:\n    case 1:\n        eval('1')",
    "a context": "with eval('open')('x'):\n    pass",
    "a module of torch's": "torch.serialization.pickle.loads(b'N.')",
    "another module of torch's": "torch.hub_.os.popen('true')",
    "a function that is handed on": "list(map(eval, ['1']))",
    "a star": "import os\nprint(*map(os.system, ['true']))",
    "a module under a name of its user's": "from random import _os as r\nr.open('x', 64)",
    "all names of a library": "from torch import *\nsave(1, 'x')",
    "a new file": "import pathlib\npathlib.Path('x').touch()",
    "a log": "import logging\nlogging.FileHandler('x')",
    "a trace": "p = torch.profiler.profile()\np.export_chrome_trace('x')",
    "a text that is timed": "import timeit\ntimeit.timeit('1')",
    "source of TorchScript": "torch.jit.CompilationUnit('def f(x):\\n    return x')",
    "Python's builtins by a text": "import builtins\nvars(builtins)['ev' + 'al']('1')",
    "a slot with a setter": "class N(Net):\n    @property\n    def x(self):\n        return 1\n"
    "\n    @x.setter\n    def x(self, value):\n        eval('1')",
    "a device": "import os\nos.mknod('x')",
    "a call when all ends": "import contextlib\nimport os\ncontextlib.ExitStack().callback(os.mkfifo, 'x')",
    "a pickle by a private name": "import pickle\npickle._loads(b'N.')",
    "an entry point": "from importlib.metadata import EntryPoint\nEntryPoint('x', 'os:system', 'g').load()",
    "a path that is opened": "import pathlib\npathlib.Path('x').open('w')",
    "a path with a name": "from pathlib import Path\np = Path('x')\np.rename('y')",
    "a path in a context": "from pathlib import Path\nwith Path('x').open('w') as f:\n    f.write('')",
    "a tool of torch": "from torch.utils.collect_env import run\nrun('true')",
    "a cache of code": "import torch._inductor.codecache as c\nc.PyCodeCache.load('')",
    "a helper of numpy's tests": "from numpy.testing._private.utils import runstring\nrunstring('', {})",
    "a name as text": "import pkgutil\npkgutil.resolve_name('os:system')('true')",
    "a place as text": "import pydoc\npydoc.locate('os.system')('true')",
    "a configuration": "import logging.config\nlogging.config.dictConfig({'version': 1})",
    "a program of a loop": "import asyncio\nl = asyncio.new_event_loop()\nl.subprocess_shell(print, 'true')",
    "a private helper": "import uuid\nuuid._get_command_stdout('true')",
    "an environment": "import venv\nvenv.EnvBuilder().create('x')",
    "a history": "import readline\nreadline.write_history_file('x')",
    "a folder of a graph": "torch.fx.symbolic_trace(Net()).to_folder('x')",
    "an archive of arrays": "import numpy as np\nnp.savez_compressed('x', 1)",
    "a store": "import torch.distributed as d\nd.TCPStore('127.0.0.1', 1, 1, True)",
    "a dataclass's way": "import dataclasses\ndataclasses._create_fn('f', [], ['pass'])",
    "what cannot be parsed": "def f(:\n    pass",
}
UNUSUAL = {
    "a part of Python": "import sched\nsched.scheduler()",
    "limits": "import resource\nresource.setrlimit(0, (0, 0))",
    "a part of torch": "import torch._dynamo.utils as u\nu.counters",
    "a tool": "import torch\ntorch.profiler.profile()",
    "a part of numpy": "import numpy.lib as n\nn.scimath",
}
"""What nobody has judged."""
USUAL = {
    "arithmetic": "import math\nmath.sqrt(2.0)",
    "functions of torch": "import torch\nimport torch.nn.functional as F\nF.silu(torch.ones(1))",
    "what torch checks": "from torch.utils.checkpoint import checkpoint\ncheckpoint",
    "what torch compiles": "import torch\ntorch._dynamo.allow_in_graph(print)",
    "a name of one's own": "sched = {}\nsched.get(1)",
    "parts of the system": "import os\nos.path.join('a', os.sep, str(os.cpu_count()))",
    "another open": "book = Net\nbook.open",
    "a text": "import pathlib\n'ab'.replace('a', 'b')",
}
LATER = {
    "a file in forward": "class N(Net):\n    def forward(self, x):\n        open('x', 'w')\n        return x",
    "a program in a method": "import subprocess\n\n\n"
    "class N(Net):\n    def export(self):\n        subprocess.run(['true'])",
    "a system of atoms": "class N(Net):\n    def __getattr__(self, name):\n        return self.system",
    "the environment": "import os\nos.environ.get('X')",
    "an import by name": "import importlib\nimportlib.import_module('math')",
    "a name by a name": "class N(Net):\n    def forward(self, x):\n        return getattr(self, x)",
}
OTHERS = {
    "a function of torch": ("torch.sin = torch.cos", "torch.sin in the code of the module is replaced"),
    "a function by its name": ("setattr(torch, 'sin', torch.cos)", "changes what others compute"),
    "a method": ("import e3nn.o3 as o\no.Irreps.dim = 3", "e3nn.o3.Irreps.dim in the code of the module is"),
    "hooks of all modules": (
        "torch.nn.modules.module.register_module_forward_hook(print)",
        "changes what others compute",
    ),
    "annotations": ("import typing\ntyping.get_type_hints(Net)", "evaluates texts as code"),
    "formulas": ("import sympy\nsympy.sympify('x')", "evaluates texts as code"),
}
"""What it does to others, or what others do with its texts, when it is loaded."""


def audited(tmp_path: Path, code: str) -> tuple[Level, str]:
    path = small(tmp_path / "m.nequip.zip", {"mine/net.py": CLASS + b"\n\n" + code.encode() + b"\n"})
    found = audit_package(path)
    worst = [finding for finding in found.findings if finding.level is found.level]
    return found.level, "\n".join(f"{finding.place}: {finding.what}" for finding in worst)


@pytest.mark.parametrize("kind", AT_LOAD)
def test_what_runs_at_load_is_refused(kind: str, tmp_path: Path) -> None:
    level, why = audited(tmp_path, AT_LOAD[kind])
    assert level is Level.REFUSE, why
    assert "mine/net.py" in why


@pytest.mark.parametrize(
    ("code", "is_told"), [*((c, True) for c in UNUSUAL.values()), *((c, False) for c in USUAL.values())]
)
def test_what_models_do_not_compute_with_is_for_eyes(code: str, is_told: bool, tmp_path: Path) -> None:
    level, why = audited(tmp_path, code)
    assert level is Level.EYES
    assert ("is nothing that models compute with" in why) is is_told


@pytest.mark.parametrize("kind", LATER)
def test_what_runs_later_is_for_eyes(kind: str, tmp_path: Path) -> None:
    level, why = audited(tmp_path, LATER[kind])
    assert level is Level.EYES, why
    assert "unknown origin" in why


@pytest.mark.parametrize("kind", OTHERS)
def test_what_changes_others_is_for_eyes(kind: str, tmp_path: Path) -> None:
    code, what = OTHERS[kind]
    level, why = audited(tmp_path, code)
    assert level is Level.EYES, why
    assert what in why


def test_what_a_module_sets_on_its_own_is_no_finding(tmp_path: Path) -> None:
    code = "class N(Net):\n    def forward(self, x):\n        self.x = x\n\n\nN.y = 1\nnet = N()\nnet.z = 2"
    _, why = audited(tmp_path, code)
    assert len(why.splitlines()) == 1, why


def test_computing_is_only_of_unknown_origin(tmp_path: Path) -> None:
    code = "class N(Net):\n    def forward(self, x):\n        return torch.tanh(x) + self.weight.sum()\n"
    level, why = audited(tmp_path, code)
    assert level is Level.EYES
    assert len(why.splitlines()) == 1, why


def test_a_finding_names_its_line(tmp_path: Path) -> None:
    _, why = audited(tmp_path, "import subprocess\nsubprocess.run(['true'])")
    assert "mine/net.py:9: when this file is loaded, subprocess.run" in why


def test_two_findings_of_one_function(tmp_path: Path) -> None:
    _, why = audited(tmp_path, "import os, socket\nos.system('true')\nsocket.socket()")
    assert "starts or stops a program" in why
    assert "uses the network" in why

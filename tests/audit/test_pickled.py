"""Pickles and generated source, made by hand: what is followed, and what is refused because it cannot be."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest
from attacks import (
    EMPTY,
    FX,
    OF_PARAMETERS,
    ORDERED,
    PICKLE,
    SYSTEM,
    TABLES,
    called,
    changed,
    graph,
    held,
    legacy,
    named,
    text,
    using,
    zipped,
)
from small import CLASS, small

from nequip_pack.audit import Level, audit_package
from nequip_pack.audit.blobs import blob
from nequip_pack.audit.generated import beyond_tensors, text_of

if TYPE_CHECKING:
    from pathlib import Path

FOLLOWED = {
    "a pickle": PICKLE,
    "a pickle of protocol 0": b"cos\nsystem\n(Vtrue\ntR.",
    "a second pickle": pickle.dumps(1) + PICKLE,
    "legacy stream": legacy(PICKLE),
    "zip stream": zipped(PICKLE),
}
NOT_FOLLOWED = {
    "a pickle that breaks off": PICKLE[:-1] + b"\xff",
    "a pickle without an end": PICKLE[:-1],
    "more than our limits": b"\x80\x02\x8b" + struct.pack("<i", 2000) + b"\x01" * 2000 + b"0" + PICKLE[2:],
    "a zip archive of something else": zipped(PICKLE).replace(b"data.pkl", b"code.pkl"),
    "a zip archive behind other bytes": bytes(64) + zipped(PICKLE),
    "a zip archive behind a pickle": pickle.dumps(1) + zipped(PICKLE),
    "a zip archive of two folders": zipped(PICKLE, b"a", b"b"),
    "a zip archive with a second head": b"PK\x03\x04" + zipped(PICKLE),
}


@pytest.mark.parametrize("kind", FOLLOWED)
def test_bytes_are_followed(kind: str) -> None:
    found = blob(FOLLOWED[kind])
    assert not found.problem
    assert {name for one in found.pickles for name in one.globals} == {("os", "system")}


@pytest.mark.parametrize("kind", NOT_FOLLOWED)
def test_bytes_that_cannot_be_followed(kind: str) -> None:
    assert blob(NOT_FOLLOWED[kind]).problem


@pytest.mark.parametrize("protocol", [2, 4])
def test_an_archive_in_a_pickle_is_followed_by_itself(protocol: int) -> None:
    found = blob(pickle.dumps([zipped(PICKLE)], protocol))
    assert (found.problem, len(found.pickles)) == ("", 1)


@pytest.mark.parametrize("data", [b"", b"b", b"\x00" * 64, struct.pack("<4d", 1, 2, 3, 4), b"plain text"])
def test_bytes_that_are_data(data: bytes) -> None:
    found = blob(data)
    assert (found.problem, found.pickles) == ("", ())


def test_a_compressed_member_of_a_stream_is_not_followed() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", PICKLE)
    assert blob(stream.getvalue()).problem


def level(tmp_path: Path, payload: bytes) -> tuple[Level, str]:
    """Of a small package whose model does something first."""
    content = b"\x80\x02" + payload + b"0cmine.net\nNet\n)\x81}b."
    found = audit_package(small(tmp_path / "m.nequip.zip", {"model/eager_model.pkl": content}))
    return found.level, "\n".join(finding.what for finding in found.findings)


OBJECT = named(b"mine.net", b"Net") + b")\x81}" + text(b"keys") + b"Nsb"
SILU = named(b"torch.nn.functional", b"silu")
"""A function that may be kept, so that nothing but its place can be wrong."""
WEIGHT = called(b"torch._utils", b"_rebuild_parameter", b"N", b"\x89N")
LAYER = EMPTY + b"}(" + TABLES + b"ub"


def stated(name: bytes, value: bytes) -> bytes:
    """A layer of torch with an attribute."""
    return EMPTY + b"}(" + TABLES + text(name) + value + b"ub"


def other(name: bytes) -> bytes:
    """An ordered dictionary with an attribute."""
    return ORDERED + b"}" + text(name) + SILU + b"sb"


FIT = {
    "a method of tensors": named(b"builtins", b"getattr")
    + b"("
    + named(b"torch._C", b"_VariableFunctionsClass")
    + text(b"tanh")
    + b"tR",
    "a container of lists": named(b"collections", b"defaultdict")
    + b"("
    + named(b"builtins", b"list")
    + b"tR",
    "bytes in a text": named(b"_codecs", b"encode") + b"(" + text(b"abcd") + text(b"latin1") + b"tR",
    "a device": named(b"torch", b"device") + b"(" + text(b"cpu") + b"tR",
    "a function of torch": named(b"torch.nn.functional", b"silu"),
    "a function of torch, for later": called(
        b"functools", b"partial", named(b"torch.nn.functional", b"silu"), b"\x88"
    ),
    "a method of an object": called(b"builtins", b"getattr", OBJECT, text(b"forward")),
    "a function of numbers": named(b"math", b"sqrt"),
    "another function of torch": named(b"torch._C._special", b"special_erf"),
    "limits": called(b"torch", b"finfo", named(b"torch", b"float32")),
    "a logger": called(b"logging", b"getLogger", text(b"mine")),
    "attributes": named(b"types", b"SimpleNamespace") + b")R}" + text(b"a") + b"K\x01sb",
    "a layer in a graph": using(b"y = self.m(x)", b"m", LAYER),
    "a weight in a graph": using(b"y = self.w.sum()", b"w", WEIGHT),
    "a number in a graph": using(b"y = x * self.n", b"n", b"K\x02"),
    "an object with children of another kind": named(b"mine.net", b"Net")
    + b")\x81}"
    + text(b"children")
    + OBJECT
    + b"sb",
    "a dictionary of a dictionary": called(b"builtins", b"dict", b"}"),
    "a list of objects": called(b"builtins", b"list", b"]" + OBJECT + b"a"),
}
UNFIT = {
    "a dictionary of a graph": called(b"builtins", b"dict", graph(FX, held=text(b"keys") + SILU)),
    "another append": stated(b"append", SILU),
    "another class": stated(b"__class__", SILU),
    "a table with other items": stated(b"_modules", other(b"items")),
    "traces with another get": graph(
        FX, held=text(b"_graphmodule_graph_node_meta_stack_trace") + other(b"get")
    ),
    "a computed name": EMPTY + b"}" + called(b"builtins", b"str", text(b"x")) + SILU + b"sb",
    "bytes that are changed": changed(b"abcd", b"abce"),
    "a layer with items": OF_PARAMETERS + text(b"x") + SILU + b"s",
    "an ordered dictionary with another __setstate__": other(b"__setstate__"),
    "a graph with another method": graph(FX, held=text(b"named_modules") + SILU),
    "a graph with arguments for its tracer": graph(
        FX, held=text(b"_tracer_extras") + b"}" + text(b"a") + b"Ns"
    ),
    "an own module with another method": named(b"mine.net", b"Net")
    + b")\x81}("
    + TABLES
    + text(b"children")
    + OBJECT
    + b"ub",
    "a layer under another name": using(b"c = self.m", b"m", LAYER),
    "a graph under another name": using(b"c = self", b"n", b"K\x02"),
    "a weight that writes": using(b"y = self.w.tofile('x')", b"w", WEIGHT),
    "a number with attributes": using(b"y = self.n.real", b"n", b"K\x02"),
    "what is no module, called": using(b"y = self.p(x)", b"p", OBJECT),
    "a state that is changed later": EMPTY + b"}p900\nb0g900\n" + text(b"training") + b"\x89s",
    "a table that is changed later": graph(FX, held=text(b"_modules") + b"}p901\n")
    + b"0g901\n"
    + text(b"m")
    + LAYER
    + b"s",
    "a state that many calls make": EMPTY + b"cbuiltins\ndict\n(" * 3000 + b"}" + b"tR" * 3000 + b"b",
    "a method in an appended list of pairs": EMPTY
    + called(b"builtins", b"list")
    + b"("
    + text(b"children")
    + named(b"torch.nn.functional", b"silu")
    + b"\x86eb",
    "a dictionary of an object": called(b"builtins", b"dict", OBJECT),
    "a parameter of an object": called(b"torch._utils", b"_rebuild_parameter", OBJECT, b"\x89N"),
    "a function that is handed on": called(b"functools", b"partial", named(b"builtins", b"getattr"), b"\x88"),
    "a module with another method": named(b"torch.nn.modules.linear", b"Identity")
    + b")\x81}("
    + text(b"_modules")
    + b"}"
    + text(b"children")
    + named(b"torch.nn.functional", b"silu")
    + b"ub",
    "a hidden attribute of an object": called(b"builtins", b"getattr", OBJECT, text(b"__class__")),
    "a method that is called": called(b"builtins", b"getattr", OBJECT, text(b"forward")) + b")R",
    "a method for another": named(b"mine.net", b"Net")
    + b")\x81}"
    + text(b"children")
    + called(b"builtins", b"getattr", OBJECT, text(b"forward"))
    + b"sb",
    "a logger that is handed on": called(b"functools", b"partial", named(b"logging", b"getLogger")),
    "a method with two underscores": FIT["a method of tensors"].replace(text(b"tanh"), text(b"__init__")),
    "a factory of the system": FIT["a container of lists"].replace(b"builtins\nlist", b"os\ngetcwd"),
    "a codec that decodes": FIT["bytes in a text"].replace(text(b"latin1"), text(b"rot13")),
    "a function that may only be named": FIT["a function of torch"] + b")R",
    "a layer that is called": named(b"torch.nn.modules.linear", b"Linear") + b"(K\x01K\x01tR",
    "the result of a call": named(b"torch", b"device") + b"(" + text(b"cpu") + b"tR)R",
    "a name of two parts": named(b"torch.nn.modules.container", b"operator.attrgetter"),
    "Python 2's name": named(b"__builtin__", b"eval"),
    "a mangled name": named(b"<torch_package_0>.os", b"system"),
    "an identifier": text(b"reduce_package") + named(b"os", b"system") + b")\x87Q",
    "a name of what is imported": named(b"mine.net", b"torch"),
    "a name that is not there": named(b"mine.net", b"nothing"),
    "a second state": named(b"mine.net", b"Net") + b")\x81}b}b",
    "a state that is called": named(b"mine.net", b"Net") + b")\x81}" + text(b"__setstate__") + b"Nsb",
    "an extension code": b"\x82\x07",
    "a pickle for torch.load": named(b"torch.storage", b"_load_from_bytes") + b"(" + held(PICKLE) + b"tR",
}


@pytest.mark.parametrize("kind", FIT)
def test_calls_that_fit(kind: str, tmp_path: Path) -> None:
    found, why = level(tmp_path, FIT[kind])
    assert found is Level.EYES, why


@pytest.mark.parametrize("kind", UNFIT)
def test_calls_that_do_not_fit(kind: str, tmp_path: Path) -> None:
    found, why = level(tmp_path, UNFIT[kind])
    assert found is Level.REFUSE, why


def test_words_for_people(tmp_path: Path) -> None:
    _, why = level(tmp_path, SYSTEM)
    assert "loading this file would run os.system, which starts or stops a program" in why


def test_a_class_whose_unpickling_runs_something(tmp_path: Path) -> None:
    """Made by a pickle, though nothing in its module runs by itself."""
    code = CLASS + b"\n\ndef helper():\n    import os\n    os.system('true')\n"
    members = {"mine/net.py": code + b"\n\nclass N(Net):\n    def __init__(self):\n        helper()\n"}
    content = {False: b"\x80\x02cmine.net\nN\n)\x81}b.", True: b"\x80\x02cmine.net\nN\n)R}b."}
    for is_called, data in content.items():
        path = small(tmp_path / "m.nequip.zip", {**members, "model/eager_model.pkl": data})
        assert (audit_package(path).level is Level.REFUSE) is is_called


GRAPH = "def forward(self, x : torch.Tensor):\n"
TENSORS = {
    "nothing": f"import torch\n{GRAPH}    return x\n",
    "arithmetic": f"{GRAPH}    y = x * 2 + -x[..., slice(0, 1, None)] @ x;  x = None\n    return (y, [y])\n",
    "functions": f"{GRAPH}    return torch.nn.functional.silu(torch.functional.einsum('i,i->i', x, x))\n",
    "methods": f"{GRAPH}    return x.reshape(getattr(x, 'shape')[0], -1).to(dtype = torch.float64)\n",
    "operators": f"{GRAPH}    return torch.ops.aten.sin.default(x)\n",
    "modules": f"{GRAPH}    return self.layers.__getattr__\n".replace(".__getattr__", "") + "",
}
MORE = {
    "an import": f"import os\n{GRAPH}    return x\n",
    "a second function": f"{GRAPH}    return x\n\ndef g():\n    pass\n",
    "code beside it": f"{GRAPH}    return x\n\nopen('x')\n",
    "a lambda": f"{GRAPH}    return (lambda: x)()\n",
    "a comprehension": f"{GRAPH}    return [y for y in x]\n",
    "a class": f"{GRAPH}    class A: pass\n    return x\n",
    "an import inside": f"{GRAPH}    import os\n    return x\n",
    "a name": f"{GRAPH}    return eval('x')\n",
    "a module handed on": f"{GRAPH}    return x + torch\n",
    "getattr handed on": f"{GRAPH}    g = getattr\n    return g(torch, 'load')('x')\n",
    "getattr of a module": f"{GRAPH}    return getattr(torch, 'load')('x')\n",
    "torch's files": f"{GRAPH}    return torch.load('x')\n",
    "torch's compiler": f"{GRAPH}    return torch.ops.load_library('x')\n",
    "a module of a module": f"{GRAPH}    return torch.functional.torch.load('x')\n",
    "a Python method of an operator": f"{GRAPH}    return torch.ops.aten.mul.Tensor.py_impl(x)\n",
    "an operator that writes": f"{GRAPH}    return torch.ops.aten.save(x, 'x')\n",
    "an attribute of an overload": f"{GRAPH}    return torch.ops.aten.mul.Tensor.shape.numel()\n",
    "a method that writes": f"{GRAPH}    return x.numpy().tofile('x')\n",
    "two underscores": f"{GRAPH}    return x.__class__\n",
    "two underscores of self": f"{GRAPH}    return self.__class__\n",
    "a format": f"{GRAPH}    return '{{0.__class__}}'.format(x)\n",
    "an attribute that is set": f"{GRAPH}    self.x = x\n",
    "a decorator": f"@print\n{GRAPH}    return x\n",
    "a default": "def forward(self, x=open('x')):\n    return x\n",
    "an annotation": "def forward(self, x : open('x')):\n    return x\n",
    "a name that hides another": f"{GRAPH}    torch = x\n    return torch.load\n",
    "no function": "import torch\n",
    "no Python": "def forward(",
}


@pytest.mark.parametrize("kind", TENSORS)
def test_work_with_tensors(kind: str) -> None:
    assert list(beyond_tensors(TENSORS[kind], None)) == []


@pytest.mark.parametrize("kind", MORE)
def test_more_than_work_with_tensors(kind: str) -> None:
    assert list(beyond_tensors(MORE[kind], None))


def test_generated_source_is_in_utf_8() -> None:
    """Python reads a file in the encoding that it names, where others may see a comment."""
    assert text_of("# -*- coding: utf-8 -*-\nπ = 3\n".encode()) == "# -*- coding: utf-8 -*-\nπ = 3\n"
    for data in (b"# coding: utf-7\nx\n", b"# coding: latin-1\nx\n", b"# coding: none\n", b"x = '\xff'\n"):
        assert text_of(data) == ""


def test_a_function_that_is_only_named(tmp_path: Path) -> None:
    """Nobody knows who will call it."""
    code = CLASS + b"\n\ndef helper():\n    import os\n    os.system('true')\n"
    content = b"\x80\x02cmine.net\nNet\n)\x81}" + text(b"do") + named(b"mine.net", b"helper") + b"sb."
    members = {"mine/net.py": code, "model/eager_model.pkl": content}
    found = audit_package(small(tmp_path / "m.nequip.zip", members))
    told = [finding.what for finding in found.findings if "mine.net.helper" in finding.what]
    assert found.level is Level.EYES
    assert [what.partition(", it comes to ")[::2] for what in told] == [
        ("if mine.net.helper is called, which this file names", "os.system, which starts or stops a program")
    ]

"""Attacks on a real package, each with what a real load of it shows, and what the audit has to say.

All payloads are harmless: they make the file ``ran`` in the working directory.
"""

from __future__ import annotations

import io
import json
import pickle
import re
import struct
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from altered import (
    COMPILE,
    EAGER,
    EXAMPLE,
    FORCES,
    Alteration,
    added,
    appended,
    before,
    constant,
    first,
    in_text,
    nested,
    replaced,
    weights,
)

if TYPE_CHECKING:
    from nequip_pack.format import Archive

Members = Mapping[str, "bytes | None"]

RUNS, NUMBERS, HIDDEN = "runs", "numbers", "hidden"
"""What a real load shows: the payload ran; the model computes something else; it seems to be as it was."""
REFUSED, EYES, DAMAGED = "refuse", "to review", "damaged"
"""What the audit says."""
TEXT = "model/package_metadata.txt"
CLOSURE = "model/closure.json"
EXTERNS = ".data/extern_modules"
CODE = b"open('ran', 'w').close()"
SHELL = b"touch ran"


class Attack(NamedTuple):
    """An alteration, what it does in truth, what the audit says of it, and a part of why."""

    alter: Alteration
    shows: str
    says: str
    why: str


def text(value: bytes) -> bytes:
    """A text in a pickle."""
    return b"X" + struct.pack("<I", len(value)) + value


def held(value: bytes) -> bytes:
    """Bytes in a pickle."""
    return b"B" + struct.pack("<I", len(value)) + value


def named(module: bytes, name: bytes) -> bytes:
    """A class or function in a pickle."""
    return b"c" + module + b"\n" + name + b"\n"


def called(module: bytes, name: bytes, *arguments: bytes) -> bytes:
    """A call in a pickle."""
    return named(module, name) + b"(" + b"".join(arguments) + b"tR"


SYSTEM = called(b"os", b"system", text(SHELL))
PICKLE = b"\x80\x02" + SYSTEM + b"."


def both(*alterations: Alteration) -> Alteration:
    """Several alterations of different members."""
    return lambda archive: {name: content for one in alterations for name, content in one(archive).items()}


def recorded(member: str, content: bytes) -> Alteration:
    """A new module of the package, which its record knows."""

    def alteration(archive: Archive) -> Members:
        record = json.loads(archive.read(CLOSURE))
        module = member.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for names in record["modules"].values():
            names[:] = [name for name in names if name != module]
        record["modules"]["intern"] = sorted([*record["modules"]["intern"], module])
        return {member: content, CLOSURE: json.dumps(record).encode()}

    return alteration


def external(name: str) -> Alteration:
    """A module that the package takes from outside, which its record knows."""

    def alteration(archive: Archive) -> Members:
        record = json.loads(archive.read(CLOSURE))
        record["modules"]["extern"] = sorted([*record["modules"]["extern"], name])
        return {
            EXTERNS: archive.read(EXTERNS).rstrip(b"\n") + f"\n{name}\n".encode(),
            CLOSURE: json.dumps(record).encode(),
        }

    return alteration


def own(code: bytes, member: str = FORCES) -> Alteration:
    """Code in a file of a version that no release has, so that nobody knows where it comes from."""

    def alteration(archive: Archive) -> Members:
        metadata = re.sub(rb"(?m)^  nequip: .*$", b"  nequip: 0.19.1+mine", archive.read(TEXT))
        return {TEXT: metadata, member: archive.read(member) + b"\n" + code + b"\n"}

    return alteration


def legacy(content: bytes) -> bytes:
    """A stream of ``torch.save`` before its zip format."""
    head = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}]
    return b"".join(pickle.dumps(one, 2) for one in head) + content + pickle.dumps([], 2)


def zipped(content: bytes, *folders: bytes) -> bytes:
    """A stream of ``torch.save`` in its zip format, which has one folder."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for folder in folders or (b"archive",):
            for name, data in {"data.pkl": content, "version": b"3\n", "byteorder": b"little"}.items():
                archive.writestr(f"{folder.decode()}/{name}", data)
    return stream.getvalue()


def in_state(name: bytes, value: bytes) -> Alteration:
    """One more attribute of the first activation in the eager model."""

    def alteration(archive: Archive) -> Members:
        data = archive.read(EAGER)
        place = data.index(b"ctorch.nn.modules.activation\nSiLU\n")
        place = data.index(b"(", data.index(b"}", place)) + 1
        return {EAGER: data[:place] + text(name) + value + data[place:]}

    return alteration


def hooked(value: bytes) -> Alteration:
    """A hook of the first module of the eager model."""

    def alteration(archive: Archive) -> Members:
        data = archive.read(EAGER)
        place = data.index(b")R", data.index(b"_forward_pre_hooks")) + 2
        return {EAGER: data[:place] + b"K\x00" + value + b"s" + data[place:]}

    return alteration


def graph(code: bytes, *, later: bytes = b"", held: bytes = b"") -> bytes:
    """The call that makes a module of generated source; the code may be replaced when it has run.

    `held` are names and values that the module holds, as a pickle has them.
    """
    tables = b"".join(text(name) + b"}" for name in (b"_parameters", b"_buffers", b"_modules"))
    body = b"}p900\n(" + text(b"_code") + text(code) + tables + text(b"training") + b"\x88" + held + b"u"
    change = b"0g900\n" + text(b"_code") + text(later) + b"s" if later else b""
    return (
        named(b"torch.fx.graph_module", b"reduce_graph_module")
        + b"("
        + body
        + text(b"import torch\n")
        + b"tR"
        + change
    )


LATIN = legacy(PICKLE).decode("latin-1").encode()
HEX = legacy(PICKLE).hex().encode()


def loaded(content: bytes) -> bytes:
    """``torch.load`` of bytes in a pickle."""
    return called(b"torch.storage", b"_load_from_bytes", content)


CALM = (
    "e3nn/math/_reduce.py",
    "e3nn/util/default_type.py",
    "nequip/utils/dtype.py",
    "nequip/nn/norm.py",
    "e3nn/math/perm.py",
)
"""Files that a load runs, of which some has nothing that UTF-7 reads in another way."""
GRAPH_OF_TORCH = named(b"torch.fx.graph_module", b"reduce_graph_module")
LATER = called(
    b"functools",
    b"partial",
    GRAPH_OF_TORCH,
    b"}(" + text(b"_code") + text(b"def forward(self, x):\n    return x\n") + text(b"_modules") + b"}u",
    text(b"import os; os.system('touch ran')\n"),
)
"""What runs generated source with a line before it as soon as somebody calls it."""
LEFT = called(b"pathlib", b"PosixPath", text(b"ran"))


def object_with(name: bytes, value: bytes) -> bytes:
    """A module of torch with an attribute."""
    tables = b"".join(text(table) + b"}" for table in (b"_parameters", b"_buffers", b"_modules"))
    state = b"}(" + tables + text(name) + value + b"u"
    return named(b"torch.nn.modules.linear", b"Identity") + b")\x81" + state + b"b"


def using(line: bytes, name: bytes, value: bytes) -> bytes:
    """Generated source with a line that uses something which its module holds."""
    code = b"def forward(self, x):\n    " + line + b"\n    return x\n"
    return graph(code, held=text(name) + value)


def decoded(value: bytes) -> bytes:
    """An object of e3nn that unpickles bytes by itself."""
    content = b"}" + text(b"f") + text(b"fx") + value + b"\x86s"
    name = named(b"e3nn.util.codegen._mixin", b"CodeGenMixin")
    return name + b")\x81}" + text(b"__codegen__") + content + b"sb"


def changed(before: bytes, after: bytes) -> bytes:
    """A `bytearray` that gets other values when it is made."""
    pairs = zip(before, after, strict=True)
    items = (
        b"M" + struct.pack("<H", place) + b"K" + bytes([b]) for place, (a, b) in enumerate(pairs) if a != b
    )
    return called(b"builtins", b"bytearray", held(before)) + b"(" + b"".join(items) + b"u"


def registered(name: str) -> Alteration:
    """A package whose developer registered a library."""

    def alteration(archive: Archive) -> Members:
        content = archive.read(TEXT).replace(b"external_modules: {}\n", b"external_modules:\n")
        line = b"external_modules:\n"
        assert line in content
        return {TEXT: content.replace(line, line + f"  {name}: '1'\n".encode())}

    return alteration


def in_utf_7_apart(archive: Archive) -> Members:
    """Generated source of its own, in another encoding, with a line that other readers take for a comment."""
    code = b"# coding: utf-7\nimport torch\n#+AAo-open('ran', 'w').close()\n" + FX
    body = b"}(" + b"".join(text(name) + b"}" for name in (b"_parameters", b"_buffers", b"_modules"))
    call = named(b"torch.fx.graph_module", b"reduce_package_graph_module")
    payload = b"(" + text(b"reduce_package") + call + body + text(b"training") + b"\x88u"
    payload += text(b"fx-generated._0") + b"\x86tQ"
    return {**before(payload)(archive), "fx-generated/_0.py": code}


def with_module(module: bytes) -> bytes:
    """The call that makes a module of generated source, and holds another module."""
    return graph(FX, held=text(b"_modules") + b"}" + text(b"m") + module + b"s")


TABLES = b"".join(text(name) + b"}" for name in (b"_parameters", b"_buffers", b"_modules"))
EMPTY = named(b"torch.nn.modules.linear", b"Identity") + b")\x81"
ORDERED = named(b"collections", b"OrderedDict") + b")R"
OF_PARAMETERS = (
    named(b"torch.nn.modules.container", b"ParameterDict") + b")\x81}(" + TABLES + text(b"_keys") + b"}ub"
)


def resetting(function: bytes, argument: bytes) -> bytes:
    """An ordered dictionary whose second state is handed to a function."""
    return ORDERED + b"}" + text(b"__setstate__") + function + b"sb" + argument + b"b"


PAIRS = b"".join(text(name) + b"}\x86" for name in (b"_parameters", b"_buffers", b"_modules"))
FX = b"def forward(self, x):\n    return x\n"
EVIL_FX = b"def forward(self, x, y=" + b"__import__('os').system('touch ran')" + b"):\n    return x\n"


def packaged_graph(archive: Archive) -> Members:
    """Generated source that torch.package keeps apart."""
    body = b"}(" + text(b"_modules") + b"}" + text(b"training") + b"\x88u"
    call = named(b"torch.fx.graph_module", b"reduce_package_graph_module")
    payload = b"(" + text(b"reduce_package") + call + body + text(b"fx-generated._0") + b"\x86tQ"
    return {**before(payload)(archive), "fx-generated/_0.py": EVIL_FX}


def overwritten(archive: Archive) -> Members:
    """Bytes that a class unpickles when it is made, replaced in its state after that."""
    mixin = named(b"e3nn.util.codegen._mixin", b"CodeGenMixin") + b")\x81"
    state = b"}p900\n" + text(b"__codegen__") + b"}" + text(b"f") + text(b"fx") + held(PICKLE) + b"\x86ssb"
    change = b"0g900\n" + text(b"__codegen__") + b"}s"
    return before(mixin + state + change)(archive)


def in_utf_7(archive: Archive) -> Members:
    """Code in a comment, which ends where the encoding has a line end."""
    name = next(name for name in CALM if not set(b"+~\\") & set(archive.read(name)))
    return {name: b"# coding: utf-7\n#+AAo-" + CODE + b"\n" + archive.read(name)}


def in_fx(old: str, new: str) -> Alteration:
    """A change of the generated source in nested pickles."""
    return nested(in_text(old, new))


def _line(code: str) -> Alteration:
    return in_fx("    return ", f"    {code}\n    return ")


NAME = b"a\", exec(\"open('ran', 'w')\")) or getattr(self, \"b"
"""Of a module, without dots: torch writes ``getattr(self, "NAME")`` into source that it generates anew."""
IDENTITY = (
    named(b"torch.nn.modules.linear", b"Identity")
    + b")\x81}("
    + text(b"training")
    + b"\x89"
    + b"".join(text(name) + b"}" for name in (b"_parameters", b"_buffers", b"_modules", b"_forward_hooks"))
    + b"ub"
)


def renamed(data: bytes) -> bytes:
    """One module under two names in a graph: the source has the second, torch takes the first."""
    end = b"\x8c\tshape_env\x94N"
    if end not in data:
        return data
    both_names = text(NAME) + IDENTITY + b"r\x0f\x27\x00\x00" + text(b"b") + b"j\x0f\x27\x00\x00"
    data = data.replace(end, end + text(b"_modules") + b"}(" + both_names + b"u")
    return in_text("    getattr_1 = x.shape\n", "    c = self.b(x)\n    getattr_1 = x.shape\n")(data)


ATTACKS: dict[str, Attack] = {
    # calls in pickles
    "call in the eager model": Attack(before(SYSTEM), RUNS, REFUSED, "would run os.system, which starts"),
    # what is called later
    "a dictionary of what has keys": Attack(
        before(called(b"builtins", b"dict", object_with(b"keys", LATER))), RUNS, REFUSED, "no build"
    ),
    "an ordered dictionary of what has keys": Attack(
        before(called(b"collections", b"OrderedDict", object_with(b"keys", LATER))), RUNS, REFUSED, "no build"
    ),
    "a parameter of what is detached": Attack(
        before(called(b"torch._utils", b"_rebuild_parameter", object_with(b"detach", LATER), b"\x89N")),
        RUNS,
        REFUSED,
        "no build",
    ),
    "what is called later, in the example": Attack(
        before(called(b"builtins", b"dict", object_with(b"keys", LATER)), EXAMPLE), RUNS, REFUSED, "no build"
    ),
    "what is called later, in bytes": Attack(
        nested(lambda data: first(data, called(b"builtins", b"dict", object_with(b"keys", LATER)))),
        RUNS,
        REFUSED,
        "no build",
    ),
    "generated source calls what it holds": Attack(
        before(using(b"self.p()", b"p", LATER)), RUNS, REFUSED, "uses `self.p`"
    ),
    "generated source calls an item of what it holds": Attack(
        before(using(b"self.p[0]()", b"p", LATER + b"\x85")), RUNS, REFUSED, "uses `self.p`"
    ),
    "generated source calls what it holds by getattr": Attack(
        before(using(b"getattr(self, 'p')()", b"p", LATER)), RUNS, REFUSED, "calls `getattr(self, 'p')`"
    ),
    "generated source calls what a module in it holds": Attack(
        before(
            using(b"self.m.p()", b"m", object_with(b"p", LATER)),
        ),
        RUNS,
        REFUSED,
        "uses `self.m.p`",
    ),
    "generated source writes through what it holds": Attack(
        both(before(using(b"self.p.write_text('x')", b"p", LEFT)), external("pathlib")),
        RUNS,
        REFUSED,
        "uses `self.p.write_text`",
    ),
    "generated source whose module has another named_modules": Attack(
        before(using(b"pass", b"named_modules", LATER)), RUNS, REFUSED, "'named_modules' of a graph"
    ),
    "a module in generated source that has another named_children": Attack(
        before(with_module(object_with(b"named_children", LATER))),
        RUNS,
        REFUSED,
        "'named_children' of torch.nn.modules.linear.Identity",
    ),
    "a graph asked for its keys": Attack(
        before(called(b"builtins", b"dict", graph(FX, held=text(b"keys") + LATER))),
        RUNS,
        REFUSED,
        "builtins.dict",
    ),
    "a module under another name": Attack(
        before(using(b"c = self.m\n    d = c.abs()", b"m", object_with(b"abs", LATER))),
        RUNS,
        REFUSED,
        "uses `self.m`",
    ),
    "a graph under another name": Attack(
        before(using(b"c = self\n    d = c.abs()", b"abs", LATER)), RUNS, REFUSED, "uses the name `self`"
    ),
    "a module as an argument": Attack(
        before(using(b"d = dict(self.m)", b"m", object_with(b"keys", LATER))), RUNS, REFUSED, "uses `self.m`"
    ),
    "a table of modules with other items": Attack(
        before(
            graph(FX, held=text(b"_modules") + ORDERED + b"}" + text(b"items") + LATER + b"sb"),
        ),
        RUNS,
        REFUSED,
        "'_modules' of a graph",
    ),
    "generated source in another encoding": Attack(in_utf_7_apart, RUNS, REFUSED, "generated source"),
    # what is set on objects
    "an ordered dictionary with another __setstate__": Attack(
        before(resetting(named(b"os", b"system"), text(SHELL))),
        RUNS,
        REFUSED,
        "'__setstate__' of collections.OrderedDict",
    ),
    "parameters with another append": Attack(
        before(OF_PARAMETERS + text(b"append") + named(b"os", b"system") + b"s" + text(SHELL) + b"a"),
        RUNS,
        REFUSED,
        "'append' of torch.nn.modules.container.ParameterDict",
    ),
    "a method with a computed name": Attack(
        before(
            with_module(
                EMPTY + b"}(" + TABLES + called(b"builtins", b"str", text(b"named_children")) + LATER + b"ub"
            )
        ),
        RUNS,
        REFUSED,
        "a computed name",
    ),
    "a method in a state of pairs": Attack(
        before(with_module(EMPTY + b"](" + PAIRS + text(b"named_children") + LATER + b"\x86eb")),
        RUNS,
        REFUSED,
        "'named_children' of torch.nn.modules.linear.Identity",
    ),
    "a state that is changed when it was given": Attack(
        before(
            with_module(EMPTY + b"}p901\n(" + TABLES + text(b"named_children") + LATER + b"ub")
            + b"0g901\n"
            + text(b"named_children")
            + b"Ns"
        ),
        RUNS,
        REFUSED,
        "to hide what the call got",
    ),
    # bytes
    "bytes of a list": Attack(
        before(
            decoded(
                called(
                    b"builtins",
                    b"bytes",
                    b"](" + b"".join(b"K" + bytes([one]) for one in PICKLE) + b"e",
                )
            )
        ),
        RUNS,
        REFUSED,
        "builtins.bytes in a way",
    ),
    "bytes that are changed": Attack(
        before(decoded(called(b"builtins", b"bytes", changed(b"N." + bytes(len(PICKLE) - 2), PICKLE)))),
        RUNS,
        REFUSED,
        "builtins.bytearray is changed after it was made",
    ),
    # what is said to be a library
    "a module of Python as a library": Attack(
        both(before(resetting(named(b"os", b"system"), text(SHELL))), registered("os")),
        RUNS,
        REFUSED,
        "would reach os.system",
    ),
    "Python 2's name of a module as a library": Attack(
        both(
            before(b"\x80\x02" + resetting(named(b"__builtin__", b"eval"), text(CODE))),
            registered("__builtin__"),
        ),
        RUNS,
        REFUSED,
        "would reach __builtin__.eval",
    ),
    "call in the example": Attack(before(SYSTEM, EXAMPLE), RUNS, REFUSED, "would run os.system"),
    "call in the compile model": Attack(before(SYSTEM, COMPILE), RUNS, REFUSED, "would run os.system"),
    "STACK_GLOBAL": Attack(
        before(text(b"os") + text(b"system") + b"\x93" + text(SHELL) + b"\x85R"), RUNS, REFUSED, "os.system"
    ),
    "STACK_GLOBAL of the memo": Attack(
        before(
            text(b"os") + b"p900\n0" + text(b"system") + b"p901\n0g900\ng901\n\x93" + text(SHELL) + b"\x85R"
        ),
        RUNS,
        REFUSED,
        "os.system",
    ),
    "INST": Attack(before(b"(" + text(SHELL) + b"ios\nsystem\n"), RUNS, REFUSED, "os.system"),
    "OBJ": Attack(before(b"(" + named(b"os", b"system") + text(SHELL) + b"o"), RUNS, REFUSED, "os.system"),
    "eval": Attack(before(called(b"builtins", b"eval", text(CODE))), RUNS, REFUSED, "builtins.eval"),
    "exec": Attack(before(called(b"builtins", b"exec", text(CODE))), RUNS, REFUSED, "builtins.exec"),
    "open": Attack(before(called(b"io", b"open", text(b"ran"), text(b"w"))), RUNS, REFUSED, "io.open"),
    "getattr of an import": Attack(
        before(
            called(
                b"builtins", b"getattr", called(b"importlib", b"import_module", text(b"os")), text(b"system")
            )
            + text(SHELL)
            + b"\x85R"
        ),
        RUNS,
        REFUSED,
        "importlib.import_module",
    ),
    "getattr of what is allowed": Attack(
        before(called(b"builtins", b"getattr", named(b"torch", b"Tensor"), text(b"__subclasses__")) + b")R"),
        HIDDEN,
        REFUSED,
        "in a way that no build writes",
    ),
    "a method of tensors that writes files": Attack(
        before(
            called(
                b"builtins", b"getattr", named(b"torch._C", b"_VariableFunctionsClass"), text(b"from_file")
            )
            + b"("
            + text(b"ran")
            + b"\x88K\x08tR"
        ),
        RUNS,
        REFUSED,
        "in a way that no build writes",
    ),
    "a tool of torch that runs commands": Attack(
        before(called(b"torch.utils.collect_env", b"run", text(SHELL))),
        RUNS,
        REFUSED,
        "torch.utils.collect_env.run",
    ),
    "source through torch.fx": Attack(
        before(called(b"torch.fx.graph_module", b"_exec_with_source", text(CODE), b"}")),
        RUNS,
        REFUSED,
        "_exec_with_source",
    ),
    "pickle.loads": Attack(before(called(b"pickle", b"loads", held(PICKLE))), RUNS, REFUSED, "pickle.loads"),
    "a program by its class": Attack(
        both(
            before(called(b"subprocess", b"Popen", text(b"touch") + text(b"ran") + b"\x86")),
            external("subprocess"),
        ),
        RUNS,
        REFUSED,
        "subprocess.Popen",
    ),
    "partial, called": Attack(
        before(called(b"functools", b"partial", named(b"os", b"system"), text(SHELL)) + b")R"),
        RUNS,
        REFUSED,
        "os.system",
    ),
    "a factory": Attack(
        before(called(b"collections", b"defaultdict", named(b"os", b"getcwd"))), HIDDEN, REFUSED, "os.getcwd"
    ),
    # bytes that somebody unpickles
    "torch.load, legacy": Attack(
        before(called(b"torch.storage", b"_load_from_bytes", held(legacy(PICKLE)))),
        RUNS,
        REFUSED,
        "os.system",
    ),
    "torch.load, zip": Attack(
        before(called(b"torch.storage", b"_load_from_bytes", held(zipped(PICKLE)))),
        RUNS,
        REFUSED,
        "os.system",
    ),
    "torch.load, bytes of a text": Attack(
        both(
            before(loaded(called(b"_codecs", b"encode", text(LATIN), text(b"latin1")))), external("_codecs")
        ),
        RUNS,
        REFUSED,
        "os.system",
    ),
    "torch.load, bytes that are decoded": Attack(
        both(before(loaded(called(b"_codecs", b"decode", held(HEX), text(b"hex")))), external("_codecs")),
        RUNS,
        REFUSED,
        "_codecs.decode",
    ),
    "call in nested pickles": Attack(
        nested(lambda data: first(data, SYSTEM)), RUNS, REFUSED, "would run os.system"
    ),
    "a pickle that breaks off": Attack(
        nested(lambda data: b"\x80\x02" + SYSTEM + b"\xff"), RUNS, REFUSED, "cannot be followed"
    ),
    "a pickle beyond our limits": Attack(
        nested(
            lambda data: b"\x80\x02\x8b" + struct.pack("<i", 2000) + b"\x01" * 2000 + b"0" + SYSTEM + b"."
        ),
        RUNS,
        REFUSED,
        "cannot be followed",
    ),
    "bytes that were replaced": Attack(overwritten, RUNS, REFUSED, "os.system"),
    # generated source
    "import in generated source": Attack(
        in_fx("import torch\n", "import torch\nimport os; os.system('touch ran')\n"),
        RUNS,
        REFUSED,
        "generated source that",
    ),
    "call in generated source": Attack(
        _line("__import__('os').system('touch ran')"), RUNS, REFUSED, "uses the name `__import__`"
    ),
    "a default in generated source": Attack(
        in_fx("def forward(self, ", "def forward(self, *, q=open('ran', 'w'), "),
        RUNS,
        REFUSED,
        "uses the name `open`",
    ),
    "file through torch": Attack(_line("torch.from_file('ran', True, 8)"), RUNS, REFUSED, "torch.from_file"),
    "a module of torch's": Attack(
        _line("torch.serialization.os.system('touch ran')"), RUNS, REFUSED, "torch.serialization.os.system"
    ),
    "a name of Python": Attack(
        _line("torch.tanh.__self__.__class__.__base__.__subclasses__()"), HIDDEN, REFUSED, "__self__"
    ),
    "a computed attribute": Attack(_line("getattr(torch, 'ab' + 's')"), HIDDEN, REFUSED, "calls `getattr("),
    "a name that becomes code": Attack(nested(renamed), RUNS, REFUSED, "for a name, which becomes code"),
    "a name of an argument that becomes code": Attack(
        in_fx(
            "    getattr_1 = x.shape\n",
            "    c = x.narrow(-1, 0, **{\"a=open('ran', 'w'), length\": 1})\n    getattr_1 = x.shape\n",
        ),
        RUNS,
        REFUSED,
        "names arguments by the texts",
    ),
    "an operator of torch's that opens files": Attack(
        _line("torch.ops.aten.from_file('ran', True, 8)"), RUNS, REFUSED, "torch.ops.aten.from_file"
    ),
    "another self in generated source": Attack(
        _line("self = torch.ones(1); self = self.numpy(); self.tofile('ran')"),
        RUNS,
        REFUSED,
        "gives another meaning to a name",
    ),
    "numbers of generated source": Attack(in_fx(".reshape(", ".mul(1.5).reshape("), NUMBERS, HIDDEN, ""),
    "a graph, changed when it has run": Attack(
        before(graph(EVIL_FX, later=FX)), RUNS, REFUSED, "already handed"
    ),
    "a graph": Attack(before(graph(EVIL_FX)), RUNS, REFUSED, "uses the name `__import__`"),
    "a graph that torch.package keeps apart": Attack(
        packaged_graph, RUNS, REFUSED, "uses the name `__import__`"
    ),
    # packaged source
    "code in a released file": Attack(
        appended(FORCES, CODE + b"\n"), RUNS, REFUSED, "differs from the release of nequip"
    ),
    "one character": Attack(
        replaced(FORCES, b"torch.neg(", b"torch.abs("), NUMBERS, REFUSED, "differs from the release"
    ),
    "forces of a version of one's own": Attack(
        both(own(b""), lambda archive: {FORCES: archive.read(FORCES).replace(b"torch.neg(", b"-1.03 * (")}),
        NUMBERS,
        EYES,
        "unknown origin",
    ),
    "code of a version of one's own": Attack(own(CODE), RUNS, REFUSED, "opens or changes files"),
    "code under an old name": Attack(
        own(b"import os as torch2\ntorch2.system('touch ran')"), RUNS, REFUSED, "os.system"
    ),
    "code by a computed name": Attack(
        own(b"import importlib\ngetattr(importlib.import_module('o' + 's'), 'sys' + 'tem')('touch ran')"),
        RUNS,
        REFUSED,
        "a computed name",
    ),
    "code by a name in wide letters": Attack(
        own("import os\nos.ſystem('touch ran')".encode()), RUNS, REFUSED, "os.system"
    ),
    "code in a default": Attack(
        own(b"def f(x=open('ran', 'w').close()):\n    return x"), RUNS, REFUSED, "opens or changes files"
    ),
    "code in a decorator": Attack(
        own(b"@exec\ndef f():\n    pass".replace(b"@exec", b"@lambda f: exec(\"open('ran', 'w')\")")),
        RUNS,
        REFUSED,
        "exec",
    ),
    "code behind a method": Attack(
        own(b"class A:\n    def go(self):\n        open('ran', 'w')\n\nA().go()"),
        RUNS,
        REFUSED,
        "opens or changes files",
    ),
    "code through Python's builtins": Attack(
        own(b"__builtins__['op' + 'en']('ran', 'w').close()"), RUNS, REFUSED, "__builtins__"
    ),
    "code of another member": Attack(
        both(
            own(
                b"import torch_package_importer as t\nexec(t.load_text('model', 'config.yaml').split('#')[1])"
            ),
            appended("model/config.yaml", b"\n#" + CODE + b"#\n"),
        ),
        RUNS,
        REFUSED,
        "exec",
    ),
    "code in another encoding": Attack(in_utf_7, RUNS, REFUSED, "differs from the release"),
    "code that runs in forward": Attack(
        both(
            own(b""),
            lambda archive: {
                FORCES: re.sub(
                    rb"(?m)^(    def forward\(self, data[^\n]*\n)",
                    rb"\1        open('ran', 'w').close()\n",
                    archive.read(FORCES),
                )
            },
        ),
        RUNS,
        EYES,
        "when the model is used",
    ),
    "code in the folder of the models": Attack(
        added("model/__init__.py", CODE), RUNS, REFUSED, "in the folder model"
    ),
    "code in a package around others": Attack(
        recorded("nequip/__init__.py", CODE), RUNS, REFUSED, "differs from the release"
    ),
    "a file that no release has": Attack(
        recorded("nequip/nn/extra.py", CODE), HIDDEN, REFUSED, "is in no release"
    ),
    "a file that is not in the record": Attack(
        added("e3nn/o3/__init__.py", CODE), RUNS, REFUSED, "not in the record"
    ),
    "a module of Python's": Attack(
        both(
            recorded("uuid.py", CODE),
            lambda archive: {EXTERNS: archive.read(EXTERNS).replace(b"\nuuid\n", b"\n")},
        ),
        RUNS,
        REFUSED,
        "Python's own module uuid",
    ),
    "a library that is external": Attack(
        recorded("packaging/version.py", CODE), RUNS, REFUSED, "says to be outside"
    ),
    "a mock": Attack(appended("_mock.py", b"\n" + CODE + b"\n"), HIDDEN, REFUSED, "opens or changes files"),
    "a mocked module": Attack(
        appended("matplotlib/__init__.py", CODE + b"\n"), HIDDEN, REFUSED, "opens or changes files"
    ),
    # what a module imports, and calls of what it defines
    "a name that a module imports": Attack(
        before(named(b"e3nn.util.codegen._mixin", b"pickle")), HIDDEN, REFUSED, "does not define"
    ),
    "a function of the package": Attack(
        before(called(b"nequip.utils.dtype", b"torch_default_dtype", named(b"torch", b"float64"))),
        HIDDEN,
        EYES,
        "the function",
    ),
    "a class of the package, which calls a function": Attack(
        before(
            b"("
            + named(b"e3nn.nn._activation", b"Activation")
            + text(b"1x0e")
            + b"]"
            + named(b"torch.nn.functional", b"silu")
            + b"ao"
        ),
        HIDDEN,
        EYES,
        "would call the class e3nn.nn._activation.Activation",
    ),
    "a layer that computes something else": Attack(
        in_state(b"forward", named(b"torch.nn.functional", b"relu")), NUMBERS, EYES, "'forward' replaced"
    ),
    "a hook": Attack(hooked(named(b"builtins", b"slice")), HIDDEN, EYES, "has hooks"),
    "a hook of a parameter": Attack(
        before(
            called(
                b"torch._utils",
                b"_rebuild_parameter",
                b"N\x89}K\x00" + named(b"torch.nn.functional", b"silu") + b"s",
            )
        ),
        HIDDEN,
        EYES,
        "a tensor has hooks",
    ),
    # members and externals
    "another pickle": Attack(added("model/spare.pkl", PICKLE), HIDDEN, REFUSED, "no build writes"),
    "compiled code": Attack(added("nequip/nn/fast.so", b"\x7fELF"), HIDDEN, REFUSED, "no build writes"),
    "byte code": Attack(added("nequip/nn/mlp.pyc", b"\xa7\r\r\n"), HIDDEN, REFUSED, "no build writes"),
    "data": Attack(added("nequip/notes.txt", b"x"), HIDDEN, EYES, "no build writes"),
    "numbers that nothing uses": Attack(
        added(".data/999.storage", b"\x00" * 64), HIDDEN, EYES, "nothing in the package uses"
    ),
    "an external that nothing needs": Attack(
        external("antigravity"), HIDDEN, EYES, "nothing in the package imports"
    ),
    "an external that is not in the record": Attack(
        appended(EXTERNS, b"\nantigravity\n"), HIDDEN, REFUSED, "not in the record of the build"
    ),
    # numbers, which only another package shows
    "weights": Attack(weights, NUMBERS, HIDDEN, ""),
    "a constant": Attack(constant, HIDDEN, HIDDEN, ""),
}
"""By name. What is ``HIDDEN`` from the audit alone is for one's eyes with ``--against``."""

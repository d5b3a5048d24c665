"""What a class keeps on its instances, as far as it cannot be pickled or changes when it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.known import Function, Known, Pattern
from nequip_lint.facts.walk import children, walk

_Held = tuple[str, str]
_NOTHING: _Held = ("", "")
_HOOK = re.compile(r"register_(?:module_)?(?:full_)?(?:forward|backward)(?:_pre)?_hook\Z")
_MODULES = frozenset(
    {
        "torch.nn.functional",
        "torch.nn.init",
        "torch.linalg",
        "torch.fft",
        "torch.special",
        "torch.ops",
        "torch.nn",
        "torch.cuda",
        "torch.backends",
        "torch.utils.checkpoint",
        "torch.autograd",
    }
)
_FORMATS = frozenset(
    {"torch.contiguous_format", "torch.channels_last", "torch.channels_last_3d", "torch.preserve_format"}
)
_STREAMS = frozenset({"sys.stdin", "sys.stdout", "sys.stderr"})
_MADE = {
    "threading.Lock": "a lock",
    "threading.RLock": "a lock",
    "threading.Condition": "a lock",
    "threading.Event": "a lock",
    "threading.Semaphore": "a lock",
    "threading.BoundedSemaphore": "a lock",
    "threading.local": "thread-local data",
    "multiprocessing.Lock": "a lock",
    "queue.Queue": "a queue, which holds a lock",
    "queue.SimpleQueue": "a queue",
    "open": "an open file",
    "io.open": "an open file",
    "weakref.ref": "a weak reference",
    "weakref.proxy": "a weak reference",
    "weakref.WeakKeyDictionary": "weak references",
    "weakref.WeakValueDictionary": "weak references",
    "contextvars.ContextVar": "a context variable",
    "property": "a property object",
    "concurrent.futures.ThreadPoolExecutor": "an executor",
    "concurrent.futures.ProcessPoolExecutor": "an executor",
    "concurrent.futures.Future": "a future",
    "types.MappingProxyType": "a mapping proxy",
    "torch.finfo": "a torch.finfo object",
    "torch.iinfo": "a torch.iinfo object",
    "socket.socket": "a socket",
    "subprocess.Popen": "a running process",
    "sqlite3.connect": "a database connection",
}
_MADE_BY_TORCH = {
    "torch.jit.script": "a TorchScript object",
    "torch.jit.load": "a TorchScript object",
    "torch.jit.trace": "a traced object",
    "torch.jit.trace_module": "a traced object",
    "torch.func.vmap": "a function made by torch.func.vmap",
    "torch.vmap": "a function made by torch.vmap",
}

_CONTAINERS = ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict")
"""Modules that keep what they are made of."""


def held(statement: ast.stmt, known: Known) -> Iterator[Pattern]:
    """What a statement of a method leaves on the instance that cannot be pickled, or not as it is."""
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            name = dotted(target) if isinstance(target, ast.Attribute) else ""
            if name.startswith("self.") and f"del {name}" not in known.text:
                category, what = judge(statement.value, known)
                if category:
                    yield Pattern("attribute", name, (category, what), statement.value)
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        yield from _hook(statement.value, known)


def _hook(node: ast.Call, known: Known) -> Iterator[Pattern]:
    name = dotted(node.func)
    if name.startswith("self.") and _HOOK.match(name.rpartition(".")[2]) and node.args:
        category, what = judge(node.args[0], known)
        if category == "function":
            yield Pattern("attribute", f"a hook of {name.rpartition('.')[0]}", (category, what), node.args[0])


def judge(node: ast.AST, known: Known, depth: int = 4) -> _Held:
    """The category of a value that pickling refuses or changes, and what it is; empty for all others."""
    if depth == 0:
        return _NOTHING
    match node:
        case ast.Lambda():
            return "function", "a lambda"
        case ast.GeneratorExp():
            return "native", "a generator"
        case ast.Name():
            return _name(node.id, known, depth)
        case ast.Attribute():
            return _attribute(known.full(dotted(node)))
        case ast.Call():
            return _made(node, known, depth)
    return _first(_parts(node), known, depth)


def _parts(node: ast.AST) -> Sequence[ast.AST]:
    match node:
        case ast.Dict():
            return node.values
        case ast.List() | ast.Tuple() | ast.Set():
            return node.elts
        case ast.IfExp():
            return [node.body, node.orelse]
        case ast.BoolOp():
            return node.values
    return ()


def _first(nodes: Sequence[ast.AST], known: Known, depth: int) -> _Held:
    found = (judge(item, known, depth - 1) for item in nodes)
    return next((item for item in found if item[0]), _NOTHING)


def _name(name: str, known: Known, depth: int) -> _Held:
    value, is_local = known.value(name)
    if isinstance(value, Function):
        if is_local:
            return "function", f"the local function {name}"
        return _decorated(value, known)
    if isinstance(value, ast.ClassDef):
        return ("class", f"the local class {name}") if is_local else _NOTHING
    if value is not None:
        if not is_local and _is_sentinel(value) and re.search(rf"\bis (?:not )?{name}\b", known.text):
            return "sentinel", name
        category, what = judge(value, known, depth - 1)
        return category, f"{name}, which is {what}" if what and what != name else what
    if is_local or name not in known.names:
        return _NOTHING
    if name in known.modules:
        return "native", f"the module {known.names[name]}"
    return _attribute(known.names[name])


def _is_sentinel(value: ast.AST) -> bool:
    return isinstance(value, ast.Call) and dotted(value.func) == "object" and not value.args


def _attribute(full: str) -> _Held:
    if full in _MODULES:
        return "native", f"the module {full}"
    if full in _STREAMS:
        return "native", f"the stream {full}"
    if full in _FORMATS:
        return "native", full
    if full.startswith("torch.ops."):
        return "native", f"the operator {full}"
    return _NOTHING


def _decorated(node: Function, known: Known) -> _Held:
    """A module-level function whose decorator puts another function in its place."""
    for item in node.decorator_list:
        name = dotted(item.func if isinstance(item, ast.Call) else item)
        if known.full(name) in _MADE_BY_TORCH:
            return "torch", f"{node.name}, which is {_MADE_BY_TORCH[known.full(name)]}"
        maker = known.top().get(name)
        if not isinstance(item, ast.Call) and isinstance(maker, Function) and _returns_unnamed(maker):
            return "function", f"{node.name}, which its decorator {name} replaces by a local function"
    return _NOTHING


def _returns_unnamed(maker: Function) -> bool:
    """Whether every result is a lambda, or a local function that keeps its own name (no `wraps`)."""
    inner = {item.name: item for item in walk(maker) if isinstance(item, Function) and item is not maker}
    own = [node for node in _own_nodes(maker) if isinstance(node, ast.Return)]
    for node in own:
        if isinstance(node.value, ast.Lambda):
            continue
        if not isinstance(node.value, ast.Name) or node.value.id not in inner:
            return False
        if inner[node.value.id].decorator_list:
            return False
    text = ast.dump(maker)
    return bool(own) and "update_wrapper" not in text and "__qualname__" not in text


def _own_nodes(function: Function) -> Iterator[ast.AST]:
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, Function | ast.Lambda | ast.ClassDef):
            stack += children(node)


def _made(node: ast.Call, known: Known, depth: int) -> _Held:
    name = dotted(node.func)
    full = known.full(name)
    value, is_local = known.value(name) if name and "." not in name else (None, False)
    if full in ("functools.partial", "collections.defaultdict") and node.args:
        category, what = judge(node.args[0], known, depth - 1)
        return (category, f"{what} inside {full}") if category == "function" else _NOTHING
    if full in _MADE_BY_TORCH:
        return "torch", _MADE_BY_TORCH[full]
    if full in _CONTAINERS:
        return _first(node.args, known, depth)
    if full == "types.MethodType":
        return _method(node, known)
    if full in _MADE and (value is None or name in known.names):
        return "native", _MADE[full]
    if full == "torch.compile" and node.args:
        return _compiled(node.args[0], known)
    if isinstance(value, Function) and not value.decorator_list and _returns_unnamed(value):
        return "function", f"a local function made by {name}"
    if isinstance(value, ast.ClassDef):
        return _instance(value, is_local, known)
    return _misnamed(name, value) if value is not None and not is_local else _NOTHING


def _method(node: ast.Call, known: Known) -> _Held:
    function = dotted(node.args[0]) if node.args else ""
    if function and not function.startswith("self."):
        return "method", function
    return judge(node.args[0], known) if node.args else _NOTHING


def _compiled(node: ast.AST, known: Known) -> _Held:
    """`torch.compile` of a function leaves a function; of a module it leaves a module, which is fine."""
    name = dotted(node) if isinstance(node, ast.Name) else ""
    value, _ = known.value(name) if name else (None, False)
    if isinstance(node, ast.Lambda) or isinstance(value, Function):
        return "torch", "a function made by torch.compile"
    return _NOTHING


def _instance(node: ast.ClassDef, is_local: bool, known: Known) -> _Held:
    if is_local:
        return "class", f"an object of the local class {node.name}"
    if "__module__" in known.text and re.search(
        rf"\b{node.name}\.__module__\s*=|\s__module__\s*=", known.text
    ):
        return "moved", node.name
    for item in node.decorator_list:
        maker = known.top().get(dotted(item))
        if isinstance(maker, Function) and _returns_local_class(maker):
            return "class", f"an object of {node.name}, which its decorator replaces by a local class"
    return answering(node)


def _returns_local_class(maker: Function) -> bool:
    classes = {item.name for item in walk(maker) if isinstance(item, ast.ClassDef)}
    own = [item for item in _own_nodes(maker) if isinstance(item, ast.Return)]
    return bool(own) and all(isinstance(item.value, ast.Name) and item.value.id in classes for item in own)


def _misnamed(name: str, value: ast.AST) -> _Held:
    """An object of a class that carries another name than the one that it is bound to."""
    if not isinstance(value, ast.Call) or not value.args:
        return _NOTHING
    maker = dotted(value.func).rpartition(".")[2]
    given = value.args[0]
    known = maker in ("namedtuple", "NamedTuple") or (maker == "type" and len(value.args) == 3)
    if not known or not isinstance(given, ast.Constant) or given.value == name:
        return _NOTHING
    return "class", f"an object of {name}, a class that calls itself {given.value!r}"


def answering(node: ast.ClassDef) -> _Held:
    """A class whose `__getattr__` answers, or fails with the wrong error, for every name."""
    for item in node.body:
        if isinstance(item, ast.Assign) and dotted(item.targets[0]) == "__getattr__":
            method = dotted(item.value) if isinstance(item.value, ast.Attribute) else ""
            if method in ("dict.get", "dict.__getitem__"):
                return "getattr", f"{node.name}, whose __getattr__ is {method}"
        if isinstance(item, Function) and item.name == "__getattr__" and _answers(item):
            return "getattr", f"{node.name}, whose __getattr__ does not raise AttributeError"
    return _NOTHING


def _answers(function: Function) -> bool:
    """Whether the body is one `return` of `self[name]`, `self.get(name)` or a constant."""
    body = [
        item
        for item in function.body
        if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
    ]
    if len(body) != 1 or not isinstance(body[0], ast.Return) or len(function.args.args) != 2:
        return False
    owner, name = (item.arg for item in function.args.args)
    match body[0].value:
        case None | ast.Constant():
            return True
        case ast.Subscript(value=ast.Name(id=a), slice=ast.Name(id=b)):
            return (a, b) == (owner, name)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=a), attr="get"), args=[ast.Name(id=b), *_]):
            return (a, b) == (owner, name)
    return False

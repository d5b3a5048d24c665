"""Calls that need a GPU where they are evaluated; runs only over files that name one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.evaluated import Evaluated, guarded_nodes, naming
from nequip_lint.facts.lines import Lines
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.values import GpuCall, Import, Place

MARKS = ("cuda", "pin_memory", "current_accelerator")
"""A file whose text has none of these has no such call."""

_DUMMY = ("RuntimeError", "RuntimeError")
_CALL = ("AssertionError", "RuntimeError")
# What raises without a device, and with what: measured with a CPU build of torch 2.13 and a CUDA build
# of 2.14 on machines without a GPU.
_NEEDS_DEVICE = {
    "get_device_capability": _CALL,
    "get_device_name": _CALL,
    "get_device_properties": _CALL,
    "current_device": _CALL,
    "current_stream": _CALL,
    "default_stream": _CALL,
    "synchronize": _CALL,
    "init": _CALL,
    "mem_get_info": _CALL,
    "get_rng_state": _CALL,
    "set_device": ("AttributeError", "RuntimeError"),
    "Stream": _DUMMY,
    "Event": _DUMMY,
    "CUDAGraph": _DUMMY,
    "graph_pool_handle": _DUMMY,
    "range_push": _DUMMY,
    "Generator": _DUMMY,
}
_WORDS = (*MARKS, *(name if name != "init" else "init(" for name in _NEEDS_DEVICE))
"""`init` alone stands in each `__init__`."""
_TAKES_DEVICE = frozenset(
    {"device", "set_default_device", "autocast", "GradScaler", "custom_fwd", "custom_bwd"}
)


def gpu_calls_of(
    statements: Iterable[Evaluated], imports: Iterable[Import], text: str
) -> tuple[GpuCall, ...]:
    """The calls evaluated at import that may need a GPU; whether their names are torch's is for later.

    Args:
        statements: expressions with their places.
        imports: of the same module.
        text: of the file.
    """
    if not any(mark in text for mark in MARKS):
        return ()
    items = list(statements)
    at_import = [item for item in items if item.place.at_import]
    aliases = {
        bound: name
        for item in imports
        for name, bound in item.names
        if name != bound and name in _NEEDS_DEVICE and item.written.startswith("torch")
    }
    lines = Lines(text, (*_WORDS, *aliases))
    direct = [call for item, node in naming(at_import, lines) for call in _calls(node, item.place, aliases)]
    inner = [item for item in items if not item.place.at_import and item.where not in ("forward", "init")]
    below: dict[str, list[GpuCall]] = {}
    for item, node in naming(inner, lines):
        below.setdefault(item.where, []).extend(_calls(node, item.place, aliases))
    return (*direct, *_through(naming(at_import, Lines(text, below)), below))


def _through(
    items: Iterable[tuple[Evaluated, ast.expr]], below: dict[str, list[GpuCall]]
) -> Iterator[GpuCall]:
    """The calls that functions of the module make when they are called at import."""
    for item, root in items:
        for node, place in guarded_nodes(root, item.place):
            if not isinstance(node, ast.Call):
                continue
            function = dotted(node.func)
            for call in below.get(function, ()):
                both = Place(True, place.guards + call.place.guards, place.caught + call.place.caught)
                text = f"{call.text} in {function}()"
                yield GpuCall(call.name, text, span_of(node), call.raises, both)


def _calls(root: ast.expr, outer: Place, aliases: dict[str, str]) -> Iterator[GpuCall]:
    for node, place in guarded_nodes(root, outer):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
            name = dotted(node.value.func)
            if name.rpartition(".")[2] == "current_accelerator":
                yield GpuCall(name, ast.unparse(node), span_of(node), ("AttributeError",), place)
        raises = _raises(node, aliases) if isinstance(node, ast.Call) else ()
        if isinstance(node, ast.Call) and raises:
            shown = ast.unparse(node)
            text = shown if len(shown) <= 60 else f"{ast.unparse(node.func)}(…)"
            yield GpuCall(_name(node.func), text, span_of(node), raises, place)


def _name(function: ast.expr) -> str:
    """The dotted name of a function, `.method` for a method of something computed."""
    return dotted(function) or (f".{function.attr}" if isinstance(function, ast.Attribute) else "")


def _raises(node: ast.Call, aliases: dict[str, str]) -> tuple[str, ...]:
    name = _name(node.func)
    last = aliases.get(name, name.rpartition(".")[2])
    if last in ("cuda", "pin_memory") and isinstance(node.func, ast.Attribute):
        return _CALL if last == "cuda" else _DUMMY
    if last == "to" and isinstance(node.func, ast.Attribute):
        return _CALL if any(map(_is_cuda, [*node.args[:1], *_device(node)])) else ()
    if last == "Generator":
        return _DUMMY if any(map(_is_cuda, [*node.args[:1], *_device(node)])) else ()
    if last in _NEEDS_DEVICE:
        return _NEEDS_DEVICE[last]
    if "version.cuda." in name:
        return ("AttributeError",)
    return _CALL if last not in _TAKES_DEVICE and any(map(_is_cuda, _device(node))) else ()


def _device(node: ast.Call) -> list[ast.expr]:
    return [keyword.value for keyword in node.keywords if keyword.arg == "device"]


def _is_cuda(node: ast.expr) -> bool:
    """Whether an expression is `"cuda"`, `"cuda:0"` or `torch.device("cuda")`."""
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "device" and node.args:
        return _is_cuda(node.args[0])
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("cuda")

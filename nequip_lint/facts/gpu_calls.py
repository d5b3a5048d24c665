"""Calls that need a GPU where they are evaluated; runs only over files that name one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.evaluated import Evaluated, guarded_nodes, naming
from nequip_lint.facts.lines import Lines
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.values import GpuCall, Import, Place
from nequip_lint.tables import table

MARKS = ("cuda", "pin_memory", "current_accelerator")
"""A file whose text has none of these has no such call."""


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
    needing = table("gpu")["calls"]
    items = list(statements)
    at_import = [item for item in items if item.place.at_import]
    aliases = {
        bound: name
        for item in imports
        for name, bound in item.names
        if name != bound and name in needing and item.written.startswith("torch")
    }
    # `init` alone stands in each `__init__`
    lines = Lines(text, (*MARKS, *("init(" if name == "init" else name for name in needing), *aliases))
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
    known, name = table("gpu"), _name(node.func)
    last = aliases.get(name, name.rpartition(".")[2])
    kind = "methods" if last in known["methods"] and isinstance(node.func, ast.Attribute) else "calls"
    if last in known[kind]:
        needs_one = last not in known["told"] or any(map(_is_cuda, [*node.args[:1], *_device(node)]))
        return tuple(known[kind][last]) if needs_one else ()
    if "version.cuda." in name:
        return ("AttributeError",)
    needs_one = last not in known["harmless"] and any(map(_is_cuda, _device(node)))
    return tuple(known["arguments"]["device"]) if needs_one else ()


def _device(node: ast.Call) -> list[ast.expr]:
    return [keyword.value for keyword in node.keywords if keyword.arg == "device"]


def _is_cuda(node: ast.expr) -> bool:
    """Whether an expression is `"cuda"`, `"cuda:0"` or `torch.device("cuda")`."""
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "device" and node.args:
        return _is_cuda(node.args[0])
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("cuda")

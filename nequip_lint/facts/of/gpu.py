"""Calls that need a GPU where they are evaluated."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.kind import File, Kind
from nequip_lint.facts.site import Site
from nequip_lint.facts.values import GpuCall, Place
from nequip_lint.source.positions import span_of
from nequip_lint.tables import table


class GpuCalls(Kind):
    """The calls evaluated at import that may need a GPU, those that functions make then included.

    Whether a method is one of torch's is for later.
    """

    field = "gpu_calls"
    nodes = (ast.Call, ast.Attribute)
    words = ("torch", "cuda", "pin_memory")
    methods = False

    def __init__(self, file: File) -> None:
        super().__init__(file)
        self._below: dict[str, list[GpuCall]] = {}
        self._called: list[tuple[ast.Call, Place]] = []
        needing = table("gpu")["calls"]
        self._aliases = {
            bound: name
            for item in file.imports
            for name, bound in item.names
            if name != bound and name in needing and item.written.startswith("torch")
        }

    def visit(self, node: ast.Call | ast.Attribute, site: Site, parent: ast.AST) -> None:
        """Keep a call at import, or in a function at module level."""
        if site.place.at_import and isinstance(node, ast.Call):
            self._called.append((node, site.place))
        if site.place.at_import:
            kept = self.found
        elif site.depth == 1 and not site.is_inner:
            kept = self._below.setdefault(site.function, [])
        else:
            return
        found = _gpu_call(node, site.place, self._aliases)
        if found is not None and self._may_be_of_torch(found.name):
            kept.append(found)

    def _may_be_of_torch(self, name: str) -> bool:
        is_method = name.rpartition(".")[2] in table("gpu")["methods"]
        return is_method or self.file.full(name).startswith("torch.")

    def facts(self) -> tuple[GpuCall, ...]:
        """The calls at import, then those that functions make."""
        return (*self.found, *self._through())

    def _through(self) -> Iterator[GpuCall]:
        """The calls that functions of the module make when they are called at import."""
        for node, place in self._called:
            function = dotted(node.func)
            for call in self._below.get(function, ()):
                both = Place(True, place.guards + call.place.guards, place.caught + call.place.caught)
                text = f"{call.text} in {function}()"
                yield GpuCall(call.name, text, span_of(node), call.raises, both)


def _gpu_call(node: ast.Call | ast.Attribute, place: Place, aliases: dict[str, str]) -> GpuCall | None:
    if isinstance(node, ast.Attribute):
        name = dotted(node.value.func) if isinstance(node.value, ast.Call) else ""
        is_asked = name.rpartition(".")[2] == "current_accelerator"
        return (
            GpuCall(name, ast.unparse(node), span_of(node), ("AttributeError",), place) if is_asked else None
        )
    raises = _raises(node, aliases)
    if not raises:
        return None
    shown = ast.unparse(node)
    text = shown if len(shown) <= 60 else f"{ast.unparse(node.func)}(…)"
    return GpuCall(_name(node.func), text, span_of(node), raises, place)


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

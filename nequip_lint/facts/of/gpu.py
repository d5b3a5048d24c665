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
        found = gpu_call(node, site.place, self.file)
        if found is not None:
            kept.append(found)

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


def gpu_call(node: ast.Call | ast.Attribute, place: Place, file: File) -> GpuCall | None:
    """The call of torch that an expression may be, if it needs a GPU."""
    found = _found(node, place, file)
    return found if found is not None and _may_be_of_torch(found.name, file) else None


def _found(node: ast.Call | ast.Attribute, place: Place, file: File) -> GpuCall | None:
    if isinstance(node, ast.Attribute):
        function = node.value.func if isinstance(node.value, ast.Call) else None
        if function is None or file.last(function) != "current_accelerator":
            return None
        return GpuCall(_name(function), ast.unparse(node), span_of(node), ("AttributeError",), place)
    raises = _raises(node, file)
    if not raises:
        return None
    shown = ast.unparse(node)
    text = shown if len(shown) <= 60 else f"{ast.unparse(node.func)}(…)"
    return GpuCall(_name(node.func), text, span_of(node), raises, place)


def _may_be_of_torch(name: str, file: File) -> bool:
    is_method = name.rpartition(".")[2] in table("gpu")["methods"]
    return is_method or file.full(name).startswith("torch.")


def _name(function: ast.expr) -> str:
    """The dotted name of a function, `.method` for a method of something computed."""
    return dotted(function) or (f".{function.attr}" if isinstance(function, ast.Attribute) else "")


def _raises(node: ast.Call, file: File) -> tuple[str, ...]:
    known, last = table("gpu"), file.last(node.func)
    kind = "methods" if last in known["methods"] and isinstance(node.func, ast.Attribute) else "calls"
    if last in known[kind]:
        needs_one = last not in known["told"] or any(
            _is_cuda(item, file) for item in [*node.args[:1], *_device(node)]
        )
        return tuple(known[kind][last]) if needs_one else ()
    if "version.cuda." in _name(node.func):
        return ("AttributeError",)
    needs_one = last not in known["harmless"] and any(_is_cuda(item, file) for item in _device(node))
    return tuple(known["arguments"]["device"]) if needs_one else ()


def _device(node: ast.Call) -> list[ast.expr]:
    return [keyword.value for keyword in node.keywords if keyword.arg == "device"]


def _is_cuda(node: ast.expr, file: File) -> bool:
    """Whether an expression is `"cuda"`, `"cuda:0"` or `torch.device("cuda")`."""
    if isinstance(node, ast.Call) and file.last(node.func) == "device" and node.args:
        return _is_cuda(node.args[0], file)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("cuda")

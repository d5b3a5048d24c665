"""Functions whose source is compiled by something else than Python: these take no import statement."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.fixes.scopes import Function

_COMPILERS = frozenset({"jit", "njit", "script", "script_method", "kernel", "cfunc"})


def compiled(function: Function) -> str:
    """The decorator by which a function, or one inside it, is compiled from its source; '' for none."""
    for node in ast.walk(function):
        for item in node.decorator_list if isinstance(node, Function) else ():
            name = dotted(item.func if isinstance(item, ast.Call) else item)
            if name.rpartition(".")[2] in _COMPILERS:
                return name
    return ""


def reached_by_forward(tree: ast.Module) -> set[Function]:
    """The functions of a module that some `forward` calls by name, itself included.

    TorchScript compiles these when a model is scripted, and refuses import statements in them.
    """
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    plain = {node.name: node for node in tree.body if isinstance(node, Function)}
    found: set[Function] = set()
    for owner in classes:
        methods = {node.name: node for node in owner.body if isinstance(node, Function)}
        pending = [methods["forward"]] if "forward" in methods else []
        while pending:
            function = pending.pop()
            if function not in found:
                found.add(function)
                names = list(_called(function))
                pending += [methods[name] for is_own, name in names if is_own and name in methods]
                pending += [plain[name] for is_own, name in names if not is_own and name in plain]
    return found


def _called(function: Function) -> Iterator[tuple[bool, str]]:
    """The names that a function calls, and whether they are attributes of `self`."""
    for node in ast.walk(function):
        name = dotted(node.func) if isinstance(node, ast.Call) else ""
        if name:
            yield name.startswith("self."), name.removeprefix("self.")

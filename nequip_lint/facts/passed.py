"""Names that only an import binds whose failure a `try` passes over, where functions read them.

Whatever hints at somebody who asks before the name is used speaks against it: a flag that the `try` sets, the
library's name in a string, another import of it, a reader that awaits NameError, a constructor that needs the
library as well, a decorator that nobody knows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from nequip_lint.facts.conditions import condition_of, dotted
from nequip_lint.facts.lines import Lines
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.reach import running
from nequip_lint.facts.tries import suppressed
from nequip_lint.facts.uses import uses_inside
from nequip_lint.facts.values import Binding, Import, Probe, Use

KIND = "unbound"
_ENDS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_AWAITS = frozenset({"test", "NameError", "Exception", "BaseException"})
_HINTS = ("globals(", "exec(", "NameError")
_REPORTS = frozenset({"print", "warn", "warning", "info", "debug", "error", "exception", "log"})
_KNOWN_DECORATORS = frozenset(
    {"abstractmethod", "cached_property", "classmethod", "compile_mode", "final", "override", "property"}
)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Import = ast.Import | ast.ImportFrom


def unbound_reads(
    tree: ast.Module, text: str, imports: Sequence[Import], bindings: Iterable[Binding]
) -> list[Probe]:
    """Probes of the kind `unbound`: name as bound, detail the modules one of which binds it.

    Args:
        tree: the module.
        text: its source.
        imports: its imports.
        bindings: its module-level names.
    """
    passed = _passed(tree, imports)
    modules = _only_bound_by(passed, text, imports, bindings) if passed else {}
    return list(_reads(tree, text, imports, modules)) if modules else []


def _passed(tree: ast.Module, imports: Sequence[Import]) -> list[Import]:
    """The imports at the top level that fail without another word."""
    caught = [item for item in imports if item.place.at_import and not _ENDS.isdisjoint(item.place.caught)]
    if not any(not item.place.guards for item in caught):
        return []
    lines = {inner.lineno for node in tree.body for inner in _tried(node)}
    return [item for item in caught if not item.place.guards and item.span.line in lines]


def _tried(node: ast.stmt) -> Iterable[ast.stmt]:
    """The imports of a statement that does nothing but import what it can."""
    if isinstance(node, ast.Try):
        is_mere = not node.orelse and not node.finalbody and all(map(_goes_on, node.handlers))
    else:
        is_mere = isinstance(node, ast.With) and bool(suppressed(node))
    body = getattr(node, "body", []) if is_mere else []
    return body if all(isinstance(item, _Import) for item in body) else ()


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Whether a handler does nothing, or only tells."""
    return all(isinstance(item, ast.Pass) or _only_tells(item) for item in handler.body)


def _only_tells(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    called = dotted(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
    return isinstance(value, ast.Constant) or called in _REPORTS


def _only_bound_by(
    passed: Sequence[Import], text: str, imports: Sequence[Import], bindings: Iterable[Binding]
) -> dict[str, list[str]]:
    """Names that nothing else binds, with the modules of the imports that do."""
    if any(hint in text for hint in _HINTS):
        return {}
    others = [item for item in imports if item not in passed]
    if any(bound == "*" and item.place.at_import for item in others for _, bound in item.names):
        return {}
    taken = {binding.name for binding in bindings}
    taken |= {name for item in others if item.place.at_import for name in bound_names(item)}
    asked = {_top(item) for item in others}
    found: dict[str, list[str]] = {}
    for item in passed:
        if _top(item) not in asked and not re.search(rf"['\"]{_top(item)}\b", text):
            for name in bound_names(item):
                found.setdefault(name, []).append(item.module or "")
    return {name: modules for name, modules in found.items() if name not in taken}


def _top(item: Import) -> str:
    return _library([item.module or ""])


def _library(modules: Sequence[str]) -> str:
    return modules[0].partition(".")[0]


def _reads(
    tree: ast.Module, text: str, imports: Sequence[Import], modules: dict[str, list[str]]
) -> Iterator[Probe]:
    lines = Lines(text, modules)
    found = [
        (owner, function.name, use)
        for owner, function in _functions(tree)
        if lines.within(function)
        for use in uses_inside(function, lines, imports, frozenset(modules), condition_of)
    ]
    asked = {use.name for _, _, use in found if not _AWAITS.isdisjoint(use.place.caught)}
    asked |= {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    needed = {
        (owner, _library(modules[use.name]))
        for owner, function, use in found
        if owner and function == "__init__"
    }
    alive = running(tree) if found else frozenset()
    for owner, function, use in found:
        is_free = use.name not in asked and (owner, _library(modules[use.name])) not in needed
        if is_free and (owner, function) in alive:
            yield _probe(use, owner, function, modules[use.name])


def _functions(tree: ast.Module) -> Iterator[tuple[str, _Function]]:
    """The functions at the top level and the methods of its classes, under decorators that are known."""
    for node in tree.body:
        owner = node.name if isinstance(node, ast.ClassDef) else ""
        if isinstance(node, ast.ClassDef) and not _is_plain(node):
            continue
        for item in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(item, _Function) and _is_plain(item):
                yield owner, item


def _is_plain(node: _Function | ast.ClassDef) -> bool:
    """Whether no decorator may keep a function from running."""
    functions = (item.func if isinstance(item, ast.Call) else item for item in node.decorator_list)
    names = map(dotted, functions)
    return all(name.startswith("torch.") or name.rpartition(".")[2] in _KNOWN_DECORATORS for name in names)


def _probe(use: Use, owner: str, function: str, modules: list[str]) -> Probe:
    return Probe(KIND, use.name, tuple(modules), use.span, use.place, owner, function)

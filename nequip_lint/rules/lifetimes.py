"""Which functions of a project make its models, and what runs later, when a package is loaded or used.

Parses files again: import it only where something is suspect.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.reach import Functions
from nequip_lint.facts.source import Problem
from nequip_lint.facts.trees import parse
from nequip_lint.facts.values import Facts, Probe
from nequip_lint.facts.walk import walk
from nequip_lint.project.model import Project
from nequip_lint.project.roots import definition_of, resolve_local
from nequip_lint.rules.probed import packaged
from nequip_lint.rules.texts import builders, text_of

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Key = tuple[str, str, str]
"""Module, class (or ''), function."""
_CONSTRUCTORS = ("__init__", "__new__", "__post_init__")


class Lifetimes(NamedTuple):
    """What running code reads and assigns to, by each part of the dotted names, and what makes models."""

    read: dict[str, list[tuple[Facts, str]]]
    stored: dict[str, list[tuple[Facts, str]]]
    making: frozenset[_Key]


def lifetimes(project: Project) -> Lifetimes:
    """Both sides of a model's life."""
    files = {facts.module: facts for facts in (*builders(project), *packaged(project))}
    trees = {module: tree_of(facts) for module, facts in files.items()}
    functions = {module: Functions(tree) for module, tree in trees.items()}
    names: frozenset[str] = frozenset()
    while True:
        found = [(facts, functions[facts.module].lived(names)) for facts in packaged(project)]
        known = names.union(*(one.names for _, one in found))
        if known == names:
            break
        names = known
    alive = {module: one.alive(names) for module, one in functions.items()}
    idle = {
        (module, *key): node
        for module, tree in trees.items()
        for key, node in _functions(tree)
        if key not in alive[module]
    }
    read = _by_part((facts, name) for facts, one in found for name in one.read)
    stored = _by_part((facts, name) for facts, one in found for name in one.stored)
    return Lifetimes(read, stored, frozenset(_making(project, files, idle)))


def _by_part(names: Iterable[tuple[Facts, str]]) -> dict[str, list[tuple[Facts, str]]]:
    found: dict[str, list[tuple[Facts, str]]] = {}
    for facts, name in names:
        for part in set(name.split(".")):
            found.setdefault(part, []).append((facts, name))
    return found


def tree_of(facts: Facts) -> ast.Module:
    """The tree of a linted file; an empty one where it cannot be read."""
    tree = parse(text_of(facts))
    return ast.Module([], []) if isinstance(tree, Problem) else tree


def stale_class(project: Project, facts: Facts, probe: Probe, module: str) -> str:
    """A class of a module that a function took before it loads the module again; '' where it took none.

    Args:
        project: the project.
        facts: of the file with the function.
        probe: of the reload.
        module: the one that is loaded again.
    """
    classes = {(item.module, item.name) for item in project.candidates if item.module == module}
    for _, node in _functions(tree_of(facts)):
        if not node.lineno <= probe.span.line <= (node.end_lineno or node.lineno):
            continue
        for call in (item for item in walk(node) if isinstance(item, ast.Call)):
            name = dotted(call.func)
            found = definition_of(project.sources, resolve_local(facts, name)) if name else None
            is_kept = "." not in name and facts.module != module
            if found in classes and (is_kept or call.lineno < probe.span.line):
                return name
    return ""


def _making(project: Project, files: Mapping[str, Facts], idle: Mapping[_Key, _Function]) -> Iterator[_Key]:
    """Those that make modules of a model, or are called by such, among functions that nothing runs later."""
    classes = {(item.module, item.name) for item in project.candidates}
    names: set[str] = set()
    waiting, before = dict(idle), -1
    while len(waiting) != before:
        before = len(waiting)
        for key, node in list(waiting.items()):
            if key[2] in names or _makes(project, files[key[0]], key, node, classes):
                names |= _named(node)
                del waiting[key]
                yield key


def _functions(tree: ast.Module) -> Iterator[tuple[tuple[str, str], _Function]]:
    for node in tree.body:
        for item in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(item, _Function):
                yield (node.name if isinstance(node, ast.ClassDef) else "", item.name), item


def _makes(project: Project, facts: Facts, key: _Key, node: _Function, classes: set[tuple[str, str]]) -> bool:
    module, owner, name = key
    if (module, owner) in classes and name in _CONSTRUCTORS:
        return True
    called = {dotted(item.func) for item in walk(node) if isinstance(item, ast.Call)} - {""}
    if (module, owner) in classes and "cls" in called:
        return True
    found = (definition_of(project.sources, resolve_local(facts, one)) for one in called)
    return not classes.isdisjoint(item for item in found if item is not None)


def _named(node: ast.AST) -> set[str]:
    names = {item.attr for item in walk(node) if isinstance(item, ast.Attribute)}
    return names | {item.id for item in walk(node) if isinstance(item, ast.Name)}

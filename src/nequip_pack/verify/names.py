"""Whether names exist in modules here: told from the source of these, where it can tell."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nequip_pack.verify.modules import Answer, Module, located, module_here, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_DYNAMIC: Final = frozenset({"exec", "globals", "locals", "setattr", "vars"})
_OTHERS: Final = re.compile(r"\bglobals\s*\(|\bsys\.modules\[__name__")
"""How functions change the names of their module."""
_STAR: Final = re.compile(r"^[ \t]*from[ \t]+(\S+)[ \t]+import[ \t]+\*", re.MULTILINE)
_STARS: Final = 3


def name_here(module: str, name: str) -> Answer:
    """What is known of a name in a module that exists; of a dotted name its first part counts."""
    return _bound(module, name.partition(".")[0], _STARS)


def _bound(module: str, name: str, stars: int) -> Answer:
    found = module_here(module)
    file = found.source or found.stub
    text = text_of(file) if found.answer is Answer.HERE and file is not None else None
    if file is None or text is None:
        return Answer.UNKNOWN
    if _binds(text, name) or (found.folders and located(name, found.folders)):
        return Answer.HERE
    if any(_bound(other, name, stars - 1) is Answer.HERE for other in _starred(text, module, found, stars)):
        return Answer.HERE
    if found.source is None:
        return Answer.UNKNOWN
    return _parsed(file, name)


def _binds(text: str, name: str) -> bool:
    """Whether a line begins as most that bind a name do; the others are left to the syntax tree."""
    starts = ("class {}(", "class {}:", "def {}(", "{} = ", "{}: ")
    return any(f"\n{start.format(name)}" in text for start in starts)


def _starred(text: str, module: str, found: Module, left: int) -> Iterator[str]:
    """The modules whose names are imported all together."""
    for match in _STAR.finditer(text) if left else ():
        other = match[1]
        if other.startswith("."):
            base = module.split(".") if found.folders else module.split(".")[:-1]
            level = len(other) - len(other.lstrip("."))
            other = ".".join([*base[: len(base) - level + 1], *filter(None, [other.lstrip(".")])])
        yield other


def _parsed(file: Path, name: str) -> Answer:
    """What the syntax tree tells where the start of no line does."""
    names, is_closed = _of_tree(file)
    if name in names:
        return Answer.HERE
    return Answer.MISSING if is_closed else Answer.UNKNOWN


@lru_cache(maxsize=64)
def _of_tree(file: Path) -> tuple[frozenset[str], bool]:
    """The names that a file binds, and whether it can have no others."""
    text = text_of(file) or ""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(), False
    nodes = [node for statement in body for node in _own(statement)]
    names = frozenset(bound for node in nodes for bound in _names(node))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    is_open = {"*", "__getattr__"} & names or _DYNAMIC & used or _OTHERS.search(text)
    return names, not is_open


def _own(statement: ast.stmt) -> Iterator[ast.AST]:
    """A statement and all in it that runs when the module is imported."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


def _names(node: ast.AST) -> Iterator[str]:
    """The names that a node binds by itself."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.Assign) and any(_is_all(target) for target in node.targets):
        constants = (part for part in ast.walk(node.value) if isinstance(part, ast.Constant))
        yield from (part.value for part in constants if isinstance(part.value, str))


def _is_all(target: ast.expr) -> bool:
    """Whether it is the list of public names, which has to be right, or ``import *`` fails."""
    return isinstance(target, ast.Name) and target.id == "__all__"

"""Whether modules, and names in them, exist here: told from files, since nothing may be imported for it.

``importlib.util.find_spec`` imports the parents of a dotted name, so each step is looked up by itself, in the
folders of the step before.
"""

from __future__ import annotations

import ast
import re
from enum import Enum
from functools import lru_cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from nequip_pack.installed import is_installed

if TYPE_CHECKING:
    from collections.abc import Iterator

_DYNAMIC: Final = frozenset({"exec", "globals", "locals", "setattr", "vars"})
_OTHERS: Final = re.compile(r"\bglobals\s*\(|\bsys\.modules\[__name__")
"""How functions change the names of their module."""
_STAR: Final = re.compile(r"^[ \t]*from[ \t]+(\S+)[ \t]+import[ \t]+\*", re.MULTILINE)
_SOURCE_LIMIT: Final = 8 * 1024 * 1024
_STARS: Final = 3
_DEEPEST: Final = 32


class Answer(Enum):
    """What is known of a module or a name."""

    HERE = "here"
    MISSING = "missing"
    UNKNOWN = "not known"


class Module(NamedTuple):
    """What a module's files tell.

    Attributes:
        answer: of its existence.
        source: its Python file, ``None`` where it is compiled or has none.
        stub: a file that declares the names of a compiled module.
        folders: where its submodules lie, empty for a module that is no package.
    """

    answer: Answer
    source: Path | None = None
    stub: Path | None = None
    folders: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def module_here(module: str) -> Module:
    """What is known of a module."""
    parent, _, last = module.rpartition(".")
    if not last.isidentifier() or module.count(".") > _DEEPEST:
        return Module(Answer.MISSING)
    if not parent:
        return _located(last, None) or Module(Answer.UNKNOWN if is_installed(last) else Answer.MISSING)
    above = module_here(parent)
    if above.answer is not Answer.HERE:
        return above
    found = _located(last, above.folders) if above.folders else None
    return found or Module(Answer.UNKNOWN if _may_make(above, last) else Answer.MISSING)


def name_here(module: str, name: str) -> Answer:
    """What is known of a name in a module that exists; of a dotted name its first part counts."""
    return _bound(module, name.partition(".")[0], _STARS)


def _located(name: str, folders: tuple[str, ...] | None) -> Module | None:
    """A module in some folders, ``None`` for those of ``sys.path``.

    The name is looked up without its parents: with them, a package without ``__init__`` asks for its parent
    among the imported modules.
    """
    try:
        spec = PathFinder.find_spec(name, None if folders is None else list(folders))
    except (ImportError, ValueError, OSError):
        return Module(Answer.UNKNOWN)
    if spec is None:
        return None
    inside = tuple(spec.submodule_search_locations or ())
    origin = Path(spec.origin) if spec.origin and spec.has_location else None
    if origin is None or origin.suffix != ".py":
        return Module(Answer.HERE, stub=_stub(name, origin), folders=inside)
    return Module(Answer.HERE, source=origin, folders=inside)


def _stub(name: str, origin: Path | None) -> Path | None:
    if origin is None:
        return None
    places = (origin.parent / f"{name}.pyi", origin.parent / name / "__init__.pyi")
    return next((place for place in places if place.is_file()), None)


def _may_make(above: Module, last: str) -> bool:
    """Whether a module may make a submodule that no file shows, or look for it elsewhere, when it runs."""
    text = _text(above.source) if above.source is not None else None
    if text is None:
        return True
    makes = "sys.modules" in text or "__path__" in text
    return makes and re.search(rf"\b{re.escape(last)}\b", text) is not None


def _bound(module: str, name: str, stars: int) -> Answer:
    found = module_here(module)
    file = found.source or found.stub
    text = _text(file) if found.answer is Answer.HERE and file is not None else None
    if file is None or text is None:
        return Answer.UNKNOWN
    if _binds(text, name) or (found.folders and _located(name, found.folders)):
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
    text = _text(file) or ""
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


@lru_cache(maxsize=64)
def _text(file: Path) -> str | None:
    """The lines of a file, each after a line end; ``None`` if it cannot be read or is too long."""
    try:
        with file.open("rb") as stream:
            content = stream.read(_SOURCE_LIMIT + 1)
    except OSError:
        return None
    return "\n" + content.decode(errors="replace") if len(content) <= _SOURCE_LIMIT else None

"""Generated source: what ``torch.fx`` writes of a graph. It may compute with tensors and do nothing else."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from nequip_pack.audit.held import leads_to
from nequip_pack.audit.tables import effect_of, generated
from nequip_pack.format.archive import SOURCE_LIMIT

_GETATTR: Final = "getattr"
_SELF: Final = "self"
_LONGEST: Final = 16 * SOURCE_LIMIT
"""The most characters; e3nn writes some ten thousand for a tensor product of high order."""


def text_of(data: bytes) -> str:
    """The text of a file with generated source; '' where Python would read the bytes in another encoding."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode() if encoding == "utf-8" else ""
    except (SyntaxError, UnicodeDecodeError):
        return ""


def beyond_tensors(text: str, body: Mapping[Any, Any] | None) -> Iterator[str]:
    """What in generated source is no work with tensors, one clause each, the worst not first.

    Args:
        text: imports and one function, ``forward``; '' where the bytes of a file are no text of torch.
        body: what the graph holds, which the source has as ``self``; ``None`` where no pickle tells.
    """
    try:
        tree = ast.parse(text) if len(text) <= _LONGEST else None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield f"cannot be parsed ({type(error).__name__})"
        return
    if tree is None:
        yield f"has more than {_LONGEST} characters"
        return
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if [function.name for function in functions] != ["forward"]:
        yield "is not one function `forward`"
    for node in tree.body:
        if node not in functions and _unparsed(node) not in _imports():
            yield f"has the line `{_shown(node)}`"
    for function in functions:
        yield from _in_function(function, body)


def _in_function(function: ast.FunctionDef, body: Mapping[Any, Any] | None) -> Iterator[str]:
    every = list(ast.walk(function))
    if function.decorator_list or sum(isinstance(node, ast.FunctionDef) for node in every) > 1:
        yield "decorates or defines functions"
    if any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in every):
        yield "imports something when it runs"
    if unknown := {type(node).__name__ for node in every} - _nodes():
        yield f"has {', '.join(sorted(unknown))}, which no graph has"
    given = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    stored = {node.id for node in every if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    if given[:1] != [_SELF] or stored & {_SELF, _GETATTR, *_modules()}:
        yield "gives another meaning to a name that it is judged by"
    names = _bound(function, every) | _names()
    attributes = {node.value for node in every if isinstance(node, ast.Attribute)}
    called = {node.func for node in every if isinstance(node, ast.Call)}
    started = attributes | {item for node in every if (item := _got_from(node)) is not None}
    for node in every:
        if isinstance(node, ast.Name):
            is_odd = (node.id in _modules() and node not in attributes) or (
                node.id == _SELF and node not in started
            )
            if node.id not in names or is_odd or (node.id == _GETATTR and node not in called):
                yield f"uses the name `{node.id}`"
        elif isinstance(node, ast.Attribute) and node not in attributes:
            yield from _of_chain(node, body, is_used=node in called or node in started)
        elif isinstance(node, ast.Call):
            yield from _of_call(node, body, is_used=node in called or node in started)
        elif isinstance(node, ast.keyword) and node.arg is None:
            yield f"names arguments by the texts of `{_shown(node.value)}`, which become code"


def _got_from(node: ast.AST) -> ast.expr | None:
    """What a call of `getattr` takes an attribute of."""
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, _]):
            return owner
    return None


def _bound(function: ast.FunctionDef, every: list[ast.AST]) -> set[str]:
    """Parameters and local names; none that stands for something else is taken for one."""
    given = {node.arg for node in every if isinstance(node, ast.arg)}
    stored = {node.id for node in every if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return {name for name in given | stored if not name.startswith("__")} - _modules()


def _of_chain(node: ast.Attribute, body: Mapping[Any, Any] | None, *, is_used: bool) -> Iterator[str]:
    """Judge a dotted name."""
    parts: list[str] = []
    start: ast.expr = node
    while isinstance(start, ast.Attribute):
        parts.insert(0, start.attr)
        start = start.value
    head = start.id if isinstance(start, ast.Name) else _SELF if _is_of_self(start) else ""
    if not isinstance(node.ctx, ast.Load):
        yield f"sets `{_shown(node)}`"
    elif head in _modules():
        if not _is_known([head, *parts]):
            yield f"uses `{_shown(node)}`"
    elif head == _SELF:
        if any(part.startswith("__") for part in parts) or _is_misused(node, body, is_used):
            yield f"uses `{_shown(node)}`"
    elif unknown := [part for part in parts if part not in _of_tensors()]:
        yield f"uses the attribute `{unknown[0]}`"


def _is_known(parts: list[str]) -> bool:
    """Whether a dotted name is a function, a type or a constant of a listed module; attributes may follow."""
    for space, allowed in generated()["operators"].items():
        names = space.split(".")
        if parts[: len(names)] == names:
            rest = parts[len(names) :]
            is_odd = len(rest) > 3 or any(part.startswith("__") or part in _of_operators() for part in rest)
            return bool(rest) and rest[0] in allowed and not is_odd and effect_of(".".join(parts)) is None
    for count in range(len(parts) - 1, 0, -1):
        listed = generated()["from"].get(".".join(parts[:count]))
        if listed is not None and parts[count] in listed:
            return all(part in _of_tensors() for part in parts[count + 1 :])
    return False


def _of_call(node: ast.Call, body: Mapping[Any, Any] | None, *, is_used: bool) -> Iterator[str]:
    if not isinstance(node.func, ast.Name) or node.func.id != _GETATTR:
        return
    given = node.args[1] if len(node.args) == 2 else None
    name = given.value if isinstance(given, ast.Constant) else None
    is_held = _is_of_self(node) and type(name) is str and not name.startswith("__")
    if (not is_held and name not in _of_tensors()) or (is_held and _is_misused(node, body, is_used)):
        yield f"calls `{_shown(node)}`"


def _is_misused(node: ast.expr, body: Mapping[Any, Any] | None, is_used: bool) -> bool:
    """Whether something below `self` may be no tensor and no number, nor a module that is called.

    A module under another name, or as an argument, could be asked for anything.
    """
    path = _path(node)
    found = leads_to(body, path, _of_tensors()) if body is not None and path is not None else "tensor"
    return not found or (found == "module" and not is_used)


def _is_of_self(node: ast.expr) -> bool:
    """Whether this is something that the graph holds, as in ``getattr(self.layers, "0")``."""
    return _path(node) is not None


def _path(node: ast.expr) -> list[str] | None:
    """The names that lead from ``self`` to something; ``None`` for what is not below it, or not by names."""
    parts: list[str] = []
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value=owner, attr=name):
                pass
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str(name))]):
                pass
            case _:
                return None
        node = owner
        parts.insert(0, name)
    return parts if node.id == _SELF else None


def _unparsed(node: ast.AST) -> str:
    try:
        return ast.unparse(node)
    except RecursionError:
        return "…"


def _shown(node: ast.AST) -> str:
    text = " ".join(_unparsed(node).split())
    return text if len(text) <= 80 else f"{text[:80]}…"


@cache
def _nodes() -> frozenset[str]:
    return frozenset(generated()["nodes"])


@cache
def _imports() -> frozenset[str]:
    return frozenset(generated()["imports"])


@cache
def _names() -> frozenset[str]:
    return frozenset(generated()["names"])


@cache
def _modules() -> frozenset[str]:
    """The names in generated source that stand for modules."""
    return frozenset(name.partition(".")[0] for name in generated()["from"])


@cache
def _of_operators() -> frozenset[str]:
    """Attributes of operators of torch that are no overloads, and operators that do more than compute."""
    return frozenset(generated()["attributes"]["of_operators"])


@cache
def _of_tensors() -> frozenset[str]:
    found: Any = generated()["attributes"]["of_tensors"]
    return frozenset(found)

"""What decorators put in the place of functions and classes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.details.kept import MODEL, Given, Kept
from nequip_lint.facts.kind import File
from nequip_lint.facts.objects.makers import given_back, inner_results, returns_unnamed
from nequip_lint.facts.objects.surroundings import Held, Module, Surroundings
from nequip_lint.facts.objects.unpicklable import MADE_BY_TORCH
from nequip_lint.facts.site import Function, Site
from nequip_lint.facts.terms import spot_of
from nequip_lint.facts.values import AT_IMPORT
from nequip_lint.source.nodes import walk

_CACHES = frozenset({"functools.lru_cache", "functools.cache"})
_WRAPPING = frozenset({*_CACHES, "functools.partial"})
_Maker = Function | ast.Lambda


def decorated(node: Function, known: Surroundings) -> Iterator[Held]:
    """What a module-level function is that a decorator replaces; what wraps that has its name.

    Args:
        node: the function.
        known: what names stand for there.
    """
    for item in node.decorator_list:
        name = dotted(item.func if isinstance(item, ast.Call) else item)
        full = known.full(name)
        maker = known.module.defined.get(name)
        if full in MADE_BY_TORCH and full.startswith("torch.jit."):
            yield Held("torch", f"{node.name}, which is {MADE_BY_TORCH[full]}")
        elif isinstance(maker, Function):
            if makes_unnamed(maker, isinstance(item, ast.Call), known.file):
                what = f"{node.name}, which its decorator {name} replaces by a local function"
                yield Held("function", what)
        elif name.partition(".")[0] in known.names or isinstance(maker, ast.ClassDef):
            inner = Given(
                0, "", "under", f"{node.name}, whose name stands for what its decorator {name} makes,"
            )
            full = full if name.partition(".")[0] in known.names else f"{known.file.module}.{name}"
            called = "()()" if isinstance(item, ast.Call) else ""
            yield Held("made", f"{full}{called}", () if called else (inner,))


def makes_unnamed(maker: Function, is_called: bool, file: File) -> bool:
    """Whether what a function gives back, or what that gives back, has no name to be found by."""
    if not is_called:
        return returns_unnamed(maker, file.names)
    inner = inner_results(maker)
    return bool(inner) and all(
        isinstance(one, Function) and returns_unnamed(one, file.names) for one in inner
    )


def replacing(maker: Function, file: File) -> str:
    """What a function, or what it gives back, puts in the place of a class; '' where that may be the class.

    Args:
        maker: a function that may be a decorator.
        file: with the names of imports.
    """
    found = _other(maker, file)
    inner = inner_results(maker)
    return found or (_other(inner[0], file) if len(inner) == 1 else "")


def _other(maker: _Maker, file: File) -> str:
    """What a function gives back instead of the class that it is given."""
    first = next((item.arg for item in [*maker.args.posonlyargs, *maker.args.args]), "")
    found = {_kind(item, first, file) for item in given_back(maker)}
    inner = [] if isinstance(maker, ast.Lambda) else inner_results(maker)
    if inner and all(_calls(item, first) for item in inner):
        return "a function"
    return found.pop() if first and len(found) == 1 else ""


def _kind(node: ast.expr, first: str, file: File) -> str:
    match node:
        case ast.Call(func=function, args=[given, *_]) if dotted(given) == first:
            return f"a {file.last(function)} of it" if file.full(dotted(function)) in _WRAPPING else ""
        case ast.Call(func=ast.Name(id=name)) if name == first:
            return "an object of it"
    return ""


def _calls(maker: _Maker, name: str) -> bool:
    return any(isinstance(item, ast.Call) and dotted(item.func) == name for item in walk(maker))


def gives_other(node: ast.Call, file: File) -> str:
    """What stands for a class that something like `functools.partial` is given; '' for any other call."""
    name = dotted(node.func)
    return f"what {name} makes of it" if file.full(name) in _WRAPPING else ""


def of_decorators(defined: Iterable[tuple[str, ast.AST]], module: Module) -> Iterator[Kept]:
    """The classes whose names stand for something else, and the functions that make it so for others.

    Args:
        defined: what module-level names are bound to, in source order.
        module: what the names of the file stand for.
    """
    classes: dict[str, ast.ClassDef] = {}
    for name, value in defined:
        other = ""
        if isinstance(value, ast.ClassDef):
            classes[name] = value
            other = _replaced(value, module)
        elif (
            isinstance(value, ast.Call)
            and name in classes
            and dotted(value.args[0] if value.args else value.func) == name
        ):
            other = gives_other(value, module.file)
        elif isinstance(value, Function):
            yield from _of_maker(value, module.file)
        if other:
            what = f"an object of {name}, whose name stands for {other},"
            yield Kept(spot_of(value, Site(AT_IMPORT, name)), MODEL, "class", what)  # type: ignore[arg-type]


def _replaced(node: ast.ClassDef, module: Module) -> str:
    """What the decorators of a class put in its place; '' where that may be the class."""
    for item in node.decorator_list:
        name = dotted(item.func if isinstance(item, ast.Call) else item)
        maker = module.defined.get(name)
        if module.file.full(name) in _CACHES:
            return f"what {name} makes of it"
        if isinstance(maker, Function) and (found := replacing(maker, module.file)):
            return f"{found} that its decorator {name} gives back"
    return ""


def _of_maker(node: Function, file: File) -> Iterator[Kept]:
    spot = spot_of(node, Site(AT_IMPORT, function=node.name))
    if other := replacing(node, file):
        yield Kept(spot, "decorator", "class", other)
    if makes_unnamed(node, True, file):
        yield Kept(spot, "inner", "function", "a local function")

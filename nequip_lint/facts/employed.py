"""Everything that a file does with the libraries it imports, in every function; asked only when proposing.

What is done is told in the words of `facts/touches.py`; `caught` stands for the type of an `except` clause.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from nequip_lint.facts.conditions import dotted
from nequip_lint.facts.names import bound_names
from nequip_lint.facts.source import Problem, decode
from nequip_lint.facts.spans import span_of
from nequip_lint.facts.touches import roles_in
from nequip_lint.facts.trees import parse
from nequip_lint.facts.values import Import
from nequip_lint.facts.walk import children
from nequip_lint.values import Span

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_AT_IMPORT = ("", "")


class Employment(NamedTuple):
    """One use of a library.

    `name` is the chain of attributes as written, `function` the outermost (class, function) around it, two
    empty texts where importing the file evaluates it. `is_annotation`: nothing evaluates it, or it is a plain
    annotation.
    """

    name: str
    library: str
    span: Span
    how: str
    function: tuple[str, str]
    is_annotation: bool


class Function(NamedTuple):
    """A function of a file: its class or '', its name, its decorators, every name that its body mentions."""

    owner: str
    name: str
    decorators: tuple[str, ...]
    mentions: frozenset[str]


class Employed(NamedTuple):
    """The uses of libraries in a file, its functions, and the names that importing it mentions."""

    uses: tuple[Employment, ...] = ()
    functions: tuple[Function, ...] = ()
    mentions: frozenset[str] = frozenset()


def employed(data: bytes, imports: Iterable[Import]) -> Employed:
    """What a file does with libraries; nothing where it has no tree.

    Args:
        data: the bytes of the file.
        imports: those of the file that bind names of libraries.
    """
    text = decode(data)
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(tree, Problem):
        return Employed()
    names = {name: (item.module or "").partition(".")[0] for item in imports for name in bound_names(item)}
    walker = _Walker(names, "annotations" in _futures(tree))
    walker.block(tree.body, _Context(_AT_IMPORT, "", False))
    return Employed(tuple(walker.uses), tuple(walker.functions), frozenset(walker.mentions))


def _futures(tree: ast.Module) -> set[str]:
    found = (node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__")
    return {alias.name for node in found for alias in node.names}


class _Context(NamedTuple):
    function: tuple[str, str]
    owner: str
    is_annotation: bool


class _Walker:
    """Walks a file, knowing the outermost function and the class around each expression."""

    def __init__(self, names: Mapping[str, str], postponed: bool) -> None:
        self.names = names
        self.postponed = postponed
        self.uses: list[Employment] = []
        self.functions: list[Function] = []
        self.mentions: set[str] = set()

    def block(self, body: Iterable[ast.AST], context: _Context) -> None:
        for node in body:
            self.visit(node, context, "read")

    def visit(self, node: ast.AST, context: _Context, how: str) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, context)
            case ast.ClassDef():
                self._class(node, context)
            case ast.AnnAssign():
                self._annotation(node.annotation, context, is_local=context.function != _AT_IMPORT)
                self._assigned([node.target], node.value, context)
            case ast.Assign():
                self._assigned(node.targets, node.value, context)
            case ast.ExceptHandler():
                types = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                for item in types:
                    if item is not None:
                        self.visit(item, context, "caught")
                self.block(node.body, context)
            case _:
                self._other(node, context, how)

    def _other(self, node: ast.AST, context: _Context, how: str) -> None:
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            name = dotted(node)
            library = self.names.get(name.partition(".")[0])
            if library is not None and how != "inner":
                use = Employment(name, library, span_of(node), how, context.function, context.is_annotation)
                self.uses.append(use)
        if context.function == _AT_IMPORT and not context.is_annotation:
            self.mentions |= _mentioned(node)
        known = {id(child): role for child, role in roles_in(node)}
        for child in children(node):
            is_test = isinstance(node, ast.If | ast.While | ast.Assert) and child is node.test
            self.visit(child, context, known.get(id(child), "test" if is_test else "read"))

    def _function(self, node: _Function, context: _Context) -> None:
        for item in node.decorator_list:
            self.visit(item, context, "decorator")
        self.block([*node.args.defaults, *filter(None, node.args.kw_defaults)], context)
        arguments = node.args
        every = [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]
        for annotation in (*(item.annotation for item in every if item is not None), node.returns):
            if annotation is not None:
                self._annotation(annotation, context)
        if context.function != _AT_IMPORT:
            self.block(node.body, context)
            return
        mentions = frozenset(name for item in _walked(node.body) for name in _mentioned(item))
        decorators = (item.func if isinstance(item, ast.Call) else item for item in node.decorator_list)
        self.functions.append(Function(context.owner, node.name, tuple(map(dotted, decorators)), mentions))
        self.block(node.body, context._replace(function=(context.owner, node.name)))

    def _class(self, node: ast.ClassDef, context: _Context) -> None:
        for item in node.decorator_list:
            self.visit(item, context, "decorator")
        for item in (*node.bases, *(keyword.value for keyword in node.keywords)):
            self.visit(item, context, "base")
        self.block(node.body, context._replace(owner=context.owner or node.name))

    def _annotation(self, node: ast.expr, context: _Context, *, is_local: bool = False) -> None:
        """A plain annotation asks nothing of a mock; one that computes with a name does, unless postponed."""
        unevaluated = self.postponed or is_local
        is_plain = isinstance(node, ast.Name | ast.Attribute)
        self.visit(node, context._replace(is_annotation=unevaluated or is_plain), "annotation")

    def _assigned(self, targets: Iterable[ast.expr], value: ast.expr | None, context: _Context) -> None:
        listed = list(targets)
        self.block(listed, context)
        if value is None:
            return
        kept = any(dotted(target).startswith("self.") for target in listed)
        if kept and isinstance(value, ast.Call):
            self.visit(value.func, context, "made")
            self.block([*value.args, *(keyword.value for keyword in value.keywords)], context)
        else:
            self.visit(value, context, "kept" if kept else "read")


def _mentioned(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Name):
        return {node.id}
    return {node.attr} if isinstance(node, ast.Attribute) else set()


def _walked(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    stack = list(body)
    while stack:
        node = stack.pop()
        yield node
        stack += children(node)

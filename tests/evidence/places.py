"""The places of real source where the lines of a kind can be put."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

_IN_CLASS = ("result", "forward", "init", "class")


class Place(NamedTuple):
    """Where each edit goes: the line before which, and the column; `owner` is the class, if there is one."""

    owner: str
    at: Mapping[str, tuple[int, int]]

    @property
    def anchor(self) -> int:
        """The line that names the place: of the most particular edit."""
        order = (*_IN_CLASS, "function", "top")
        return next((self.at[where][0] for where in order if where in self.at), 1)


def places(tree: ast.Module, wanted: Collection[str], pickled: Collection[str]) -> Iterator[Place]:
    """Every place of a module that has all the wanted kinds of lines."""
    top = {"top": _after_imports(tree)} if "top" in wanted else {}
    in_class = [where for where in _IN_CLASS if where in wanted]
    if in_class:
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name in pickled]
        for owner in classes:
            found = {where: _in_class(owner, where) for where in in_class}
            at = {where: place for where, place in found.items() if place is not None}
            if len(at) == len(found):
                yield Place(owner.name, {**top, **at})
    elif "function" in wanted:
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        yield from (Place("", {**top, "function": _start(n)}) for n in functions if not _is_one_line(n))
    else:
        yield Place("", top)


def first_line(tree: ast.Module) -> int:
    """The line of the first statement that is no docstring, or behind the last one."""
    body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
    return body[0].lineno if body else (tree.body[-1].end_lineno or 0) + 1 if tree.body else 1


def _after_imports(tree: ast.Module) -> tuple[int, int]:
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return ((imports[-1].end_lineno or 0) + 1 if imports else 1), 0


def _in_class(owner: ast.ClassDef, where: str) -> tuple[int, int] | None:
    if where == "class":
        return (owner.end_lineno or 0) + 1, owner.body[0].col_offset
    name = "__init__" if where == "init" else "forward"
    methods = [node for node in owner.body if isinstance(node, ast.FunctionDef) and node.name == name]
    if not methods:
        return None
    finder = {"init": _after_base, "forward": _start, "result": _before_return}[where]
    return finder(methods[0])


def _is_one_line(node: ast.FunctionDef) -> bool:
    return node.body[0].lineno == node.lineno


def _start(node: ast.FunctionDef) -> tuple[int, int]:
    first = node.body[1] if ast.get_docstring(node) is not None and len(node.body) > 1 else node.body[0]
    return min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))]), first.col_offset


def _after_base(node: ast.FunctionDef) -> tuple[int, int] | None:
    """Behind the call of the base's constructor: before it a module takes no attributes."""
    calls = [item for item in node.body if "super().__init__" in ast.unparse(item)]
    return ((calls[0].end_lineno or 0) + 1, calls[0].col_offset) if calls else None


def _before_return(node: ast.FunctionDef) -> tuple[int, int] | None:
    """Before the `return data` at the end of a method that takes `data`."""
    last, names = node.body[-1], [argument.arg for argument in node.args.args]
    is_data = isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and last.value.id == "data"
    return (last.lineno, last.col_offset) if is_data and names[1:2] == ["data"] else None

"""Kernels of triton that a function makes when they are first needed, and not the import of their file."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.functions import compiled
from nequip_lint.edits.imports import insert_import
from nequip_lint.edits.source import Source
from nequip_lint.edits.uses import Use
from nequip_lint.facts.values import Facts

LIBRARY = "triton"
_CACHE = "functools"
Users = dict[cst.FunctionDef, list[tuple[cst.SimpleStatementLine, list[cst.CSTNode]]]]
"""By function the statements that get kernels, each with the nodes that use one."""


class Kernels:
    """The kernels of a file, each of which gets a function that makes it.

    Args:
        context: the project.
        source: the file.
        uses: of the names that its imports of triton bind.
    """

    def __init__(self, context: Context, source: Source, uses: Iterable[Use]) -> None:
        self._context = context
        self._source = source
        self._facts: Facts = context.facts(source.path)
        decorating = (use.node for use in uses if use.role == "decorator")
        found = (self._decorated(node) for node in decorating)
        self.functions = tuple(dict.fromkeys(node for node in found if node is not None))

    def _decorated(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """The function at the top level of the file whose decorator has a node."""
        functions = [item for item in self._source.around(node) if isinstance(item, cst.FunctionDef)]
        others = [
            item for item in self._source.around(node) if isinstance(item, cst.ClassDef | cst.If | cst.Try)
        ]
        return functions[0] if len(functions) == 1 and not others else None

    def have(self, node: cst.CSTNode) -> bool:
        """Whether a node is in one of them."""
        return any(item in self.functions for item in self._source.around(node))

    def users(self) -> Users:
        """The statements with which each function that uses kernels gets them, and where it does.

        Raises:
            Declined: something else than a function uses one of them.
        """
        found: Users = {}
        for kernel in self.functions:
            for function, nodes in self._users(kernel).items():
                name = kernel.name.value
                line = cst.ensure_type(
                    cst.parse_statement(f"{name} = {maker(name)}()"), cst.SimpleStatementLine
                )
                found.setdefault(function, []).append((line, nodes))
        return found

    def _users(self, kernel: cst.FunctionDef) -> dict[cst.FunctionDef, list[cst.CSTNode]]:
        name = kernel.name.value
        self._context.check_not_exported(self._facts, name)
        if name in self._context.attributes_read(self._facts):
            raise Declined(f"other files may read {name} from {self._facts.module}")
        scopes = self._context.scopes(self._source, {name})
        functions: dict[cst.FunctionDef, list[cst.CSTNode]] = {}
        for use in scopes.uses(scopes.around(kernel), name, ()):
            if use.node is kernel:
                continue
            if use.role != "body" or use.function is None or self.have(use.node) or compiled(use.function):
                raise Declined(
                    f"{name} is used on line {self._source.line_of(use.node)}, and by no plain function"
                )
            functions.setdefault(use.function, []).append(use.node)
        if not functions:
            raise Declined(f"nothing in the file uses {name}")
        return functions

    def wrap(self, edits: TreeEdits, imports: list[str], names: list[str]) -> None:
        """Put each kernel into the function that makes it.

        Args:
            edits: of the file.
            imports: of triton, as statements.
            names: what they bind; triton up to 3.3.1 looks these up among the names of the module alone.
        """
        for kernel in self.functions:
            edits.update(kernel, lambda updated: _made(updated, imports, names))
        if not any(item.bound == _CACHE and not item.names for item in self._facts.imports):
            insert_import(edits, f"import {_CACHE}")


def maker(kernel: str) -> str:
    """The name of the function that makes a kernel."""
    return f"_make_{kernel.lstrip('_')}"


def _made(kernel: cst.FunctionDef, imports: list[str], names: list[str]) -> cst.FunctionDef:
    name = kernel.name.value
    head = [f"global {', '.join(names)}", *imports]
    text = f"@{_CACHE}.cache\ndef {maker(name)}():\n" + "".join(f"    {line}\n" for line in head)
    made = cst.ensure_type(cst.parse_statement(f"{text}\n    return {name}\n"), cst.FunctionDef)
    block = cst.ensure_type(made.body, cst.IndentedBlock)
    *first, last = block.body
    gap = cst.EmptyLine(indent=False)
    inner = kernel.with_changes(leading_lines=[gap], lines_after_decorators=kernel.lines_after_decorators)
    body = block.with_changes(body=[*first, inner, last])
    return made.with_changes(body=body, leading_lines=kernel.leading_lines)

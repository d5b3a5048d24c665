"""Fix of NQ101: the optional library is imported inside the functions that use it."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

import libcst as cst

from nequip_lint.edits.annotations import for_typing, is_postponed, quote
from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.functions import compiled, insert_first, qualified, reached_by_forward
from nequip_lint.edits.imports import bound_by, drop, line_around, module_of, names_of, new_line, written
from nequip_lint.edits.source import Source
from nequip_lint.edits.uses import Import, Scopes, Use
from nequip_lint.fixes.base import fixer
from nequip_lint.values import Finding, Fix

_AT_IMPORT = {
    "default": "as a default value of {owner}",
    "decorator": "to decorate {owner}",
    "base": "as a base class of {owner}",
    "class": "in the body of class {owner}",
    "lambda": "in a lambda",
    "module": "in a statement at the top level",
}
_MOST_NAMED = 3


class Part(NamedTuple):
    """One name that an import of the library binds, and where it is used."""

    statement: Import
    alias: cst.ImportAlias
    uses: list[Use]

    @property
    def name(self) -> str:
        """What the import binds."""
        return bound_by(self.alias, self.statement)


@fixer("NQ101")
def import_where_used(context: Context, finding: Finding) -> Fix:
    """Move every import of the library in the file; safe unless something but Python reads the functions."""
    source, library = context.source(finding.path), finding.detail
    facts = context.facts(finding.path)
    statements = _statements(source, library, finding)
    parts = _parts(source, statements, library)
    by_name = {part.name: part for part in parts}
    for part in by_name.values():
        _check(source, part)
        context.check_not_exported(facts, part.name)
    edits = TreeEdits(source)
    functions = _insert(edits, parts)
    uses = [use for part in by_name.values() for use in part.uses]
    quote(edits, uses)
    for statement, group in groupby(parts, key=lambda part: part.statement):
        own = list(group)
        is_annotating = any(use.role in ("annotation", "quoted") for part in own for use in part.uses)
        (for_typing if is_annotating else drop)(edits, statement, [part.alias for part in own])
    is_read = not context.attributes_read(facts).isdisjoint(by_name)
    return Fix(_is_safe(source, uses) and not is_read, edits.edits(), _summary(parts, library, functions))


def _summary(parts: list[Part], library: str, functions: list[str]) -> str:
    """The import, or what all of them import, and where it goes."""
    statements = list(dict.fromkeys(part.statement for part in parts))
    texts = written(statements[0], [part.alias for part in parts]) if len(statements) == 1 else []
    what = texts[0] if len(texts) == 1 else f"import {library}"
    if not functions:
        return f"{what} under `if TYPE_CHECKING:`"
    more = f" and {len(functions) - _MOST_NAMED} more" if len(functions) > _MOST_NAMED else ""
    return f"{what} inside {', '.join(functions[:_MOST_NAMED])}{more}"


def _statements(source: Source, library: str, finding: Finding) -> list[Import]:
    """The statements at the top level of the module that import the library.

    Raises:
        Declined: the one of the finding is not among them, but stands under a test or in a class.
    """
    simple = source.simple({library})
    found = [node for node in simple if isinstance(node, Import) and _imports_of(node, library)]
    if not any(node in found for node in source.nodes_at(finding.span)):
        raise Declined(f"{library} is imported inside another statement")
    return found


def _imports_of(statement: Import, library: str) -> list[cst.ImportAlias]:
    """The parts of an import that are of the library.

    Raises:
        Declined: it is a star.
    """
    if isinstance(statement, cst.Import):
        return [a for a in statement.names if a.evaluated_name.partition(".")[0] == library]
    if module_of(statement).partition(".")[0] != library:
        return []
    if isinstance(statement.names, cst.ImportStar):
        raise Declined(f"a star import does not tell which names of {library} are used where")
    return list(names_of(statement))


def _parts(source: Source, statements: list[Import], library: str) -> list[Part]:
    every = [(node, alias) for node in statements for alias in _imports_of(node, library)]
    bound = {bound_by(alias, node) for node, alias in every}
    scopes = Scopes(source, bound)
    scope = scopes.around(statements[0])
    uses = {name: scopes.uses(scope, name, set(statements)) for name in bound}
    return [Part(node, alias, uses[bound_by(alias, node)]) for node, alias in every]


def _check(source: Source, part: Part) -> None:
    """Make sure that a name is used in functions and annotations only.

    Raises:
        Declined: it is used elsewhere, or nowhere.
    """
    if not part.uses:
        raise Declined(
            f"nothing in the file reads {part.name}: it is imported for what its import does, "
            "or for other code"
        )
    for use in part.uses:
        if use.role in _AT_IMPORT:
            place = f"{_AT_IMPORT[use.role].format(owner=use.owner)} (line {source.line_of(use.node)})"
            raise Declined(f"{part.name} is needed when the file is imported, {place}")
        if use.role == "bound":
            raise Declined(f"{part.name} is bound in another way too (line {source.line_of(use.node)})")
    for function in dict.fromkeys(use.function for use in part.uses if use.function is not None):
        if decorator := compiled(function):
            name = function.name.value
            raise Declined(f"{name} is compiled by @{decorator}, which takes no import statement")


def _insert(edits: TreeEdits, parts: list[Part]) -> list[str]:
    """Import in each function what it uses, in the order of the statements; the names of the functions."""
    wanted: dict[cst.FunctionDef, dict[Import, list[cst.ImportAlias]]] = {}
    for part in parts:
        for function in dict.fromkeys(use.function for use in part.uses if use.function is not None):
            wanted.setdefault(function, {}).setdefault(part.statement, []).append(part.alias)
    for function, imports in wanted.items():
        lines = [
            new_line(text, line_around(edits.source, statement).trailing_whitespace)
            for statement, aliases in imports.items()
            for text in written(statement, aliases)
        ]
        insert_first(edits, function, lines)
    return [function.name.value for function in wanted]


def _is_safe(source: Source, uses: list[Use]) -> bool:
    """Whether no other reader of the source than Python itself meets the change."""
    scripted = reached_by_forward(source.tree)
    plain = is_postponed(source.tree) or not any(use.role == "annotation" for use in uses)
    functions = {qualified(source, use.function) for use in uses if use.function is not None}
    return plain and scripted.isdisjoint(functions)

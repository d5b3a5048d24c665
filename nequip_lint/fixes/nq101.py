"""Fix of NQ101: the optional library is imported inside the functions that use it."""

from __future__ import annotations

import ast
from typing import NamedTuple

from nequip_lint.editing.base import Declined
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.elsewhere import check_not_exported, is_read_as_attribute
from nequip_lint.fixes.lazy import insert_first
from nequip_lint.fixes.scopes import Function, Use, uses_of
from nequip_lint.fixes.scripted import compiled, reached_by_forward
from nequip_lint.fixes.source import Source, Splices, source_of
from nequip_lint.fixes.statements import Statement, bound_by, comment_behind, drop, written
from nequip_lint.fixes.typing_only import for_typing, is_postponed, quote
from nequip_lint.project.assemble import Assembled
from nequip_lint.values import Finding, Fix

_AT_IMPORT = {
    "default": "as a default value of {owner}",
    "decorator": "to decorate {owner}",
    "base": "as a base class of {owner}",
    "class": "in the body of class {owner}",
    "lambda": "in a lambda",
    "module": "in a statement at the top level",
}


class Part(NamedTuple):
    """One name that an import of the library binds, and where it is used."""

    statement: Statement
    alias: ast.alias
    uses: list[Use]


@fixer("NQ101")
def import_where_used(assembled: Assembled, finding: Finding) -> Fix:
    """Move every import of the library in the file; safe unless something but Python reads the functions."""
    project = assembled.project
    source = source_of(project, finding.path)
    library = finding.detail
    statements = _statements(source, library, finding)
    parts = [part for statement in statements for part in _parts(source, statement, library, statements)]
    for part in parts:
        name = bound_by(part.alias, part.statement)
        _check(part, name)
        check_not_exported(project, source.facts, name)
    splices = Splices(source)
    _insert(source, splices, parts)
    quote(source, splices, (use for part in parts for use in part.uses))
    annotated = [part for part in parts if any(use.role in ("annotation", "quoted") for use in part.uses)]
    for statement in statements:
        dropped = [part.alias for part in parts if part.statement is statement]
        if any(part.statement is statement for part in annotated):
            for_typing(source, splices, statement, dropped)
        else:
            drop(source, splices, statement, dropped, _whole(statements, parts))
    names = [bound_by(part.alias, part.statement) for part in parts]
    is_read = any(is_read_as_attribute(project, source.facts, name) for name in names)
    return Fix(_is_safe(source, parts) and not is_read, splices.edits())


def _whole(statements: list[Statement], parts: list[Part]) -> list[Statement]:
    """The statements of which no name is left."""
    return [s for s in statements if len(s.names) == sum(part.statement is s for part in parts)]


def _statements(source: Source, library: str, finding: Finding) -> list[Statement]:
    """The statements at the top level of the module that import the library.

    Raises:
        Declined: the one of the finding is not among them, but stands under a test or in a class.
    """
    found = [node for node in source.tree.body if isinstance(node, Statement) and _imports(node, library)]
    if not any((node.lineno, node.col_offset + 1) == finding.span[:2] for node in found):
        raise Declined(f"{library} is imported inside another statement")
    return found


def _imports(statement: Statement, library: str) -> bool:
    names = (alias.name for alias in statement.names)
    modules = (
        names if isinstance(statement, ast.Import) else ["" if statement.level else statement.module or ""]
    )
    return any(module.partition(".")[0] == library for module in modules)


def _parts(source: Source, statement: Statement, library: str, every: list[Statement]) -> list[Part]:
    if any(alias.name == "*" for alias in statement.names):
        raise Declined(f"a star import does not tell which names of {library} are used where")
    is_from = isinstance(statement, ast.ImportFrom)
    chosen = [a for a in statement.names if is_from or a.name.partition(".")[0] == library]
    return [Part(statement, a, uses_of(source.tree, bound_by(a, statement), every)) for a in chosen]


def _check(part: Part, name: str) -> None:
    """Make sure that a name is used in functions and annotations only.

    Raises:
        Declined: it is used elsewhere, or nowhere.
    """
    if not part.uses:
        raise Declined(
            f"nothing in the file reads {name}: it is imported for what its import does, or for other code"
        )
    for use in part.uses:
        if use.role in _AT_IMPORT:
            place = _AT_IMPORT[use.role].format(owner=use.owner)
            raise Declined(f"{name} is needed when the file is imported, {place} (line {use.node.lineno})")
        if use.role == "bound":
            raise Declined(f"{name} is bound in another way too (line {use.node.lineno})")
        decorator = compiled(use.function) if use.function is not None else ""
        if decorator:
            raise Declined(f"{use.owner} is compiled by @{decorator}, which takes no import statement")


def _insert(source: Source, splices: Splices, parts: list[Part]) -> None:
    """Import in each function what it uses, in the order of the statements."""
    wanted: dict[Function, dict[Statement, list[ast.alias]]] = {}
    for part in parts:
        for function in dict.fromkeys(use.function for use in part.uses if use.function is not None):
            wanted.setdefault(function, {}).setdefault(part.statement, []).append(part.alias)
    for function, imports in wanted.items():
        lines = [
            text + comment_behind(source, statement)
            for statement, aliases in imports.items()
            for text in written(statement, aliases)
        ]
        insert_first(source, splices, function, lines)


def _is_safe(source: Source, parts: list[Part]) -> bool:
    """Whether no other reader of the source than Python itself meets the change."""
    scripted = reached_by_forward(source.tree)
    uses = [use for part in parts for use in part.uses]
    plain = is_postponed(source.tree) or not any(use.role == "annotation" for use in uses)
    return plain and not any(use.function in scripted for use in uses)

"""Names that only annotations need: imported for type checkers alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.imports import drop, line_around, names_of, new_line, without, written
from nequip_lint.edits.source import Source
from nequip_lint.edits.uses import Import, Use
from nequip_lint.facts.values import AT_IMPORT, Facts

_TEST = "TYPE_CHECKING"


def is_postponed(facts: Facts) -> bool:
    """Whether Python does not evaluate the annotations of a module."""
    pair = "annotations", "annotations"
    return any(item.module == "__future__" and pair in item.names for item in facts.imports)


def for_typing(edits: TreeEdits, facts: Facts, statement: Import, aliases: Sequence[cst.ImportAlias]) -> None:
    """Move names of an import at the top level under `if TYPE_CHECKING:`.

    Raises:
        Declined: the statement shares its line, or a comment would be lost.
    """
    source = edits.source
    behind = line_around(source, statement).trailing_whitespace
    lines = [new_line(text, behind) for text in written(statement, aliases)]
    if (block := _block(source)) is not None:
        edits.update(block, lambda updated: updated.with_changes(body=[*lines, *updated.body]))
        drop(edits, statement, aliases)
        return
    test = _name_of_test(facts)
    new: list[cst.BaseStatement] = []
    if len(aliases) < len(names_of(statement)):
        new.append(cst.SimpleStatementLine([without(statement, aliases)], trailing_whitespace=behind))
    if not test:
        new.append(new_line(f"from typing import {_TEST}"))
    gap = [] if test else [cst.EmptyLine(indent=False)]
    new.append(cst.If(cst.Name(test or _TEST), cst.IndentedBlock(lines), leading_lines=gap))
    edits.replace(line_around(source, statement), cst.FlattenSentinel(new))


def quote(edits: TreeEdits, uses: Iterable[Use]) -> None:
    """Put annotations into quotes.

    Raises:
        Declined: one holds quotes itself, or spans lines.
    """
    source = edits.source
    around = (source.around(use.node) for use in uses if use.role == "annotation")
    for item in {next(node for node in nodes if isinstance(node, cst.Annotation)) for nodes in around}:
        code = source.code(item.annotation)
        if '"' in code or "\n" in code:
            raise Declined(f"the annotation on line {source.line_of(item.annotation)} cannot be quoted")
        edits.replace(item.annotation, cst.SimpleString(f'"{code}"'))


def _block(source: Source) -> cst.IndentedBlock | None:
    """The block at the top level that is for type checkers alone, where its body has lines of its own."""
    for index in source.naming({_TEST}):
        statement = source.statement(index)
        body = statement.body if isinstance(statement, cst.If) else None
        is_test = isinstance(statement, cst.If) and source.code(statement.test).endswith(_TEST)
        if is_test and isinstance(body, cst.IndentedBlock):
            return body
    return None


def _name_of_test(facts: Facts) -> str:
    """How the module writes `TYPE_CHECKING`, '' where it does not import it."""
    found = (item for item in facts.imports if item.module == "typing" and item.place == AT_IMPORT)
    return next((bound for item in found for name, bound in item.names if name == _TEST), "")

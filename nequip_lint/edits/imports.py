"""Import statements: what each binds, the same with fewer names, and new ones in their place."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.source import Piece, Source
from nequip_lint.edits.uses import Import
from nequip_lint.facts.names import package_of
from nequip_lint.facts.values import AT_IMPORT, Facts
from nequip_lint.values import Span


def import_at(source: Source, span: Span) -> Import:
    """The import at a place.

    Raises:
        Declined: there is none, or it stands in the body of a class.
    """
    found = next((node for node in source.nodes_at(span) if isinstance(node, Import)), None)
    if found is None:
        raise Declined("the import is not found again")
    scopes = (node for node in source.around(found) if isinstance(node, cst.FunctionDef | cst.ClassDef))
    if isinstance(scope := next(scopes, None), cst.ClassDef):
        raise Declined(f"the import stands in the body of class {scope.name.value}")
    return found


def names_of(statement: Import) -> Sequence[cst.ImportAlias]:
    """The parts of an import; none of a star."""
    return () if isinstance(statement.names, cst.ImportStar) else statement.names


def bound_by(alias: cst.ImportAlias, statement: Import) -> str:
    """The name that a part of an import binds."""
    name = alias.evaluated_name
    return alias.evaluated_alias or (name.partition(".")[0] if isinstance(statement, cst.Import) else name)


def module_of(statement: Import) -> str:
    """The module of a `from` import as it is written, dots included; '' of a plain import."""
    if isinstance(statement, cst.Import):
        return ""
    name = get_full_name_for_node(statement.module) if statement.module is not None else None
    return "." * len(statement.relative) + (name or "")


def written(statement: Import, aliases: Iterable[cst.ImportAlias]) -> list[str]:
    """Import statements for some parts of one, each on a line."""
    parts = ((alias.evaluated_name, alias.evaluated_alias) for alias in aliases)
    texts = [name if bound is None else f"{name} as {bound}" for name, bound in parts]
    if isinstance(statement, cst.Import):
        return [f"import {text}" for text in texts]
    return [f"from {module_of(statement)} import {', '.join(texts)}"] if texts else []


def line_around(source: Source, statement: Import) -> cst.SimpleStatementLine:
    """The line of an import.

    Raises:
        Declined: something else stands on it.
    """
    line = source.parents[statement]
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1:
        raise Declined("the import shares its line with another statement")
    return line


def new_line(text: str, behind: cst.TrailingWhitespace | None = None) -> cst.SimpleStatementLine:
    """A statement of one line, with the comment of another one."""
    line = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
    return line if behind is None else line.with_changes(trailing_whitespace=behind)


def without(statement: Import, dropped: Collection[cst.ImportAlias]) -> Import:
    """An import without some of its names; at least one is left."""
    names = names_of(statement)
    kept = [alias for alias in names if alias not in dropped]
    kept[-1] = kept[-1].with_changes(comma=names[-1].comma)
    return statement.with_changes(names=kept)


def drop(edits: TreeEdits, statement: Import, aliases: Collection[cst.ImportAlias]) -> None:
    """Take some names out of an import, or the whole statement where none would be left.

    Raises:
        Declined: the statement shares its line, or a comment would be lost.
    """
    line = line_around(edits.source, statement)
    if len(aliases) < len(names_of(statement)):
        edits.replace(statement, without(statement, aliases))
    elif "#" in edits.source.code(statement):
        raise Declined("a comment stands between the imported names")
    else:
        edits.remove(line)


def imports_torch(facts: Facts, line: int) -> bool:
    """Whether a module imports torch under its own name above a line, with no test around that."""
    above = (item for item in facts.imports if item.place == AT_IMPORT and item.span.line < line)
    return any(item.bound == (item.module or "").partition(".")[0] == "torch" for item in above)


def insert_import(edits: TreeEdits, text: str) -> None:
    """Insert an import among those at the top of a file.

    A relative one goes before the first relative one, others after the last that is not relative; in a file
    without imports below its docstring.

    Args:
        edits: of the file.
        text: the import, without the end of the line.
    """
    source = edits.source
    leading = _leading(source.tree.body)
    imports = [node for node in leading if isinstance(node, ast.Import | ast.ImportFrom)]
    relative = [node for node in imports if isinstance(node, ast.ImportFrom) and node.level]
    others = [node for node in imports if node not in relative]
    is_relative = text.startswith("from .")
    if relative and (is_relative or not others) and not _has_comment_above(source, relative[0]):
        edits.insert(_piece(source, relative[0]).first, f"{text}\n")
    elif leading:
        alike = relative if is_relative else others
        above = (alike or others or leading)[-1]
        _after(edits, above, text, is_apart=not alike or _is_future(above))
    elif source.pieces:
        edits.insert(source.pieces[0].first, f"{text}\n\n")
    else:
        edits.append("\n" * bool(source.text.strip()) + f"{text}\n")


def statement_importing(module: str, importer: Facts) -> str:
    """The import of a module as another one writes it: relative where both lie in one package."""
    package = package_of(importer)
    parent, _, name = module.rpartition(".")
    if not parent:
        return f"import {name}"
    is_inside = bool(package) and f"{parent}.".startswith(f"{package}.")
    return f"from {'.' + parent[len(package) + 1 :] if is_inside else parent} import {name}"


def _leading(body: list[ast.stmt]) -> list[ast.stmt]:
    """The docstring and the imports that follow it."""
    is_docstring = bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    end = int(is_docstring)
    while end < len(body) and isinstance(body[end], ast.Import | ast.ImportFrom):
        end += 1
    return body[:end]


def _is_future(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _has_comment_above(source: Source, node: ast.stmt) -> bool:
    return node.lineno > 1 and source.lines[node.lineno - 2].lstrip().startswith("#")


def _piece(source: Source, node: ast.stmt) -> Piece:
    """The lines of a statement, and of those that share one with it."""
    return source.pieces[source.index_at(node.lineno)]


def _after(edits: TreeEdits, node: ast.stmt, text: str, *, is_apart: bool) -> None:
    """Insert a statement on the line after another one, `is_apart` with an empty line between them."""
    end = _piece(edits.source, node).last
    rest = edits.source.lines[end:]
    needs_gap = is_apart and bool("".join(rest).strip()) and rest[0] != ""
    edits.insert(end + 1, "\n" * is_apart + f"{text}\n" + "\n" * needs_gap)

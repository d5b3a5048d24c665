"""Fix of NQ101: the optional library is imported inside the functions that use it."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

import libcst as cst

from nequip_lint.edits.annotations import for_typing, is_postponed, quote
from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.functions import compiled, insert_first, insert_where_used
from nequip_lint.edits.imports import bound_by, drop, line_around, module_of, names_of, new_line, written
from nequip_lint.edits.source import Source
from nequip_lint.edits.uses import Import, Use
from nequip_lint.facts.values import Facts
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.kernels import LIBRARY, Kernels, Users, maker
from nequip_lint.runs.functions import Functions, Key
from nequip_lint.runs.life import reached
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
    parts = _parts(context, source, statements, library)
    every = [use for part in parts for use in part.uses]
    kernels = Kernels(context, source, every if library == LIBRARY else ())
    parts = [part._replace(uses=[u for u in part.uses if not kernels.have(u.node)]) for part in parts]
    by_name = {part.name: part for part in parts}
    for part in () if kernels.functions else by_name.values():
        _check_used(part)
    for part in by_name.values():
        _check(source, part)
        context.check_not_exported(facts, part.name)
    edits = TreeEdits(source)
    functions = _insert(edits, parts, kernels.users())
    if kernels.functions:
        texts = [text for item in statements for text in written(item, _imports_of(item, library))]
        kernels.wrap(edits, texts, sorted(by_name))
    uses = [use for part in by_name.values() for use in part.uses]
    if not is_postponed(facts):
        quote(edits, uses)
    for statement, group in groupby(parts, key=lambda part: part.statement):
        own = list(group)
        is_annotating = any(use.role in ("annotation", "quoted") for part in own for use in part.uses)
        aliases = [part.alias for part in own]
        if is_annotating:
            for_typing(edits, facts, statement, aliases)
        else:
            drop(edits, statement, aliases)
    is_read = not context.attributes_read(facts).isdisjoint(by_name)
    is_safe = not kernels.functions and _is_safe(context, source, uses) and not is_read
    made = ", ".join(maker(item.name.value) for item in kernels.functions)
    summary = f"make the kernels by {made}" if made else _summary(parts, library, functions)
    return Fix(is_safe, edits.edits(), summary)


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


def _parts(context: Context, source: Source, statements: list[Import], library: str) -> list[Part]:
    every = [(node, alias) for node in statements for alias in _imports_of(node, library)]
    bound = {bound_by(alias, node) for node, alias in every}
    scopes = context.scopes(source, bound)
    scope = scopes.around(statements[0])
    uses = {name: scopes.uses(scope, name, set(statements)) for name in bound}
    return [Part(node, alias, uses[bound_by(alias, node)]) for node, alias in every]


def _check_used(part: Part) -> None:
    """Make sure that a name is used.

    Raises:
        Declined: it is used nowhere.
    """
    if not part.uses:
        raise Declined(
            f"nothing in the file reads {part.name}: it is imported for what its import does, "
            "or for other code"
        )


def _check(source: Source, part: Part) -> None:
    """Make sure that a name is used in functions and annotations only.

    Raises:
        Declined: it is used elsewhere.
    """
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


def _insert(edits: TreeEdits, parts: list[Part], kernels: Users) -> list[str]:
    """Import in each function what it uses, in the order of the statements; the names of the functions.

    Args:
        edits: of the file.
        parts: what to import.
        kernels: the statements that get kernels, which stand behind the imports, where both are used.
    """
    wanted: dict[cst.FunctionDef, dict[Import, list[cst.ImportAlias]]] = {}
    for part in parts:
        for function in dict.fromkeys(use.function for use in part.uses if use.function is not None):
            wanted.setdefault(function, {}).setdefault(part.statement, []).append(part.alias)
    for function in dict.fromkeys((*wanted, *kernels)):
        imports = wanted.get(function, {})
        lines = [
            new_line(text, line_around(edits.source, statement).trailing_whitespace)
            for statement, aliases in imports.items()
            for text in written(statement, aliases)
        ]
        made = kernels.get(function, ())
        if not made:
            insert_first(edits, function, lines)
            continue
        nodes = [use.node for part in parts for use in part.uses if use.function is function]
        nodes += [node for _, users in made for node in users]
        insert_where_used(edits, function, nodes, [*lines, *(line for line, _ in made)])
    return [function.name.value for function in wanted]


def _is_safe(context: Context, source: Source, uses: list[Use]) -> bool:
    """Whether no other reader of the source than Python itself meets the change.

    TorchScript compiles what `forward` calls when a model is scripted, and refuses import statements in it.
    """
    facts = context.facts(source.path)
    functions = Functions([facts], context.project.sources)
    scripted = reached([key for key in functions if key.owner and key.name == "forward"], functions)
    changed = {_key(source, facts, use.function) for use in uses if use.function is not None}
    plain = is_postponed(facts) or not any(use.role == "annotation" for use in uses)
    return plain and changed.isdisjoint(scripted)


def _key(source: Source, facts: Facts, function: cst.FunctionDef) -> Key:
    classes = (node.name.value for node in source.around(function) if isinstance(node, cst.ClassDef))
    return Key(facts.module, next(classes, ""), function.name.value)

"""Fix of NQ207: the registration runs when the entry point is imported, on every machine."""

from __future__ import annotations

import ast
import os

import libcst as cst

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.imports import insert_import, module_of, names_of, statement_importing
from nequip_lint.edits.parents import parents_below
from nequip_lint.edits.source import Source
from nequip_lint.facts.values import Facts
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.registrations import registered_at
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import DEFAULTS, FUNCTION, is_registration
from nequip_lint.rules.nq207 import LACKING, UNREACHED
from nequip_lint.values import Edit, Finding, Fix


@fixer("NQ207")
def let_registration_run(context: Context, finding: Finding) -> Fix:
    """Import its file, call its function, take it out of its test, or import the function from its home."""
    if finding.detail == UNREACHED:
        return _reached(context, finding)
    if finding.detail == LACKING:
        return _imported(context, finding)
    return _unguarded(context, finding)


def _reached(context: Context, finding: Finding) -> Fix:
    """Import the file from the entry point's, and call the function around the registration."""
    project, source, facts = context.project, context.source(finding.path), context.facts(finding.path)
    edits: tuple[Edit, ...] = ()
    told: list[str] = []
    is_safe = _does_nothing_else(source, facts)
    line = source.parents[source.parents[registered_at(source, finding.span)]]
    if not isinstance(source.parents[line], cst.Module):
        is_safe = False
        name = _function_around(source, line)
        calling = TreeEdits(source)
        calling.append(f"\n\n{name}()\n")
        edits += calling.edits()
        told.append(f"call {name}() at the end of the file")
    if facts.module not in project.started:
        path, statement = _import_at_entry(project, facts.module)
        importing = TreeEdits(context.source(path))
        insert_import(importing, statement)
        edits += importing.edits()
        told.append(f"{statement} in {os.path.relpath(path, project.metadata.root)}")
    return Fix(is_safe, edits, "; ".join(told))


def _import_at_entry(project: Project, module: str) -> tuple[str, str]:
    """The file of the entry point, in the package of a module where that has one, and the import for it.

    Raises:
        Declined: the file is not among the linted ones.
    """
    entry = project.entry(module.partition(".")[0])
    if entry is None:
        raise Declined("the module that the entry point names is not among the linted files")
    return entry.path, statement_importing(module, entry)


def _does_nothing_else(source: Source, facts: Facts) -> bool:
    """Whether importing a file directly below its package imports and registers, and no more."""
    plain = all(
        isinstance(node, ast.Import | ast.ImportFrom | ast.Assign)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or _is_registering(facts, node)
        for node in source.tree.body
    )
    libraries = {(item.module or "").partition(".")[0] for item in facts.imports}
    return plain and libraries <= {"nequip", "__future__"} and facts.module.count(".") == 1


def _is_registering(facts: Facts, node: ast.stmt) -> bool:
    places = (call.span[:2] for call in facts.calls if is_registration(facts, call))
    return (node.lineno, node.col_offset + 1) in places


def _function_around(source: Source, line: cst.CSTNode) -> str:
    """The function at the top level that has a statement in its body.

    Raises:
        Declined: there is none, or it cannot be called.
    """
    function = source.parents[source.parents[line]]
    if not isinstance(function, cst.FunctionDef) or not isinstance(source.parents[function], cst.Module):
        raise Declined("the registration stands neither at the top level nor in a function there")
    name, given = function.name.value, function.params
    every = (*given.posonly_params, *given.params, *given.kwonly_params)
    if any(item.default is None for item in every) or function.asynchronous is not None:
        raise Declined(f"{name}, which registers, cannot be called without arguments")
    return name


def _imported(context: Context, finding: Finding) -> Fix:
    """Import the function from the module that has it in every release of nequip that is allowed."""
    source, home = context.source(finding.path), DEFAULTS[0]
    if not context.packages.all_define(home, FUNCTION):
        raise Declined("no module has the function in every release of nequip that the requirements allow")
    edits = TreeEdits(source)
    for index in source.naming({FUNCTION}):
        for node in parents_below(source.module(index)):
            if isinstance(node, cst.ImportFrom) and _is_other_home(node, home):
                assert node.module is not None, "it has a name"
                edits.replace(node.module, cst.parse_expression(home))
    return Fix(True, edits.edits(), f"from {home} import {FUNCTION}")


def _is_other_home(node: cst.ImportFrom, home: str) -> bool:
    """Whether an import takes the function alone, from an absolute module that is not its home."""
    names = [alias.evaluated_name for alias in names_of(node)]
    module = module_of(node)
    return names == [FUNCTION] and not module.startswith(".") and module != home


def _unguarded(context: Context, finding: Finding) -> Fix:
    """Take a registration out of the `if` that holds nothing else."""
    source, facts = context.source(finding.path), context.facts(finding.path)
    node: cst.CSTNode = registered_at(source, finding.span)
    while not isinstance(node, cst.BaseSuite):
        node = source.parents[node]
    test = source.parents[node]
    if not isinstance(test, cst.If) or not isinstance(source.parents[test], cst.Module):
        raise Declined("the registration does not stand directly below a test at the top level")
    if not isinstance(node, cst.IndentedBlock):
        raise Declined("the test and the registration share a line")
    tree = source.tree.body
    below = next(item for item in tree if isinstance(item, ast.If) and item.lineno == source.line_of(test))
    others = [item for item in below.body if not isinstance(item, ast.Import | ast.ImportFrom)]
    if below.orelse or node.footer or not all(_is_registering(facts, item) for item in others):
        raise Declined("the test has other statements or branches too")
    edits = TreeEdits(source)
    edits.update(test, _body)
    return Fix(True, edits.edits(), f"register without `if {source.code(test.test)}:`")


def _body(test: cst.If) -> cst.FlattenSentinel[cst.BaseStatement]:
    """The statements below a test, under the comment that stands behind it."""
    block = cst.ensure_type(test.body, cst.IndentedBlock)
    first, *others = block.body
    comment = block.header.comment
    above = [cst.EmptyLine(comment=comment)] if comment is not None else []
    first = cst.ensure_type(first, cst.SimpleStatementLine)
    first = first.with_changes(leading_lines=[*above, *first.leading_lines])
    return cst.FlattenSentinel([first, *others])

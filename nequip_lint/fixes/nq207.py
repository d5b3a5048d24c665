"""Fix of NQ207: the registration runs when the entry point is imported, on every machine."""

from __future__ import annotations

import ast
import re

from nequip_lint.editing.base import Declined
from nequip_lint.facts.names import resolve
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.calls import call_at
from nequip_lint.fixes.importing import import_at_entry
from nequip_lint.fixes.narrow import Packages
from nequip_lint.fixes.scopes import Function
from nequip_lint.fixes.source import Source, Splices, source_of
from nequip_lint.machine.target import EVERYTHING, Patterns
from nequip_lint.project.assemble import Assembled
from nequip_lint.project.importtime import import_time_set
from nequip_lint.project.model import Project
from nequip_lint.project.registrations import DEFAULTS, FUNCTION
from nequip_lint.project.world import World
from nequip_lint.rules.nq207 import LACKING, UNREACHED
from nequip_lint.values import Edit, Finding, Fix


@fixer("NQ207")
def let_registration_run(assembled: Assembled, finding: Finding) -> Fix:
    """Import its file, call its function, take it out of its test, or import the function from its home."""
    source = source_of(assembled.project, finding.path)
    if finding.detail == UNREACHED:
        return _reached(assembled.project, source, finding)
    if finding.detail == LACKING:
        return _imported(assembled, source, finding)
    return _unguarded(source, finding)


def _reached(project: Project, source: Source, finding: Finding) -> Fix:
    """Import the file from the entry point's, and call the function around the registration."""
    edits: tuple[Edit, ...] = ()
    is_safe = _does_nothing_else(source)
    statement, _ = call_at(source, finding.span)
    if statement not in source.tree.body:
        is_safe = False
        edits += _called(source, statement)
    if source.facts.module not in _run_with_entry_point(project):
        edits += import_at_entry(project, source.facts.module)
    return Fix(is_safe, edits)


def _run_with_entry_point(project: Project) -> set[str]:
    """The modules that importing the entry points runs."""
    tops = {name.partition(".")[0] for name in (*project.entry_points, *project.roots)}
    world = World(project.sources, Patterns(intern=project.internal | tops), EVERYTHING)
    starts = (*project.entry_points, *sorted(project.uncovered))
    return set(import_time_set(starts, world, project.owned.__contains__))


def _does_nothing_else(source: Source) -> bool:
    """Whether importing a file directly below its package imports and registers, and no more."""
    plain = all(
        isinstance(node, ast.Import | ast.ImportFrom | ast.Assign)
        or (isinstance(node, ast.Expr) and (isinstance(node.value, ast.Constant) or _registers(source, node)))
        for node in source.tree.body
    )
    libraries = {(item.module or "").partition(".")[0] for item in source.facts.imports}
    return plain and libraries <= {"nequip", "__future__"} and source.facts.module.count(".") == 1


def _registers(source: Source, node: ast.Expr) -> bool:
    name = ast.unparse(node.value.func) if isinstance(node.value, ast.Call) else ""
    return resolve(source.facts, name).rpartition(".")[2] == FUNCTION


def _called(source: Source, statement: ast.Expr) -> tuple[Edit, ...]:
    """Call the function around a registration at the end of its file."""
    for node in source.tree.body:
        if isinstance(node, Function) and statement in node.body:
            arguments = node.args
            required = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
            if required or None in arguments.kw_defaults or isinstance(node, ast.AsyncFunctionDef):
                raise Declined(f"{node.name}, which registers, cannot be called without arguments")
            splices = Splices(source)
            end = "" if source.text.endswith("\n") else "\n"
            splices.replace(len(source.text), len(source.text), f"{end}\n\n{node.name}()\n")
            return splices.edits()
    raise Declined("the registration stands neither at the top level nor in a function there")


def _imported(assembled: Assembled, source: Source, finding: Finding) -> Fix:
    """Import the function from the module that has it in every release of nequip that is allowed."""
    packages, home = Packages(assembled), DEFAULTS[0]
    if not packages.all_define(home, FUNCTION):
        raise Declined("no module has the function in every release of nequip that the requirements allow")
    splices = Splices(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and [alias.name for alias in node.names] == [FUNCTION]:
            code = splices.code(node)
            if node.module is not None and not node.level and node.module != home:
                splices.replace_node(node, re.sub(rf"\b{re.escape(node.module)}\b", home, code, count=1))
    return Fix(True, splices.edits())


def _unguarded(source: Source, finding: Finding) -> Fix:
    """Take a registration out of the `if` that holds nothing else."""
    statement, _ = call_at(source, finding.span)
    for node in source.tree.body:
        if isinstance(node, ast.If) and statement in node.body:
            if node.orelse or not all(_is_registering(source, item) for item in node.body):
                raise Declined("the test has other statements or branches too")
            first, last = node.body[0].lineno, (node.end_lineno or node.lineno) + 1
            if first == node.lineno:
                raise Declined("the test and the registration share a line")
            margin = source.lines[first - 1][: node.body[0].col_offset]
            lines = source.lines[node.lineno : last - 1]
            splices = Splices(source)
            text = "".join(f"{line.removeprefix(margin)}\n" for line in lines)
            splices.replace_lines(node.lineno, last, text)
            return Fix(True, splices.edits())
    raise Declined("the registration does not stand directly below a test at the top level")


def _is_registering(source: Source, node: ast.stmt) -> bool:
    is_call = isinstance(node, ast.Expr) and _registers(source, node)
    return is_call or isinstance(node, ast.Import | ast.ImportFrom)

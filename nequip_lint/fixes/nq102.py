"""Fix of NQ102: the kernel is defined under a test for a GPU, where all its users stand under one too."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nequip_lint.editing.base import Declined
from nequip_lint.facts.collect import facts_of
from nequip_lint.facts.lines import first_line
from nequip_lint.facts.spans import span_of
from nequip_lint.fixes.base import fixer
from nequip_lint.fixes.elsewhere import check_not_exported
from nequip_lint.fixes.indent import indented
from nequip_lint.fixes.source import Source, Splices, source_of
from nequip_lint.machine.evaluate import Judge
from nequip_lint.project.assemble import Assembled
from nequip_lint.project.model import Project
from nequip_lint.values import Finding, Fix

_TEST = "torch.cuda.is_available()"


@fixer("NQ102")
def define_under_guard(assembled: Assembled, finding: Finding) -> Fix:
    """Put a test around the kernel; unsafe, since on other devices than CUDA's there is no kernel then."""
    source = source_of(assembled.project, finding.path)
    kernel = _kernel(source, finding)
    check_not_exported(assembled.project, source.facts, kernel.name)
    splices = Splices(source)
    first, last = first_line(kernel), (kernel.end_lineno or kernel.lineno) + 1
    margin = source.lines[first - 1][: kernel.col_offset]
    splices.replace_lines(first, last, f"{margin}if {_TEST}:\n\n{indented(source, first, last)}")
    _import_torch(source, splices, first)
    _check_users(assembled.project, source, kernel.name, splices.spliced())
    return Fix(False, splices.edits())


def _kernel(source: Source, finding: Finding) -> ast.FunctionDef:
    """The function below the decorator.

    Raises:
        Declined: it is not defined at the top level, tests aside.
    """
    for node in _top_level(source.tree.body):
        if isinstance(node, ast.FunctionDef) and finding.span in map(span_of, node.decorator_list):
            return node
    raise Declined("the kernel is not defined at the top level of the file")


def _top_level(body: Iterable[ast.stmt]) -> Iterable[ast.stmt]:
    """The statements of a module, those below tests and `try` included."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _top_level([*node.body, *node.orelse, *getattr(node, "finalbody", ())])


def _import_torch(source: Source, splices: Splices, line: int) -> None:
    """Import torch where the file does not do so above a line."""
    imports = [node for node in source.tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    for node in imports:
        plain = isinstance(node, ast.Import) and node.lineno < line
        if plain and any((alias.asname or alias.name) == "torch" for alias in node.names):
            return
    others = [
        node for node in imports if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]
    if not others or others[0].lineno >= line:
        raise Declined("the file does not import torch")
    splices.replace_lines(others[0].lineno, others[0].lineno, "import torch\n")


def _check_users(project: Project, source: Source, name: str, text: str) -> None:
    """Make sure that nothing uses the kernel where it does not exist.

    Raises:
        Declined: a use does not stand under a test for a GPU.
    """
    facts = source.facts
    changed = facts_of(text.encode("utf-8"), facts.module, facts.path, facts.is_package)
    world = project.world(project.full_world.target._replace(gpu=False))
    judge = Judge(changed, world.target, world.importable)
    for use in changed.uses:
        if use.name == name and judge.all(use.place.guards) is not False:
            raise Declined(f"{name} is used without a test for a GPU, such as `x.is_cuda`, around it")

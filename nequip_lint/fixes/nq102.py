"""Fix of NQ102: the kernel is defined under a test for a GPU, where all its users stand under one too."""

from __future__ import annotations

import libcst as cst

from nequip_lint.edits.changes import TreeEdits
from nequip_lint.edits.context import Context
from nequip_lint.edits.declined import Declined
from nequip_lint.edits.functions import decorated
from nequip_lint.edits.imports import imports_torch, insert_import
from nequip_lint.edits.source import Source
from nequip_lint.edits.text import applied
from nequip_lint.facts.collect import facts_of
from nequip_lint.fixes.base import fixer
from nequip_lint.machine.evaluate import Judge
from nequip_lint.values import Edit, Finding, Fix

_TEST = "torch.cuda.is_available()"


@fixer("NQ102")
def define_under_guard(context: Context, finding: Finding) -> Fix:
    """Put a test around the kernel; unsafe, since on other devices than CUDA's there is no kernel then."""
    source = context.source(finding.path)
    kernel = _kernel(source, finding)
    facts = context.facts(finding.path)
    context.check_not_exported(facts, kernel.name.value)
    edits = TreeEdits(source)
    edits.update(kernel, _guarded)
    if not imports_torch(facts, source.line_of(kernel)):
        insert_import(edits, "import torch")
    found = edits.edits()
    _check_users(context, finding.path, kernel.name.value, found)
    return Fix(False, found, f"define {kernel.name.value} under `if {_TEST}:`")


def _guarded(kernel: cst.FunctionDef) -> cst.If:
    inside = kernel.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    test = cst.parse_expression(_TEST)
    return cst.If(test, cst.IndentedBlock([inside]), leading_lines=kernel.leading_lines)


def _kernel(source: Source, finding: Finding) -> cst.FunctionDef:
    """The function below the decorator.

    Raises:
        Declined: it is not defined at the top level, tests aside.
    """
    kernel, _ = decorated(source, finding)
    if any(isinstance(node, cst.FunctionDef | cst.ClassDef) for node in source.around(kernel)):
        raise Declined("the kernel is not defined at the top level of the file")
    return kernel


def _check_users(context: Context, path: str, name: str, edits: tuple[Edit, ...]) -> None:
    """Make sure that nothing uses the kernel where it does not exist.

    Raises:
        Declined: a use does not stand under a test for a GPU.
    """
    facts = context.facts(path)
    text = applied(context.source(path).raw, edits)
    changed = facts_of(text, facts.module, facts.path, facts.is_package)
    world = context.project.world(context.project.full_world.target._replace(gpu=False))
    judge = Judge(changed, world.target, world.importable)
    for use in changed.guarded_reads:
        if use.name == name and judge.all(use.place.guards) is not False:
            raise Declined(f"{name} is used without a test for a GPU, such as `x.is_cuda`, around it")

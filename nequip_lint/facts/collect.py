"""From the source text of a module to its facts."""

from __future__ import annotations

from nequip_lint.facts.conditions import condition_of
from nequip_lint.facts.folders import folders_of
from nequip_lint.facts.gpu_calls import gpu_calls_of
from nequip_lint.facts.imports import is_too_long
from nequip_lint.facts.modifiers import modifiers_of
from nequip_lint.facts.pragmas import pragmas_of
from nequip_lint.facts.probes import probes_of
from nequip_lint.facts.settings import settings_of
from nequip_lint.facts.source import Problem, decode
from nequip_lint.facts.statements import Collector
from nequip_lint.facts.touches import touches_of
from nequip_lint.facts.trees import Parse, parse
from nequip_lint.facts.uses import uses_of
from nequip_lint.facts.values import Facts, Place

_TOO_DEEP = "is nested too deeply to be checked"


def facts_of(data: bytes, module: str, path: str, is_package: bool, parse: Parse = parse) -> Facts:
    """The facts of one source file.

    Args:
        data: the bytes of the file.
        module: its dotted name.
        path: where it lies, kept for reports.
        is_package: whether it is an `__init__.py`.
        parse: makes the tree of its text, or has it already.
    """
    text = decode(data)
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(text, Problem) or isinstance(tree, Problem):
        problem = tree if isinstance(tree, Problem) else Problem("cannot be read")
        return Facts(module, path, is_package, problem=problem.reason, problem_span=problem.span)
    try:
        collector = Collector(module, is_package, text)
        collector.block(tree.body, Place(at_import=True))
        uses = uses_of(tree, text, collector.imports, collector.guarded(), condition_of)
        gpu_calls = gpu_calls_of(collector.evaluated, collector.imports, text)
        touches = touches_of(collector.evaluated, collector.imports, module, text)
        settings = settings_of(collector.evaluated, text)
    except RecursionError:
        return Facts(module, path, is_package, problem=_TOO_DEEP)
    if is_too_long(collector.imports):
        return Facts(module, path, is_package, problem="imports a module whose name is too long for a file")
    return Facts(
        module,
        path,
        is_package,
        tuple(collector.imports),
        tuple(collector.bindings),
        tuple(collector.classes),
        tuple(collector.functions),
        tuple(collector.decorations),
        tuple(collector.calls),
        tuple(collector.stops),
        uses,
        pragmas_of(text),
        tuple(collector.literals.items()),
        gpu_calls=gpu_calls,
        touches=touches,
        modifiers=modifiers_of(tree, text),
        deferred=tuple(collector.deferred),
        settings=settings,
        made=tuple(collector.made),
        folders=folders_of(tree, text) if is_package else (),
    )


def with_probes(facts: Facts, data: bytes, parse: Parse = parse) -> Facts:
    """The same facts and the module's probes, which cost as much again: for packaged files only.

    Args:
        facts: of the file.
        data: its bytes.
        parse: makes the tree of its text, or has it already.
    """
    text = decode(data)
    tree = text if isinstance(text, Problem) else parse(text)
    if isinstance(text, Problem) or isinstance(tree, Problem):
        return facts
    try:
        return facts._replace(probes=probes_of(tree, text, facts.imports, facts.bindings))
    except RecursionError:
        return facts._replace(problem=_TOO_DEEP)

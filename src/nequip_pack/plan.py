"""What a build of a checkpoint would package, told without writing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nequip_pack.build.export import objects
from nequip_pack.build.hooks import BuildContext
from nequip_pack.build.roots import pickle_roots
from nequip_pack.checkpoint import open_source

if TYPE_CHECKING:
    from nequip_lint.project.closure import Closure
    from nequip_lint.project.target import Target
    from nequip_lint.values import Chain
    from nequip_pack.build.hooks import Gate
    from nequip_pack.gate.environment import Environment
    from nequip_pack.registry import Patterns

_ORDER = ("refused", "dropped", "absent", "mock", "extern", "intern")


def plan(
    context: BuildContext,
    mode: str | None,
    example_data: Path | None,
    gate: Gate,
    show: Callable[[str], None],
) -> None:
    """Go through a build up to the export: load the models, predict their closure, and judge it.

    Args:
        context: what the build would be asked to do.
        mode: the packaging mode, ``None`` for the checkpoint's default.
        example_data: as for a build.
        gate: judges, after the closure was shown.
        show: is given each line about the closure.

    Raises:
        NequipPackError: as the build would.
    """
    from nequip_pack.gate.environment import this_environment

    source = open_source(context.checkpoint, example_data, context.sources)
    source.check()
    context = replace(context, imports=source.imports())
    gate.before_import(context)
    patterns = source.patterns()
    loaded = source.load(source.modes(mode or source.default_mode))
    if len(loaded.importers) > 1:
        context = replace(context, origin=Path(loaded.importers[0].filename))
    roots = pickle_roots(objects(loaded), loaded.importers).modules
    environment = this_environment(context.sources, context.origin, context.imports or ())
    closure, target = _closure(environment, roots, patterns, context)
    for line in lines(closure, target):
        show(line)
    gate.before_export(context, roots, patterns)


def _closure(
    environment: Environment, roots: Iterable[str], patterns: Patterns, context: BuildContext
) -> tuple[Closure, Target]:
    from nequip_lint.project.closure import packaged_set
    from nequip_lint.project.target import Patterns as Actions
    from nequip_lint.project.world import World
    from nequip_pack.gate.judge import judge_closure

    target = judge_closure(environment, roots, patterns, context.allow).target
    assert target is not None
    actions = Actions(frozenset(patterns.intern), frozenset(patterns.extern), frozenset(patterns.mock))
    return packaged_set(tuple(sorted(roots)), World(environment.sources, actions, target)), target


def lines(closure: Closure, target: Target) -> Iterator[str]:
    """Every module, worst actions first, with the imports that lead to it from a root."""
    from nequip_lint.reports.prediction import describe

    yield f"target: {describe(target)}"
    for action in _ORDER:
        modules = closure.of(action)
        if modules:
            yield f"{action}: {len(modules)}"
        for module in modules:
            reason = closure.modules[module].reason
            yield f"  {module}{f'  ({reason})' if reason else ''}  {_way(closure.chain(module))}"


def _way(chain: Chain) -> str:
    return "via " + " -> ".join(f"{step.module}:{step.line}" for step in chain) if chain else "a root"

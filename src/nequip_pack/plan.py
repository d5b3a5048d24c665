"""What a build of a checkpoint would package, told without writing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nequip_lint import api as lint
from nequip_pack.export.pipeline import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nequip_pack.export.pipeline import Prepared
    from nequip_pack.gate import LintGate
    from nequip_pack.gate.hooks import BuildContext


def plan(
    context: BuildContext,
    mode: str | None,
    example_data: Path | None,
    gate: LintGate,
    show: Callable[[str], None],
    progress: Callable[[str], None],
) -> None:
    """Go through a build up to the export: load the models, predict their closure, and judge it.

    Args:
        context: what the build would be asked to do.
        mode: the packaging mode, ``None`` for the checkpoint's default.
        example_data: as for a build.
        gate: judges, and its verdict comes after the closure was shown.
        show: is given each line about the closure.
        progress: is told each stage as it begins.

    Raises:
        NequipPackError: as the build would.
    """
    prepared, judgement = _judged(context, mode, example_data, gate, progress)
    for line in lint.closure_lines(_closure(prepared, judgement), judgement.target):
        show(line)
    gate.verdict(prepared.context, judgement)


def checkpoint_closure(checkpoint: Path, sources: tuple[Path, ...]) -> tuple[lint.Closure, lint.Target]:
    """The closure of what a build of a checkpoint packages here, judged or not, and this machine.

    Args:
        checkpoint: is loaded.
        sources: folders of owned code.

    Raises:
        NequipPackError: as the build would, but for what the gate refuses.
    """
    from nequip_pack.gate import LintGate
    from nequip_pack.gate.hooks import BuildContext

    context = BuildContext(checkpoint, output=checkpoint, sources=sources, lint=False)
    prepared, judgement = _judged(context, None, None, LintGate(), lambda stage: None)
    return _closure(prepared, judgement), judgement.target


def _judged(
    context: BuildContext,
    mode: str | None,
    example_data: Path | None,
    gate: LintGate,
    progress: Callable[[str], None],
) -> tuple[Prepared, lint.Judgement]:
    prepared = prepare(context, mode, example_data, gate, progress)
    return prepared, gate.judge(prepared.context, prepared.roots.modules, prepared.patterns)


def _closure(prepared: Prepared, judgement: lint.Judgement) -> lint.Closure:
    """The judged closure, with what only pickles name."""
    assert judgement.closure is not None
    return lint.with_generated(judgement.closure, prepared.roots.generated)

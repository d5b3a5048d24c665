"""What a build of a checkpoint would package, told without writing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nequip_lint import api as lint
from nequip_pack.export.pipeline import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    prepared = prepare(context, mode, example_data, gate, progress)
    judgement = gate.judge(prepared.context, prepared.roots.modules, prepared.patterns)
    if judgement.closure is not None:
        for line in lint.closure_lines(judgement.closure, judgement.target):
            show(line)
    gate.verdict(prepared.context, judgement)

"""The gate: lint of exactly what a build packages, for the machine that builds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nequip_lint.reports.colour import Paint, plain
from nequip_pack.build.hooks import GateResult
from nequip_pack.errors import Refused
from nequip_pack.gate.environment import Environment, this_environment
from nequip_pack.gate.judge import Judgement, judge_closure, judge_imports
from nequip_pack.gate.report import printed, recorded

if TYPE_CHECKING:
    from pathlib import Path

    from nequip_pack.build.hooks import BuildContext
    from nequip_pack.registry import Patterns


_BEYOND_ALLOWING = ("NQ201", "NQ202", "NQ208", "NQ304")
"""What torch.package itself refuses, whoever allows it."""


class LintGate:
    """Implements :class:`nequip_pack.build.hooks.Gate` with the linter.

    Args:
        warn: takes the text of findings that do not refuse the build.
        paint: colours what is said of findings.
    """

    def __init__(self, warn: Callable[[str], None] = print, paint: Paint = plain) -> None:
        self._warn = warn
        self._paint = paint
        self._environments: dict[Path | None, Environment] = {}

    def before_import(self, context: BuildContext) -> None:
        """Gate A: what runs when nequip loads the installed extensions, or a plain checkpoint its code.

        Raises:
            Refused: if some of it cannot be imported here, or owned code among it has errors.
        """
        if context.lint:
            environment = self._environment(context)
            judgement = judge_imports(environment, context.allow, context.imports)
            environment.cache.save()
            self._refuse(context, judgement)

    def before_export(self, context: BuildContext, roots: frozenset[str], patterns: Patterns) -> GateResult:
        """Gate B: the closure of the exact roots.

        Raises:
            Refused: if something in it is lost or refused here, or owned code among it has errors.
        """
        return self.verdict(context, self.judge(context, roots, patterns))

    def judge(self, context: BuildContext, roots: frozenset[str], patterns: Patterns) -> Judgement:
        """Predict and judge the closure of the exact roots, and refuse nothing yet."""
        environment = self._environment(context)
        judgement = judge_closure(environment, roots, patterns, context.allow)
        environment.cache.save()
        return judgement

    def verdict(self, context: BuildContext, judgement: Judgement) -> GateResult:
        """What follows from a judgement for a build.

        Raises:
            Refused: as :meth:`before_export`.
        """
        if context.lint:
            self._refuse(context, judgement)
            if judgement.warnings:
                self._warn(printed(judgement.warnings, self._paint))
        modules = {} if judgement.closure is None else judgement.closure.modules
        predicted = {name: verdict.action for name, verdict in modules.items()}
        return GateResult(judgement.absent_externals, predicted, recorded(judgement, context.lint))

    def _refuse(self, context: BuildContext, judgement: Judgement) -> None:
        if not judgement.errors:
            return
        names = ", ".join(dict.fromkeys(finding.module for finding in judgement.errors))
        loss = next((f for f in judgement.errors if f.code not in _BEYOND_ALLOWING), None)
        accept = f", or accept a named loss with --allow {loss.code}:{loss.module}" if loss else ""
        raise Refused(
            f"the gate refuses this build because of {names}",
            where=context.output,
            remedy=f"mend what is listed above{accept}; nothing was written",
            details=printed(judgement.errors, self._paint),
        )

    def _environment(self, context: BuildContext) -> Environment:
        """The environment of a build, read once for both of its gates unless its origin has come to light."""
        if context.origin not in self._environments:
            self._environments[context.origin] = this_environment(
                context.sources, context.origin, context.imports
            )
        return self._environments[context.origin]


__all__ = ["Environment", "LintGate"]

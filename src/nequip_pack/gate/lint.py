"""The gate that asks the linter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nequip_lint import api as lint
from nequip_pack.absent import hidden
from nequip_pack.errors import Refused
from nequip_pack.format import open_archive
from nequip_pack.format.closure import Way
from nequip_pack.format.copies import Copies, copied_source
from nequip_pack.gate.hooks import GateResult
from nequip_pack.gate.machine import can_import, has_gpu
from nequip_pack.gate.report import recorded
from nequip_pack.installed import project_of
from nequip_pack.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import TextIO

    from nequip_lint.api import Environment, Judgement
    from nequip_pack.gate.hooks import BuildContext
    from nequip_pack.registry import Patterns


class LintGate:
    """Implements :class:`nequip_pack.gate.hooks.Gate` with the linter.

    Args:
        warn: takes the text of findings that do not refuse the build.
        stream: where the findings are shown, which decides whether they have colours.
    """

    def __init__(self, warn: Callable[[str], None] = print, stream: TextIO | None = None) -> None:
        self._warn = warn
        self._stream = stream
        self._environments: dict[Path | None, Environment] = {}
        self._scratch: list[Scratch] = []

    def before_import(self, context: BuildContext) -> None:
        """Gate A: what runs when nequip loads the installed extensions, or a plain checkpoint its code.

        Raises:
            Refused: if some of it cannot be imported here, or owned code among it has errors.
        """
        if context.lint:
            environment = self._environment(context)
            self._refuse(context, lint.judge_imports(environment, has_gpu(), _allowed(context)))

    def before_export(self, context: BuildContext, roots: frozenset[str], patterns: Patterns) -> GateResult:
        """Gate B: the closure of the exact roots.

        Raises:
            Refused: if something in it is lost or refused here, or owned code among it has errors.
        """
        return self.verdict(context, self.judge(context, roots, patterns))

    def judge(self, context: BuildContext, roots: frozenset[str], patterns: Patterns) -> Judgement:
        """Predict and judge the closure of the exact roots, and refuse nothing yet."""
        environment, allowed = self._environment(context), _allowed(context)
        return lint.judge_closure(environment, roots, patterns, has_gpu(), can_import, allowed)

    def verdict(self, context: BuildContext, judgement: Judgement) -> GateResult:
        """What follows from a judgement for a build.

        Raises:
            Refused: as :meth:`before_export`.
        """
        if context.lint:
            self._refuse(context, judgement)
            if judgement.warnings:
                self._warn(lint.printed(judgement.warnings, self._stream))
        closure = judgement.closure
        predicted = {} if closure is None else {name: item.action for name, item in closure.modules.items()}
        ways = {} if closure is None else {name: _way(edge) for name, edge in closure.via.items()}
        return GateResult(
            judgement.absent_externals,
            predicted,
            recorded(judgement, context.lint),
            ways,
            judgement.absent_mocks,
            judgement.implicit_externals,
        )

    def _refuse(self, context: BuildContext, judgement: Judgement) -> None:
        if not judgement.errors:
            return
        names = ", ".join(dict.fromkeys(finding.module for finding in judgement.errors))
        named = ((finding.code, finding.module) for finding in judgement.errors)
        loss = next((pair for pair in named if pair not in judgement.beyond_allowing), None)
        accept = f", or accept a named loss with --allow {':'.join(loss)}" if loss else ""
        raise Refused(
            f"the gate refuses this build because of {names}",
            where=context.output,
            remedy=f"correct what is listed above{accept}; nothing was written",
            details=lint.printed(judgement.errors, self._stream),
        )

    def _environment(self, context: BuildContext) -> Environment:
        """The environment of a build, read once for both of its gates unless its origin has come to light."""
        if context.origin not in self._environments:
            self._environments[context.origin] = lint.environment(
                context.sources,
                None if context.origin is None else self._copied(context.origin),
                context.imports,
                _projects(context.imports or ()),
                hidden().imports,
            )
        return self._environments[context.origin]

    def _copied(self, origin: Path) -> Copies:
        """Copies of a package's source, which last as long as this gate."""
        self._scratch.append(Scratch())
        return copied_source(open_archive(origin), self._scratch[-1].path)


def _way(edge: lint.Edge) -> Way:
    return Way(edge.importer.module, edge.item.span.line, edge.item.statement)


def _allowed(context: BuildContext) -> frozenset[tuple[str, str]]:
    return frozenset((item.code, item.module) for item in context.allow)


def _projects(modules: Iterable[str]) -> set[Path]:
    """The projects in which some modules are developed here."""
    return {root for name in modules if (root := project_of(name.partition(".")[0])) is not None}

"""Where the gate hooks into a build.

The build knows nothing of linting. It calls a :class:`Gate` twice, hands it facts, and records its answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from nequip_pack.errors import UsageError
from nequip_pack.registry import Patterns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nequip_pack.format.closure import Way


@dataclass(frozen=True, slots=True)
class Allowance:
    """One loss that the user accepts: the finding ``code`` about ``module``."""

    code: str
    module: str

    @classmethod
    def parse(cls, text: str) -> Allowance:
        """Read ``CODE:MODULE``, as ``--allow`` gives it.

        Raises:
            UsageError: if it has another form, or no rule has the code.
        """
        from nequip_lint.api import unknown_code

        code, colon, module = text.partition(":")
        if not colon or not code.strip() or not module.strip():
            raise UsageError(
                f"{text!r} is not of the form CODE:MODULE", where="--allow", remedy="e.g. NQ101:pkg.mod"
            )
        if hint := unknown_code(code := code.strip().upper()):
            raise UsageError(f"unknown code {code!r}", where="--allow", remedy=hint)
        return cls(code, module.strip())


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What a build was asked to do.

    Attributes:
        checkpoint: the checkpoint.
        output: the package to write.
        sources: folders of owned code, from ``--source``.
        allow: losses that the user accepts.
        imports: the internal modules that loading the checkpoint imports; ``None`` for every installed
            extension, which nequip imports.
        lint: ``False`` for ``--no-lint``: the gate still predicts the closure, but judges nothing.
        given_origin: where the file lies now that a fine-tuned model started from, from ``--origin``.
        origin: the package that the model came from, whose sources are archived again; known from gate B on.
    """

    checkpoint: Path
    output: Path
    sources: tuple[Path, ...] = ()
    allow: tuple[Allowance, ...] = ()
    lint: bool = True
    imports: tuple[str, ...] | None = None
    given_origin: Path | None = None
    origin: Path | None = None


@dataclass(frozen=True, slots=True)
class GateResult:
    """What the gate hands back before the export.

    Attributes:
        absent_externals: registered external modules that the packaged set reaches and this machine lacks.
            They are recorded in the archive all the same. Each must match one of the ``extern`` patterns.
        predicted: module name to action (``intern``, ``extern``, ``mock``, ``refused``) of everything that
            torch.package will collect, or ``None`` to skip the comparison. Other actions (``dropped``,
            ``absent``) mean that torch.package will not have the module.
        record: the verdict, plain data, stored in the metadata as it is.
        ways: the import statement that leads to each predicted module.
        absent_mocks: registered mocks that the packaged set reaches and this machine lacks; they stay out.
        implicit_externals: modules that C code imports for calls in the packaged code. They are recorded too.
    """

    absent_externals: frozenset[str] = frozenset()
    predicted: Mapping[str, str] | None = None
    record: Mapping[str, object] = field(default_factory=dict)
    ways: Mapping[str, Way] = field(default_factory=dict)
    absent_mocks: frozenset[str] = frozenset()
    implicit_externals: frozenset[str] = frozenset()


class Gate(Protocol):
    """Judges a build; refuses by raising ``nequip_pack.errors.Refused`` with the findings in ``details``."""

    def before_import(self, context: BuildContext) -> None:
        """Gate A: nothing of nequip or of an extension has been imported yet."""
        ...

    def before_export(self, context: BuildContext, roots: frozenset[str], patterns: Patterns) -> GateResult:
        """Gate B: the models are in memory.

        Args:
            context: what the build was asked to do.
            roots: every module that a pickle of this build names, torch and the standard library included.
            patterns: the registrations in force.
        """
        ...

"""What was predicted for a mutant and what happened, and whether the two agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mutations import Mutant
from reality import Real

from nequip_lint.values import Severity

VERDICTS = ("agree", "missed", "false", "other")
_MOST_CHARACTERS = 160


@dataclass(frozen=True)
class Result:
    """One judged mutant.

    `said` are the findings that the unmodified subject does not have (severity and text), `stage` and `error`
    say where the real thing failed, '' if it did not; `lost` are modules that the archive lacks, `unequal`
    tells of modules with other actions than predicted.
    """

    name: str
    subject: str
    kind: str
    rule: str
    like: str
    states: tuple[str, ...]
    said: tuple[tuple[str, str], ...]
    stage: str
    error: str
    lost: tuple[str, ...]
    unequal: str

    @classmethod
    def of(
        cls,
        mutant: Mutant,
        said: Sequence[tuple[str, str]],
        real: Real,
        lost: tuple[str, ...],
        unequal: str,
    ) -> Result:
        kind = mutant.kind
        stage = "incomplete" if lost else real.stage
        line = " ".join(real.error.split())
        error = (line or ", ".join(lost))[:_MOST_CHARACTERS]
        return cls(
            mutant.name, mutant.subject, kind.name, kind.rule, kind.like, kind.fails,
            tuple(said), stage, error, lost, unequal,
        )  # fmt: skip

    @property
    def place(self) -> str:
        """What names a mutant whatever lines its file has: one of a kind in a file stands for all."""
        return f"{self.subject}: {self.name.rpartition(':')[0]}"

    @property
    def codes(self) -> frozenset[str]:
        """The rules that announce something."""
        return frozenset(text.partition(" ")[0] for _, text in self.said)

    @property
    def verdict(self) -> str:
        """`agree`; `missed`: a failure or an action of a module that was not announced; `false`: an error is
        announced and everything works; `other`: announced as another hazard, or for another stage.
        """
        fails = self.stage != ""
        is_lint_only = self.states == ("lint-only",)
        if self.unequal or (fails and not self.said) or (is_lint_only and self.rule not in self.codes):
            return "missed"
        if not fails:
            return "false" if any(severity == Severity.ERROR.value for severity, _ in self.said) else "agree"
        if self.rule and (self.rule not in self.codes or not self._is_stated):
            return "other"
        return "agree"

    @property
    def _is_stated(self) -> bool:
        """Whether the rule or the kind states the stage; what only a function imports is loaded later."""
        return self.stage in self.states or (self.stage == "later" and "load" in self.states)

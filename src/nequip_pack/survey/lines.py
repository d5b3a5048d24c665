"""The line of a survey that each package has: what was found, and what it was found with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

VERSION: Final = 1
TIME: Final = "time"
MEMORY: Final = "memory"
CRASH: Final = "crash"
NOT_REACHED: Final = "not reached"
"""An earlier step ended the process."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one package may take: wall-clock ``seconds``, and ``gigabytes`` of memory."""

    seconds: float
    gigabytes: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step gave.

    Attributes:
        version: of the step.
        code: the exit code that the command of its name ends with; ``None`` if the step was stopped.
        error: why it is not 0, in one line.
        stopped: one of the words of this module, if it was stopped.
        content: what was found.
    """

    version: str
    code: int | None = None
    error: str = ""
    stopped: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def in_a_word(self) -> str:
        """For tables: ``ok``, the exit code, or what stopped it."""
        if self.code is None:
            return self.stopped
        return f"exit {self.code}" if self.code else "ok"


@dataclass(frozen=True, slots=True)
class Line:
    """One package.

    Attributes:
        path: absolute.
        sha256: of its bytes; ``None`` if they could not be read.
        size: in bytes.
        seconds: that it took.
        limits: in force.
        steps: what each gave.
    """

    path: str
    sha256: str | None
    size: int | None
    seconds: float
    limits: Limits
    steps: Mapping[str, Outcome]

    @property
    def short(self) -> list[str]:
        """The steps that the package fell short of."""
        return [name for name, outcome in self.steps.items() if outcome.code != 0]

    def answers(self, versions: Mapping[str, str], limits: Limits) -> bool:
        """Whether these steps need not be done again, as long as the content is the same.

        What was stopped is tried again with other limits, and a crash always.
        """
        found = [self.steps.get(name, Outcome("")) for name in versions]
        stopped = {outcome.stopped for outcome in found} - {""}
        same = [outcome.version for outcome in found] == list(versions.values())
        return same and CRASH not in stopped and (not stopped or limits == self.limits)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"version": VERSION, **asdict(self)}


def line_of(content: Mapping[str, Any]) -> Line:
    """The line that plain data are.

    Raises:
        ValueError, LookupError, TypeError: if they are something else.
    """
    if content["version"] != VERSION:
        raise ValueError(f"it has version {content['version']}")
    values = {name: value for name, value in content.items() if name != "version"}
    steps = {name: Outcome(**outcome) for name, outcome in values["steps"].items()}
    return Line(**{**values, "limits": Limits(**values["limits"]), "steps": steps})

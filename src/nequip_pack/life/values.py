"""The steps of a model's life, what was seen at one, and what that means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

SECOND_FORWARD: Final = "second forward"
COPY: Final = "deepcopy"
SECOND_LOAD: Final = "second load"
FIRST_AGAIN: Final = "first model after the second load"
LARGER: Final = "larger structure"
REPACKAGED: Final = "repackaging"
BESIDE: Final = "load beside the installed source"
ON_GPU: Final = "forward on the GPU"

PASSED: Final = "passed"
WARNING: Final = "warning"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the package did at a step, as plain data.

    Attributes:
        changed: the outputs that are not, bit for bit, those of the first forward, by name.
        lost: the outputs of the first forward that are missing.
        trouble: the exception instead of outputs, with file and line of the model's code.
        advice: which rule's page tells what to do about it.
        skipped: why nothing was tried.
    """

    changed: Mapping[str, Any] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    trouble: str = ""
    advice: str = ""
    skipped: str = ""

    @property
    def is_the_same(self) -> bool:
        """Whether there are outputs, and they are those of the first forward."""
        return not (self.changed or self.lost or self.trouble or self.skipped)


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of the life showed.

    Attributes:
        name: of the step.
        status: one of the words of this module.
        detail: why it did not pass.
        advice: which rule's page tells what to do, if one does.
    """

    name: str
    status: str
    detail: str = ""
    advice: str = ""

    @property
    def line(self) -> str:
        """It as one line of text."""
        return "; ".join(filter(None, [f"{self.name}: {self.detail or self.status}", self.advice]))


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a proof goes.

    Attributes:
        child: the module whose `main` is the fresh process that opens the package.
        whole: whether that packages it again, and another process opens it beside the installed source.
        compiled: whether models of other modes than eager are run, which compiles them.
        gpu: whether the models are run on the GPU of this machine too.
    """

    child: str
    whole: bool = False
    compiled: bool = False
    gpu: bool = False


Run = Callable[[], Mapping[str, Any]]
"""Something that gives outputs by name."""

"""What a cause is: the kind of thing that goes wrong, with its rule, sentence and help."""

from __future__ import annotations

from typing import NamedTuple

LATER = "move what fails into the function that needs it"
AGAIN = "build the package again, where"
GUARDED = f"{AGAIN} the code guards this with `if torch.cuda.is_available():`"


class Cause(NamedTuple):
    """One kind of cause.

    `code` is the rule whose page tells of it, '' where nothing is wrong. `sentence` has a place for each part
    of a reason. `help` is what to do about it in the code or its registrations, `help_for_package` what is
    left to do for who has nothing but the package.
    """

    code: str
    sentence: str
    help: str = LATER
    help_for_package: str = f"{AGAIN} the code does not stop there"


class Reason(NamedTuple):
    """A cause and what it is about."""

    cause: Cause
    parts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.cause.sentence.format(*self.parts)

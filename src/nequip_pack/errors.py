"""Every way in which nequip-pack can end, each with the exit code that it is documented under.

An error says four things: ``what`` is wrong, ``where``, ``why``, and what to do about it (``remedy``).
``str(error)`` is one line without control characters, whatever it quotes, so that a command can print it as
it stands.
"""

from __future__ import annotations

import signal
from typing import ClassVar

from nequip_lint.api import escaped


def _one_line(text: str) -> str:
    return escaped(" ".join(text.split()))


class NequipPackError(Exception):
    """Base of all errors that are raised on purpose.

    Args:
        what: what is wrong, as a short clause.
        where: the file, option or module concerned.
        why: the reason, when it is known.
        remedy: what the user can do.
        details: further text for people (findings, lists of modules), which is printed before the line.
    """

    exit_code: ClassVar[int] = 70

    def __init__(
        self, what: str, *, where: object = "", why: str = "", remedy: str = "", details: str = ""
    ) -> None:
        self.what = what
        self.where = str(where)
        self.why = why
        self.remedy = remedy
        self.details = details
        super().__init__(what)

    def __str__(self) -> str:
        start = f"{self.where}: {self.what}" if self.where else self.what
        reason = f" ({self.why})" if self.why else ""
        return _one_line(f"{start}{reason}" + (f"; {self.remedy}" if self.remedy else ""))


class Refused(NequipPackError):
    """Exit 1: the gate refused, or the result is not whole (closures, or the re-opened archive, differ)."""

    exit_code = 1


class UsageError(NequipPackError):
    """Exit 2: an option, a mode, or the output's name or folder is wrong."""

    exit_code = 2


class InputError(NequipPackError):
    """Exit 3: an input is missing, unreadable, or another kind of file."""

    exit_code = 3


class DamagedError(NequipPackError):
    """Exit 4: a package that is damaged or contradicts itself."""

    exit_code = 4


class FormatError(NequipPackError):
    """Exit 5: a package of a format version that this release does not support."""

    exit_code = 5


class EnvironmentLacksError(NequipPackError, ImportError):
    """Exit 6: this environment lacks something. Also an ``ImportError``, which is what callers expect."""

    exit_code = 6


class OutputError(NequipPackError):
    """Exit 7: the output could not be written."""

    exit_code = 7


class ModelError(NequipPackError):
    """Exit 8: the model did not load, or torch.package refused it."""

    exit_code = 8


class InternalError(NequipPackError):
    """Exit 70: a mistake of nequip-pack itself."""

    exit_code = 70


class Terminated(BaseException):
    """A signal asked the process to stop. ``exit_code`` is 128 plus its number (143 for SIGTERM).

    Args:
        signal_number: of the signal.
        left: what is left of the work.

    Not an ``Exception``, like ``KeyboardInterrupt``: code that swallows exceptions (torch.package does while
    it asks whether a module exists, ``torch/package/package_exporter.py:432`` in 2.13) must not swallow it.
    """

    def __init__(self, signal_number: int, left: str = "nothing was written") -> None:
        self.signal_number = signal_number
        super().__init__(f"stopped by {signal.Signals(signal_number).name}; {left}")

    @property
    def exit_code(self) -> int:
        """As a shell has it."""
        return 128 + self.signal_number

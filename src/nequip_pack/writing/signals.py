"""Stop signals during a build: cleanly anywhere, and never in the middle of what must not be interrupted."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

from nequip_pack.errors import Terminated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


_STOPS: Final = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


class StopSignals:
    """While active, SIGTERM and SIGHUP raise :class:`Terminated`, and SIGINT raises ``KeyboardInterrupt``.

    A signal that is ignored, as SIGHUP is under ``nohup``, stays so. Inside :meth:`deferred` all wait until
    its end. In a thread other than the main one, where Python allows no handlers, nothing changes.

    Python loses what a handler raises where nobody can catch it, as in ``__del__``. It is raised again at the
    end, or before what is deferred.
    """

    def __init__(self) -> None:
        self._deferred = False
        self._pending: int | None = None
        self._raised: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            for number in _STOPS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if kind is None:
            self._again()

    def _again(self) -> None:
        if self._raised is not None:
            self._raise(self._raised)

    @contextlib.contextmanager
    def deferred(self, *, final: bool = False) -> Iterator[None]:
        """Hold signals back; one that arrived takes effect when the block ends without an exception.

        Args:
            final: the block finishes the work: a signal that comes during it, or later, comes too late and is
                dropped, unless the block fails.
        """
        self._again()
        self._deferred = True
        try:
            yield
        except BaseException:
            self._deferred = False
            raise
        self._deferred = final
        if self._pending is not None and not final:
            self._raise(self._pending)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._deferred:
            self._pending = number
        else:
            self._raise(number)

    def _raise(self, number: int) -> None:
        self._raised = number
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise Terminated(number)

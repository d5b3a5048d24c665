"""Answers that need other answers of the same kind, through any number of modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")
_DEEPEST = 50
"""Answers that may wait for one another on Python's stack, which has room for a thousand calls."""


class _DeeperError(Exception):
    def __init__(self, key: object) -> None:
        self.key = key


class Chained(Generic[Key, Value]):
    """Remembers answers, and gives up a chain that becomes too deep to begin at its far end.

    Args:
        make: gives the answer for a key, and asks this object for others.
        circle: the answer for a key that is asked for while it is being made.
    """

    def __init__(self, make: Callable[[Key], Value], circle: Value) -> None:
        self._make = make
        self._circle = circle
        self._known: dict[Key, Value] = {}
        self._depth = 0

    def __call__(self, key: Key) -> Value:
        """The answer for a key."""
        if key in self._known:
            return self._known[key]
        if self._depth == _DEEPEST:
            raise _DeeperError(key)
        return self._answer(key) if self._depth else self._from_the_end(key)

    def _from_the_end(self, key: Key) -> Value:
        waiting = [key]
        while waiting:
            try:
                self._answer(waiting[-1])
                waiting.pop()
            except _DeeperError as error:
                deeper: Key = error.key  # type: ignore[assignment]
                if deeper in waiting:
                    self._known[deeper] = self._circle
                else:
                    waiting.append(deeper)
        return self._known[key]

    def _answer(self, key: Key) -> Value:
        self._known[key] = self._circle
        self._depth += 1
        try:
            self._known[key] = self._make(key)
        except _DeeperError:
            del self._known[key]
            raise
        finally:
            self._depth -= 1
        return self._known[key]
